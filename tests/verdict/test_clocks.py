"""By how much clocks are off, whichever of them it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.facts.cim import WmiRow, WmiRowError
from livemigration.facts.clock import CLOCK, Clock
from livemigration.facts.model import Gathered, Inapplicable, Vantage
from livemigration.verdict.clocks import ahead_of_suite, lasting, reference_of

ENDED = datetime(2026, 11, 23, 20, 0, 10, tzinfo=UTC)
PARTS = {"Year": 2026, "Month": 11, "Day": 23, "Hour": 20, "Minute": 0, "Second": 10}


def test_a_clock_is_what_windows_tells_in_parts() -> None:
    assert CLOCK.parse([WmiRow("Win32_UTCTime", PARTS)]) == Clock(ENDED)
    with pytest.raises(WmiRowError, match="Hour"):
        CLOCK.parse([WmiRow("Win32_UTCTime", {**PARTS, "Hour": None})])
    with pytest.raises(ValueError, match="expected one clock"):
        CLOCK.parse([])


@given(st.floats(-1e6, 1e6), st.floats(0, 120).map(lambda each: round(each, 3)), st.floats(0, 1))
def test_the_true_difference_is_within_what_it_may_be_wrong_by(
    ahead: float, took: float, when: float
) -> None:
    # The clock was read somewhere while the request was under way, and its fraction is cut off.
    read = ENDED - timedelta(seconds=took) + timedelta(seconds=took * when)
    shows = (read + timedelta(seconds=ahead)).replace(microsecond=0)
    found = ahead_of_suite(Gathered(Clock(shows), Vantage.HOST, took, ENDED))
    assert found is not None
    assert abs(found.seconds - ahead) <= found.give + 0.001
    assert not found.beyond(ahead, 0.001)


def test_without_the_moment_nothing_is_known() -> None:
    assert ahead_of_suite(Gathered(Clock(ENDED), Vantage.HOST, 1.0)) is None
    assert ahead_of_suite(Inapplicable("Too old.")) is None


@given(st.lists(st.floats(-1e4, 1e4), min_size=3, max_size=9))
def test_several_clocks_are_held_against_their_median(clocks: list[float]) -> None:
    found = reference_of(clocks)
    assert not found.is_small
    middle = sorted(clocks)[(len(clocks) - 1) // 2 : len(clocks) // 2 + 1]
    assert found.seconds in middle
    assert abs(found.seconds) == min(map(abs, middle))
    assert len(clocks) % 2 == 0 or found.seconds == median(clocks)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_of_two_clocks_and_the_suites_the_middle_one_counts(one: float, other: float) -> None:
    assert reference_of([one, other]).seconds == sorted([one, other, 0.0])[1]
    assert reference_of([one]).seconds == 0
    assert reference_of([]).seconds == 0


def test_the_majority_of_hosts_is_right_and_the_rest_is_off() -> None:
    found = reference_of([600, 601, 602, 0])
    assert (found.seconds, found.suite_differs) == (600, True)
    # Of two camps, the one that the suite's clock is with.
    assert reference_of([600, 600, 1, 0]).seconds == 1
    assert not reference_of([1, 2, 3, 900]).suite_differs


@in_turn(
    "seconds, said",
    [(-61.4, "61 seconds"), (119, "119 seconds"), (600, "10 minutes"), (-7199, "120 minutes")],
)
def test_a_difference_is_told_in_the_unit_that_suits_it(seconds: float, said: str) -> None:
    assert lasting(seconds) == said
    assert lasting(-4 * 3600) == "4 hours"
    assert lasting(30 * 86400) == "30 days"
