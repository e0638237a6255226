"""Every way to place a few machines: what it finds is possible, and what it denies is not."""

from __future__ import annotations

from collections import Counter

import pytest
from complete import fits
from fleets import simple, small

from livemigration.placement.deciding import kept
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


TENTHS = {f"h{each}": 100 for each in range(10)}


@pytest.mark.parametrize(
    ("memory", "hosts", "choices"),
    [
        # Machines that are alike, on hosts that are: how many are on how many hosts is all.
        ([34] * 21, TENTHS, 66),
        ([34] * 9, dict.fromkeys("abcd", 100), 1),
        ([5, 5, 7], {"a": 9, "b": 8}, 5),
        ([12, 9, 7, 5], {"a": 15, "b": 18}, 6),
        ([9, 8, 7, 6, 5, 4, 3, 2], {"a": 15, "b": 14, "c": 15}, 8),
    ],
)
def test_no_more_choices_are_made_than_differ(
    memory: list[int], hosts: dict[str, int], choices: int
) -> None:
    packing = leaving(simple(memory, hosts))
    found = searched(packing, choices * between_two(packing))
    assert found.complete
