"""What several checks ask of the facts, in the words of the verdict table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from livemigration.addresses import Address, Subnet, listed, usable
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
from livemigration.findings import Finding, Fix, fail
from livemigration.fixes.listeners import address_in_subnets, listener_missing
from livemigration.fixes.network_selection import any_network, choose_networks
from livemigration.fixes.script import Machine
from livemigration.networks import (
    NetworkSelection,
    Selection,
    select,
    subnet_of,
    subnets_without_address,
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


@dataclass(frozen=True)
class MigrationPath:
    """Where a host accepts live migration, and the addresses that VMM uses for it."""

    machine: Machine
    rows: tuple[MigrationNetwork, ...]
    listeners: tuple[Address, ...]
    addresses: tuple[Address, ...]
    local: tuple[LocalAddress, ...]

    @property
    def selection(self) -> NetworkSelection:
        """How the host selects its migration networks."""
        return select(self.rows)

    @property
    def used_listeners(self) -> tuple[Address, ...]:
        """The addresses that VMM uses and the host lists as listeners."""
        return tuple(each for each in self.addresses if each in self.listeners)

    @property
    def without_address(self) -> bool:
        """Whether no configured subnet has a local address, so that none has a listener."""
        subnets = self.selection.subnets
        return bool(
            not self.listeners
            and subnets
            and self.local
            and len(subnets_without_address(subnets, self.local)) == len(subnets)
        )

    @property
    def listener_lost(self) -> bool:
        """Whether VMM uses a local address in a configured subnet that yet has no listener."""
        return not self.used_listeners and any(
            subnet_of(address, self.local) is not None and _contains(subnet, address)
            for subnet in self.selection.subnets
            for address in self.addresses
        )

    @property
    def is_kb_case(self) -> bool:
        """Whether the selection itself keeps VMM out, as in KB 2853203.

        0x8007274D alone is not the KB: a subnet without a local address and a listener that did
        not come up refuse as well (windows-facts.md section 7, items 5 and 14).
        """
        return (
            not self.selection.accepts_any
            and self.selection.kind is not Selection.NONE
            and not self.used_listeners
            and not self.without_address
            and not self.listener_lost
        )

    @property
    def cause(self) -> str:
        """Why no address that VMM uses is a listener, for the end of a sentence."""
        if self.without_address:
            return f"the host has no address in {listed(self.selection.subnets)}"
        if self.listener_lost:
            return "its listener is missing although its network is selected"
        if self.is_kb_case:
            return f"the host selects {self.selection.words} (KB 2853203)"
        return f"the host selects {self.selection.words}"

    @property
    def repair(self) -> Fix:
        """The repair for VMM 2012 SP1, which stages on the address that it uses."""
        if self.without_address:
            return address_in_subnets(self.machine, self.selection.subnets, self.local)
        if self.listener_lost or self.selection.accepts_any:
            return listener_missing(self.machine, self.addresses)
        return any_network(self.machine, self.rows, self.addresses, self.local)

    def subnet_text(self, address: Address) -> str:
        """Return the subnet of an address: a selected one, else the host's own, for a sentence."""
        selected = (each for each in self.selection.subnets if _contains(each, address))
        subnet = next(selected, None) or subnet_of(address, self.local)
        return str(subnet) if subnet is not None else "unknown subnet"

    def told(self, probe: Probe) -> str:
        """Return what a probe showed: subnet, address, port, outcome with its code, vantage."""
        return (
            f"{self.subnet_text(probe.address)}: {probe.address} port {probe.port} "
            f"{probe.outcome} from the VMM server {self.machine.vmm}."
        )


def _contains(subnet: Subnet, address: Address) -> bool:
    return address.version == subnet.version and address in subnet


def path_of(host: FactsView, vmm: FactsView) -> MigrationPath:
    """Return where the host accepts live migration and where VMM looks for it.

    Raises:
        BlockedError: VMM does not resolve the host, or the facts were not gathered.
    """
    return MigrationPath(
        machine=machine_of(host, vmm),
        rows=rows_of(host),
        listeners=listeners_of(host),
        addresses=addresses_vmm_uses(host, vmm),
        local=local_addresses(host),
    )


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


def subnet_names(path: MigrationPath, probes: Iterable[Probe]) -> tuple[str, ...]:
    """Return the subnets that were tried, each once, for a sentence."""
    return tuple(dict.fromkeys(path.subnet_text(probe.address) for probe in probes))


def not_tried(host: FactsView, vmm: str, what: str) -> BlockedError:
    """Return the error for a connection that the VMM server should have tried."""
    return BlockedError(
        "LM001",
        f"{what} of {host.name} was not tried from the VMM server {vmm}.",
        "Run the suite again with this check selected.",
    )
