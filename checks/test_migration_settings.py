"""The live-migration settings of a host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.addresses import Address
from livemigration.base.text import listed
from livemigration.facts.host import DEVICE_GUARD, DOMAIN_MEMBERSHIP, HOST_ACCESS, SERVICES, VMMS
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.network import LISTENING_SOCKETS, LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_RECORD, VMM_RELEASE, VMM_RESOLUTION
from livemigration.inventory.policy import Policy
from livemigration.verdict.authentication_findings import authentication_findings
from livemigration.verdict.blocking import block_if_disabled, release_for
from livemigration.verdict.check import check
from livemigration.verdict.expected_listeners import (
    next_once_enabled,
    no_listener,
    nothing_selected,
    why_no_listener_is_expected,
)
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.listeners import (
    Lacking,
    address_in_subnets,
    listener_missing,
    port_taken,
)
from livemigration.verdict.fixes.network_selection import (
    any_network,
    isolate,
    managed_elsewhere,
)
from livemigration.verdict.fixes.settings import enable_live_migration
from livemigration.verdict.migration_path import block_unless_own, path_of
from livemigration.verdict.networks import SelectionKind, subnets_without_address
from livemigration.verdict.readings import (
    listeners_of,
    local_addresses,
    machine_of,
    rows_of,
    selection_of,
)
from livemigration.verdict.references import KB_2853203, SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.release import Release
from livemigration.verdict.scope import scope_of
from livemigration.verdict.sockets import holders
from livemigration.verdict.views import BlockedError, FactsView

_MAY_BE_SET_BACK = (
    "Another manager than a user set these networks (by their tags), and may set them back after a "
    "change: a cluster, VMM or Network ATC. Change them there as well."
)


@check(
    "LM101",
    needs=(MIGRATION_SETTINGS,),
    may_need=(SERVICES, DOMAIN_MEMBERSHIP),
    refs=(SET_UP_HOSTS,),
)
def test_live_migration_is_enabled(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """Incoming live migration is enabled.

    Why: a host outside a cluster accepts no live migration, and listens nowhere, until someone
    enables it. Moves inside a cluster do not need this setting.

    Fails: live migration is disabled.

    Does not apply: moves inside a cluster.
    """
    if (scope := scope_of(host, policy)).in_cluster:
        yield not_applicable(scope.reason)
    elif host[MIGRATION_SETTINGS].enabled:
        yield ok("Incoming live migration is enabled.")
    else:
        yield fail(
            "Incoming live migration is disabled (EnableVirtualSystemMigration is false), so "
            "nothing listens on port 6600.",
            "Incoming live migration is enabled.",
            enable_live_migration(machine_of(host, vmm)),
        )


@check(
    "LM102",
    needs=(MIGRATION_NETWORKS, LISTENERS),
    may_need=(
        SERVICES,
        VMM_RELEASE,
        VMM_RESOLUTION,
        MIGRATION_SETTINGS,
        LOCAL_ADDRESSES,
        DOMAIN_MEMBERSHIP,
        HOST_ACCESS,
    ),
    refs=(KB_2853203, SET_UP_HOSTS),
)
def test_network_selection_suits_vmm(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """Incoming migrations are accepted where this VMM release will stage them.

    Why: VMM 2012 SP1 stages on the address by which it knows the host, so a host that accepts live
    migration on other networks only gets a zero rating (KB 2853203). From 2012 R2 on VMM copes, and
    specific networks are right: VM memory travels unencrypted unless the VM encrypts it.

    Fails: with VMM 2012 SP1, no address that VMM uses is a listener (or will be one, once live
    migration is enabled), or no network is selected; later, no usable listener, or any network
    where the policy says isolated.

    Warns: with VMM 2012 SP1, specific networks that include an address VMM uses; later, any
    network.

    Does not apply: moves inside a cluster; and, with --gate host-build, any selection that some
    release suits.
    """
    if (scope := scope_of(host, policy)).in_cluster:
        yield not_applicable(scope.reason)
        return
    if vmm.is_left_out:
        yield _selection_without_vmm(host, vmm, policy)
    release, version = release_for(vmm)
    if release is Release.AFFECTED:
        yield from _selection_for_2012_sp1(host, vmm, policy, version)
    else:
        yield from _selection_for_2012_r2(host, vmm, policy)


def _selection_without_vmm(host: FactsView, vmm: FactsView, policy: Policy) -> Finding:
    """Return what holds for every release, before the rest turns out not to apply."""
    selection = selection_of(host)
    if selection.kind is SelectionKind.NONE and not listeners_of(host):
        return nothing_selected(host, vmm, policy)
    return note(f"The host selects {selection.words}. Which is right depends on the VMM release.")


def _selection_for_2012_sp1(
    host: FactsView, vmm: FactsView, policy: Policy, version: str
) -> Iterator[Finding]:
    selection = selection_of(host)
    if selection.accepts_any:
        yield ok(f"The host accepts live migration on {selection.words}.")
        if selection.kind is SelectionKind.HALF_ANY:
            yield note("The IPv6 row of this setting is missing; with IPv6 disabled that is usual.")
        if policy.network_selection == "isolated":
            yield note(f"The policy asks for specific networks, but VMM {version} needs this.")
        return
    expected = f"VMM {version} stages on an address that it uses, so one must be a listener."
    if selection.kind is SelectionKind.NONE and not listeners_of(host):
        repair = any_network(machine_of(host, vmm), rows_of(host), (), local_addresses(host))
        yield fail("The host selects no network.", expected, repair)
        return
    path = path_of(host, vmm)
    used = f"VMM on {vmm.name} uses {listed(path.addresses)}"
    both = f"The host listens on {listed(path.listeners)}, and {used}"
    if path.used_listeners:
        only = "" if path.used_listeners == path.addresses else _only(path.used_listeners)
        yield warn(
            f"{both}{only}.",
            "This should work with VMM 2012 SP1; prove it with LM306.",
        )
        if selection.kind is SelectionKind.MANAGED_ELSEWHERE:
            yield note(_MAY_BE_SET_BACK)
        return
    block_unless_own(host, vmm.name)
    if selection.kind is SelectionKind.MANAGED_ELSEWHERE:
        yield note(_MAY_BE_SET_BACK)
    if not path.listeners and not host[MIGRATION_SETTINGS].enabled:
        yield next_once_enabled(host, path, expected)
        return
    told = f"{both}: {path.cause}." if path.listeners else f"{path.nowhere} {used}."
    yield fail(told, expected, path.repair)


def _only(listeners: Sequence[Address]) -> str:
    return f", of these among its listeners only {listed(listeners)}"


def _selection_for_2012_r2(host: FactsView, vmm: FactsView, policy: Policy) -> Iterator[Finding]:
    machine, selection, listeners = machine_of(host, vmm), selection_of(host), listeners_of(host)
    if selection.kind in {SelectionKind.ANY, SelectionKind.HALF_ANY}:
        say = fail if policy.network_selection == "isolated" else warn
        demand = "; the policy demands them" if policy.network_selection == "isolated" else ""
        yield say(
            f"The host accepts live migration on {selection.words}: VM memory may travel on every "
            "network, unencrypted unless the VM encrypts it.",
            f"Specific networks, which this VMM release can use{demand}.",
            isolate(
                machine, host[MIGRATION_NETWORKS], policy.migration_subnets, local_addresses(host)
            ),
        )
    elif selection.kind is SelectionKind.ISOLATED:
        yield ok(f"The host selects {selection.words}, which this VMM release can use.")
    elif listeners:
        yield ok(f"The host listens on {listed(listeners)}.")
        yield note(f"The host selects {selection.words}; judged by its listeners.")
    elif selection.kind is SelectionKind.NONE:
        yield nothing_selected(host, vmm, policy)
    else:
        block_if_disabled(host)
        yield fail(
            f"The host selects {selection.words}, and has no usable listener.",
            "A listener on one of these networks.",
            managed_elsewhere(machine, selection.subnets),
        )


@check(
    "LM103",
    needs=(MIGRATION_SETTINGS, MIGRATION_NETWORKS, LISTENERS),
    may_need=(LOCAL_ADDRESSES, LISTENING_SOCKETS, SERVICES, DOMAIN_MEMBERSHIP),
    refs=(SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION),
)
def test_listeners_are_where_the_settings_say(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The host listens on port 6600 where its settings say so.

    Why: a selected subnet in which the host has no address yields no listener, and an adapter that
    comes up after vmms loses its own. The settings look right, and the migration is refused.

    Fails: no usable listener address; no address in a subnet that the policy names; nothing, or not
    vmms, listens on port 6600 of a listener address.

    Warns: a selected subnet has no local address while another has.

    Does not apply: live migration is disabled, or no network is selected. Inside a cluster both are
    healthy, and the cluster's networks decide; elsewhere other checks judge them.
    """
    if reason := why_no_listener_is_expected(host, policy):
        yield not_applicable(reason)
    else:
        unread: BlockedError | None = None
        for part in (_configured_subnets(host, vmm, policy), _sockets(host, vmm)):
            try:
                yield from part
            except BlockedError as blocked:
                # What the other part can see is said all the same.
                unread = blocked
        if unread is not None:
            raise unread


def _configured_subnets(host: FactsView, vmm: FactsView, policy: Policy) -> Iterator[Finding]:
    machine, selection = machine_of(host, vmm), selection_of(host)
    listeners = listeners_of(host)
    if not listeners:
        yield no_listener(host, machine, selection)
    local = host[LOCAL_ADDRESSES]
    demanded = subnets_without_address(policy.migration_subnets, local)
    if demanded:
        yield fail(
            f"The host has no address in {listed(demanded)}.",
            "An address in each subnet that the policy names (migration_subnets).",
            address_in_subnets(machine, demanded, local, Lacking.OF_THE_POLICY),
        )
    missing = subnets_without_address(selection.subnets, local)
    extra = [subnet for subnet in missing if subnet not in demanded]
    if listeners and selection.kind is SelectionKind.ISOLATED and extra:
        yield warn(
            f"The host has no address in {listed(extra)}, which it selects.",
            "Right where several sites share one list; else an address in each selected subnet.",
            address_in_subnets(machine, extra, local, Lacking.SOME_SELECTED),
        )


def _sockets(host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    listeners = listeners_of(host)
    if not listeners:
        return
    sockets, vmms = host[LISTENING_SOCKETS], host[SERVICES].find(VMMS)
    if vmms is None or not vmms.process_id:
        raise BlockedError("LM302", f"The service {VMMS} of {host.name} has no process.")
    held = {address: holders(sockets, address) for address in listeners}
    expected = f"vmms (process id {vmms.process_id}) listens on TCP port 6600 of each listener."
    absent = [address for address, processes in held.items() if not processes]
    taken = [a for a, processes in held.items() if processes and vmms.process_id not in processes]
    if absent:
        yield fail(
            f"Nothing listens on port 6600 of {listed(absent)}, by the host's own TCP table.",
            expected,
            listener_missing(machine_of(host, vmm), absent),
        )
    if taken:
        processes = sorted({process for address in taken for process in held[address]})
        yield fail(
            f"Port 6600 of {listed(taken)} is held by process id {listed(processes)}, not by vmms.",
            expected,
            port_taken(machine_of(host, vmm), processes),
        )
    if not absent and not taken:
        yield ok(f"vmms listens on port 6600 of {listed(listeners)}.")


@check(
    "LM104",
    needs=(MIGRATION_SETTINGS,),
    may_need=(SERVICES, DOMAIN_MEMBERSHIP, DEVICE_GUARD, VMM_RECORD),
    refs=(SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION),
)
def test_authentication_works_and_follows_the_policy(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The authentication protocol works on this host and is the one the policy asks for.

    Why: Credential Guard keeps CredSSP from working, Kerberos needs a domain and delegation, and
    two hosts that are set differently cannot exchange virtual machines.

    Fails: another protocol than the policy asks for; CredSSP where Credential Guard runs; Kerberos
    in a workgroup.

    Warns: Kerberos on a host that VMM lists as a perimeter host.

    Does not apply: moves inside a cluster.
    """
    if (scope := scope_of(host, policy)).in_cluster:
        yield not_applicable(scope.reason)
    else:
        yield from authentication_findings(host, vmm, policy)
