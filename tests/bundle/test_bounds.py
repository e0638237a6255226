"""Evidence that was cut or left out for its length, and evidence that only says so."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from in_turn import in_turn

from livemigration.bundle import bounds
from livemigration.run.evidence.facts import MAX_CHARACTERS, MAX_LINE, MAX_LINES

LONG = "y" * MAX_LINE
# So much fills a record, whatever the one group more that did not fit.
FILLING = ("z" * MAX_LINE,) * (MAX_CHARACTERS // MAX_LINE - MAX_LINES)


def fact(group: str, *lines: str, cut: bool = False) -> dict[str, Any]:
    return {"group": group, "lines": list(lines), "cut": cut}


def target(*facts: dict[str, Any], left_out: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"target": "a", "facts": list(facts), "left_out": list(left_out)}


def record(*targets: dict[str, Any]) -> dict[str, Any]:
    return {"evidence": {"sources": [], "targets": list(targets)}}


def leveled(said: dict[str, Any], again: dict[str, Any]) -> bool:
    """Whether two records are equal once their bounds are taken off, whichever is which."""
    pairs = [(deepcopy(a), deepcopy(b)) for a, b in ((said, again), (again, said))]
    for pair in pairs:
        bounds.level(*pair)
    (first, other), (second, another) = pairs
    assert (first == other) is (second == another)
    return first == other


FULL = fact("full", *FILLING, "z")
# With one character more it is.
NOT_FULL = fact("full", *FILLING)
ONE, TWO = fact("one", "1"), fact("two", "2")


@in_turn(
    "said, again, expected",
    [
        # In a full record the group that it left out may be missing, and no other.
        (target(FULL, ONE, left_out=("two",)), target(FULL, ONE, TWO), True),
        (target(FULL, ONE, left_out=("two",)), target(FULL, TWO, left_out=("one",)), True),
        (target(FULL, left_out=("two",)), target(FULL, ONE, TWO), False),
        (target(FULL, fact("one", "9"), left_out=("two",)), target(FULL, ONE, TWO), False),
        # What has room leaves nothing out.
        (target(NOT_FULL, left_out=("two",)), target(NOT_FULL, TWO), False),
        (target(NOT_FULL, ONE, left_out=("two",)), target(NOT_FULL, ONE, TWO), True),
        (target(ONE, left_out=("two",)), target(ONE, TWO), False),
        (target(ONE, left_out=("two",)), target(ONE), False),
        (target(ONE), target(ONE, TWO), False),
        (target(ONE), target(ONE), True),
    ],
)
def test_a_group_of_facts_is_left_out_where_no_room_is_left_and_nowhere_else(
    said: dict[str, Any], again: dict[str, Any], *, expected: bool
) -> None:
    assert leveled(record(said), record(again)) is expected


@in_turn(
    "said, again, expected",
    [
        (fact("a", LONG, "same", cut=True), fact("a", "short", "same"), True),
        (fact("a", LONG, "same", cut=True), fact("a", "short", "other"), False),
        (fact("a", "x" * MAX_LINE, cut=True), fact("a", LONG, cut=True), True),
        # A line that is cut is as long as a line may be, and its fact says so.
        (fact("a", "x" * (MAX_LINE - 1), cut=True), fact("a", "short"), False),
        (fact("a", LONG), fact("a", "short"), False),
        (fact("a", "same", cut=True), fact("a", "same"), False),
        (fact("a", LONG, cut=True), fact("a", LONG, "more", cut=True), False),
    ],
)
def test_a_line_is_cut_where_it_is_too_long_and_nowhere_else(
    said: dict[str, Any], again: dict[str, Any], *, expected: bool
) -> None:
    assert leveled(record(target(said)), record(target(again))) is expected
    # Of each machine, and of each of its facts.
    one, two = (record(target(ONE), target(TWO, each)) for each in (said, again))
    assert leveled(one, two) is expected


def test_records_of_other_machines_or_none_are_left_as_they_are() -> None:
    cut = fact("a", LONG, cut=True)
    for said, again in (
        (record(target(cut)), record(target(cut), target(ONE))),
        (record(target(cut)), record(target(cut, ONE))),
        (record(target(ONE)), {"evidence": None}),
        (record(), {"evidence": None}),
    ):
        assert not leveled(said, again)
    assert leveled({"evidence": None}, {"evidence": None})
