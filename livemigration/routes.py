"""Which hosts have a way to an address, by their own tables of addresses and routes.

Built once per run: its size is that of the tables, and hosts with the same gateways are looked up
together, so that judging every host costs hosts times subnets.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Self

from livemigration.addresses import Address, Subnet
from livemigration.facts.model import FactSheet, Gathered, Inapplicable
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES

_BITS = {4: 32, 6: 128}

# A subnet as a key that is quick to make and to compare: version, prefix length, leading bits.
_Key = tuple[int, int, int]
_NOWHERE: frozenset[_Key] = frozenset()


class Way(IntEnum):
    """How a host gets to an address, from worst to best."""

    NONE = 0
    UNKNOWN = 1
    GATEWAY = 2
    ON_LINK = 3


def _key(subnet: Subnet) -> _Key:
    shift = _BITS[subnet.version] - subnet.prefixlen
    return subnet.version, subnet.prefixlen, int(subnet.network_address) >> shift


def _keys_around(address: Address, lengths: Iterable[tuple[int, int]]) -> Iterator[_Key]:
    """Yield the subnets of these lengths that an address is in, the longest first."""
    bits, number = _BITS[address.version], int(address)
    for length in sorted((n for version, n in lengths if version == address.version), reverse=True):
        yield address.version, length, number >> (bits - length)


def longest(address: Address, keys: frozenset[_Key]) -> int:
    """Return the length of the longest prefix that an address is in; -1 where it is in none."""
    lengths = {(version, length) for version, length, _ in keys}
    return next((key[1] for key in _keys_around(address, lengths) if key in keys), -1)


class Ways:
    """The tables of all hosts of a run, by subnet."""

    def __init__(self) -> None:
        self._near: dict[_Key, list[str]] = defaultdict(list)
        self._gateways: dict[str, frozenset[_Key]] = {}
        self._unread: set[str] = set()
        self._without_routes: set[str] = set()

    @classmethod
    def of(cls, sheets: Mapping[str, FactSheet]) -> Self:
        """Return the tables in these sheets; what was not read is remembered as unknown."""
        ways = cls()
        for name, sheet in sheets.items():
            ways._add(name, sheet)
        return ways

    def _add(self, name: str, sheet: FactSheet) -> None:
        local, routes = sheet.outcome(LOCAL_ADDRESSES), sheet.outcome(ROUTES)
        if not isinstance(local, Gathered):
            if not isinstance(local, Inapplicable):
                self._unread.add(name)
            return
        near = {_key(each.subnet) for each in local.value}
        if isinstance(routes, Gathered):
            near |= {_key(each.destination) for each in routes.value if each.next_hop is None}
            self._gateways[name] = frozenset(
                _key(each.destination) for each in routes.value if each.next_hop is not None
            )
        else:
            self._without_routes.add(name)
        for key in near:
            self._near[key].append(name)

    def towards(self, addresses: Iterable[Address], hosts: Iterable[str]) -> dict[str, Way]:
        """Return the best way of each host to any of these addresses."""
        wanted = tuple(hosts)
        best = dict.fromkeys(wanted, Way.NONE)
        for address in addresses:
            near = self._on_link(address)
            by_gateway: dict[frozenset[_Key], int] = {}
            for host in wanted:
                gateways = self._gateways.get(host, _NOWHERE)
                if gateways not in by_gateway:
                    by_gateway[gateways] = longest(address, gateways)
                way = self._way(host, near.get(host, -1), by_gateway[gateways])
                best[host] = max(best[host], way)
        return best

    def _on_link(self, address: Address) -> dict[str, int]:
        """Return the hosts that share a subnet with an address, and the length of its prefix."""
        lengths = {(version, length) for version, length, _ in self._near}
        found: dict[str, int] = {}
        for key in _keys_around(address, lengths):
            for host in self._near.get(key, ()):
                found.setdefault(host, key[1])
        return found

    def _way(self, host: str, near: int, gateway: int) -> Way:
        """Return how a host gets there, by the lengths of its longest prefixes."""
        if host in self._unread:
            return Way.UNKNOWN
        if near >= gateway and near >= 0:
            return Way.ON_LINK
        if gateway >= 0:
            return Way.GATEWAY
        return Way.UNKNOWN if host in self._without_routes else Way.NONE
