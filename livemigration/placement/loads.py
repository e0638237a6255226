"""Loads that hosts can take, weighed: a proof that no choice of one for each host takes everything.

Each machine gets a weight. What a host can take at most of that, no cleverness of placing exceeds;
where the weights of all machines come to more than that of all hosts, there is no plan. The solver
says which weights are worth a try, and what it says is counted again (`witness.overweight`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from livemigration.placement.packing import Packing, Placed
from livemigration.placement.program import Column, Program, Row
from livemigration.placement.solver import Solver
from livemigration.placement.witness import overweight

if TYPE_CHECKING:
    import numpy as np

# What a machine that costs one without a place weighs.
_ONE = 1024
# A cost so near to nothing is nothing.
_NEAR = 1e-6
# Of so many hosts at most, what one can take is tried on every other one as well.
_SHARED = 16

# How many of each kind, by its number, a host takes.
_Load = tuple[tuple[int, int], ...]


def weights(
    packing: Packing, begun: Iterable[Placed], solver: Solver, rounds: int
) -> tuple[int, ...] | None:
    """Return weights of all items that prove that not all have a place; None where none are found.

    Args:
        packing: what needs a place.
        begun: places of some of the items, whose loads are possible.
        solver: says which weights are worth a try.
        rounds: how often it is asked.
    """
    loads = _Loads(packing, begun)
    for _ in range(rounds):
        rules = loads.program()
        point = solver.relaxed(rules).at([0] * len(rules.columns), [c.most for c in rules.columns])
        # Parts of loads that are possible take everything: no weights are against it.
        if point is None or sum(point[0][loads.count :]) < _NEAR:
            return None
        of_kinds = [max(0, min(_ONE, round(-each * _ONE))) for each in point[1][: loads.kinds]]
        every, known = loads.of_items(of_kinds), loads.count
        # Counted again in another way, and with nothing of the solver's, before it is believed.
        if sum(every) > loads.grow(of_kinds) and overweight(packing, every):
            return every
        if loads.count == known:
            return None
    return None


class _Loads:
    """Loads of hosts that are known to be possible by memory."""

    def __init__(self, packing: Packing, begun: Iterable[Placed]) -> None:
        self._packing = packing
        kinds = enumerate(packing.kinds)
        self._kind = {each: number for number, kind in kinds for each in kind.items}
        self._hosts = sorted({host for item in packing.items for host in item.candidates})
        self._loads: dict[tuple[int, _Load], None] = {}
        # Hosts to which the same may go are told apart by their memory alone.
        self._alike: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for host in self._hosts:
            may = tuple(n for n, kind in enumerate(packing.kinds) if host in kind.candidates)
            self._alike[may].append(host)
        for placed in begun:
            self._begin(placed)

    @property
    def count(self) -> int:
        """How many loads there are: so many columns come before those of what has no place."""
        return len(self._loads)

    @property
    def kinds(self) -> int:
        """How many kinds there are: so many rules come before those of the hosts."""
        return len(self._packing.kinds)

    def of_items(self, weights: Sequence[int]) -> tuple[int, ...]:
        """Return the weight of each item, from that of each kind."""
        return tuple(weights[self._kind[each]] for each in range(len(self._packing.items)))

    def _begin(self, placed: Placed) -> None:
        on: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for item, host in enumerate(placed):
            if host is not None:
                on[host][self._kind[item]] += 1
        for host, load in on.items():
            self._loads[host, tuple(sorted(load.items()))] = None

    def program(self) -> Program:
        """Return the program that takes one load for each host, and as much as can be placed.

        A machine may be in more than one of them: it then has its place on one.
        """
        kinds, known = self._packing.kinds, tuple(self._loads)
        columns = [Column(number, host, 1) for number, (host, _) in enumerate(known)]
        columns += [Column(number, None, len(kind.items)) for number, kind in enumerate(kinds)]
        takes: list[list[tuple[int, int]]] = [[(len(known) + n, -1)] for n in range(len(kinds))]
        one: dict[int, list[tuple[int, int]]] = {host: [] for host in self._hosts}
        for number, (host, load) in enumerate(known):
            one[host].append((number, 1))
            for kind, many in load:
                takes[kind].append((number, -many))
        rows = [Row(tuple(each), -len(kind.items)) for each, kind in zip(takes, kinds, strict=True)]
        rows += [Row(tuple(each), 1) for each in one.values() if each]
        costs = (*(0.0 for _ in known), *(1.0 for _ in kinds))
        return Program(kinds, tuple(columns), costs, tuple(rows))

    def grow(self, weights: Sequence[int]) -> int:
        """Return the most that all hosts can take by weight; the loads that do so are known then.

        Args:
            weights: of one of each kind.
        """
        total = 0
        for may, hosts in self._alike.items():
            heaviest = _Heaviest(self._packing, may, weights, hosts)
            for host in hosts:
                load, memory = heaviest.load(self._packing.memory[host])
                total += sum(weights[kind] * many for kind, many in load)
                for other in hosts if len(self._hosts) <= _SHARED else (host,):
                    if memory <= self._packing.memory[other]:
                        self._loads[other, load] = None
        return total


class _Heaviest:
    """What weighs most of kinds, for each amount of memory."""

    def __init__(
        self, packing: Packing, may: Sequence[int], weights: Sequence[int], hosts: Sequence[int]
    ) -> None:
        import numpy as np  # noqa: PLC0415 - comes with highspy

        kinds, most = packing.kinds, max(packing.memory[each] for each in hosts)
        self._items = [
            (number, weights[number], kinds[number].memory)
            for number in may
            if weights[number] and kinds[number].memory <= most
            for _ in kinds[number].items
        ]
        top = self._at_most(most)
        # By weight: the least memory that comes to exactly that, and whether each item is of it.
        never = most + 1
        least = np.full(top + 1, never)
        least[0] = 0
        self._taken: list[np.ndarray[tuple[int], np.dtype[np.bool_]]] = []
        for _, weight, memory in self._items:
            with_it = np.full(top + 1, never)
            with_it[weight:] = np.minimum(least[: top + 1 - weight] + memory, never)
            self._taken.append(with_it < least)
            least = np.minimum(least, with_it)
        self._least = least

    def _at_most(self, memory: int) -> int:
        """Return a weight that is not exceeded within so much memory, parts of items counted."""
        total = 0
        for _, weight, needed in sorted(self._items, key=lambda each: each[2] / each[1]):
            if needed > memory:
                return total + weight * memory // needed
            memory -= needed
            total += weight
        return total

    def load(self, memory: int) -> tuple[_Load, int]:
        """Return what weighs most within so much memory, and the memory that it takes."""
        weight = int((self._least <= memory).nonzero()[0][-1])
        needed, load = int(self._least[weight]), Counter[int]()
        for (kind, each, _), taken in zip(
            reversed(self._items), reversed(self._taken), strict=True
        ):
            if taken[weight]:
                load[kind] += 1
                weight -= each
        return tuple(sorted(load.items())), needed
