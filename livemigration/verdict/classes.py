"""Hosts of a circle put into classes of equals, so that a host is compared with classes.

A pair check on ten thousand hosts would compare fifty million pairs. Hosts that are equal in what
is compared are one class, worked out once for all hosts of a circle; each host is then held
against the classes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from livemigration.verdict.circles import Circle
from livemigration.verdict.names import Names, Order, Others
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError

Key = TypeVar("Key", bound=Hashable)

# Says in what hosts are equals: equal hosts have equal keys. It reads another host as a check reads
# its own: what could not be read of it is unread, and what does not exist there is not compared.
KeyOf = Callable[[FactsView], Key]
PartsOf = Callable[[Key], Iterable[Hashable]]


class Classes(Generic[Key]):
    """The peers of a circle in classes of equals.

    Args:
        members: the peers of each class, by its key.
        unread: the peers of which it could not be read.
    """

    def __init__(self, members: Mapping[Key, Order], unread: Order) -> None:
        self._members, self._unread = members, unread
        self._by_part: dict[PartsOf[Key], Mapping[Hashable, Sequence[int]]] = {}

    def seen_by(self, host: str) -> Iterator[tuple[Key, Names]]:
        """Yield each class as a host sees it, without itself, where any other is in it."""
        for key, order in self._members.items():
            if others := Others(order, host):
                yield key, others

    def having(
        self, host: str, parts_of: PartsOf[Key], parts: Iterable[Hashable]
    ) -> Iterator[tuple[Key, Names]]:
        """Yield those classes that have any of some parts, of which a fleet may have thousands.

        Args:
            host: as `seen_by` yields them.
            parts_of: returns the parts of a class, by its key.
            parts: those that count.
        """
        if parts_of not in self._by_part:
            found: dict[Hashable, list[int]] = defaultdict(list)
            for place, key in enumerate(self._members):
                for part in parts_of(key):
                    found[part].append(place)
            self._by_part[parts_of] = found
        by_part = self._by_part[parts_of]
        for place in sorted({each for part in parts for each in by_part.get(part, ())}):
            key, order = self._in_order[place]
            if others := Others(order, host):
                yield key, others

    @cached_property
    def _in_order(self) -> Sequence[tuple[Key, Order]]:
        return tuple(self._members.items())

    def unread(self, host: str) -> Names:
        """Return the other peers of which it could not be read."""
        return Others(self._unread, host)


@dataclass(frozen=True)
class ClassesBy(Generic[Key]):
    """Makes the classes of a circle; for `Circle.once`, which makes equal ones once.

    Args:
        key: the same function for the same question.
        declared: the names of the fact groups that it may read.
    """

    key: KeyOf[Key]
    declared: frozenset[str]

    def __call__(self, circle: Circle) -> Classes[Key]:
        """Return the classes of the peers of a circle, in the order in which they come."""
        members: dict[Key, list[str]] = defaultdict(list)
        unread = []
        for name in circle.peers:
            try:
                members[self.key(FactsView(circle.facts.hosts[name], self.declared))].append(name)
            except BlockedError:
                unread.append(name)
            except InapplicableError:
                continue
        return Classes({key: Order(names) for key, names in members.items()}, Order(unread))
