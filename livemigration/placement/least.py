"""The machines that have no place when as many as possible have one. No verdict depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from livemigration.placement import greedy
from livemigration.placement.deciding import Decision, Tools, kept, programmed, quickly
from livemigration.placement.packing import Filling, Item, Packing, Placed
from livemigration.placement.program import program

# So many of the smallest machines are left out, each alone, to see whether all others have a place.
_LEFT_OUT = 6


def least_unplaced(packing: Packing, decision: Decision, tools: Tools) -> Placed:
    """Return places for all but the least: few of high priority, then few MB without a place.

    The first is exact where the solver came to an end. The second is as good as exchanges of two
    machines make it: to prove it takes a solver a hundred times as long.
    """
    found = [kept(packing, each) for each in greedy.attempts(packing)]
    if decision.partial:
        found.append(decision.partial)
    best = _best(packing, found)
    least = _at_least(packing)
    if _worth(packing, best)[0] > least:
        best = _best(packing, [best, *_but_one(packing, tools)])
    # What cannot be less needs no solver.
    if _worth(packing, best)[0] > least and not decision.partial:
        best = _best(packing, [best, *_solved(packing, tools)])
    return best


def _best(packing: Packing, found: list[Placed]) -> Placed:
    return min(
        (_exchanged(packing, each) for each in found), key=lambda each: _worth(packing, each)
    )


def _worth(packing: Packing, placed: Placed) -> tuple[int, int]:
    """Return the priorities and the MB of what has no place."""
    without = [
        item.machine for item, host in zip(packing.items, placed, strict=True) if host is None
    ]
    return sum(each.priority for each in without), sum(each.memory for each in without)


def _at_least(packing: Packing) -> int:
    """Return the priorities that have no place however the others are placed."""
    nowhere = sum(each.machine.priority for each in packing.items if not each.candidates)
    lack, count = _lack(packing), 0
    for item in sorted(packing.items, key=lambda each: -each.machine.memory):
        if lack <= 0 and count:
            break
        lack -= item.machine.memory
        count += 1
    return max(nowhere, count * min(each.machine.priority for each in packing.items))


def _lack(packing: Packing) -> int:
    """Return the MB that all items need beyond what is free where any of them may go."""
    reached = frozenset[int]().union(*(each.candidates for each in packing.items))
    needed = sum(each.machine.memory for each in packing.items)
    return needed - sum(packing.memory[each] for each in reached)


def _but_one(packing: Packing, tools: Tools) -> Iterator[Placed]:
    """Yield places for all but one, the smallest that it was tried without."""
    lack = _lack(packing)

    def order(number: int) -> tuple[int, int, int]:
        machine = packing.items[number].machine
        return machine.priority, machine.memory, number

    enough = (n for n, each in enumerate(packing.items) if each.machine.memory >= lack)
    for number in sorted(enough, key=order)[:_LEFT_OUT]:
        items: tuple[Item, ...] = (*packing.items[:number], *packing.items[number + 1 :])
        rest = quickly(replace(packing, items=items), tools.effort)
        if rest is not None:
            yield [*rest[:number], None, *rest[number:]]
            return


def _solved(packing: Packing, tools: Tools) -> Iterator[Placed]:
    """Yield what the solver finds to be the least by priority."""
    asked = programmed(packing, tools)
    if asked is None:
        return
    weighed = program(
        packing, lambda machine: machine.priority, lambda machine: float(machine.priority)
    )
    solved = asked[1].solve(weighed, tools.effort.least_nodes)
    if solved:
        yield kept(packing, weighed.placed(packing, solved.values))


def _exchanged(packing: Packing, placed: Placed) -> Placed:
    """Return places after larger machines took those of smaller ones that matter no more."""
    filling, after = Filling(packing), list(placed)
    for item, host in zip(packing.items, placed, strict=True):
        if host is not None:
            filling.put(item, host)
    waiting = [number for number, host in enumerate(placed) if host is None]
    while waiting:
        number = waiting.pop()
        other = _smaller(packing, filling, after, number)
        if other is None:
            continue
        after[number], after[other] = after[other], None
        waiting.append(other)
    return after


def _smaller(packing: Packing, filling: Filling, placed: Placed, number: int) -> int | None:
    """Return the smallest item in whose place a larger one fits; it is put there."""
    item = packing.items[number]
    smaller = sorted(
        (packing.items[each].machine.memory, each, host)
        for each, host in enumerate(placed)
        if host is not None
        and host in item.candidates
        and packing.items[each].machine.memory < item.machine.memory
        and packing.items[each].machine.priority <= item.machine.priority
    )
    for _, other, host in smaller:
        filling.put(packing.items[other], host, -1)
        if filling.takes(item, host):
            filling.put(item, host)
            return other
        filling.put(packing.items[other], host)
    return None
