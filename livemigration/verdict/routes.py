"""Which hosts have a way to an address, by their own tables of addresses and routes.

Built once for all hosts that exchange virtual machines with each other: its size is that of the
tables, and the answer for hosts in the same subnets is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from livemigration.base.addresses import Address, SubnetKey, subnet_key
from livemigration.facts.model import FactSheet, Gathered, Inapplicable
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.verdict.answers import Answers, Chain, Tables, Towards
from livemigration.verdict.circles import Circle, Seen
from livemigration.verdict.names import Names, Order, Others


class Way(IntEnum):
    """How a host gets to an address, from worst to best."""

    NONE = 0
    UNKNOWN = 1
    GATEWAY = 2
    ON_LINK = 3


class Ways:
    """The ways of the hosts of a circle to addresses, by their own tables.

    A host to which the question does not apply, because it cannot have addresses, is none of them.
    """

    def __init__(self, names: Sequence[str], sheets: Mapping[str, FactSheet]) -> None:
        there = {name: _table_of(sheets[name]) for name in names}
        found = {name: table for name, table in there.items() if table is not None}
        # Hosts of one subnet have equal tables.
        same: dict[frozenset[tuple[SubnetKey, Way]], Mapping[SubnetKey, Way]] = {}
        tables = [
            same.setdefault(frozenset(table.ways.items()), table.ways) for table in found.values()
        ]
        self._otherwise = tuple(table.otherwise for table in found.values())
        self._tables = Tables(Order(tuple(found)), tables)
        self._towards: Towards[Way, Way] = Towards(self._tables, self._best)

    def others_of(self, host: str) -> Names:
        """Return the hosts but one."""
        return Others(self._tables.order, host)

    def towards(self, addresses: Iterable[Address], host: str) -> Answers[Way]:
        """Return the best way of each host but one, whose addresses they are, to any of them."""
        chains = (self._tables.chain(address, host) for address in addresses)
        return self._towards.towards(*chains).without(host)

    def _best(self, place: int, chains: tuple[Chain, ...]) -> Way:
        found = (self._tables.value(place, each) for each in chains)
        otherwise = self._otherwise[place]
        return max((otherwise if way is None else way for way in found), default=Way.NONE)


@dataclass(frozen=True)
class _Table:
    """How a host gets to each subnet of its tables; `otherwise` is how to any other address."""

    ways: Mapping[SubnetKey, Way]
    otherwise: Way


def _table_of(sheet: FactSheet) -> _Table | None:
    """Return a host's table; None where it cannot have addresses."""
    local, routes = sheet.outcome(LOCAL_ADDRESSES), sheet.outcome(ROUTES)
    if isinstance(local, Inapplicable):
        return None
    if not isinstance(local, Gathered):
        return _Table({}, Way.UNKNOWN)
    near = {subnet_key(each.subnet): Way.ON_LINK for each in local.value}
    if not isinstance(routes, Gathered):
        return _Table(near, Way.UNKNOWN)
    on_link = {
        subnet_key(each.destination): Way.ON_LINK for each in routes.value if each.next_hop is None
    }
    gateways = {
        subnet_key(each.destination): Way.GATEWAY
        for each in routes.value
        if each.next_hop is not None
    }
    # Of two rows for one subnet, the one on-link counts.
    return _Table({**gateways, **on_link, **near}, Way.NONE)


def ways_of(circle: Circle) -> Ways:
    """Return the ways of the peers of a circle."""
    return Ways(circle.peers, circle.facts.hosts)


def unplaced_with_tables(seen: Seen) -> Names:
    """Return the unplaced that can have addresses, as a host sees them."""
    return Others(seen.circle.once(_unplaced_with_tables), seen.host)


def _unplaced_with_tables(circle: Circle) -> Order:
    sheets = circle.facts.hosts
    names = (
        name
        for name in circle.unplaced
        if not isinstance(sheets[name].outcome(LOCAL_ADDRESSES), Inapplicable)
    )
    return Order(tuple(names))
