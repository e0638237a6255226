"""From which of its addresses a host connects to another, by its own addresses and routes.

Windows sends on the interface of the longest matching route, and takes its source address from
that interface (RFC 6724 and the strong host model). Metrics are not read: where routes of equal
length disagree, each of them may be the one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

from livemigration.addresses import Address, Subnet
from livemigration.facts.network import LocalAddress, Route
from livemigration.networks import own_addresses

_BITS = {4: 32, 6: 128}

# A subnet that is quick to look up: version, prefix length, leading bits.
_Key = tuple[int, int, int]
# The addresses of one interface, of which Windows takes one.
Group = tuple[Address, ...]


def _key(subnet: Subnet) -> _Key:
    shift = _BITS[subnet.version] - subnet.prefixlen
    return subnet.version, subnet.prefixlen, int(subnet.network_address) >> shift


class SourceTable:
    """The addresses of a host that others can know it by, and where each of its routes leads.

    Args:
        local: its addresses.
        routes: its routes; None: they were not read.
    """

    def __init__(self, local: Sequence[LocalAddress], routes: Sequence[Route] | None) -> None:
        self._own = own_addresses(local)
        self._routes = routes

    def has(self, version: int) -> bool:
        """Whether the host has an address of an IP version."""
        return any(each.address.version == version for each in self._own)

    def towards(self, address: Address) -> tuple[Group, ...] | None:
        """Return from where a connection to an address comes: of each group, from one address.

        Several groups: the tables leave open which. None: nothing says which, because the routes
        were not read and the host shares no subnet with the address.
        """
        bits, number = _BITS[address.version], int(address)
        for length in self._lengths[address.version]:
            found = self._table.get((address.version, length, number >> (bits - length)))
            if found is not None:
                return tuple(found)
        every = self._of_version(address.version)
        if self._routes is not None:
            # No route leads there, so that it does not come at all: any address will do.
            return (tuple(each.address for each in every),)
        groups = _by_subnet(every)
        return groups if len(groups) == 1 else None

    @cached_property
    def _lengths(self) -> dict[int, list[int]]:
        lengths: dict[int, set[int]] = {4: set(), 6: set()}
        for version, length, _ in self._table:
            lengths[version].add(length)
        return {version: sorted(each, reverse=True) for version, each in lengths.items()}

    @cached_property
    def _table(self) -> dict[_Key, dict[Group, None]]:
        table: dict[_Key, dict[Group, None]] = defaultdict(dict)
        for group in _by_subnet(self._own):
            subnet = next(each.subnet for each in self._own if each.address == group[0])
            table[_key(subnet)][group] = None
        for route in self._routes or ():
            for group in self._groups(route):
                table[_key(route.destination)][group] = None
        return dict(table)

    def _groups(self, route: Route) -> tuple[Group, ...]:
        """Return the interfaces that a route may leave by, by their addresses."""
        version = route.destination.version
        if route.next_hop is None:
            # The route to a subnet of its own says no more than its address does.
            inside = [each for each in self._own if each.subnet == route.destination]
            return _by_subnet(inside or self._of_version(version))
        near = [
            each
            for each in self._of_version(route.next_hop.version)
            if route.next_hop in each.subnet
        ]
        longest = max((each.prefix_length for each in near), default=0)
        closest = [each for each in near if each.prefix_length == longest]
        return _by_subnet(closest or self._of_version(version))

    def _of_version(self, version: int) -> tuple[LocalAddress, ...]:
        return tuple(each for each in self._own if each.address.version == version)


def _by_subnet(addresses: Iterable[LocalAddress]) -> tuple[Group, ...]:
    groups: dict[Subnet, list[Address]] = defaultdict(list)
    for each in addresses:
        groups[each.subnet].append(each.address)
    return tuple(tuple(each) for each in groups.values())
