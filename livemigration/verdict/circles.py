"""Which hosts exchange virtual machines with each other, worked out once for all of them.

A circle is what hosts see that are equals in it: of one domain, or of one group of the inventory.
Each of them sees the circle less itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.exchanging import Exchanges, declared_in, grouped_in
from livemigration.verdict.names import Names, Order, Others
from livemigration.verdict.unasked import Unasked

T = TypeVar("T")

# Hosts of one domain, of one group of the inventory, or those whose domain is not known.
_Key = str | frozenset[str] | None


class Circle:
    """Hosts that exchange virtual machines with each other, and those that may.

    Args:
        facts: of the run.
        peers: hosts that do, and were looked at.
        unplaced: hosts of which nobody can say it, because their domain was asked for and not read.
        unseen: hosts that may, and were not looked at.
    """

    def __init__(
        self,
        facts: RunFacts,
        peers: tuple[str, ...],
        unplaced: tuple[str, ...],
        unseen: tuple[str, ...],
    ) -> None:
        self.facts, self.peers, self.unplaced, self.unseen = facts, peers, unplaced, unseen
        self._made: dict[object, Any] = {}
        self._clusters: dict[str, Circle] = {}

    def once(self, make: Callable[[Circle], T]) -> T:
        """Return what a function makes of the circle: made once, as every host of it asks."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    @cached_property
    def known(self) -> Order:
        """The peers and then the unplaced."""
        return Order((*self.peers, *self.unplaced))

    @cached_property
    def of_peers(self) -> Order:
        """The peers alone."""
        return Order(self.peers) if self.unplaced else self.known

    @cached_property
    def of_unplaced(self) -> Order:
        """The unplaced alone."""
        return Order(self.unplaced)

    @cached_property
    def of_unseen(self) -> Order:
        """The unseen alone."""
        return Order(self.unseen)

    def in_cluster(self, name: str) -> Circle:
        """Return the circle without hosts that are known to be of another cluster, or of none."""
        key = name.casefold()
        if key not in self._clusters:
            peers, unseen = self._clusters_of_peers.of(key), self._clusters_of_unseen.of(key)
            self._clusters[key] = Circle(self.facts, peers, self.unplaced, unseen)
        return self._clusters[key]

    @cached_property
    def _clusters_of_peers(self) -> _Clusters:
        return _clusters(self.facts, self.peers)

    @cached_property
    def _clusters_of_unseen(self) -> _Clusters:
        return _clusters(self.facts, self.unseen)


@dataclass(frozen=True)
class _Clusters:
    """Hosts by the cluster that they are known to be of; `others` are those of unknown ones."""

    names: Sequence[str]
    by_cluster: dict[str, list[int]]
    others: list[int]

    def of(self, key: str) -> tuple[str, ...]:
        """Return the hosts that may be of a cluster."""
        places = sorted((*self.by_cluster.get(key, ()), *self.others))
        return tuple(self.names[place] for place in places)


def _clusters(facts: RunFacts, names: Sequence[str]) -> _Clusters:
    found = _Clusters(names, defaultdict(list), [])
    for place, name in enumerate(names):
        sheet = facts.hosts.get(name)
        outcome = sheet.outcome(CLUSTER) if sheet is not None else None
        if isinstance(outcome, Gathered):
            found.by_cluster[(outcome.value.name or "").casefold()].append(place)
        else:
            found.others.append(place)
    return found


@dataclass(frozen=True)
class Seen:
    """A circle as one host sees it: without itself."""

    circle: Circle
    host: str

    @property
    def peers(self) -> Names:
        """The hosts with which it exchanges virtual machines, and which were looked at."""
        return Others(self.circle.of_peers, self.host)

    @property
    def unplaced(self) -> Names:
        """The hosts of which nobody can say whether they are peers."""
        return Others(self.circle.of_unplaced, self.host)

    @property
    def unseen(self) -> Names:
        """The hosts that may be peers, and were not looked at."""
        return Others(self.circle.of_unseen, self.host)


def without(names: Iterable[str], others: frozenset[str]) -> tuple[str, ...]:
    """Return names in their order, without those that are among others."""
    return tuple(each for each in names if each not in others) if others else tuple(names)


class Circles:
    """The circles of a run. One of which any of some groups was not asked for was not looked at."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._made: dict[tuple[_Key, frozenset[str], tuple[str, ...]], Circle] = {}

    def of(self, host: str, exchanges: Exchanges, groups: tuple[FactGroup[Any], ...]) -> Circle:
        """Return the circle of a host.

        Args:
            host: its name.
            exchanges: what the inventory says; where it names nobody, they are those of its
                domain that it puts into no group.
            groups: the fact groups that are compared.
        """
        said, grouped = declared_in(exchanges), grouped_in(exchanges)
        key: _Key = self._facts.domains.get(host) if said is None else said
        wanted = key, grouped, tuple(group.name for group in groups)
        if wanted not in self._made:
            self._made[wanted] = self._circle(key, grouped, groups)
        return self._made[wanted]

    def _circle(
        self, key: _Key, grouped: frozenset[str], groups: tuple[FactGroup[Any], ...]
    ) -> Circle:
        if isinstance(key, frozenset):
            there = self._in_order(key & self._facts.hosts.keys())
            outside = sorted(key & self._unlooked.keys(), key=self._unlooked.__getitem__)
            unasked = self._facts.once(Unasked).of(groups)
            unseen = (*(name for name in there if name in unasked), *outside)
            return Circle(self._facts, without(there, unasked), (), unseen)
        placeless = self._of_domain.get(None, ()) if key is not None else tuple(self._places)
        placeless = without(placeless, grouped)
        of_domain = without(self._of_domain.get(key, ()) if key is not None else (), grouped)
        peers = without(of_domain, self._facts.once(Unasked).of(groups))
        unplaced = without(placeless, self._facts.once(Unasked).of((DOMAIN_MEMBERSHIP,)))
        known = {*peers, *unplaced}
        more = self._in_order(name for name in (*of_domain, *placeless) if name not in known)
        listed = without(self._facts.not_looked_at, grouped)
        return Circle(self._facts, peers, unplaced, (*more, *listed) if more else listed)

    def _in_order(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=self._places.__getitem__)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._facts.hosts)}

    @cached_property
    def _unlooked(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._facts.not_looked_at)}

    @cached_property
    def _of_domain(self) -> dict[str | None, Collection[str]]:
        found: dict[str | None, list[str]] = defaultdict(list)
        for name in self._facts.hosts:
            found[self._facts.domains.get(name)].append(name)
        return {**found}
