"""By how much the clocks of hosts are off, against that of the suite and against each other.

Kerberos refuses what is stamped more than five minutes away (windows-facts-2.md section 13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_high, median_low

from livemigration.facts.clock import CLOCK, Clock
from livemigration.facts.model import FactSheet, Gathered, Outcome
from livemigration.verdict.circles import Circle

NOTICEABLE_SECONDS = 60
KERBEROS_SECONDS = 300
# Fewer say less of a clock than that of the machine that asked them does.
_SEVERAL = 3
# Windows tells the time to the second: half of one is the most that it may be off.
_HALF_OF_ITS_STEP = 0.5


@dataclass(frozen=True)
class Ahead:
    """By how many seconds a clock is ahead of the suite's; below 0: behind.

    `give`: by how much that may be wrong, because asking took a while.
    """

    seconds: float
    give: float

    def beyond(self, reference: float, limit: float) -> bool:
        """Whether it is surely further than a limit from a reference."""
        return abs(self.seconds - reference) - self.give > limit


def ahead_of_suite(outcome: Outcome[Clock]) -> Ahead | None:
    """Return by how much a clock is ahead of the suite's; None: nobody can say.

    The host read its clock somewhere in the time that asking took; the middle is assumed.
    """
    if not isinstance(outcome, Gathered) or outcome.at is None:
        return None
    # As a facts file holds it, so that a replay comes to the same.
    half = round(outcome.seconds, 3) / 2
    since = (outcome.value.shows - outcome.at).total_seconds()
    return Ahead(since + half + _HALF_OF_ITS_STEP, half + _HALF_OF_ITS_STEP)


def sheet_ahead(sheet: FactSheet) -> Ahead | None:
    """Return by how much the clock of a host is ahead of the suite's; None: nobody can say."""
    return ahead_of_suite(sheet.outcome(CLOCK))


@dataclass(frozen=True)
class Reference:
    """What the clocks of a circle are held against, in seconds ahead of the suite's.

    `clocks` is how many of hosts it rests on.
    """

    seconds: float
    clocks: int

    @property
    def is_small(self) -> bool:
        """Whether it rests on so few hosts that the suite's clock counts among theirs."""
        return self.clocks < _SEVERAL

    @property
    def suite_differs(self) -> bool:
        """Whether the clock of the machine that ran the suite is the one that is off."""
        return abs(self.seconds) > NOTICEABLE_SECONDS


def reference_of(seconds: Sequence[float]) -> Reference:
    """Return what clocks are held against: their median, of two with the suite's as the third.

    Of two in the middle, the one nearer the suite's counts; one clock alone is held against it.
    """
    clocks = [*seconds, 0.0] if len(seconds) < _SEVERAL else list(seconds)
    middle = min((median_low(clocks), median_high(clocks)), key=abs)
    return Reference(middle, len(seconds))


def reference_of_circle(circle: Circle) -> Reference:
    """Return what the clocks of the hosts of a circle are held against."""
    names = circle.known.names
    found = (sheet_ahead(circle.facts.hosts[name]) for name in names)
    return reference_of([each.seconds for each in found if each is not None])


def lasting(seconds: float) -> str:
    """Return a length of time for a sentence, without its sign."""
    whole = abs(round(seconds))
    if whole < 2 * 60:
        return f"{whole} seconds"
    if whole < 2 * 3600:
        return f"{round(whole / 60)} minutes"
    if whole < 2 * 86400:
        return f"{round(whole / 3600)} hours"
    return f"{round(whole / 86400)} days"
