"""What is to be moved last and makes room: behind everything that does not need its place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fleets import machine, simple, small

from livemigration.placement.ladder import answer
from livemigration.placement.latest import latest
from livemigration.placement.model import Move, Question, Verdict
from livemigration.placement.replay import fault

MANY = 20


def swapping(*, last: bool) -> Question:
    """Return a host whose larger machine needs the place of one of another host."""
    resident = replace(machine("r", 3, ["b"], "a"), last=last)
    return simple([7, 1], {"a": 4, "b": 4}, resident)


def plan(*, last: bool) -> list[str]:
    found = answer(swapping(last=last))
    assert found.verdict is Verdict.FITS_WITH_SWAPS
    assert fault(swapping(last=last), found.plan) == ""
    return [each.machine.name for each in found.plan]


def test_what_makes_room_moves_first() -> None:
    assert plan(last=False) == ["r", "v1", "v2"]


def test_what_is_to_be_last_waits_for_all_that_does_not_need_its_place() -> None:
    assert plan(last=True) == ["v2", "r", "v1"]


def test_what_leaves_a_drained_host_stays_at_the_end() -> None:
    question = swapping(last=True)
    v1, v2, resident = question.machines
    aboard = replace(v2, last=True)
    question = replace(question, machines=(v1, aboard, resident))
    found = answer(question).plan
    assert [each.machine.name for each in found] == ["r", "v1", "v2"]


def with_last(question: Question, names: set[str]) -> Question:
    machines = (replace(each, last=each.key in names) for each in question.machines)
    return replace(question, machines=tuple(machines))


@pytest.mark.long
def test_the_order_is_possible_and_nothing_behind_could_be_before() -> None:
    reached = 0
    for seed in range(2000):
        question = with_last(small(seed, residents=5), {"r0", "r2", "v1"})
        found = answer(question).plan
        assert not found or fault(question, found) == ""
        for at, each in enumerate(found):
            if each.relocates and each.machine.last:
                reached += 1
                behind = [n for n in range(at + 1, len(found)) if not found[n].machine.last]
                assert all(fault(question, moved_up(found, number, at)) for number in behind)
    assert reached > MANY


def moved_up(plan: tuple[Move, ...], number: int, to: int) -> tuple[Move, ...]:
    rest = [*plan[:number], *plan[number + 1 :]]
    return (*rest[:to], plan[number], *rest[to:])


def test_without_any_that_is_to_be_last_nothing_changes() -> None:
    question = swapping(last=False)
    found = answer(question).plan
    assert latest(question, found) == found


def test_what_is_to_be_last_makes_room_only_where_no_others_do() -> None:
    small_one, large_one = machine("r1", 3, ["b"], "a"), machine("r2", 4, ["b"], "a")
    question = simple([7], {"a": 4, "b": 4}, replace(small_one, last=True), large_one)
    found = answer(question)
    assert [each.machine.name for each in found.plan] == ["r2", "v1"]
    assert found.fewest
    # Two others are spared it as well, though it alone would be fewer.
    pair = [machine(name, 2, ["b"], "a") for name in ("r2", "r3")]
    question = simple([7], {"a": 4, "b": 4}, replace(small_one, last=True), *pair)
    found = answer(question)
    assert [each.machine.name for each in found.plan] == ["r2", "r3", "v1"]
    assert not found.fewest
