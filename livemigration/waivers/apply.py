"""What waivers do to results, and what became of each waiver. Pure: `now` is when the run began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    last: dict[tuple[str, str], datetime] = {}
    for waiver in waivers:
        for pair in waiver.pairs:
            last[pair] = max(waiver.ends, last.get(pair, waiver.ends))
    return tuple(
        _use(
            waiver,
            frozenset(each for each in waiver.pairs if last[each] == waiver.ends),
            states,
            now,
        )
        for waiver in waivers
    )


def _use(
    waiver: Waiver,
    counting: frozenset[tuple[str, str]],
    found: Mapping[tuple[str, str], State],
    now: datetime,
) -> WaiverUse:
    """Return what became of a waiver; `counting` are its pairs that no other covers for longer."""
    states = [found[each] for each in waiver.pairs if each in found]
    if not states:
        return WaiverUse(waiver, WaiverStatus.NOT_IN_RUN, 0)
    if not counting:
        told = ": other waivers cover all of it for longer: remove it."
        return _told(waiver, WaiverStatus.NOT_NEEDED, told)
    if len(states) == len(waiver.pairs) and all(state in _IN_ORDER for state in states):
        told = ": nothing that it covers fails any more: remove it."
        return _told(waiver, WaiverStatus.NOT_NEEDED, told)
    mend = f"at {waiver.until}: mend what it covers, or sign again."
    if now >= waiver.ends:
        return _told(waiver, WaiverStatus.EXPIRED, f" expired {mend}")
    waived = sum(found.get(each) is State.WAIVED for each in counting)
    if waiver.days_left <= WARNED_AHEAD:
        told = f" ends in {_days(waiver.days_left)}, {mend}"
        return _told(waiver, WaiverStatus.ENDS_SOON, told, waived)
    return WaiverUse(waiver, WaiverStatus.USED, waived)


def _told(waiver: Waiver, status: WaiverStatus, told: str, waived: int = 0) -> WaiverUse:
    return WaiverUse(waiver, status, waived, f"The waiver {waiver.place} of {waiver.signed}{told}")


def _pair(result: Result) -> tuple[str, str]:
    return result.entry.check, result.entry.target


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
