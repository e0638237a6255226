"""What waivers do to results, and what became of each waiver. Pure: `now` is when the run began."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from livemigration.findings import Finding, Level
from livemigration.results import Result, State
from livemigration.waivers.model import Waiver, WaiverStatus, WaiverUse

WARNED_AHEAD = 14
# What the run looked at and found in order, so that there is nothing to sign for.
_IN_ORDER = {State.PASS, State.WARNING, State.NOT_APPLICABLE}


def waive(result: Result, waivers: Iterable[Waiver], now: datetime) -> Result:
    """Return what a result is once waivers count: only what is red can be waived.

    A failure whose waiver expired fails, and says until when it was waived.
    """
    if not result.red:
        return result
    pair = _pair(result)
    covering = [each for each in waivers if pair in each.pairs]
    if not covering:
        return result
    longest = max(covering, key=lambda each: each.ends)
    if now < longest.ends:
        return replace(result, state=State.WAIVED, red=False, reason=_reason(longest))
    told = f"This was waived until {longest.until} by {longest.signed}: {longest.reason}"
    return replace(result, findings=tuple(_with(each, told) for each in result.findings))


def uses_of(
    waivers: Sequence[Waiver], results: Iterable[Result], now: datetime
) -> tuple[WaiverUse, ...]:
    """Return what became of every waiver in a run."""
    states = {_pair(result): result.state for result in results}
    return tuple(
        _use(waiver, [states[each] for each in waiver.pairs if each in states], now)
        for waiver in waivers
    )


def _use(waiver: Waiver, states: Sequence[State], now: datetime) -> WaiverUse:
    waived = sum(state is State.WAIVED for state in states)
    if not states:
        return WaiverUse(waiver, WaiverStatus.NOT_IN_RUN, 0)
    if len(states) == len(waiver.pairs) and all(state in _IN_ORDER for state in states):
        return WaiverUse(
            waiver,
            WaiverStatus.NOT_NEEDED,
            0,
            f"{_named(waiver)}: nothing that it covers fails any more: remove it.",
        )
    if now >= waiver.ends:
        return WaiverUse(
            waiver,
            WaiverStatus.EXPIRED,
            0,
            f"{_named(waiver)} expired at {waiver.until}: mend what it covers, or sign again.",
        )
    if waiver.days_left <= WARNED_AHEAD:
        return WaiverUse(
            waiver,
            WaiverStatus.ENDS_SOON,
            waived,
            f"{_named(waiver)} ends in {_days(waiver.days_left)}, at {waiver.until}: mend what it "
            "covers, or sign again.",
        )
    return WaiverUse(waiver, WaiverStatus.USED, waived)


def _pair(result: Result) -> tuple[str, str]:
    return result.entry.check, result.entry.target


def _named(waiver: Waiver) -> str:
    return f"The waiver {waiver.place} of {waiver.signed}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _reason(waiver: Waiver) -> str:
    return (
        f"Waived by {waiver.signed} until {waiver.until}, {_days(waiver.days_left)} left: "
        f"{waiver.reason}"
    )


def _with(finding: Finding, told: str) -> Finding:
    if finding.level not in {Level.FAIL, Level.WARNING}:
        return finding
    return replace(finding, observed=f"{finding.observed} {told}")
