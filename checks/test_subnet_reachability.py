"""What VMM resolves and reaches of a host."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.addresses import Address
from livemigration.base.text import listed, one_line, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, own_addresses
from livemigration.facts.vmm import (
    VMM_PROBES,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_RESOLUTION,
    Probe,
)
from livemigration.inventory.policy import Policy
from livemigration.verdict.blocking import block_if_disabled, not_tried, release_for
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.listeners import listener_missing
from livemigration.verdict.fixes.names import Place, correct, register, tidy
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.vmm import reached_against_policy, unreached_by_policy
from livemigration.verdict.migration_path import (
    MigrationPath,
    block_unless_own,
    block_unless_shown,
    path_of,
)
from livemigration.verdict.networks import SelectionKind
from livemigration.verdict.readings import (
    control_probes,
    listeners_of,
    local_addresses,
    migration_probes,
    selection_of,
)
from livemigration.verdict.references import (
    KB_2853203,
    SET_UP_HOSTS,
    STEALTH_MODE,
    TROUBLESHOOT_HOST_STATUS,
)
from livemigration.verdict.release import Release, release_of
from livemigration.verdict.resolution import (
    addresses_to_manage_by,
    foreign_address,
    foreign_addresses,
    good_addresses,
    known_by_address,
    manage_again,
    unsuitable,
)
from livemigration.verdict.scope import scope_of
from livemigration.verdict.views import BlockedError, FactsView, GroupView

# Whose address it is, where no host that was looked at has it.
_NOBODY = ("no host that was looked at",)


@check(
    "LM201",
    needs=(VMM_RESOLUTION,),
    may_need=(LOCAL_ADDRESSES, ROUTES, MIGRATION_NETWORKS, VMM_PROBES, VMM_RECORD, HOST_ACCESS),
    refs=(TROUBLESHOOT_HOST_STATUS,),
)
def test_vmm_resolves_the_host(
    host: FactsView, vmm: FactsView, group: GroupView
) -> Iterator[Finding]:
    """VMM resolves the host to an address of this host.

    Why: VMM talks to hosts by name. A name that leads to another host makes VMM manage the wrong
    machine; an extra address that is dead or belongs to a migration network is tried sooner or
    later.

    Fails: the name does not resolve, or its first address is not one of this host, by the host's
    own table. Without that table nothing is said of its addresses.

    Warns: an extra address is dead, link-local, or of a migration or storage network.

    Does not apply: VMM knows the host by an IP address.
    """
    resolution, record = host[VMM_RESOLUTION], host.outcome(VMM_RECORD)
    name = one_line(resolution.name)
    if known_by_address(resolution, record):
        yield not_applicable(f"VMM knows this host by an IP address ({name}), not by a name.")
        return
    if isinstance(record, Gathered) and not record.value.known:
        yield note(f"VMM lists no host {name}, or not to the account of this run.")
    yield from _resolution_fails(host, vmm, group)
    if not resolution.addresses:
        return
    doubts = tuple(unsuitable(host, group))
    for address, reason in doubts:
        yield warn(
            f"{vmm.name} resolves {name} to {address}, which {reason}.",
            "Only addresses through which VMM manages the host.",
            _removal(host, vmm, group, address),
        )
    first = foreign_address(resolution.addresses, local_addresses(host))
    if not doubts and first is None:
        yield ok(f"{vmm.name} resolves {name} to {listed(resolution.addresses)}.")


def _removal(host: FactsView, vmm: FactsView, group: GroupView, address: Address) -> Fix:
    """Return how to take one address out of the host's name."""
    machine, name = FixTarget(host.name, vmm.name), host[VMM_RESOLUTION].name
    right = addresses_to_manage_by(host)
    kept = tuple(each for each in good_addresses(host) if each != address)
    if address in foreign_addresses(host):
        owners = group.owners(address)
        return correct(machine, name, address, owners, right, kept, place=Place.LATER)
    return tidy(machine, name, (address,), right, kept)


def _resolution_fails(host: FactsView, vmm: FactsView, group: GroupView) -> Iterator[Finding]:
    resolution, machine = host[VMM_RESOLUTION], FixTarget(host.name, vmm.name)
    name = one_line(resolution.name)
    if not resolution.addresses:
        access = host.outcome(HOST_ACCESS)
        if isinstance(access, NotGathered) and access.failure.kind is FailureKind.NAME_NOT_RESOLVED:
            raise BlockedError("LM302", access.failure.sentence, access.failure.next_step)
        code = "" if resolution.code is None else f" ({resolution.code})"
        yield fail(
            f"{vmm.name} does not resolve {name}{code}.",
            "An address of this host.",
            register(machine, resolution.name, addresses_to_manage_by(host)),
        )
        return
    first = resolution.addresses[0]
    owners = group.owners(first)
    local = local_addresses(host)
    whose = f"an address of {some(owners)}" if owners else "not an address of this host"
    told = f"{vmm.name} resolves {name} to {first} first, {whose}."
    if not own_addresses(local):
        if owners:
            yield note(told)
        host[LOCAL_ADDRESSES]
        raise BlockedError("", f"The table of addresses of {host.name} holds none of its own.")
    if foreign_address(resolution.addresses, local) is not None:
        right, kept = addresses_to_manage_by(host), good_addresses(host)
        yield fail(
            told,
            "An address of this host comes first.",
            correct(machine, resolution.name, first, owners, right, kept, place=Place.FIRST),
        )


@check(
    "LM202",
    needs=(MIGRATION_NETWORKS, LISTENERS, VMM_RESOLUTION, VMM_PROBES),
    may_need=(
        SERVICES,
        VMM_RELEASE,
        MIGRATION_SETTINGS,
        LOCAL_ADDRESSES,
        ROUTES,
        DOMAIN_MEMBERSHIP,
        HOST_ACCESS,
    ),
    refs=(KB_2853203, SET_UP_HOSTS, STEALTH_MODE),
)
def test_subnets_answer_vmm(host: FactsView, vmm: FactsView, policy: Policy) -> Iterator[Finding]:
    """VMM reaches the subnets of this host that its release needs.

    Why: VMM 2012 SP1 must be connected to a network on which the host accepts live migration
    (KB 2853203). From 2012 R2 on the management network is enough, and a migration network that VMM
    cannot reach is right: that is how Microsoft advises to isolate it.

    Fails: with VMM 2012 SP1 and specific networks, none of their subnets answers; otherwise the
    management subnet does not answer; or the policy on migration subnets is broken.

    Warns: with VMM 2012 SP1 and specific networks, only some of them answer.
    """
    path = path_of(host, vmm)
    tried = migration_probes(host[VMM_PROBES], path.listeners)
    if len(tried) < len(path.listeners):
        raise not_tried(host, vmm.name, f"Port 6600 of {listed(path.listeners)}")
    for probe in tried:
        yield note(path.attempt_text(probe))
    in_cluster = scope_of(host, policy).in_cluster
    affected = not in_cluster and release_for(vmm)[0] is Release.AFFECTED
    isolated = not path.selection.accepts_any and path.selection.kind is not SelectionKind.NONE
    if affected and isolated:
        yield from _migration_subnets(host, path, tried)
    elif affected and path.selection.kind is SelectionKind.NONE:
        yield not_applicable("No migration network is selected; LM102 judges that.")
    else:
        yield from _management_subnet(host, path, affected=affected)
        silent = (p.address for p in tried if not p.answered and p.address not in path.addresses)
        if (missed := path.subnet_names(silent)) and _right_by_design(vmm, policy):
            yield note(f"{listed(missed)} need not answer {vmm.name}: that is right by design.")
    yield from _subnets_by_policy(host, path, tried, policy)


def _right_by_design(vmm: FactsView, policy: Policy) -> bool:
    """Whether a migration network may be out of VMM's reach: not with 2012 SP1, nor by policy."""
    known = vmm.outcome(VMM_RELEASE)
    resolved = isinstance(known, Gathered) and release_of(known.value)[0] is Release.RESOLVED
    return resolved and policy.vmm_reaches_migration_subnets != "required"


def _migration_subnets(
    host: FactsView, path: MigrationPath, tried: tuple[Probe, ...]
) -> Iterator[Finding]:
    expected = "VMM 2012 SP1 is connected to a network on which the host accepts live migration."
    # Whatever port of an address answers, its network was reached.
    control = control_probes(host[VMM_PROBES], path.listeners)
    answered = {probe.address for probe in (*tried, *control) if probe.answered}
    reached = path.subnet_names(p.address for p in tried if p.address in answered)
    missed = path.subnet_names(p.address for p in tried if p.address not in answered)
    if reached and missed:
        yield warn(f"{path.machine.vmm} reaches {listed(reached)}, not {listed(missed)}.", expected)
    elif reached:
        yield ok(f"{path.machine.vmm} reaches {listed(reached)}.")
    else:
        block_unless_shown(host, path.machine.vmm)
        told = " ".join(path.attempt_text(probe) for probe in tried)
        if path.used_listeners:
            if not control:
                raise not_tried(host, path.machine.vmm, "The control port")
            yield fail(told, expected, manage_again(host, path.machine, control))
        else:
            because = f"{path.cause[0].upper()}{path.cause[1:]}"
            yield fail(f"{told} {because}." if told else path.nowhere, expected, path.repair)


def _management_subnet(
    host: FactsView, path: MigrationPath, *, affected: bool
) -> Iterator[Finding]:
    tried = control_probes(host[VMM_PROBES], path.own)
    also = (host[VMM_PROBES].find(each, 6600) for each in path.own if affected)
    answered = [probe for probe in (*tried, *also) if probe is not None and probe.answered]
    if answered:
        yield ok(path.attempt_text(answered[0]))
        return
    host.block_if_unreachable(HOST_ACCESS)
    if not tried:
        raise not_tried(host, path.machine.vmm, "The control port")
    yield fail(
        " ".join(path.attempt_text(probe) for probe in tried),
        "The management subnet answers VMM on the control port.",
        manage_again(host, path.machine, tried),
    )


def _subnets_by_policy(
    host: FactsView, path: MigrationPath, tried: tuple[Probe, ...], policy: Policy
) -> Iterator[Finding]:
    demand = policy.vmm_reaches_migration_subnets
    expected = f"The policy says vmm_reaches_migration_subnets: {demand}."
    own = [probe for probe in tried if probe.address not in path.addresses]
    reached = path.subnet_names(probe.address for probe in own if probe.answered)
    missed = path.subnet_names(probe.address for probe in own if not probe.answered)
    if demand == "required" and missed:
        block_if_disabled(host)
        repair = unreached_by_policy(path.machine, missed)
        yield fail(f"{path.machine.vmm} does not reach {listed(missed)}.", expected, repair)
    if demand == "forbidden" and reached:
        repair = reached_against_policy(path.machine, reached)
        yield fail(f"{path.machine.vmm} reaches {listed(reached)}.", expected, repair)


@check(
    "LM203",
    needs=(MIGRATION_NETWORKS, LISTENERS, VMM_RESOLUTION, VMM_PROBES),
    may_need=(
        SERVICES,
        VMM_RELEASE,
        MIGRATION_SETTINGS,
        LOCAL_ADDRESSES,
        DOMAIN_MEMBERSHIP,
        HOST_ACCESS,
    ),
    refs=(KB_2853203, STEALTH_MODE),
)
def test_host_listens_where_vmm_stages(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The host listens on port 6600 of the address that VMM uses.

    Why: VMM 2012 SP1 stages on that address, and a refusal there is the error of KB 2853203. A
    refusal and a time-out can mean the same: Windows Firewall's stealth mode hides ports on which
    nobody listens. So the listener list names the cause, and the code only supports it.

    Fails: refused; or timed out with VMM 2012 SP1 where the listener list lacks the address.

    Warns: timed out otherwise.

    Does not apply: from VMM 2012 R2 on with specific networks, and moves inside a cluster.
    """
    if (scope := scope_of(host, policy)).in_cluster:
        yield not_applicable(scope.reason)
        return
    release, version = release_for(vmm)
    if release is Release.RESOLVED and (reason := _why_vmm_need_not_listen(host, version)):
        yield not_applicable(reason)
        return
    path = path_of(host, vmm)
    tried = migration_probes(host[VMM_PROBES], path.own)
    if len(tried) < len(path.own):
        raise not_tried(host, vmm.name, f"Port 6600 of {listed(path.own)}")
    yield from _listener_answers(host, path, tried, release)


def _why_vmm_need_not_listen(host: FactsView, version: str) -> str:
    """Return why no listener is expected on the address VMM uses, from VMM 2012 R2 on."""
    selection = selection_of(host)
    if selection.kind is SelectionKind.NONE:
        return "No migration network is selected; LM102 judges that."
    used = set(listeners_of(host)).intersection(host[VMM_RESOLUTION].addresses)
    if selection.kind is SelectionKind.ISOLATED or not (selection.accepts_any or used):
        return (
            f"VMM {version} needs no listener on its own path. The host selects {selection.words}."
        )
    return ""


def _listener_answers(
    host: FactsView, path: MigrationPath, tried: tuple[Probe, ...], release: Release
) -> Iterator[Finding]:
    closed = [probe for probe in tried if not probe.open]
    told = " ".join(path.attempt_text(probe) for probe in closed)
    expected = "Port 6600 is open on each address that VMM uses."
    affected = release is Release.AFFECTED
    refused = any(probe.refused for probe in closed)
    if len(closed) < len(tried):
        for probe in tried:
            yield (
                ok(path.attempt_text(probe))
                if probe.open
                else warn(path.attempt_text(probe), expected)
            )
    elif refused or (affected and not path.used_listeners):
        block_if_disabled(host)
        if path.used_listeners:
            # The list of listeners names the cause: not the network selection.
            because = (
                f" The host lists {listed(path.used_listeners)} as a listener, so its socket is "
                "lost (LM103), or something on the way refuses."
            )
        else:
            if affected:
                block_unless_own(host, path.machine.vmm)
            because = f" The host does not listen there{path.because}."
        repair = path.repair if affected else listener_missing(path.machine, path.own)
        yield fail(f"{told}{because}", expected, repair)
    else:
        yield warn(
            told,
            "Open; or dropped because port 6600 is rightly let through for the other hosts only.",
        )
