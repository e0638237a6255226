"""Plans in which one or two other machines make room, by filling all hosts anew after their moves.

Where all hosts are almost full, no single one has room for what has no place: but what they have
free changes with each machine that moves between them, and with it what fills them. Where weights
of the machines prove that there is no plan (`loads`), they also say which moves change that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

from livemigration.placement.deciding import Tools, quickly
from livemigration.placement.in_place import places_of
from livemigration.placement.model import Host, Machine, Move, Question
from livemigration.placement.packing import Packing, leaving, within_reach
from livemigration.placement.replay import fault
from livemigration.placement.swaps import Swapped, plan_of
from livemigration.placement.witness import least_memory

# Of so many moves that gain most, two of each are looked at.
_BEST = 150
# Where nothing says which are worth a try, so many times fewer are tried.
_BLIND = 4
# Of so many times those that are tried, which ones are.
_MIXED = 4
# With the same seed, the same ones each time.
_SEED = 1


def with_few(question: Question, weights: Sequence[int] | None, tools: Tools) -> Swapped | None:
    """Return a plan with one or two relocations, if some of those that are tried are found to do.

    Args:
        question: what is asked.
        weights: of each machine that leaves, where they prove that there is no other plan.
        tools: what may be used.
    """
    near = _near(question)
    for moves in _tried(near, weights, tools.effort.others):
        packing = leaving(_moved(near, moves))
        placed = quickly(packing, tools.effort)
        if placed is None:
            continue
        plan = (*moves, *plan_of(question, places_of(packing, placed)))
        if not fault(question, plan):
            return Swapped(plan, fewest=len(moves) == 1)
    return None


def _tried(
    question: Question, weights: Sequence[int] | None, most: int
) -> Iterator[tuple[Move, ...]]:
    """Yield what may make room: one machine, and then two of four hosts."""
    moves = sorted(_moves(question), key=_size)
    if weights is None:
        # Small ones cost least, and those of every size fill hosts otherwise.
        few = max(1, most // _BLIND)
        yield from ((each,) for each in moves[:: max(1, len(moves) // few)][:few])
        return
    gains = _Gains(leaving(question), weights)
    best = sorted(moves, key=lambda each: (-gains.of(each), _size(each)))[:_BEST]
    pairs = [each for each in combinations(best, 2) if _apart(*each)]
    pairs.sort(key=lambda each: (-sum(map(gains.of, each)), *map(_size, each)))
    random = Random(_SEED)  # noqa: S311 - the same order each time, no secret
    for sets in ([(each,) for each in best], pairs):
        enough = [each for each in sets if sum(map(gains.of, each)) >= gains.lack]
        # Those that gain alike are often of one machine, to each of the hosts: no two in a row.
        mixed = enough[: _MIXED * most]
        random.shuffle(mixed)
        yield from mixed[:most]


def _size(move: Move) -> tuple[int, str, str]:
    return move.machine.memory, move.machine.key, move.destination


def _apart(first: Move, second: Move) -> bool:
    hosts = {first.source, first.destination}
    return hosts.isdisjoint({second.source, second.destination})


@dataclass(frozen=True)
class _Stairs:
    """The most that can be taken by weight, from each amount of memory on."""

    memory: list[int]
    weight: list[int]

    def at(self, memory: int) -> int:
        return self.weight[bisect_right(self.memory, memory) - 1]


class _Gains:
    """What moves gain: how much more of the weights of all machines hosts could take."""

    def __init__(self, packing: Packing, weights: Sequence[int]) -> None:
        self._free = dict(zip(packing.hosts, packing.memory, strict=True))
        self._stairs: dict[str, _Stairs] = {}
        known: dict[tuple[int, ...], _Stairs] = {}
        for name in packing.hosts:
            # Also what is too large for it now: a move may change that.
            may = tuple(n for n, each in enumerate(packing.items) if name in each.machine.allowed)
            if may not in known:
                known[may] = _stairs(packing, weights, may)
            self._stairs[name] = known[may]
        self.lack = sum(weights) - sum(map(self._at, self._free, self._free.values()))

    def _at(self, name: str, free: int) -> int:
        return self._stairs[name].at(free)

    def of(self, move: Move) -> int:
        gain = 0
        for name, sign in ((move.source, 1), (move.destination, -1)):
            free = self._free[name]
            gain += self._at(name, free + sign * move.machine.memory) - self._at(name, free)
        return gain


def _stairs(packing: Packing, weights: Sequence[int], may: Sequence[int]) -> _Stairs:
    # A host has more free after a move.
    enough = 2 * max(packing.memory)
    memory, weight = [0], [0]
    for needed, reached in sorted(
        (needed, reached) for reached, needed in least_memory(packing, weights, may, enough)
    ):
        if reached > weight[-1]:
            memory.append(needed)
            weight.append(reached)
    return _Stairs(memory, weight)


def _near(question: Question) -> Question:
    """Return the question without hosts that have no part in it."""
    part = within_reach(question) | question.drained
    return replace(question, hosts=tuple(each for each in question.hosts if each.name in part))


def _moves(question: Question) -> Iterator[Move]:
    """Yield the relocations that matter by memory alone, and that are possible at once."""
    targets = {each.name: each for each in question.targets}
    for machine in question.machines:
        # What is to be moved last makes room only where no others do: not here.
        if machine.host not in targets or machine.apart or machine.last:
            continue
        for name in machine.allowed - machine.warned - machine.storage_moves_to:
            if name in targets and name != machine.host and _takes(targets[name], machine):
                yield Move(machine, machine.host, name, relocates=True)


def _takes(host: Host, machine: Machine) -> bool:
    return 0 < machine.memory <= host.free


def _moved(question: Question, moves: Sequence[Move]) -> Question:
    """Return the question as what is free is after moves of which no two have a host in common."""
    more: dict[str, int] = {}
    for each in moves:
        more |= {each.source: each.machine.memory, each.destination: -each.machine.memory}
    hosts = (replace(each, free=each.free + more.get(each.name, 0)) for each in question.hosts)
    return replace(question, hosts=tuple(hosts))
