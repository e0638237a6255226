"""What several checks read of a host, in the words of the verdict table."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.addresses import Address, usable
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import (
    LISTENERS,
    MIGRATION_NETWORKS,
    MigrationNetwork,
    MigrationSettings,
)
from livemigration.facts.model import Gathered
from livemigration.facts.network import LIVE_MIGRATION_PORT, LOCAL_ADDRESSES, LocalAddress
from livemigration.facts.vmm import Probe, VmmProbes
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.networks import NetworkSelection, select
from livemigration.verdict.views import FactsView


def rows_of(host: FactsView) -> tuple[MigrationNetwork, ...]:
    """Return the tagged rows of the migration networks, in the host's order."""
    return host[MIGRATION_NETWORKS]


def selection_of(host: FactsView) -> NetworkSelection:
    """Return how the host selects its migration networks."""
    return select(rows_of(host))


def listeners_of(host: FactsView) -> tuple[Address, ...]:
    """Return the usable listener addresses of the host, in its order."""
    return usable(host[LISTENERS].listeners)


def machine_of(host: FactsView, vmm: FactsView) -> FixTarget:
    """Return the host as fixes address it; a domain member unless it says otherwise."""
    membership = host.outcome(DOMAIN_MEMBERSHIP)
    joined = membership.value.joined if isinstance(membership, Gathered) else True
    return FixTarget(host.name, vmm.name, joined)


def performance_of(settings: MigrationSettings) -> str | None:
    """Return the performance option, as the policy names it; None: Server 2012 has none.

    Of both flags, SMB wins (windows-facts.md 1.1).
    """
    if settings.compression is None and settings.smb is None:
        return None
    if settings.smb:
        return "smb"
    return "compression" if settings.compression else "tcpip"


def local_addresses(host: FactsView) -> tuple[LocalAddress, ...]:
    """Return the host's addresses for the words of a finding or a fix; none where unreadable."""
    outcome = host.outcome(LOCAL_ADDRESSES)
    return outcome.value if isinstance(outcome, Gathered) else ()


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
