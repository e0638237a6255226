"""Whether a host's settings ask for a listener, and what to say where none is there."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import listed
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.network import LocalAddress, own_addresses
from livemigration.inventory.policy import Policy
from livemigration.verdict.blocking import block_if_disabled
from livemigration.verdict.findings import Finding, fail
from livemigration.verdict.fixes.listeners import address_in_subnets, listener_missing, other_family
from livemigration.verdict.fixes.network_selection import choose_networks
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.migration_path import MigrationPath
from livemigration.verdict.networks import NetworkSelection, SelectionKind, subnets_without_address
from livemigration.verdict.readings import local_addresses, machine_of, selection_of
from livemigration.verdict.scope import scope_of
from livemigration.verdict.views import FactsView


def why_no_listener_is_expected(host: FactsView, policy: Policy) -> str:
    """Return why the settings ask for no listener, and who judges that; empty where they do."""
    if not host[MIGRATION_SETTINGS].enabled:
        why, check = "Incoming live migration is disabled", "LM101"
    elif selection_of(host).kind is SelectionKind.NONE:
        why, check = "No migration network is selected", "LM102"
    else:
        return ""
    if (scope := scope_of(host, policy)).in_cluster:
        return f"{why}: the networks of the cluster decide. {scope.reason}"
    return f"{why}; {check} judges that."


def nothing_selected(host: FactsView, vmm: FactsView, policy: Policy) -> Finding:
    """Return the failure of a host that selects no network and listens nowhere."""
    repair = choose_networks(machine_of(host, vmm), policy.migration_subnets, local_addresses(host))
    return fail(
        "The host selects no network, and has no usable listener.",
        "The networks for live migration are named.",
        repair,
    )


def no_listener(host: FactsView, machine: FixTarget, selection: NetworkSelection) -> Finding:
    """Say that no listener is there; the addresses explain it where they can be read."""
    local = local_addresses(host)
    missing = subnets_without_address(selection.subnets, local) if local else ()
    cause, repair = "", listener_missing(machine, ())
    if missing and len(missing) == len(selection.subnets):
        cause = f", because it has no address in {listed(missing)}"
        repair = address_in_subnets(machine, missing, local)
    elif family := _family_without_address(selection, local):
        cause = f", because it has no {family} address"
        repair = other_family(machine, family, local)
    return fail(
        f"The host has no usable listener address{cause}. It selects {selection.words}.",
        "A usable listener address, neither link-local nor ISATAP.",
        repair,
    )


def _family_without_address(selection: NetworkSelection, local: Sequence[LocalAddress]) -> str:
    """Return the only address family that is selected, where the host has the other one alone."""
    own = {each.address.version for each in own_addresses(local)}
    selected = 4 if selection.any_v4 else 6
    if selection.kind is not SelectionKind.HALF_ANY or not own or selected in own:
        return ""
    return f"IPv{selected}"


def next_once_enabled(host: FactsView, path: MigrationPath, expected: str) -> Finding:
    """Say what a disabled host would fail with next, by its networks and its own addresses.

    Raises:
        BlockedError: its networks cover an address that VMM uses; only its listeners will show.
    """
    if any(each in path.would_listen for each in path.addresses):
        block_if_disabled(host)
    return fail(
        "Once incoming live migration is enabled (LM101), this fails next: "
        f"{path.machine.vmm} uses {listed(path.addresses)}, where the host will not "
        f"listen{path.because}.",
        expected,
        path.repair,
    )
