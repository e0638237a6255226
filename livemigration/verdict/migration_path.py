"""Where a host accepts live migration, beside the addresses that VMM uses for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from livemigration.base.addresses import Address, Subnet
from livemigration.base.text import listed
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.network import LOCAL_ADDRESSES, LocalAddress, own_addresses
from livemigration.facts.vmm import VMM_RESOLUTION, Probe
from livemigration.verdict.blocking import addresses_vmm_uses, block_if_disabled
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.listeners import address_in_subnets, listener_missing
from livemigration.verdict.fixes.network_selection import any_network
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.networks import (
    NetworkSelection,
    SelectionKind,
    select,
    subnet_of,
    subnets_without_address,
)
from livemigration.verdict.readings import listeners_of, local_addresses, machine_of, rows_of
from livemigration.verdict.resolution import (
    block_if_foreign,
    foreign_address,
    foreign_addresses,
    named_by_address,
)
from livemigration.verdict.views import BlockedError, FactsView


@dataclass(frozen=True)
class MigrationPath:
    """Where a host accepts live migration, and the addresses that VMM uses for it."""

    machine: FixTarget
    rows: tuple[MigrationNetwork, ...]
    listeners: tuple[Address, ...]
    addresses: tuple[Address, ...]
    local: tuple[LocalAddress, ...]
    foreign: tuple[Address, ...] = ()

    @property
    def own(self) -> tuple[Address, ...]:
        """The addresses that VMM uses and that are not shown to be another machine's or nobody's.

        What answers at the others says nothing of this host.
        """
        return tuple(each for each in self.addresses if each not in self.foreign)

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
            and self.selection.kind is not SelectionKind.NONE
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
    def because(self) -> str:
        """The same for the end of a sentence that says so of the host: `, because it ...`."""
        word = "although" if self.selection.accepts_any else "because"
        return f", {word} {self._cause_of_it}"

    @property
    def _cause_of_it(self) -> str:
        return self.cause.replace("the host ", "it ")

    @property
    def nowhere(self) -> str:
        """That the host listens nowhere, which explains only where it has no address for it."""
        why = self.because if self.without_address else f"; {self._cause_of_it}"
        return f"The host listens on no address{why}."

    @property
    def repair(self) -> Fix:
        """The fix for VMM 2012 SP1, which stages on the address that it uses.

        The selection is changed only where it is the cause: never where the list of listeners holds
        an address that VMM uses.
        """
        if self.without_address:
            return address_in_subnets(self.machine, self.selection.subnets, self.local)
        if self.used_listeners or self.listener_lost or self.selection.accepts_any:
            return listener_missing(self.machine, self.used_listeners or self.own)
        return any_network(self.machine, self.rows, self.addresses, self.local)

    def subnet_text(self, address: Address) -> str:
        """Return the subnet of an address: a selected one, else the host's own, for a sentence."""
        selected = (each for each in self.selection.subnets if _contains(each, address))
        subnet = next(selected, None) or subnet_of(address, self.local)
        return str(subnet) if subnet is not None else "unknown subnet"

    def attempt_text(self, probe: Probe) -> str:
        """Return what a probe showed: subnet, address, port, outcome with its code, vantage."""
        return (
            f"{self.subnet_text(probe.address)}: {probe.address} port {probe.port} "
            f"{probe.outcome} from the VMM server {self.machine.vmm}."
        )

    def subnet_names(self, addresses: Iterable[Address]) -> tuple[str, ...]:
        """Return the subnets of addresses, each once, for a sentence."""
        return tuple(dict.fromkeys(map(self.subnet_text, addresses)))

    @property
    def would_listen(self) -> tuple[Address, ...]:
        """The host's own addresses that its selection covers: the listeners of a host that works.

        With any network of one address family, those of that family (inferred).
        """
        selection = self.selection
        own = [each.address for each in own_addresses(self.local)]
        if selection.kind is SelectionKind.ANY:
            return tuple(own)
        if selection.kind is SelectionKind.HALF_ANY:
            return tuple(each for each in own if each.version == (4 if selection.any_v4 else 6))
        subnets = selection.subnets
        return tuple(each for each in own if any(_contains(subnet, each) for subnet in subnets))


def _contains(subnet: Subnet, address: Address) -> bool:
    return address.version == subnet.version and address in subnet


def path_of(host: FactsView, vmm: FactsView) -> MigrationPath:
    """Return where the host accepts live migration and where VMM looks for it.

    Raises:
        BlockedError: VMM does not resolve the host, or to an address that is not the host's; or
            the facts were not gathered.
    """
    addresses, listeners = addresses_vmm_uses(host, vmm), listeners_of(host)
    foreign: tuple[Address, ...] = ()
    # An address that the host lists as a listener is its own, whatever else can be read.
    if not set(addresses) <= set(listeners):
        block_if_foreign(host, vmm)
        foreign = foreign_addresses(host)
    return MigrationPath(
        machine=machine_of(host, vmm),
        rows=rows_of(host),
        listeners=listeners,
        addresses=addresses,
        local=local_addresses(host),
        foreign=foreign,
    )


def block_unless_shown(host: FactsView, vmm: str) -> None:
    """Raise BlockedError where the cause of a missing listener cannot be seen in the facts.

    Nothing listens while live migration is disabled; and without the host's own addresses nobody
    can say whether the address VMM uses is the host's, which comes before its network selection.
    """
    block_if_disabled(host)
    block_unless_own(host, vmm)


def block_unless_own(host: FactsView, vmm: str) -> None:
    """Raise BlockedError where it is not shown that the address VMM uses is the host's own."""
    local, resolution = host[LOCAL_ADDRESSES], host[VMM_RESOLUTION]
    if not own_addresses(local):
        raise BlockedError(
            "",
            f"{host.name} shows no address of its own, so nobody can say whether "
            f"{listed(resolution.addresses)} is its address.",
            "Check what the host answers for MSFT_NetIPAddress.",
        )
    foreign = foreign_address(resolution.addresses, local)
    if foreign is not None and named_by_address(resolution):
        raise BlockedError(
            "",
            f"The VMM server {vmm} knows {host.name} by {foreign}, which is not an address of "
            "this host: it is out of date, or translated on the way.",
            "In VMM, correct the address by which it manages the host.",
        )
