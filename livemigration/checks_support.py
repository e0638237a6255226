"""What several checks ask of the facts, in the words of the verdict table."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.addresses import Address, usable
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import (
    LISTENERS,
    MIGRATION_NETWORKS,
    MIGRATION_SETTINGS,
    MigrationNetwork,
)
from livemigration.facts.model import FailureKind, Gathered
from livemigration.facts.network import LIVE_MIGRATION_PORT, LOCAL_ADDRESSES, LocalAddress
from livemigration.facts.vmm import VMM_RELEASE, VMM_RESOLUTION, Probe, VmmProbes
from livemigration.findings import Finding, fail
from livemigration.fixes.network_selection import choose_networks
from livemigration.fixes.script import Machine
from livemigration.networks import (
    NetworkSelection,
    Selection,
    select,
)
from livemigration.policy import Policy
from livemigration.release import Release, release_of
from livemigration.views import BlockedError, FactsView

# The suite did not ask, or another machine's finding says why: no failure of the machine's own.
NOT_ASKED = (
    FailureKind.NOT_GATHERED,
    FailureKind.NOT_IN_FILE,
    FailureKind.SAME_CREDENTIALS,
)


def release_for(vmm: FactsView) -> tuple[Release, str]:
    """Return the VMM release, AFFECTED or RESOLVED, and its version.

    Raises:
        BlockedError: the release is unknown, or cannot do shared-nothing migration at all.
    """
    release, version = release_of(vmm[VMM_RELEASE])
    if release is Release.UNKNOWN:
        raise BlockedError(
            "LM001",
            f"The VMM release of {vmm.name} is not known ({version}), and this rule depends on it.",
            "Check the VMM server first.",
        )
    if release is Release.UNSUPPORTED:
        raise BlockedError(
            "LM001",
            f"VMM {version} on {vmm.name} cannot do shared-nothing live migration.",
            "Upgrade VMM first.",
        )
    return release, version


def rows_of(host: FactsView) -> tuple[MigrationNetwork, ...]:
    """Return the tagged rows of the migration networks, in the host's order."""
    return host[MIGRATION_NETWORKS]


def selection_of(host: FactsView) -> NetworkSelection:
    """Return how the host selects its migration networks."""
    return select(rows_of(host))


def listeners_of(host: FactsView) -> tuple[Address, ...]:
    """Return the usable listener addresses of the host, in its order."""
    return usable(host[LISTENERS].listeners)


def machine_of(host: FactsView, vmm: FactsView) -> Machine:
    """Return the host as repairs address it; a domain member unless it says otherwise."""
    membership = host.outcome(DOMAIN_MEMBERSHIP)
    joined = membership.value.joined if isinstance(membership, Gathered) else True
    return Machine(host.name, vmm.name, joined)


def local_addresses(host: FactsView) -> tuple[LocalAddress, ...]:
    """Return the host's addresses for the words of a finding or a fix; none where unreadable."""
    outcome = host.outcome(LOCAL_ADDRESSES)
    return outcome.value if isinstance(outcome, Gathered) else ()


def nothing_selected(host: FactsView, vmm: FactsView, policy: Policy) -> Finding:
    """Return the failure of a host that selects no network and listens nowhere."""
    repair = choose_networks(machine_of(host, vmm), policy.migration_subnets, local_addresses(host))
    return fail(
        "The host selects no network, and has no usable listener.",
        "The networks for live migration are named.",
        repair,
    )


def block_if_disabled(host: FactsView) -> None:
    """Raise BlockedError where live migration is off: one root cause, one finding."""
    if not host[MIGRATION_SETTINGS].enabled:
        raise BlockedError(
            "LM101",
            "Incoming live migration is disabled, so nothing listens on port 6600.",
            "Enable live migration first.",
        )


def block_if_not_listening(host: FactsView) -> None:
    """Raise BlockedError where there is no usable listener, by the check that reports why."""
    if listeners_of(host):
        return
    block_if_disabled(host)
    none = selection_of(host).kind is Selection.NONE
    raise BlockedError(
        "LM102" if none else "LM103",
        "The host has no usable listener, so there is no address to judge.",
        "Bring back the listener first.",
    )


def block_if_unresolved(host: FactsView, vmm: FactsView) -> None:
    """Raise BlockedError where VMM does not resolve the host: one root cause, one finding."""
    if not host[VMM_RESOLUTION].addresses:
        raise BlockedError(
            "LM201", f"The VMM server {vmm.name} does not resolve {host.name}.", "Mend DNS first."
        )


def addresses_vmm_uses(host: FactsView, vmm: FactsView) -> tuple[Address, ...]:
    """Return the addresses that VMM uses for the host, in its order.

    Raises:
        BlockedError: VMM does not resolve the host.
    """
    block_if_unresolved(host, vmm)
    return host[VMM_RESOLUTION].addresses


def control_probes(probes: VmmProbes, addresses: Sequence[Address]) -> tuple[Probe, ...]:
    """Return the connections that were tried to the port VMM manages through."""
    return tuple(
        probe
        for address in addresses
        for probe in probes.probes
        if probe.address == address and probe.port != LIVE_MIGRATION_PORT
    )


def migration_probes(probes: VmmProbes, addresses: Sequence[Address]) -> tuple[Probe, ...]:
    """Return the connections that were tried to port 6600 of these addresses."""
    found = (probes.find(address, LIVE_MIGRATION_PORT) for address in addresses)
    return tuple(probe for probe in found if probe is not None)


def not_tried(host: FactsView, vmm: str, what: str) -> BlockedError:
    """Return the error for a connection that the VMM server should have tried."""
    return BlockedError(
        "LM001",
        f"{what} of {host.name} was not tried from the VMM server {vmm}.",
        "Run the suite again with this check selected.",
    )
