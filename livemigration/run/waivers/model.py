"""A waiver as a run knows it, what it did to a result, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property


@dataclass(frozen=True)
class Waiver:
    """One waiver of the run's file.

    `place` is its key in the file, `ends` the first moment at which it holds no more, UTC, and
    `days_left` how many days after today it lasts, negative once it expired. `pairs` are the checks
    and targets of the inventory that it covers.
    """

    place: str
    owner: str
    ticket: str
    reason: str
    expires: date
    ends: datetime
    zone: str
    days_left: int
    pairs: tuple[tuple[str, str], ...]

    @cached_property
    def covered(self) -> frozenset[tuple[str, str]]:
        """Its pairs, to look one up in."""
        return frozenset(self.pairs)

    @property
    def until(self) -> str:
        """Its last day, and where that day ends."""
        return f"the end of {self.expires.isoformat()} ({self.zone})"

    @property
    def signed(self) -> str:
        """Who signed for it, and where."""
        return f"{self.owner} ({self.ticket})"


class WaiverStatus(Enum):
    """What became of a waiver in a run."""

    USED = "in force"
    ENDS_SOON = "ends soon"
    EXPIRED = "expired"
    NOT_NEEDED = "nothing to waive"
    NOT_IN_RUN = "not in this run"


@dataclass(frozen=True)
class WaiverUse:
    """One waiver of the file and what it did: how many failures it waived, and what to do next.

    `warning` is empty where there is nothing to do.
    """

    waiver: Waiver
    status: WaiverStatus
    waived: int
    warning: str = ""
