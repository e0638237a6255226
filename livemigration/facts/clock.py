"""The clock of a host, as Windows tells it (windows-facts-2.md section 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import CIMV2, single


@dataclass(frozen=True)
class Clock:
    """Win32_UTCTime: what the clock showed, UTC, to the second.

    It means something beside the moment of asking alone: the outcome says when it ended, by the
    clock of the machine that asked, and how long it took.
    """

    shows: datetime


_PARTS = ("Year", "Month", "Day", "Hour", "Minute", "Second")


def _clock(rows: Sequence[WmiRow]) -> Clock:
    row = single(rows, "clock")
    year, month, day, hour, minute, second = map(row.integer, _PARTS)
    return Clock(datetime(year, month, day, hour, minute, second, tzinfo=UTC))


CLOCK = WmiGroup(
    "clock",
    "the clock",
    Subject.HOST,
    Vantage.HOST,
    Clock,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_UTCTime",
            tuple(WmiProperty(name, CimType.UINT32) for name in sorted(_PARTS)),
        )
    ),
    parse=_clock,
)
