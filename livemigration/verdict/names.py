"""Hosts named in a finding: how many, and the first of them, without a list for each host.

Ten thousand hosts that exchange virtual machines have ten thousand lists of ten thousand others.
A sentence needs the first few of such a list and its length.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, reduce
from hashlib import blake2b
from itertools import chain
from operator import xor


class Names(Collection[str]):
    """Names of hosts, in the order of the fleet; equal where they are the same names.

    `mark` is a fingerprint of them, in whatever order: equal only where the names are.
    """

    @property
    @abstractmethod
    def mark(self) -> int:
        """The fingerprint of the names."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Names):
            return NotImplemented
        return len(self) == len(other) and self.mark == other.mark

    def __hash__(self) -> int:
        return hash((len(self), self.mark))


class Order:
    """The hosts that are asked about, by the places at which they stand."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each host."""
        return {name: place for place, name in enumerate(self.names)}

    @cached_property
    def tokens(self) -> Sequence[int]:
        """What each host counts for in a fingerprint of names."""
        return tuple(map(token_of, self.names))

    @cached_property
    def mark(self) -> int:
        """The fingerprint of all of them."""
        return reduce(xor, self.tokens, 0)


class Others(Names):
    """The names of a class of equals, less one of them.

    Args:
        order: the class.
        host: the one that is left out, where it is among them; empty: none.
    """

    def __init__(self, order: Order, host: str = "") -> None:
        self._order, self._host = order, host

    @property
    def mark(self) -> int:
        """The fingerprint of the names: worked out of that of the class, which all ask for."""
        place = self._order.places.get(self._host)
        return self._order.mark ^ (0 if place is None else self._order.tokens[place])

    def __len__(self) -> int:
        return len(self._order.names) - (self._host in self._order.places)

    def __iter__(self) -> Iterator[str]:
        place = self._order.places.get(self._host)
        for at, name in enumerate(self._order.names):
            if at != place:
                yield name

    def __contains__(self, name: object) -> bool:
        return name != self._host and name in self._order.places


class Joined(Names):
    """Names of several collections that have none in common, one collection after the other."""

    def __init__(self, parts: Iterable[Collection[str]]) -> None:
        self._parts = tuple(parts)

    @property
    def mark(self) -> int:
        """The fingerprint of the names."""
        found = 0
        for part in self._parts:
            found ^= part.mark if isinstance(part, Names) else mark_of(part)
        return found

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    def __contains__(self, name: object) -> bool:
        return any(name in part for part in self._parts)


def token_of(name: str) -> int:
    """Return what a name counts for in a fingerprint."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest())


def mark_of(names: Iterable[str]) -> int:
    """Return the fingerprint of names that are each there once."""
    found = 0
    for name in names:
        found ^= token_of(name)
    return found


def united(several: Iterable[Names]) -> Collection[str]:
    """Return names that are among any of these, each once, in the order in which they come."""
    different = list(dict.fromkeys(each for each in several if each))
    return different[0] if len(different) == 1 else dict.fromkeys(chain.from_iterable(different))
