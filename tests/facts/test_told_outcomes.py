"""A host's outcomes as a file tells them: a mapping as any other, of which each is made once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from livemigration.facts import told_outcomes
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Vantage,
)
from livemigration.facts.told_outcomes import Places, ToldOutcomes, failures_of

LOST = NotGathered(GatherFailure(FailureKind.FAULT, "Reading", "no", "Ask again.", ""))
NOT_HERE = Inapplicable("no node")
PLACES = Places(
    {"clock": 0, "cluster": 1, "routes": 2, "services": 3},
    {"clock": Vantage.HOST, "services": Vantage.SUITE},
)


def told() -> ToldOutcomes:
    outcomes: list[Any] = [(7, ""), NOT_HERE, LOST, ("all", "")]
    moments: list[str | None] = ["2026-06-01T23:59:01Z", None, None, None]
    return ToldOutcomes(PLACES, outcomes, ["0.25", "", "", "1.5"], moments)


def test_they_are_what_a_table_of_them_would_be() -> None:
    when = datetime(2026, 6, 1, 23, 59, 1, tzinfo=UTC)
    expected = {
        "clock": Gathered(7, Vantage.HOST, 0.25, when),
        "cluster": NOT_HERE,
        "routes": LOST,
        "services": Gathered("all", Vantage.SUITE, 1.5),
    }
    found = told()
    assert found == expected
    assert expected == found
    assert {**told()} == expected
    assert list(told()) == list(expected)
    assert len(found) == len(expected)
    assert [each.at for each in found.values() if isinstance(each, Gathered)] == [when, None]
    assert "routes" in found
    assert "listeners" not in found
    assert found.get("listeners") is None
    assert found.get("listeners", NOT_HERE) is NOT_HERE
    with pytest.raises(KeyError, match="listeners"):
        found["listeners"]


def test_what_is_asked_for_is_made_once_and_nothing_else_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[object] = []

    def counted(value: object, *others: Any) -> object:
        made.append(value)
        return Gathered(value, *others)

    monkeypatch.setattr(told_outcomes, "Gathered", counted)
    found = told()
    assert "clock" in found
    assert failures_of(found) == {"routes": LOST.failure}
    assert not made
    assert found["clock"] is found.get("clock")
    assert made == [7]


def test_failures_are_told_of_any_table() -> None:
    assert failures_of({"clock": LOST, "cluster": NOT_HERE}) == {"clock": LOST.failure}
    assert failures_of(ToldOutcomes(PLACES, [NOT_HERE] * 4, [""] * 4, [None] * 4)) == {}
