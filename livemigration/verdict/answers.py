"""What each host of a fleet comes to, told by the few hosts that differ from another such answer.

The others of a host, as seen from it, differ from those seen from its neighbours by the host
itself, and from those seen from another subnet by the hosts of the two subnets. So an answer is
kept as what is different from another one, and thousands of answers have the size of the fleet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from typing import Generic, TypeVar

from livemigration.base.addresses import BITS, Address, SubnetKey
from livemigration.verdict.names import Names, Order

Label = TypeVar("Label", bound=Hashable)
Value = TypeVar("Value")


class Answers(Generic[Label]):
    """What each of these hosts comes to; None: it does not count.

    `base` is what the answer is told by, and `changed` what is different from it.

    Args:
        order: the hosts.
        changed: what hosts come to by their places.
        base: what all other hosts come to; None: there are no others.
    """

    def __init__(
        self,
        order: Order,
        changed: Mapping[int, Label | None],
        base: Answers[Label] | None = None,
    ) -> None:
        self._order, self.base = order, base
        self._counts: dict[Label, int] = dict(base.counts) if base is not None else {}
        self._marks: dict[Label, int] = dict(base.marks) if base is not None else {}
        self.changed: dict[int, Label | None] = {}
        for place, label in changed.items():
            before = base.of(place) if base is not None else None
            if base is None or before != label:
                self.changed[place] = label
                self._count(place, before, -1)
                self._count(place, label, 1)

    def _count(self, place: int, label: Label | None, number: int) -> None:
        if label is None:
            return
        self._counts[label] = self._counts.get(label, 0) + number
        self._marks[label] = self._marks.get(label, 0) ^ self._order.tokens[place]

    @property
    def counts(self) -> Mapping[Label, int]:
        """How many hosts come to each, where any does."""
        return {label: number for label, number in self._counts.items() if number}

    def count(self, label: Label) -> int:
        """Return how many hosts come to this."""
        return self._counts.get(label, 0)

    def of(self, place: int) -> Label | None:
        """Return what the host at a place comes to."""
        layer: Answers[Label] | None = self
        while layer is not None:
            if place in layer.changed:
                return layer.changed[place]
            layer = layer.base
        return None

    def without(self, host: str) -> Answers[Label]:
        """Return the answers of all but one host."""
        place = self._order.places.get(host)
        return self if place is None else Answers(self._order, {place: None}, self)

    def names(self, *labels: Label) -> Names:
        """Return the hosts that come to any of these, in their order."""
        return _Told(self, labels)

    def first(self, label: Label) -> int:
        """Return the place of the first host that comes to this, which one must."""
        return next(self.places(label))

    def places(self, *labels: Label) -> Iterator[int]:
        """Yield the places of the hosts that come to any of these, in their order."""
        own = [self._by_label[label] for label in labels if label in self._by_label]
        if self.base is None:
            return merge(*own)
        others = (place for place in self.base.places(*labels) if place not in self.changed)
        return merge(*own, others)

    @cached_property
    def _by_label(self) -> Mapping[Label, Sequence[int]]:
        found: dict[Label, list[int]] = defaultdict(list)
        for place, label in sorted(self.changed.items(), key=lambda each: each[0]):
            if label is not None:
                found[label].append(place)
        return found

    def name_at(self, place: int) -> str:
        """Return the name of the host at a place."""
        return self._order.names[place]

    def is_named(self, name: object, labels: Sequence[Label]) -> bool:
        """Whether a host comes to any of these."""
        place = self._order.places.get(name) if isinstance(name, str) else None
        return place is not None and self.of(place) in labels

    @property
    def marks(self) -> Mapping[Label, int]:
        """The fingerprints of the names that come to each."""
        return self._marks

    def mark_of(self, label: Label) -> int:
        """Return the fingerprint of the names that come to this."""
        return self._marks.get(label, 0)


class _Told(Names, Generic[Label]):
    def __init__(self, answers: Answers[Label], labels: Sequence[Label]) -> None:
        self._answers, self._labels = answers, labels

    @property
    def mark(self) -> int:
        found = 0
        for label in self._labels:
            found ^= self._answers.mark_of(label)
        return found

    def __len__(self) -> int:
        return sum(map(self._answers.count, self._labels))

    def __iter__(self) -> Iterator[str]:
        return map(self._answers.name_at, self._answers.places(*self._labels))

    def __contains__(self, name: object) -> bool:
        return self._answers.is_named(name, self._labels)


@dataclass(frozen=True, order=True)
class Chain:
    """The subnets of a fleet that an address is in, the longest first."""

    version: int
    keys: tuple[SubnetKey, ...]

    def without(self, key: SubnetKey) -> Chain:
        """Return the chain without one of the subnets."""
        return Chain(self.version, tuple(each for each in self.keys if each != key))


class Tables(Generic[Value]):
    """What each host's tables say of each subnet; the longest that an address is in decides.

    Args:
        order: the hosts.
        tables: what the table of each host says, in the same order.
    """

    def __init__(self, order: Order, tables: Sequence[Mapping[SubnetKey, Value]]) -> None:
        self.order, self._tables = order, tables
        holders: dict[SubnetKey, list[int]] = defaultdict(list)
        for place, table in enumerate(tables):
            for key in table:
                holders[key].append(place)
        self._holders = dict(holders)
        lengths: dict[int, set[int]] = {4: set(), 6: set()}
        for version, length, _ in holders:
            lengths[version].add(length)
        self._lengths = {each: sorted(found, reverse=True) for each, found in lengths.items()}

    def chain(self, address: Address, host: str) -> Chain:
        """Return the subnets that an address is in, but for those of one host's table alone."""
        own, found = self.order.places.get(host), []
        bits, number = BITS[address.version], int(address)
        for length in self._lengths[address.version]:
            key = address.version, length, number >> (bits - length)
            holders = self._holders.get(key)
            if holders is not None and (len(holders) > 1 or holders[0] != own):
                found.append(key)
        return Chain(address.version, tuple(found))

    def holders(self, key: SubnetKey) -> Sequence[int]:
        """Return the places of the hosts whose tables have a subnet."""
        return self._holders[key]

    def value(self, place: int, chain: Chain) -> Value | None:
        """Return what the table of a host says of an address; None: nothing."""
        table = self._tables[place]
        for key in chain.keys:
            if key in table:
                return table[key]
        return None


# From the place of a host and where an address lies to what the host comes to.
Judge = Callable[[int, tuple[Chain, ...]], Label | None]


class Towards(Generic[Value, Label]):
    """What each host comes to, seen from addresses: worked out once for all in the same subnets.

    Args:
        tables: what the answer depends on.
        judge: what a host comes to, by what its table says of these addresses.
    """

    def __init__(self, tables: Tables[Value], judge: Judge[Label]) -> None:
        self._tables, self._judge = tables, judge
        self._known: dict[tuple[Chain, ...], Answers[Label]] = {}

    def towards(self, *chains: Chain) -> Answers[Label]:
        """Return what each host comes to, in whatever order the addresses are."""
        wanted, unknown = tuple(sorted(set(chains))), []
        while wanted not in self._known:
            unknown.append((wanted, least := self._least(wanted)))
            if least is None:
                break
            wanted = tuple(sorted({each.without(least) for each in wanted}))
        base = self._known.get(wanted)
        for each, key in reversed(unknown):
            base = self._known[each] = self._made(each, key, base)
        if base is None:
            raise RuntimeError("what is not known is made")
        return base

    def _least(self, chains: tuple[Chain, ...]) -> SubnetKey | None:
        """Return the subnet that the fewest hosts have; None where there is none."""
        keys = {key for each in chains for key in each.keys}
        return min(keys, key=lambda key: (len(self._tables.holders(key)), key), default=None)

    def _made(
        self, chains: tuple[Chain, ...], key: SubnetKey | None, base: Answers[Label] | None
    ) -> Answers[Label]:
        # Whether an address is in a subnet changes nothing for a host that does not have it.
        order = self._tables.order
        places = range(len(order.names)) if key is None else self._tables.holders(key)
        changed = {place: self._judge(place, chains) for place in places}
        return Answers(order, changed, None if key is None else base)
