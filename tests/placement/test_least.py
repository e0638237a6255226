"""The least that has no place, held against every way to place machines."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from complete import fits, leaving_of, rooms_of
from fleets import seeded, simple, small

from livemigration.placement import least as least_module
from livemigration.placement.deciding import Decision, Tools, decided, kept
from livemigration.placement.effort import Effort
from livemigration.placement.least import least_unplaced
from livemigration.placement.model import Machine, Question
from livemigration.placement.packing import Filling, Packing, Placed, leaving
from livemigration.placement.program import Program
from livemigration.placement.solver import Relaxation, Solved, installed

FLEETS = 60
PARTS = [pytest.param(0), *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 8))]
WITH, WITHOUT = Tools(Effort(), installed()), Tools(Effort(), None)


def of_all_priorities(seed: int) -> Question:
    random, question = seeded(seed), small(seed)
    machines = (replace(each, priority=random.choice((1, 1, 2, 3))) for each in question.machines)
    return replace(question, machines=tuple(machines))


def decision(packing: Packing, tools: Tools) -> Decision:
    return decided(packing, lambda placed: None not in placed, tools)


def without(packing: Packing, placed: Placed) -> tuple[int, int]:
    """Return the priorities of what has no place, and its MB."""
    left = [item.machine for item, host in zip(packing.items, placed, strict=True) if host is None]
    return sum(each.priority for each in left), sum(each.memory for each in left)


def least(question: Question) -> tuple[int, int]:
    """Return the same of the best of all ways."""
    rooms, machines = rooms_of(question), leaving_of(question)
    best = (sum(each.priority for each in machines), sum(each.memory for each in machines))

    def place(waiting: list[Machine], priorities: int, memory: int) -> None:
        nonlocal best
        if (priorities, memory) >= best:
            return
        if not waiting:
            best = priorities, memory
            return
        machine, rest = waiting[0], waiting[1:]
        for name, room in rooms.items():
            if room.takes(machine, name):
                room.add(machine, name)
                place(rest, priorities, memory)
                room.add(machine, name, -1)
        place(rest, priorities + machine.priority, memory + machine.memory)

    place(machines, 0, 0)
    return best


def could_be_larger(packing: Packing, placed: Placed) -> bool:
    """Whether a machine without a place fits, or would in that of a smaller of no more priority."""
    filling, items = Filling(packing), packing.items
    for item, host in zip(items, placed, strict=True):
        if host is not None:
            filling.put(item, host)
    for item in (items[number] for number, host in enumerate(placed) if host is None):
        if any(filling.takes(item, host) for host in item.candidates):
            return True
        for other, there in zip(items, placed, strict=True):
            one, two = item.machine, other.machine
            if there not in item.candidates or two.memory >= one.memory:
                continue
            if two.priority <= one.priority and there is not None:
                filling.put(other, there, -1)
                fits = filling.takes(item, there)
                filling.put(other, there)
                if fits:
                    return True
    return False


@pytest.mark.parametrize("part", PARTS)
def test_the_least_by_priority_has_no_place_and_no_exchange_makes_it_less(part: int) -> None:
    exact = 0
    for seed in range(part * FLEETS, (part + 1) * FLEETS):
        question = of_all_priorities(seed)
        if fits(question):
            continue
        packing, best = leaving(question), least(question)
        for tools in (WITH, WITHOUT):
            placed = least_unplaced(packing, decision(packing, tools), tools)
            assert kept(packing, placed) == placed, seed
            assert not could_be_larger(packing, placed), seed
            assert without(packing, placed) >= best, seed
            # Without the exact solver, more may be left than has to be.
            if tools is WITH:
                assert without(packing, placed)[0] == best[0], seed
                exact += without(packing, placed) == best
    # By memory it is the best that two machines come to, which mostly is the best.
    assert exact > FLEETS // 3


def one_more(seed: int) -> Question:
    """Machines that fill two or three hosts to the last MB, and one more."""
    random = seeded(seed)
    free = {name: random.randint(8, 24) for name in "abc"[: random.randint(2, 3)]}
    sizes = [random.randint(2, 12)]
    for size in free.values():
        left = size
        while left > 0:
            sizes.append(min(left, random.randint(2, 9)))
            left -= sizes[-1]
    random.shuffle(sizes)
    question = simple(sizes[:12], free)
    machines = (replace(each, priority=random.choice((1, 1, 2, 3))) for each in question.machines)
    return replace(question, machines=tuple(machines))


@pytest.mark.long
@pytest.mark.parametrize(
    ("tools", "more", "larger"), [(WITH, 0, 5), (WITHOUT, 13, 14)], ids=["solver", "none"]
)
def test_where_one_is_too_many_the_least_is_left_out(tools: Tools, more: int, larger: int) -> None:
    seen: Counter[str] = Counter()
    for seed in range(0, 400, 2):
        question = one_more(seed)
        packing = leaving(question)
        chosen = decision(packing, tools)
        if chosen.placed is not None:
            continue
        found, best = without(packing, least_unplaced(packing, chosen, tools)), least(question)
        assert found >= best, seed
        seen["more"] += found[0] > best[0]
        seen["larger"] += found > best
    assert seen["more"] <= more
    assert seen["larger"] <= larger


class Unasked:
    """A solver that is not to be asked."""

    name = "unasked"

    def solve(self, program: Program, nodes: int) -> Solved | None:  # noqa: ARG002 - its face
        raise AssertionError

    def relaxed(self, program: Program) -> Relaxation:  # noqa: ARG002 - its face
        raise AssertionError


@pytest.mark.parametrize(
    ("memory", "free"),
    [
        ([4, 4, 4], {"a": 4, "b": 4}),
        ([4, 4, 4, 4], {"a": 4, "b": 4}),
        # The second of them is one MB too many.
        ([4, 4, 4, 1], {"a": 4, "b": 4}),
        ([4, 4, 4, 4, 4], {"a": 4, "b": 4}),
        ([9, 9, 1], {"a": 4, "b": 4}),
    ],
)
def test_what_cannot_be_less_is_not_looked_for(
    memory: list[int], free: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(least_module, "quickly", tried)
    packing = leaving(simple(memory, free))
    placed = least_unplaced(packing, Decision(), Tools(Effort(), Unasked()))
    assert without(packing, placed) == least(simple(memory, free))


def test_what_the_solver_found_before_it_gave_up_is_not_asked_for_again() -> None:
    # Any one of them could be left out.
    packing = leaving(simple([5, 5, 7], {"a": 9, "b": 8}))
    tools = Tools(Effort(), Unasked())
    placed = least_unplaced(packing, Decision(partial=[None, None, 0]), tools)
    assert without(packing, placed) == (2, 5)
    # Here two are left, and sums do not say that it could not be one.
    packing = leaving(simple([7, 7, 7], {"a": 9, "b": 11, "c": 5}))
    placed = least_unplaced(packing, Decision(partial=[0, None, None]), tools)
    assert without(packing, placed) == (2, 7)
