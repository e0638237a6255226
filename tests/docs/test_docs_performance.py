"""The page on performance is what the published figures give, and says where they fall short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from figures import Figures, Machine, Row, load
from goals import GOALS, Goal
from model import Model, model_of
from page import PUBLISHED, page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def figures() -> Figures:
    return load(PUBLISHED)


def test_the_page_is_what_the_published_figures_give(figures: Figures) -> None:
    """Make both anew: `bench/run --quick --publish`. The page alone: `python bench/page.py`."""
    assert (ROOT / "docs" / "performance.md").read_text(encoding="utf-8") == page(figures)


def test_every_goal_is_on_the_page_with_what_was_measured(figures: Figures) -> None:
    text = page(figures)
    for goal in GOALS:
        assert f"| {goal.what} | " in text
        if goal.is_met(figures) is False:
            assert goal.missed, goal.what
            assert f"\n- {goal.what}: " in text
            assert goal.missed in text


def test_figures_that_are_published_are_of_no_trial(figures: Figures) -> None:
    assert figures.form != "trial"


def without(figures: Figures, part: str, who: str) -> Figures:
    return replace(figures, rows=tuple(e for e in figures.rows if (e.part, e.who) != (part, who)))


def test_what_was_not_measured_is_neither_met_nor_missed(figures: Figures) -> None:
    fewer = without(figures, "one host with 450 rules", "settings")
    (goal,) = (each for each in GOALS if "`-m settings`" in each.what)
    assert goal.is_met(fewer) is None
    assert f"| {goal.what} | at most 10 | not measured |  |" in page(fewer)


def measuring(goal: Goal, factor: float) -> Goal:
    """Return a goal of which so many times its bound was measured."""
    return replace(goal, measured=lambda _: goal.bound * factor)


@pytest.mark.parametrize(("factor", "met"), [(0.1, True), (10.0, False)])
def test_a_goal_is_met_up_to_its_bound_and_not_beyond(
    figures: Figures, factor: float, met: bool
) -> None:
    for goal in GOALS:
        assert measuring(goal, factor).is_met(figures) is (met is not goal.at_least)
        assert measuring(goal, 1.0).is_met(figures) is True


def test_the_model_waits_for_the_hosts_of_a_turn_together() -> None:
    model = Model(trips=20, asking=0.01, judging=0.005, start=3)
    assert model.gathering(640, 0.1, 64) == pytest.approx(10 * 2 + 6.4)
    # Fewer than may be asked at once wait as long as one.
    assert model.gathering(5, 0.1, 64) == pytest.approx(2 + 0.05)
    assert model.whole(640, 0.1, 64) == pytest.approx(3 + 26.4 + 3.2)


def test_the_model_is_made_of_what_was_measured() -> None:
    behind = {"longest chain": (21.0,), "processor ms a host": (12.0,), "wall s": (40.0,)}
    judged = {"processor s": (43.0,), "processor ms a host but for the start": (4.0,)}
    rows = (
        Row("gather at 100 ms", "streams, 64 at once", 1_000, behind),
        Row("replay", "this suite", 10_000, judged),
    )
    made = Figures(1, "quick", "0.1.0", Machine(2, 8, "CPython", "Linux"), {}, rows)
    assert model_of(made) == Model(22, 0.012, 0.004, 3.0)


def test_what_was_not_measured_is_said_of_a_part(figures: Figures) -> None:
    none = replace(figures, rows=())
    text = page(none)
    assert text.count("Not measured in this run.") >= 8
    assert "| not measured |" in text
    assert "Missed:" not in text


def test_a_ratio_stands_beside_what_is_compared(figures: Figures) -> None:
    row = next(each for each in figures.rows if each.part == "the same messages")
    assert isinstance(row, Row)
    ratio = figures.ratio(row, "processor ms a host")
    assert ratio is not None
    assert f"({ratio:.2f})" in page(figures)
