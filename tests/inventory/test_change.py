"""The change that a run is evidence for, as options name it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.inventory.change import Change, Window, change_of

WINDOW = "2026-11-24T22:00+01:00/2026-11-25T02:00+01:00"


def test_a_window_is_kept_in_utc() -> None:
    assert change_of("CHG0012345", " Kim ", WINDOW) == Change(
        "CHG0012345",
        "Kim",
        Window(datetime(2026, 11, 24, 21, tzinfo=UTC), datetime(2026, 11, 25, 1, tzinfo=UTC)),
    )


@in_turn("identifier", ["1", "CHG0012345", "OPS-123", "a" * 40])
def test_a_change_is_named_as_change_systems_do(identifier: str) -> None:
    assert change_of(identifier, "x", None).identifier == identifier


@in_turn(
    "identifier",
    ["", "-1", "CHG-", "a" * 41, "CHG 1", "../CHG1", "CHG1/2", "CHG1\n", "ÇHG1", "a.b"],
)
def test_what_no_change_is_named_is_refused(identifier: str) -> None:
    with pytest.raises(UsageError, match=r"--change .* is no change's number"):
        change_of(identifier, "x", None)


@given(st.text(max_size=60))
def test_a_change_is_fit_for_a_file_name_or_refused(text: str) -> None:
    try:
        found = change_of(text, "x", None).identifier
    except UsageError:
        return
    assert found == text
    assert found.isascii()
    assert found.replace("-", "").isalnum()


@in_turn("operator", ["", "  ", "x" * 101, "a\nb", "a\x1b[2J", "a\u202eb"])
def test_an_operator_is_a_name_on_one_line(operator: str) -> None:
    with pytest.raises(UsageError, match="--operator is no name"):
        change_of("CHG1", operator, None)


@in_turn(
    "window, why",
    [
        ("", "not two times"),
        ("tonight", "not two times"),
        ("2026-11-24T22:00+01:00", "not two times"),
        (f"{WINDOW}/2026-11-26T02:00+01:00", "not two times"),
        ("2026-11-24T22:00/2026-11-25T02:00", "no offset from UTC"),
        ("2026-11-24T22:00+01:00/2026-11-25T02:00", "no offset from UTC"),
        ("2026-11-24T22:00+01:00/2026-11-24T22:00+01:00", "ends before it starts"),
        ("2026-11-24T22:00+01:00/2026-11-24T20:59Z", "ends before it starts"),
        ("0001-01-01T00:00+10:00/2026-11-24T21:30Z", "out of range"),
    ],
)
def test_a_window_that_is_none_is_refused_with_an_example(window: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        change_of("CHG1", "x", window)
    assert "such as 2026-11-24T22:00+01:00/" in str(caught.value)
