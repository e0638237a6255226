"""Whether the addresses to which VMM resolves a host suit their purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from livemigration.base.addresses import Address, Subnet, is_usable, parse_address
from livemigration.base.text import some
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.migration import MIGRATION_NETWORKS
from livemigration.facts.model import Gathered, Inapplicable, NotGathered, Outcome
from livemigration.facts.network import (
    LOCAL_ADDRESSES,
    LOOPBACK,
    ROUTES,
    LocalAddress,
    default_gateways,
    own_addresses,
)
from livemigration.facts.vmm import VMM_PROBES, VMM_RESOLUTION, Probe, VmmRecord, VmmResolution
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.names import replace
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.vmm import control_path
from livemigration.verdict.networks import select
from livemigration.verdict.readings import control_probes, local_addresses
from livemigration.verdict.views import BlockedError, FactsView, GroupView


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def known_by_address(resolution: VmmResolution, record: Outcome[VmmRecord]) -> bool:
    """Whether VMM knows the host by an IP address, as it may a perimeter host."""
    by_record = (
        isinstance(record, Gathered)
        and bool(record.value.perimeter)
        and _is_address(record.value.name)
    )
    return by_record or named_by_address(resolution)


def named_by_address(resolution: VmmResolution) -> bool:
    """Whether the name that was resolved is an IP address, which no DNS stands behind."""
    return _is_address(resolution.name)


def foreign_address(addresses: Sequence[Address], local: Iterable[LocalAddress]) -> Address | None:
    """Return the address that VMM uses, the first, where it is not the host's own.

    None: it is the host's own, there is no address, or the host's own table could not be read.
    """
    own = _own(local)
    return addresses[0] if addresses and own and addresses[0] not in own else None


def foreign_addresses(host: FactsView) -> tuple[Address, ...]:
    """Return the addresses of the host's name that are not its own.

    None where nobody could reach the host to ask for its addresses: its answers to VMM then stand.

    Raises:
        BlockedError: the host was reached, and its addresses could not be read.
    """
    resolution, own = host[VMM_RESOLUTION], _own(_table(host))
    if not own or named_by_address(resolution):
        return ()
    return tuple(each for each in resolution.addresses if each not in own)


def _table(host: FactsView) -> tuple[LocalAddress, ...]:
    outcome = host.outcome(LOCAL_ADDRESSES)
    unread = isinstance(outcome, NotGathered)
    if unread and isinstance(host.outcome(HOST_ACCESS), Gathered):
        return host[LOCAL_ADDRESSES]
    return local_addresses(host)


def _own(local: Iterable[LocalAddress]) -> frozenset[Address]:
    # Every machine has 127.0.0.1, so under it VMM meets itself.
    return frozenset(each.address for each in local if each.address not in LOOPBACK)


def block_if_foreign(host: FactsView, vmm: FactsView) -> None:
    """Raise BlockedError where VMM uses an address that is not the host's: LM201 fails with it.

    Also where the host was reached, and its addresses could not be read.
    """
    foreign = foreign_addresses(host)
    if foreign and foreign[0] == host[VMM_RESOLUTION].addresses[0]:
        raise BlockedError(
            "LM201",
            f"The VMM server {vmm.name} uses {foreign[0]} for {host.name}, which is not an address "
            "of this host.",
            "Mend DNS first.",
        )


def addresses_to_manage_by(host: FactsView) -> tuple[Address, ...]:
    """Return the host's own addresses that its name should have, as far as its facts show.

    Those with the default gateway outside the migration networks, else those with it, else those
    outside, else all; empty where the host's own table could not be read.
    """
    own = [each.address for each in own_addresses(local_addresses(host))]
    near = [each for each in _by_gateway(host) if each in own]
    selected = _selected(host)
    outside = [each for each in own if _subnet_with(each, selected) is None]
    both = [each for each in near if each in outside]
    return tuple(both or near or outside or own)


def good_addresses(host: FactsView) -> tuple[Address, ...]:
    """Return the host's own addresses in its name that may stay there: LM201 doubts none of them.

    Nor one in a migration network, where another own address of its family has the gateway.
    """
    own, near = _own(local_addresses(host)), _by_gateway(host)
    selected, addresses = _selected(host), host[VMM_RESOLUTION].addresses

    def is_for_migration(address: Address) -> bool:
        better = [each for each in near if each.version == address.version]
        return bool(better) and address not in better and bool(_subnet_with(address, selected))

    return tuple(
        each
        for position, each in enumerate(addresses)
        if each in own
        and is_usable(each)
        and not _extra(host, position, addresses)
        and not is_for_migration(each)
    )


def _selected(host: FactsView) -> tuple[Subnet, ...]:
    outcome = host.outcome(MIGRATION_NETWORKS)
    return select(outcome.value).subnets if isinstance(outcome, Gathered) else ()


def _by_gateway(host: FactsView) -> tuple[Address, ...]:
    """Return the host's own addresses in whose subnet a default gateway is."""
    outcome = host.outcome(ROUTES)
    gateways = default_gateways(outcome.value) if isinstance(outcome, Gathered) else ()
    return tuple(
        each.address
        for each in own_addresses(local_addresses(host))
        if any(_subnet_with(gateway, (each.subnet,)) for gateway in gateways)
    )


def manage_again(host: FactsView, machine: FixTarget, tried: Sequence[Probe]) -> Fix:
    """Return how VMM gets to the control port again: by DNS where no address in it is right.

    `tried` is what it met there, never none.
    """
    resolution, right = host[VMM_RESOLUTION], addresses_to_manage_by(host)
    if not right or named_by_address(resolution) or good_addresses(host):
        return control_path(machine, tried[0].port, tried)
    return replace(machine, resolution.name, resolution.addresses, right)


def _subnet_with(address: Address, subnets: Iterable[Subnet]) -> Subnet | None:
    return next(
        (each for each in subnets if address.version == each.version and address in each), None
    )


def unsuitable(host: FactsView, group: GroupView) -> Iterator[tuple[Address, str]]:
    """Return each address that VMM should not meet, and why: a clause after "which".

    Leaves out a first address that is not the host's, which is more than a doubt.
    """
    addresses = host[VMM_RESOLUTION].addresses
    own = _own(host[LOCAL_ADDRESSES])
    for position, address in enumerate(addresses):
        if not position and address == foreign_address(addresses, host[LOCAL_ADDRESSES]):
            continue
        if not is_usable(address):
            yield address, "is a link-local or ISATAP address"
        elif address not in own:
            others = [name for name in group.owners(address) if name != host.name]
            whose = f"an address of {some(others)}"
            stale = "not an address of the host (stale, or another machine's)"
            yield address, f"is {whose if others else stale}"
        else:
            _must_read(host, position, addresses)
            if reason := _extra(host, position, addresses):
                yield address, reason


def _must_read(host: FactsView, position: int, addresses: tuple[Address, ...]) -> None:
    """Raise BlockedError where a doubt about one of several own addresses cannot be looked into."""
    if len(addresses) > 1 and not isinstance(host.outcome(MIGRATION_NETWORKS), Inapplicable):
        host[MIGRATION_NETWORKS]
    if position:
        host[VMM_PROBES]


def _extra(host: FactsView, position: int, addresses: tuple[Address, ...]) -> str:
    """Return why one of several own addresses is not one to manage by; empty where it is.

    Never of the last one: another that nothing speaks against must be there.
    """
    address = addresses[position]
    if subnet := _migration_subnet(host, address, addresses):
        return f"is in the migration subnet {subnet}"
    silent = _silent(host, address) if position else None
    if silent is not None and any(
        _silent(host, each) is None and _migration_subnet(host, each, addresses) is None
        for each in _beside(host, addresses)
    ):
        return f"does not answer on port {silent.port}: {silent.outcome} from the VMM server"
    return ""


def _silent(host: FactsView, address: Address) -> Probe | None:
    """Return the first probe of a control port that shows no answer of this address at all."""
    probes = host.outcome(VMM_PROBES)
    tried = control_probes(probes.value, (address,)) if isinstance(probes, Gathered) else ()
    return tried[0] if tried and not any(probe.answered for probe in tried) else None


def _beside(host: FactsView, addresses: Sequence[Address]) -> tuple[Address, ...]:
    own = _own(local_addresses(host))
    return tuple(each for each in addresses if each in own and is_usable(each))


def _migration_subnet(
    host: FactsView, address: Address, addresses: Sequence[Address]
) -> Subnet | None:
    """Return the selected subnet of an address, where another own address is in none of them.

    Of the same family, because an IPv6 address beside an IPv4 one may be the same adapter's. Not
    where the address has the default gateway: VMM manages by it, whatever else it is for.
    """
    subnets = _selected(host)
    beside = [each for each in _beside(host, addresses) if each.version == address.version]
    found = {each: _subnet_with(each, subnets) for each in beside}
    if address in _by_gateway(host) or None not in found.values():
        return None
    return found.get(address)
