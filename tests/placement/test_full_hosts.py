"""Hosts filled one after the other: no wrong place, and never "no" where there is a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from complete import fits
from fleets import alike, planted, simple, small, tight

from livemigration.placement.full_hosts import filled
from livemigration.placement.in_place import places_of
from livemigration.placement.model import Question
from livemigration.placement.packing import Placed, leaving
from livemigration.placement.replay import fault
from livemigration.placement.search import Searched
from livemigration.placement.swaps import plan_of

FLEETS = 150
PARTS = [pytest.param(0), *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 8))]


def wrong(question: Question, placed: Placed) -> str:
    return fault(question, plan_of(question, places_of(leaving(question), placed)))


@pytest.mark.parametrize("part", PARTS)
def test_it_finds_a_plan_or_proves_that_there_is_none(part: int) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(part * FLEETS, (part + 1) * FLEETS):
        question = small(seed)
        found = filled(leaving(question), 20_000)
        # A handful of machines is gone through in every way.
        assert found.complete, seed
        assert (found.placed is not None) is fits(question), seed
        assert found.placed is None or wrong(question, found.placed) == "", seed
        seen[found.placed is None] += 1
    assert all(seen[each] for each in (True, False))


def test_with_few_steps_it_says_nothing_that_is_not_so() -> None:
    ended: Counter[bool] = Counter()
    for seed in range(FLEETS):
        question = small(seed)
        for steps, orders in ((5, 1), (12, 3), (0, 1), (9, 0)):
            found = filled(leaving(question), steps, orders)
            assert found.placed is None or wrong(question, found.placed) == "", seed
            assert not found.complete or found.placed or not fits(question), seed
            ended[found.complete] += 1
    assert all(ended[each] for each in (True, False))


def test_a_plan_that_fills_every_host_to_the_last_megabyte_is_found_or_left_open() -> None:
    found = 0
    for seed in range(12):
        question, _ = planted(seed, hosts=3 + seed % 3)
        ended = filled(leaving(question), 1_000, 16)
        if ended.placed is None:
            assert not ended.complete, seed
            continue
        found += 1
        assert wrong(question, ended.placed) == "", seed
    assert found >= 6


def test_only_a_host_that_can_be_filled_so_far_is_filled() -> None:
    # Of 21 free, one may stay free: on a, six and five; on b, four and five.
    question = simple([6, 5, 4, 5], {"a": 11, "b": 10})
    found = filled(leaving(question), 100)
    assert found.placed is not None
    assert wrong(question, found.placed) == ""


def test_machines_that_may_go_to_other_hosts_count_where_they_may_go() -> None:
    # What is free on c helps none of them, so that nothing may be left over on a and b.
    question = simple([6, 2, 6, 5], {"a": 12, "b": 7, "c": 1})
    found = filled(leaving(question), 200)
    assert found.placed is not None
    assert Counter(found.placed) == {0: 2, 1: 2}


@pytest.mark.parametrize("made", [tight, alike])
def test_hosts_that_can_be_filled_to_the_last_megabyte_are(
    made: Callable[[int], Question],
) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(FLEETS):
        question = made(seed)
        packing = leaving(question)
        found = filled(packing, 20_000)
        assert found.complete, seed
        assert (found.placed is not None) is fits(question), seed
        assert found.placed is None or wrong(question, found.placed) == "", seed
        seen[found.placed is None] += 1
        # Just as many steps are enough for the same.
        assert filled(packing, found.steps) == found, seed
        if found.placed:
            less = found.steps - 1
            assert filled(packing, less) == Searched(None, complete=False, steps=less), seed
    assert all(seen[each] for each in (True, False))


@pytest.mark.parametrize(("free", "steps"), [(1, 3), (99_999, 3), (100_000, 6), (250_000, 9)])
def test_a_set_is_a_step_and_more_where_a_host_has_more_megabytes(free: int, steps: int) -> None:
    # One sum to be known; then without the machine, and with it.
    question = simple([free], {"a": free, "b": free})
    assert filled(leaving(question), 100).steps == steps


@pytest.mark.parametrize(("made", "most"), [(tight, 3_689), (alike, 1_807), (small, 2_136)])
def test_no_more_sets_are_looked_at_than_can_matter(
    made: Callable[[int], Question], most: int
) -> None:
    assert sum(filled(leaving(made(seed)), 20_000).steps for seed in range(FLEETS)) <= most


@pytest.mark.parametrize(("made", "seed"), [(tight, 109), (alike, 38)])
def test_where_one_order_takes_too_long_another_may_not(
    made: Callable[[int], Question], seed: int
) -> None:
    packing, steps = leaving(made(seed)), 40
    found = filled(packing, steps, 8)
    assert found.placed is not None
    orders = 1 + found.steps // steps
    assert orders > 2
    assert filled(packing, steps, orders) == found
    spent = Searched(None, complete=False, steps=steps * (orders - 1))
    assert filled(packing, steps, orders - 1) == spent
