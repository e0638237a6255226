"""One host after the other filled so far that what is left over on it can be spared.

Where hosts are almost full, little of the memory that is free on all of them may be left over.
Which sums the machines come to at all is one number of bits, one for each MB, so that only sets of
machines are gone through that fill a host far enough. When all of them were, that is a proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from livemigration.placement.packing import Packing, Placed
from livemigration.placement.search import Searched

# With the same seed, the same orders each time.
_SEED = 1
# By how much a machine may count as smaller than it is, after the first order.
_SMALLEST = 0.7
# As many MB cost one step more: a number of so many bits takes longer.
_WIDE = 100_000
# With so few hosts to come, every way to fill one is worth a try at once.
_FEW = 3


@dataclass(frozen=True)
class _State:
    """What still waits, with the hosts that are still to be filled."""

    hosts: tuple[int, ...]
    waiting: tuple[int, ...]
    # Of all their memory, what may be left over.
    spare: int
    # What was put where before: a host, its items, and the state before that.
    before: tuple[int, tuple[int, ...], _State] | None = None


class _SpentError(Exception):
    """The steps are used up."""


def filled(packing: Packing, steps: int, orders: int = 1) -> Searched:
    """Search for a place for each item.

    Args:
        packing: what needs a place.
        steps: how many sets are looked at in each order.
        orders: in how many orders machines and hosts are taken.
    """
    random = Random(_SEED)  # noqa: S311 - no secret
    taken = 0
    for turn in range(orders):
        search = _Search(packing, steps, random if turn else None)
        try:
            found = search.run()
        except _SpentError:
            taken += steps
            continue
        return Searched(found, complete=True, steps=taken + steps - max(0, search.left))
    return Searched(None, complete=False, steps=taken)


class _Search:
    def __init__(self, packing: Packing, steps: int, random: Random | None) -> None:
        self._packing, self.left = packing, steps
        self._memory = [each.machine.memory for each in packing.items]
        self._may = [frozenset(each.candidates) for each in packing.items]
        # Only of these, more than memory decides.
        self._special = {
            number
            for number, each in enumerate(packing.items)
            if each.machine.apart or (each.machine.disk and each.disk_at)
        }
        # Items of a kind follow each other: one in place of another one changes nothing.
        kinds = [
            (-max(self._memory[each] for each in kind.items) * _share(random), number)
            for number, kind in enumerate(packing.kinds)
        ]
        order = [packing.kinds[number] for _, number in sorted(kinds)]
        self._kind = {each: number for number, kind in enumerate(order) for each in kind.items}
        hosts = sorted(frozenset[int]().union(*self._may))
        if random:
            random.shuffle(hosts)
        self._first = _State(
            tuple(hosts),
            tuple(each for kind in order for each in kind.items),
            sum(packing.memory[each] for each in hosts) - sum(self._memory),
        )

    def run(self) -> Placed | None:
        """Return a host for each item; None where there is none for all of them.

        Raises:
            _SpentError: the steps are used up.
        """
        state: _State | None = self._first
        ways: list[Iterator[_State]] = []
        while state is None or state.waiting:
            if state is not None:
                ways.append(self._further(state))
            state = next(ways[-1], None)
            if state is None:
                ways.pop()
                if not ways:
                    return None
        return self._placed(state)

    def _placed(self, state: _State) -> Placed:
        placed: Placed = [None] * len(self._memory)
        while state.before:
            host, items, state = state.before
            for each in items:
                placed[each] = host
        return placed

    def _further(self, state: _State) -> Iterator[_State]:
        """Yield what is left when one more host is filled, in each way that can be spared."""
        if state.spare < 0 or any(
            self._may[each].isdisjoint(state.hosts) for each in state.waiting
        ):
            return
        host = min(state.hosts, key=lambda each: self._wanting(each, state.waiting))
        rest = tuple(each for each in state.hosts if each != host)
        here = [each for each in state.waiting if host in self._may[each]]
        must = tuple(each for each in here if self._may[each].isdisjoint(rest))
        may = [each for each in here if not self._may[each].isdisjoint(rest)]
        free = self._packing.memory[host] - sum(map(self._memory.__getitem__, must))
        if free < 0 or not self._together(host, must):
            return
        for left, chosen in self._sets(host, must, may, free, state.spare, len(rest)):
            put = frozenset((*must, *chosen))
            waiting = tuple(each for each in state.waiting if each not in put)
            yield _State(rest, waiting, state.spare - left, (host, tuple(put), state))

    def _wanting(self, host: int, items: Sequence[int]) -> int:
        """Return how much memory may go to a host at all: with the least, it is the hardest."""
        return sum(self._memory[each] for each in items if host in self._may[each])

    def _sets(
        self, host: int, must: Sequence[int], may: Sequence[int], free: int, spare: int, others: int
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield what a set of items leaves free on a host, and the set; first what leaves little.

        Args:
            host: the host.
            must: items that are there anyhow.
            may: items that can be there or elsewhere.
            free: what they have on it.
            spare: how much of it may be left.
            others: how many hosts come after it.
        """
        reached = self._reached(may, free)
        little = spare if others < _FEW else spare // (2 * others)
        for least, most in ((0, min(little, free)), (little + 1, min(spare, free))):
            if least <= most:
                yield from self._leaving(host, must, may, reached, free, range(least, most + 1))

    def _reached(self, items: Sequence[int], free: int) -> list[int]:
        """Return, for the items from each one on, every sum of them up to the free memory."""
        bits = (2 << free) - 1
        reached = [1]
        for item in reversed(items):
            reached.append((reached[-1] | reached[-1] << self._memory[item]) & bits)
        self.left -= len(items) * self._weight(free)
        return reached[::-1]

    @staticmethod
    def _weight(free: int) -> int:
        return 1 + free // _WIDE

    def _leaving(
        self,
        host: int,
        must: Sequence[int],
        may: Sequence[int],
        reached: list[int],
        free: int,
        left_over: range,
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield the sets that leave as much of the free memory as is in a range."""
        open_: list[tuple[int, int, tuple[int, ...]]] = [(0, free, ())]
        while open_:
            number, left, chosen = open_.pop()
            if left < left_over.start or not self._can_leave(reached[number], left, left_over):
                continue
            if self.left <= 0:
                raise _SpentError
            self.left -= self._weight(free)
            if number == len(may):
                yield left, chosen
                continue
            item, after = may[number], number + 1
            while after < len(may) and self._kind[may[after]] == self._kind[item]:
                after += 1
            open_.append((after, left, chosen))
            if self._together(host, (*must, *chosen, item)):
                open_.append((number + 1, left - self._memory[item], (*chosen, item)))

    @staticmethod
    def _can_leave(reached: int, left: int, left_over: range) -> bool:
        """Whether a sum that is reached leaves of so much what is in a range."""
        most = left - left_over.start
        least = max(0, left - left_over.stop + 1)
        return bool(reached >> least & (2 << most - least) - 1)

    def _together(self, host: int, items: Sequence[int]) -> bool:
        """Whether a host has the disk for items, and they are not to be apart."""
        if not self._special:
            return True
        held, disk = Counter[str](), 0
        for each in items:
            if each not in self._special:
                continue
            item = self._packing.items[each]
            held.update(item.machine.apart)
            disk += item.machine.disk if host in item.disk_at else 0
        free = self._packing.disk[host]
        return (free is None or disk <= free) and all(
            count <= self._packing.limit(host, group) for group, count in held.items()
        )


def _share(random: Random | None) -> float:
    return random.uniform(_SMALLEST, 1) if random else 1.0
