"""What holds for every test of the suite."""

from __future__ import annotations

from hypothesis import settings


def test_no_property_fails_on_a_busy_machine() -> None:
    assert settings().deadline is None
