"""What is said of the plan of a drain, for what a host of two cannot show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.placement.model import Verdict
from livemigration.verdict.drain_findings import emptied, in_the_window
from livemigration.verdict.drain_plan import DrainPlan, PlannedMove, PlanTime
from livemigration.verdict.findings import Level
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.views import BlockedError

HOST, OTHER, THIRD = (f"hv0{number}.contoso.com" for number in (1, 2, 3))
TARGET = FixTarget(HOST, "vmm01.contoso.com")
AWAY = PlannedMove("web01", "ID", HOST, OTHER, 4096)
ROOM = PlannedMove("db01", "ID2", OTHER, THIRD, 2048, relocates=True)
LONG = "m" * 81


def plan(verdict: Verdict = Verdict.FITS, **changes: Any) -> DrainPlan:
    return DrainPlan(
        **{"host": HOST, "verdict": verdict, "leaving": 1, "moves": (AWAY,), **changes}
    )


def said(found: DrainPlan, level: Level) -> str:
    return " ".join(each.observed for each in emptied(found, TARGET) if each.level is level)


@in_turn(
    "changes, level, says",
    [
        ({}, Level.OK, "a place for the virtual machine of hv01.contoso.com: hv02.contoso.com: w"),
        ({"leaving": 3}, Level.OK, "a place for all 3 virtual machines of hv01"),
        (
            {"verdict": Verdict.FITS_WITH_SWAPS, "moves": (ROOM, AWAY)},
            Level.WARNING,
            "only when other machines make room first: db01 from hv02.contoso.com to hv03",
        ),
        (
            {"verdict": Verdict.FITS_WITH_SWAPS, "moves": (replace(ROOM, machine=LONG),)},
            Level.WARNING,
            f"make room first: {'m' * 77}... from hv02",
        ),
        ({"verdict": Verdict.FITS_WITH_SWAPS}, Level.NOTE, "The plan: hv02.contoso.com: web01."),
        ({"breaks_reserve": (OTHER,)}, Level.WARNING, "keeps free on hv02.contoso.com"),
        ({"by_assumption": True}, Level.WARNING, "only on hosts that are just assumed"),
        ({"by_assumption": True, "declared": False}, Level.NOTE, "are only assumed to exchange"),
        ({"last": ("vmm01",)}, Level.WARNING, "VMM itself runs in vmm01: the plan moves it last"),
        (
            {"controllers": ("dc01",)},
            Level.WARNING,
            "dc01 is a domain controller by its name: the plan moves it last.",
        ),
        (
            {"controllers": ("dc01", "dc02")},
            Level.WARNING,
            "dc01 and dc02 are domain controllers by their names: the plan moves them last.",
        ),
        (
            {"last_making_room": ("vmm01",)},
            Level.WARNING,
            "VMM itself runs in vmm01, which makes room: only what needs its place is moved after",
        ),
        (
            {"controllers_making_room": ("dc01",)},
            Level.WARNING,
            "dc01 is a domain controller by its name, and makes room: only what needs its place is",
        ),
        (
            {"controllers_making_room": ("dc01", "dc02")},
            Level.WARNING,
            "by their names, and make room: only what needs their place is moved after them.",
        ),
        (
            {"taken_apart": ("a pair (web01 on hv02, db01 on hv03)",)},
            Level.WARNING,
            "does not keep on one node what affinity rules want there: a pair (web01 on hv02, d",
        ),
        (
            {"brought_together": ("class dc (dc01 on hv02 and dc02 on hv02)",)},
            Level.WARNING,
            "The plan brings onto one node what the cluster keeps apart where it can: class dc (dc",
        ),
        (
            {"across_domains": ("web (web01 on hv02, db01 on hv03)",)},
            Level.WARNING,
            "does not keep in one fault domain what affinity rules want there: web (web01 on hv02,",
        ),
        (
            {"within_a_domain": ("dc (dc01 on hv02, dc02 on hv03)",)},
            Level.WARNING,
            "brings into one fault domain what affinity rules keep in different ones: dc (dc01 on",
        ),
        (
            {"not_weighed": ("sites", "racks")},
            Level.NOTE,
            "that were not weighed, of a kind or of fault domains not known: sites and racks.",
        ),
        (
            {"controllers_unread": "Asking the directory: it is silent"},
            Level.NOTE,
            "Whether a machine is a domain controller is not known: Asking the directory: it is s",
        ),
        (
            {"moves": (PlannedMove("a", "I", HOST, OTHER, 1, against="another option (LM504)"),)},
            Level.WARNING,
            "a to hv02.contoso.com: another option (LM504)",
        ),
        (
            {"moves": (replace(AWAY, machine=LONG, against="old (LM503)"),)},
            Level.WARNING,
            f"moves of the plan: {'m' * 77}... to hv02.contoso.com: old (LM503)",
        ),
        ({"then_stuck": (OTHER,)}, Level.NOTE, f"After {HOST}, {OTHER} cannot be emptied too."),
        ({"leaving": 0, "moves": ()}, Level.OK, "No virtual machine has to leave"),
    ],
)
def test_what_a_plan_takes_is_said(changes: dict[str, Any], level: Level, says: str) -> None:
    assert says in said(plan(**changes), level)


def test_a_plan_with_something_against_it_does_not_pass_as_well() -> None:
    levels = {each.level for each in emptied(plan(breaks_reserve=(OTHER,)), TARGET)}
    assert levels == {Level.WARNING, Level.NOTE}


def test_of_a_host_with_nothing_to_move_nobody_asks_what_is_aboard() -> None:
    nothing = plan(leaving=0, moves=(), controllers_unread="no directory configured")
    assert "domain controller" not in said(nothing, Level.NOTE)


def test_what_was_neither_shown_nor_refuted_is_blocked_and_says_what_decides_more() -> None:
    with pytest.raises(BlockedError, match=r"^Undecided: neither a place") as caught:
        list(emptied(plan(Verdict.UNDECIDED, advice="Install it."), TARGET))
    assert caught.value.next_step == "Install it."


def test_what_is_not_known_is_blocked_and_named() -> None:
    with pytest.raises(BlockedError, match=r"depends on what is not known: web01 to hv02: no\."):
        list(emptied(plan(Verdict.UNKNOWN, open=("web01 to hv02: no.",)), TARGET))


def test_a_no_among_assumed_hosts_alone_fails_no_host() -> None:
    no = plan(Verdict.DOES_NOT_FIT, unplaced=("web01",), declared=False, explained=("Why.",))
    warned, note = emptied(no, TARGET)
    assert (warned.level, note.observed) == (Level.WARNING, "Why.")
    assert "is meant to exchange virtual machines" in warned.expected


@in_turn(
    "low, high, level",
    [
        (10, 60, Level.OK),
        (60, 60, Level.OK),
        (10, 61, Level.WARNING),
        (61, 90, Level.FAIL),
        (61, None, Level.FAIL),
    ],
)
def test_a_range_is_held_against_the_window(low: float, high: float | None, level: Level) -> None:
    time = PlanTime(low, high, "By an estimate it takes so long.", (("Takes", "so long."),))
    first, *_ = in_the_window(plan(time=time), 60, TARGET)
    assert first.level is level
    assert "The window is 60 s." in first.observed


def test_without_an_upper_bound_nobody_says_that_it_ends_in_time() -> None:
    time = PlanTime(10, None, "By an estimate it takes at least 10 s.")
    with pytest.raises(BlockedError, match="at least 10 s"):
        list(in_the_window(plan(time=time), 60, TARGET))


def test_a_plan_without_an_estimate_is_blocked_by_the_check_that_says_why() -> None:
    with pytest.raises(BlockedError, match=r"no plan for hv01\.contoso\.com that could") as caught:
        list(in_the_window(plan(time=None), 60, TARGET))
    assert caught.value.by == "LM801"


@in_turn(
    "seconds, window",
    [(60, "60 s"), (179, "2 min"), (3600, "60 min"), (3719, "61 min")],
)
def test_a_window_is_told_as_no_more_than_it_is(seconds: int, window: str) -> None:
    time = PlanTime(1, 2, "By an estimate it takes so long.", (("Takes", "so long."),))
    first, *_ = in_the_window(plan(time=time), seconds, TARGET)
    assert first.observed.endswith(f"The window is {window}.")


def test_what_an_estimate_is_made_of_is_told_with_labels_but_where_it_is_a_sentence() -> None:
    inputs = (("Takes", "so long."), ("Links", "10 Gb/s"), ("Depends on", "Most is web01."))
    _, made_of = in_the_window(plan(time=PlanTime(1, 2, "It takes.", inputs)), 60, TARGET)
    assert made_of.observed == "What the estimate is made of: links: 10 Gb/s; Most is web01."


@in_turn(
    "names, says",
    [
        (("web01",), "1 of 3 virtual machines of hv01.contoso.com has no place elsewhere: web01."),
        (("a", "b"), "2 of 3 virtual machines of hv01.contoso.com have no place elsewhere: a and"),
    ],
)
def test_machines_without_a_place_are_counted(names: tuple[str, ...], says: str) -> None:
    no = plan(Verdict.DOES_NOT_FIT, leaving=3, moves=(), unplaced=names)
    assert says in said(no, Level.FAIL)
