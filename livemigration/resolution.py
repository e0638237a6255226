"""Whether the addresses to which VMM resolves a host suit their purpose."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.addresses import Address, Subnet, is_usable, parse_address
from livemigration.checks_support import control_probes
from livemigration.facts.migration import MIGRATION_NETWORKS
from livemigration.facts.model import Gathered, Inapplicable, Outcome
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_PROBES, VMM_RESOLUTION, VmmRecord, VmmResolution
from livemigration.fixes.quoting import some
from livemigration.networks import select
from livemigration.views import FactsView, GroupView


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
    return by_record or _is_address(resolution.name)


def unsuitable(host: FactsView, group: GroupView) -> Iterator[tuple[Address, str]]:
    """Return each address that VMM should not meet, and why: a clause after "which".

    Leaves out a first address that is not the host's, which is more than a doubt.
    """
    addresses = host[VMM_RESOLUTION].addresses
    own = {each.address for each in host[LOCAL_ADDRESSES]}
    for position, address in enumerate(addresses):
        others = [name for name in group.owners(address) if name != host.name]
        if address not in own and not position:
            continue
        if not is_usable(address):
            yield address, "is a link-local or ISATAP address"
        elif address not in own and others:
            yield address, f"is an address of {some(others)}"
        elif address not in own:
            yield address, "is not an address of the host (stale, or another machine's)"
        elif reason := _extra(host, position, addresses):
            yield address, reason


def _extra(host: FactsView, position: int, addresses: tuple[Address, ...]) -> str:
    """Return why one of several own addresses is not one to manage by; empty where it is."""
    address = addresses[position]
    if len(addresses) > 1 and (subnet := _migration_subnet(host, address, addresses)):
        return f"is in the migration subnet {subnet}"
    if position:
        tried = control_probes(host[VMM_PROBES], (address,))
        if tried and not any(probe.answered for probe in tried):
            port, outcome = tried[0].port, tried[0].outcome
            return f"does not answer on port {port}: {outcome} from the VMM server"
    return ""


def _migration_subnet(
    host: FactsView, address: Address, addresses: tuple[Address, ...]
) -> Subnet | None:
    """Return the selected subnet of an address, where another own address is in none of them.

    Of the same family, because an IPv6 address beside an IPv4 one may be the same adapter's.
    """
    if isinstance(host.outcome(MIGRATION_NETWORKS), Inapplicable):
        return None
    subnets = select(host[MIGRATION_NETWORKS]).subnets
    own = {each.address for each in host[LOCAL_ADDRESSES]}
    beside = [
        each
        for each in addresses
        if each.version == address.version and each in own and is_usable(each)
    ]
    found = {each: next((s for s in subnets if each in s), None) for each in beside}
    return found[address] if None in found.values() else None
