"""The subnets on which a host accepts live migration, with the MTU and the RDMA of its adapters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from livemigration.base.addresses import Subnet
from livemigration.facts.adapters import ADAPTER_RDMA, INTERFACE_MTUS
from livemigration.facts.migration import LISTENERS, MIGRATION_SETTINGS
from livemigration.facts.model import FactGroup
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.verdict.exchange import Peers
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.readings import listeners_of, performance_of
from livemigration.verdict.views import FactsView

# What links are read from.
OF_LINKS: tuple[FactGroup[object], ...] = (
    MIGRATION_SETTINGS,
    LISTENERS,
    LOCAL_ADDRESSES,
    INTERFACE_MTUS,
    ADAPTER_RDMA,
)


class Link(NamedTuple):
    """What the adapters with a listener on one subnet have: their MTUs, and whether RDMA is on.

    The MTU of an interface of which the host says none is not among them.
    """

    subnet: Subnet
    mtus: tuple[int, ...]
    rdma: bool


@dataclass(frozen=True)
class Links:
    """The links of a host, and whether it sends over SMB."""

    links: frozenset[Link]
    smb: bool

    @cached_property
    def by_subnet(self) -> Mapping[Subnet, Link]:
        """The link on each subnet."""
        return {each.subnet: each for each in self.links}


def links_of(host: FactsView) -> Links:
    """Return the links of a host: one for each subnet of a usable listener address.

    Raises:
        BlockedError: its settings, listeners, addresses or adapters could not be read.
    """
    listeners = set(listeners_of(host))
    mtus = {(each.interface.casefold(), each.version): each.mtu for each in host[INTERFACE_MTUS]}
    with_rdma = {each.interface.casefold() for each in host[ADAPTER_RDMA] if each.enabled}
    interfaces: dict[Subnet, set[str]] = defaultdict(set)
    for each in host[LOCAL_ADDRESSES]:
        if each.address in listeners and each.subnet.num_addresses > 1:
            interfaces[each.subnet].add(each.interface.casefold())
    return Links(
        frozenset(
            Link(
                subnet,
                tuple(
                    sorted({mtus[n, subnet.version] for n in names if (n, subnet.version) in mtus})
                ),
                not names.isdisjoint(with_rdma),
            )
            for subnet, names in interfaces.items()
        ),
        performance_of(host[MIGRATION_SETTINGS]) == "smb",
    )


@dataclass(frozen=True)
class Unlike:
    """A subnet that a host and others listen on, and in what their links differ."""

    own: Link
    other: Link
    names: Names


def unlike_mtus(own: Links, part: Peers) -> Iterator[Unlike]:
    """Yield the subnets on which a host and its peers have different MTUs."""
    for link, other, _, names in _pairs(own, part):
        if _has_another_mtu(link, other):
            yield Unlike(link, other._replace(rdma=False), names)


def mtus_differ_on(own: Links, other: Links) -> tuple[Subnet, ...]:
    """Return the subnets on which two hosts have different MTUs."""
    there = other.by_subnet
    found = (
        e.subnet for e in own.links if e.subnet in there and _has_another_mtu(e, there[e.subnet])
    )
    return tuple(sorted(found, key=str))


def _has_another_mtu(link: Link, other: Link) -> bool:
    return bool(link.mtus and other.mtus) and link.mtus != other.mtus


def unlike_rdma(own: Links, part: Peers) -> Iterator[Unlike]:
    """Yield the subnets on which one end alone has RDMA, and either sends over SMB."""
    for link, other, smb, names in _pairs(own, part):
        if link.rdma is not other.rdma and (own.smb or smb):
            yield Unlike(link, other._replace(mtus=()), names)


def together(found: Iterator[Unlike]) -> Iterator[Unlike]:
    """Yield what differs in the same way once, with all hosts of which it does."""
    alike: dict[tuple[Link, Link], list[Names]] = defaultdict(list)
    for each in found:
        alike[each.own, each.other].append(each.names)
    for (own, other), names in alike.items():
        yield Unlike(own, other, Joined(names))


def _pairs(own: Links, part: Peers) -> Iterator[tuple[Link, Link, bool, Names]]:
    ordered = sorted(own.links, key=lambda each: str(each.subnet))
    # Of a fleet of many sites, the few classes of its own: each site has subnets of its own.
    for theirs, names in part.sharing(links_of, _subnets_of, own):
        by_subnet = theirs.by_subnet
        for link in ordered:
            if link.subnet in by_subnet:
                yield link, by_subnet[link.subnet], theirs.smb, names


def _subnets_of(links: Links) -> Iterable[Subnet]:
    return links.by_subnet
