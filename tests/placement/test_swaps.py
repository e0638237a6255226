"""Plans in which others make room: as few as it says, and found where there are any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from complete import fewest_moves, fits
from fleets import crowded, seeded, small

from livemigration.placement.deciding import Decision, Tools
from livemigration.placement.effort import Effort
from livemigration.placement.least import least_unplaced
from livemigration.placement.model import Question
from livemigration.placement.packing import leaving
from livemigration.placement.replay import fault
from livemigration.placement.solver import installed
from livemigration.placement.swaps import Swapped, swapped

FLEETS = 300
WITH, WITHOUT = Tools(Effort(), installed()), Tools(Effort(), None)
# Of the fewest that make room, those that are found first have no order.
WITHOUT_AN_ORDER = (350, 377, 1125)


def residents(seed: int) -> Question:
    return small(seed, residents=4)


def found(question: Question, tools: Tools) -> Swapped | None:
    packing = leaving(question)
    placed = least_unplaced(packing, Decision(), tools)
    made = swapped(question, packing, placed, tools)
    if made is not None:
        assert fault(question, made.plan) == ""
        assert made.relocations == sum(each.relocates for each in made.plan)
    return made


@pytest.mark.parametrize(("made", "most"), [(crowded, 1), (residents, 0)])
def test_as_few_as_possible_make_room(made: Callable[[int], Question], most: int) -> None:
    missed, proven = 0, Counter[bool]()
    for seed in range(FLEETS):
        question = made(seed)
        if fits(question):
            continue
        least, plan = fewest_moves(question), found(question, WITH)
        if plan is None:
            missed += least is not None
            continue
        assert plan.relocations == least, seed
        proven[plan.fewest] += 1
    assert missed <= most
    # Where the first that it finds have no order, it does not say so of others.
    assert proven[False] <= 1
    assert proven[True] > FLEETS // 20


@pytest.mark.parametrize(("made", "one", "more"), [(crowded, 30, 0), (residents, 17, 2)])
def test_without_a_solver_it_says_fewest_only_of_one(
    made: Callable[[int], Question], one: int, more: int
) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(FLEETS):
        question = made(seed)
        if fits(question):
            continue
        least, plan = fewest_moves(question), found(question, WITHOUT)
        if plan is not None:
            seen[plan.fewest] += 1
            assert least is not None, seed
            assert plan.relocations >= least, seed
            assert plan.fewest is (plan.relocations == 1), seed
    assert seen[True] >= one
    assert seen[False] >= more


def test_where_the_fewest_have_no_order_others_are_asked_for() -> None:
    for seed in WITHOUT_AN_ORDER:
        question = crowded(seed)
        plan = found(question, WITH)
        assert plan is not None
        assert plan.relocations == fewest_moves(question)
        # That fewer have none is not looked at.
        assert not plan.fewest
        assert found(question, Tools(Effort(swap_sets=0), installed())) is None


def some_last(seed: int) -> Question:
    random, question = seeded(seed), crowded(seed)
    machines = (replace(each, last=random.random() < 0.4) for each in question.machines)
    return replace(question, machines=tuple(machines))


def test_what_is_to_be_moved_last_makes_room_only_where_no_others_do() -> None:
    seen: Counter[bool] = Counter()
    for seed in range(FLEETS):
        question = some_last(seed)
        if fits(question):
            continue
        still = tuple(
            replace(each, allowed=frozenset()) if each.last and each.host != "d" else each
            for each in question.machines
        )
        least = fewest_moves(replace(question, machines=still))
        plan = found(question, WITH)
        if plan is None:
            continue
        last = any(each.machine.last and each.relocates for each in plan.plan)
        assert last is (least is None), seed
        seen[last] += 1
        if least is not None:
            assert plan.relocations == least, seed
        assert not plan.fewest or plan.relocations == fewest_moves(question), seed
    assert min(seen[True], seen[False]) > 5
