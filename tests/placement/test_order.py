"""In which order machines make room: found where there is one, within so many steps."""

from __future__ import annotations

from sites import machine, site

from livemigration.placement.model import Machine, Move, Question
from livemigration.placement.order import ordered

ENOUGH = 100


def in_order(
    free: dict[str, int], *moves: tuple[Machine, str], most: int = ENOUGH, **disk: int
) -> list[str] | None:
    asked: Question = site(free, [each for each, _ in moves], disk=disk)
    found = ordered(asked, [Move(each, each.host, there) for each, there in moves], most)
    return None if found is None else [each.machine.name for each in found]


# Each waits for the next.
ROW = (
    (machine("r1", "a", 4, "b"), "b"),
    (machine("r2", "b", 4, "c"), "c"),
    (machine("r3", "c", 4, "d"), "d"),
)
ROOM = {"a": 0, "b": 0, "c": 0, "d": 4}


def test_a_machine_moves_when_the_next_has_left() -> None:
    assert in_order(ROOM, *ROW) == ["r3", "r2", "r1"]


def test_no_more_steps_are_tried_than_told() -> None:
    assert in_order(ROOM, *ROW, most=3) == ["r3", "r2", "r1"]
    assert in_order(ROOM, *ROW, most=2) is None


def test_machines_that_change_places_have_no_order() -> None:
    others = [(machine(f"x{each}", "d", 1, "e"), "e") for each in range(2)]
    changing = [(machine("r1", "a", 4, "b"), "b"), (machine("r2", "b", 4, "a"), "a")]
    # What can be moved beside them can be moved in two orders, and neither of them helps.
    assert in_order({"a": 0, "b": 0, "d": 0, "e": 2}, *others, *changing) is None


def crossing(**disk: int) -> list[str] | None:
    """Return the order of three, of which the first, if it goes first, leaves the others no way."""
    moved = {"disk": 3, "storage_moves_to": frozenset("x")}
    return in_order(
        {"a": 0, "b": 0, "x": 4},
        (machine("first", "a", 4, "x", **moved), "x"),
        (machine("second", "b", 4, "x", **moved), "x"),
        (machine("third", "x", 4, "b"), "b"),
        **disk,
    )


def test_a_move_that_leads_nowhere_is_taken_back_with_its_memory_and_its_disk() -> None:
    assert crossing() == ["second", "third", "first"]
    assert crossing(x=6) == ["second", "third", "first"]
    assert crossing(x=5) is None
