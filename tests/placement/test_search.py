"""Every way to place a few machines: what it finds is possible, and what it denies is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from complete import fits
from fleets import alike, simple, small, tight
from in_turn import in_turn

from livemigration.placement.deciding import kept
from livemigration.placement.model import Question
from livemigration.placement.packing import Packing, leaving
from livemigration.placement.search import searched

FLEETS = 150
PARTS = [pytest.param(0), *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 8))]


def between_two(packing: Packing) -> int:
    """Return how many pairs of a kind and a host are looked at between two choices, and one."""
    return 1 + sum(len(each.candidates) for each in packing.kinds)


@pytest.mark.parametrize("part", PARTS)
def test_it_finds_a_plan_or_proves_that_there_is_none(part: int) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(part * FLEETS, (part + 1) * FLEETS):
        question = small(seed)
        packing = leaving(question)
        found = searched(packing, 100_000)
        assert found.complete, seed
        assert (found.placed is not None) is fits(question), seed
        if found.placed is not None:
            assert None not in found.placed, seed
            assert kept(packing, found.placed) == found.placed, seed
        seen[found.placed is None] += 1
        # Just as many steps are enough for the same, and with one choice less nothing is said.
        assert searched(packing, found.steps) == found, seed
        less = found.steps - between_two(packing)
        if less >= 0:
            ended = searched(packing, less)
            assert (ended.placed, ended.complete, ended.steps) == (None, False, less), seed
    assert all(seen[each] for each in (True, False))


def test_where_nothing_waits_there_is_nothing_to_search() -> None:
    found = searched(leaving(simple([], {"a": 1})), 10)
    assert (found.placed, found.complete, found.steps) == ([], True, 0)


# Where one host, or one choice, is not like another that has as much left: by what may go there,
# by groups, by disk, by where disk counts, and by what waits.
UNLIKE = [
    *((tight, seed) for seed in (6, 535, 672, 516, 2600)),
    *((alike, seed) for seed in (5, 14, 17, 330, 5888)),
]


@in_turn("made, seed", UNLIKE)
def test_only_what_is_alike_is_taken_for_it(made: Callable[[int], Question], seed: int) -> None:
    question = made(seed)
    assert fits(question)
    assert searched(leaving(question), 100_000).placed is not None


TENTHS = {f"h{each}": 100 for each in range(10)}


@in_turn(
    "question, choices",
    [
        # Machines that are alike, on hosts that are: how many are on how many hosts is all.
        (simple([34] * 21, TENTHS), 66),
        (simple([34] * 9, dict.fromkeys("abcd", 100)), 1),
        (simple([5, 5, 7], {"a": 9, "b": 8}), 5),
        (simple([12, 9, 7, 5], {"a": 15, "b": 18}), 6),
        # What waits needs more than is free: nothing has to be tried.
        (tight(323), 1),
        # What has the fewest hosts left comes first, and at once if it has none.
        (tight(436), 8),
        (alike(2088), 45),
        # The host with the least room is tried first.
        (alike(7112), 12),
    ],
)
def test_no_more_choices_are_made_than_differ(question: Question, choices: int) -> None:
    packing = leaving(question)
    assert searched(packing, choices * between_two(packing)).complete
