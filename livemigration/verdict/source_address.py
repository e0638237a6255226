"""From which of its addresses a host connects to another, by its own addresses and routes.

Windows sends on the interface of the longest matching route, and takes its source address from
that interface (RFC 6724 and the strong host model). Metrics are not read: where routes of equal
length disagree, each of them may be the one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from livemigration.base.addresses import Address, Subnet, SubnetKey, subnet_key
from livemigration.facts.model import Gathered
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, LocalAddress, Route, own_addresses
from livemigration.facts.sheets import RunFacts

# The addresses of one interface, of which Windows takes one.
Group = tuple[Address, ...]


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

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address of the host."""
        return tuple(each.address for each in self._own)

    def subnets(self, addresses: Iterable[Address]) -> tuple[Subnet, ...]:
        """Return the subnets that these addresses of the host are on, each once."""
        wanted = set(addresses)
        return tuple(dict.fromkeys(each.subnet for each in self._own if each.address in wanted))

    def otherwise(self, version: int) -> tuple[Group, ...] | None:
        """Return from where a connection comes to an address that no route leads to.

        None: nothing says it, because the routes were not read and the host shares no subnet with
        the address.
        """
        every = self._of_version(version)
        if self._routes is not None:
            # No route leads there, so that it does not come at all: any address will do.
            return (tuple(each.address for each in every),)
        groups = _by_subnet(every)
        return groups if len(groups) == 1 else None

    @cached_property
    def table(self) -> Mapping[SubnetKey, tuple[Group, ...]]:
        """From where a connection to each subnet comes, if it is the longest that matches.

        Of each group, from one address. Several groups: the tables leave open which.
        """
        table: dict[SubnetKey, dict[Group, None]] = defaultdict(dict)
        own = (Route(each.subnet, None) for each in self._own)
        for route in (*own, *(self._routes or ())):
            table[subnet_key(route.destination)].update(dict.fromkeys(self._groups(route)))
        return {key: tuple(groups) for key, groups in table.items()}

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
        if not near:
            return _by_subnet(self._of_version(version))
        longest = max(each.prefix_length for each in near)
        return _by_subnet(each for each in near if each.prefix_length == longest)

    def _of_version(self, version: int) -> tuple[LocalAddress, ...]:
        return tuple(each for each in self._own if each.address.version == version)


def source_tables(facts: RunFacts) -> Mapping[str, SourceTable]:
    """Return from where each host connects to others; of addresses that were not read, nothing."""
    found = {}
    for name, sheet in facts.hosts.items():
        local, routes = sheet.outcome(LOCAL_ADDRESSES), sheet.outcome(ROUTES)
        if isinstance(local, Gathered):
            known = routes.value if isinstance(routes, Gathered) else None
            found[name] = SourceTable(local.value, known)
    return found


def _by_subnet(addresses: Iterable[LocalAddress]) -> tuple[Group, ...]:
    groups: dict[Subnet, list[Address]] = defaultdict(list)
    for each in addresses:
        groups[each.subnet].append(each.address)
    return tuple(tuple(each) for each in groups.values())
