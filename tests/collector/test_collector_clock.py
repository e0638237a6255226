"""When the collector asked for a host's clock, without which it says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from livemigration.collector.reading import facts_of
from livemigration.collector.redact import redact
from livemigration.facts.clock import CLOCK
from livemigration.facts.model import Gathered
from livemigration.verdict.clocks import ahead_of_suite

CLOCK_ROW = {"Year": 2026, "Month": 11, "Day": 23, "Hour": 20, "Minute": 10, "Second": 0}
# As .NET writes a moment, to a ten-millionth of a second.
MOMENTS = {"asked": "2026-11-23T20:00:00.0000000Z", "answered": "2026-11-23T20:00:02.0000000Z"}


def document(on: str = "vmm01.contoso.com", **moments: str) -> dict[str, Any]:
    answer = {"group": CLOCK.name, "rows": [CLOCK_ROW], "failure": None, **moments}
    host = {
        "name": "hv01.contoso.com",
        "identity": {"vendor": "Microsoft Corporation", "version": "OS: 10.0.20348"},
        "failure": None,
        "answers": [answer],
        "calls": [],
    }
    vmm = {"name": "", "asked": False, "identity": None, "failure": None}
    return {
        "format": "livemigration-collector",
        "schema": 1,
        "suite_version": "0.1.0",
        "collected": "2026-11-23T20:00:00Z",
        "collected_on": on,
        "redacted": False,
        "port": 5985,
        "vmm": {**vmm, "records": None, "resolution": None, "probes": None},
        "hosts": [host],
    }


def ahead(given: dict[str, Any]) -> float | None:
    (sheet,) = facts_of(given).hosts.values()
    found = sheet.outcome(CLOCK)
    assert isinstance(found, Gathered)
    told = ahead_of_suite(found)
    return None if told is None else told.seconds


def test_a_clock_is_held_against_that_of_the_machine_that_collected() -> None:
    assert ahead(document(**MOMENTS)) == pytest.approx(599.5)
    assert ahead(redact(document(**MOMENTS))) == pytest.approx(599.5)


def test_without_the_moment_or_by_itself_a_host_says_nothing_of_its_clock() -> None:
    assert ahead(document()) is None
    assert ahead(document("HV01", **MOMENTS)) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^asked: .* is not a time with its zone"):
        facts_of(document(asked="2026-11-23T20:00:00", answered="2026-11-23T20:00:02"))
