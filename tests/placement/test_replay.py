"""What is refused when a plan is carried out on paper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fleets import machine, simple
from in_turn import in_turn

from livemigration.placement.model import Move, Question
from livemigration.placement.replay import fault

RESIDENT = machine("r", 3, ["a"], "b")
QUESTION = simple([4, 2], {"a": 4, "b": 4}, RESIDENT)
V1, V2 = QUESTION.machines[:2]
GOOD = (Move(V1, "d", "a"), Move(V2, "d", "b"))


def test_a_plan_that_does_what_is_asked_has_no_fault() -> None:
    assert fault(QUESTION, GOOD) == ""


@in_turn(
    "plan, said",
    [
        (GOOD[:1], "v2 has no place"),
        ((*GOOD, GOOD[0]), "v1 is not on d"),
        ((Move(V1, "d", "a"), Move(V2, "d", "a")), "a has 0 MB free, v2 needs 2"),
        ((Move(V1, "d", "d"), GOOD[1]), "d is no destination"),
        ((Move(V1, "d", "c"), GOOD[1]), "c is no destination"),
        ((Move(RESIDENT, "b", "a"), *GOOD), "r is moved for another reason than the plan says"),
        ((Move(replace(V1, memory=1), "d", "a"), GOOD[1]), "v1 is not a machine of the question"),
        # The memory that it leaves is free only when it has arrived.
        ((Move(RESIDENT, "b", "a", relocates=True), *GOOD), "a has 1 MB free, v1 needs 4"),
    ],
)
def test_what_is_not_possible_is_said(plan: tuple[Move, ...], said: str) -> None:
    assert fault(QUESTION, plan) == said


def of(**values: object) -> Question:
    first = replace(V1, **values)  # type: ignore[arg-type] # fields of it
    return replace(QUESTION, machines=(first, V2, replace(RESIDENT, apart=frozenset("g"))))


@pytest.mark.parametrize(
    ("question", "there", "said"),
    [
        (of(allowed=frozenset("b")), "a", "v1 may not go to a"),
        (of(apart=frozenset("g")), "b", "v1 must not be with r on b"),
    ],
)
def test_what_is_not_allowed_is_said(question: Question, there: str, said: str) -> None:
    assert fault(question, [Move(question.machines[0], "d", there)]) == said


def test_disk_is_used_up_and_not_given_back() -> None:
    heavy = replace(V1, memory=1, disk=5, storage_moves_to=frozenset("ab"))
    other = replace(V2, memory=1, disk=4, storage_moves_to=frozenset("ab"))
    question = replace(QUESTION, machines=(heavy, other, RESIDENT))
    question = replace(question, hosts=tuple(replace(each, disk_free=8) for each in question.hosts))
    plan = (Move(heavy, "d", "a"), Move(other, "d", "a"))
    assert fault(question, plan) == "a has 3 MB of disk free, v2 needs 4"


@in_turn("lack, used", [("free", 0), ("free", 3), ("disk_free", 0), ("disk_free", 3)])
def test_a_host_that_is_full_or_more_has_no_room_for_the_smallest(lack: str, used: int) -> None:
    one = replace(V1, memory=1, disk=1, storage_moves_to=frozenset("a"))
    # Of the host of one machine nothing is known.
    question = Question(
        tuple(replace(each, **{lack: -used}) for each in QUESTION.hosts),  # type: ignore[arg-type] # numbers
        (one, replace(RESIDENT, host="z")),
        QUESTION.drained,
    )
    assert fault(question, [Move(one, "d", "a")]).startswith(f"a has {-used} MB")
