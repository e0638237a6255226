"""The circles of hosts that exchange virtual machines by what is declared, or only by assumption.

Worked out once for all hosts of a run: the hosts of one circle have the same object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES, DomainMembership
from livemigration.facts.model import FactGroup, FactSheet, Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.circles import Circle, without
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.unasked import Unasked

# A cluster: its name and the domain or workgroup of its nodes, both without regard to case. Two
# domains may have a cluster of one name each.
ClusterKey = tuple[str, str]


class Standing(Enum):
    """What is known of whether a host is a cluster node."""

    ALONE = "no node"
    NODE = "a node"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class Place:
    """Where a host stands. `cluster` and `domain` are None where they are not known."""

    standing: Standing
    cluster: str | None
    domain: str | None


# Whether a host of a place is of a circle; None: what is not known of it decides.
_Belongs = Callable[[Place], bool | None]


class ExchangeCircles:
    """The circles of a run. A host of which any of some groups was not asked was not looked at."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._made: dict[object, Circle] = {}

    def nodes(self, cluster: ClusterKey, groups: tuple[FactGroup[Any], ...]) -> Circle:
        """Return the nodes of a cluster."""
        return self._chosen(("nodes", cluster), lambda place: _is_node(place, cluster), groups)

    def assumed(
        self,
        domain: str,
        groups: tuple[FactGroup[Any], ...],
        grouped: frozenset[str],
        *,
        with_nodes: bool,
    ) -> Circle:
        """Return the hosts of a domain that are in no cluster, or all of them.

        Those of the inventory's groups (`grouped`) exchange virtual machines with each other only.
        """
        wanted = "assumed", domain, with_nodes, grouped
        return self._chosen(
            wanted, lambda place: _is_assumed(place, domain, with_nodes=with_nodes), groups, grouped
        )

    def declared(
        self,
        exchanges: frozenset[str],
        cluster: ClusterKey | None,
        groups: tuple[FactGroup[Any], ...],
    ) -> Circle:
        """Return the hosts that the inventory names, and the nodes of a cluster among each other.

        Args:
            exchanges: the names in the inventory.
            cluster: the one of the host that asks; None: it is in none, or that is not known.
            groups: the fact groups that are compared.
        """
        mates = frozenset(self._known_nodes(cluster)) if cluster is not None else frozenset()
        members = exchanges | mates if mates - exchanges else exchanges
        wanted = "declared", members, _names(groups)
        if wanted not in self._made:
            there = self._in_order(members & self._facts.hosts.keys())
            outside = [name for name in self._facts.not_looked_at if name in members]
            peers, unseen = self._asked(there, groups)
            self._made[wanted] = Circle(self._facts, peers, (), (*unseen, *outside))
        return self._made[wanted]

    def _chosen(
        self,
        key: object,
        belongs: _Belongs,
        groups: tuple[FactGroup[Any], ...],
        others: frozenset[str] = frozenset(),
    ) -> Circle:
        wanted = key, _names(groups)
        if wanted not in self._made:
            judged = {place: belongs(place) for place in self._by_place}
            known = self._of(place for place, is_in in judged.items() if is_in)
            peers, missing = self._asked(without(known, others), groups)
            unknown = self._of(place for place, is_in in judged.items() if is_in is None)
            unplaced, also_missing = self._asked(without(unknown, others), groups)
            unseen = self._in_order((*missing, *also_missing))
            unlooked = without(self._facts.not_looked_at, others)
            self._made[wanted] = Circle(
                self._facts, peers, unplaced, (*unseen, *unlooked) if unseen else unlooked
            )
        return self._made[wanted]

    def _known_nodes(self, cluster: ClusterKey) -> Iterable[str]:
        return self._of(place for place in self._by_place if _is_node(place, cluster))

    def _of(self, places: Iterable[Place]) -> Sequence[str]:
        return self._in_order(name for place in places for name in self._by_place[place])

    def _asked(
        self, names: Iterable[str], groups: tuple[FactGroup[Any], ...]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the names of which all groups were asked for, and the others."""
        unasked, given = self._facts.once(Unasked).of(groups), tuple(names)
        return without(given, unasked), tuple(name for name in given if name in unasked)

    def _in_order(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=self._numbers.__getitem__)

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {name: number for number, name in enumerate(self._facts.hosts)}

    @cached_property
    def _by_place(self) -> Mapping[Place, Sequence[str]]:
        found: dict[Place, list[str]] = defaultdict(list)
        for name, sheet in self._facts.hosts.items():
            found[place_of(sheet)].append(name)
        return found


def are_mates(one: Place, other: Place) -> bool | None:
    """Whether two hosts are nodes of one cluster; None: what is not known of them decides."""
    if Standing.ALONE in {one.standing, other.standing}:
        return False
    known = (one.cluster, other.cluster), (one.domain, other.domain)
    if any(None not in pair and pair[0] != pair[1] for pair in known):
        return False
    return None if any(None in pair for pair in known) else True


def _names(groups: Iterable[FactGroup[Any]]) -> tuple[str, ...]:
    return tuple(group.name for group in groups)


def place_of(sheet: FactSheet) -> Place:
    """Return where a host stands, by its cluster, its services and its domain."""
    cluster, services = sheet.outcome(CLUSTER), sheet.outcome(SERVICES)
    member = sheet.outcome(DOMAIN_MEMBERSHIP)
    domain = _domain_of(member.value) if isinstance(member, Gathered) else None
    if isinstance(cluster, Gathered) and cluster.value.name is not None:
        return Place(Standing.NODE, cluster.value.name.casefold(), domain)
    if not isinstance(services, Gathered):
        return Place(Standing.UNKNOWN, None, domain)
    standing = Standing.NODE if is_cluster_node(services.value) else Standing.ALONE
    return Place(standing, None, domain)


def _domain_of(member: DomainMembership) -> str:
    """Return what hosts are in together: a workgroup is none of the domains, whatever its name."""
    return f"{'' if member.joined else 'workgroup '}{member.domain.casefold()}"


def _is_node(place: Place, cluster: ClusterKey) -> bool | None:
    name, domain = cluster
    if place.standing is Standing.ALONE or place.cluster not in {None, name}:
        return False
    return _also(None if place.cluster is None else True, place.domain, domain)


def _is_assumed(place: Place, domain: str, *, with_nodes: bool) -> bool | None:
    if with_nodes:
        return _also(True, place.domain, domain)
    if place.standing is Standing.NODE:
        return False
    return _also(True if place.standing is Standing.ALONE else None, place.domain, domain)


def _also(is_in: bool | None, its_domain: str | None, domain: str) -> bool | None:
    if its_domain not in {None, domain}:
        return False
    return None if its_domain is None else is_in
