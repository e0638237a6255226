"""The virtual machines of a circle's hosts by what they need of another host, collected once.

A pair check asks for each host what the machines of all others need. They are told by their needs,
of which there are few, whatever the number of hosts and machines.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Generic, TypeVar

from livemigration.verdict.circles import Circle
from livemigration.verdict.names import Names, Order, Others
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError
from livemigration.verdict.virtual_machines import Machine

Need = TypeVar("Need", bound=Hashable)

# Says what each machine of a host needs. It reads the host as a check reads its own.
NeedsOf = Callable[[FactsView], Iterable[tuple[Need, Machine]]]


class Users(Collection[str]):
    """Machines that need the same, as a sentence names them: each with its host.

    Args:
        machines: the machines, each with its host.
        without: the host whose machines do not count; empty: none.
    """

    def __init__(self, machines: Sequence[tuple[str, Machine]], without: str = "") -> None:
        self._machines, self._without = machines, without

    def besides(self, host: str) -> Users:
        """Return them without those of one host."""
        found = Users(self._machines, host)
        # Counted once for all hosts that ask.
        found.__dict__["_counts"] = self._counts
        found.__dict__["_order"] = self._order
        return found

    @property
    def hosts(self) -> Names:
        """Their hosts."""
        return Others(self._order, self._without)

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        return Counter(host for host, _ in self._machines)

    @cached_property
    def _order(self) -> Order:
        return Order(tuple(self._counts))

    def __len__(self) -> int:
        return len(self._machines) - self._counts.get(self._without, 0)

    def __iter__(self) -> Iterator[str]:
        for host, machine in self._machines:
            if host != self._without:
                yield f"{machine.name} of {host}"

    def __contains__(self, text: object) -> bool:
        return any(each == text for each in self)


class Several(Collection[str]):
    """Machines of several needs, for a sentence."""

    def __init__(self, parts: Iterable[Users]) -> None:
        self._parts = tuple(parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    def __contains__(self, text: object) -> bool:
        return any(text in part for part in self._parts)


class Needs(Generic[Need]):
    """What the machines of a circle need.

    Args:
        users: the machines of each need.
        unread: the peers of which it could not be read.
    """

    def __init__(self, users: Mapping[Need, Users], unread: Order) -> None:
        self._users, self._unread = users, unread

    def seen_by(self, host: str) -> Iterator[tuple[Need, Users]]:
        """Yield each need of machines of other hosts, and those machines."""
        for need, users in self._users.items():
            if others := users.besides(host):
                yield need, others

    def unread(self, host: str) -> Names:
        """Return the other peers of which it could not be read."""
        return Others(self._unread, host)


@dataclass(frozen=True)
class NeedsBy(Generic[Need]):
    """Collects the needs of a circle; for `Circle.once`, which makes equal ones once.

    Args:
        needs: the same function for the same question.
        declared: the names of the fact groups that it may read.
    """

    needs: NeedsOf[Need]
    declared: frozenset[str]

    def __call__(self, circle: Circle) -> Needs[Need]:
        """Return what the machines of a circle's peers need, in the order in which they come."""
        found: dict[Need, list[tuple[str, Machine]]] = defaultdict(list)
        unread = []
        for name in circle.peers:
            try:
                own = tuple(self.needs(FactsView(circle.facts.hosts[name], self.declared)))
            except BlockedError:
                unread.append(name)
            except InapplicableError:
                continue
            else:
                for need, machine in own:
                    found[need].append((name, machine))
        return Needs({need: Users(each) for need, each in found.items()}, Order(unread))
