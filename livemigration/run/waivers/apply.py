"""What waivers do to results, and what became of each waiver. Pure: `now` is when the run began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from livemigration.inventory.policy import Policy
from livemigration.run.result import Result, State
from livemigration.run.waivers.model import Waiver, WaiverStatus, WaiverUse
from livemigration.run.waivers.roots import SignedRoot, longest, root_of, signed_roots
from livemigration.verdict.findings import Finding, Level

WARNED_AHEAD = 14
# What the run looked at and found in order, so that there is nothing to sign for.
_IN_ORDER = {State.PASS, State.WARNING, State.NOT_APPLICABLE}


def waive(
    result: Result,
    waivers: Iterable[Waiver],
    now: datetime,
    roots: Iterable[SignedRoot] = (),
    *,
    warnings_count: bool = False,
) -> Result:
    """Return what a result is once waivers count: only what is red can be waived.

    A failure that the repair of a signed root mends is waived with it. A failure whose waiver
    expired fails, and says until when it was waived. `warnings_count`: see `root_of`.
    """
    if not result.red:
        return result
    own = longest(result, waivers)
    if own is not None and now < own.ends:
        return _waived(result, _reason(own))
    root = root_of(result, roots, warnings_count=warnings_count)
    if root is not None:
        told = f"The repair of {root.check} mends this too. {_reason(root.waiver)}"
        return _waived(result, told)
    if own is None:
        return result
    told = f"This was waived until {own.until} by {own.signed}: {own.reason}"
    return replace(result, findings=tuple(_with(each, told) for each in result.findings))


def waive_each(
    results: Sequence[Result], waivers: Sequence[Waiver], now: datetime, policies: Iterable[Policy]
) -> list[Result]:
    """Return what all results of a run are once waivers count; `policies`: what each is judged by.

    See `waive`: the roots are among the results.
    """
    roots = signed_roots(results, waivers, now)
    return [
        waive(
            result,
            waivers,
            now,
            roots.get(result.entry.target, ()),
            warnings_count=policy.fail_on == "warning",
        )
        for result, policy in zip(results, policies, strict=True)
    ]


def _waived(result: Result, reason: str) -> Result:
    return replace(result, state=State.WAIVED, red=False, reason=reason)


def uses_of(
    waivers: Sequence[Waiver], results: Iterable[Result], now: datetime
) -> tuple[WaiverUse, ...]:
    """Return what became of every waiver in a run."""
    known = tuple(results)
    states = {_pair(result): result.state for result in known}
    along = _waived_along(waivers, known, now)
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
            along[waiver],
        )
        for waiver in waivers
    )


def _waived_along(
    waivers: Sequence[Waiver], results: Sequence[Result], now: datetime
) -> Counter[Waiver]:
    """Return how many failures each waiver covers that it does not name."""
    roots = signed_roots(results, waivers, now)
    found: Counter[Waiver] = Counter()
    for result in results:
        if result.state is not State.WAIVED:
            continue
        own = longest(result, waivers)
        root = root_of(result, roots.get(result.entry.target, ()))
        if root is not None and (own is None or now >= own.ends):
            found[root.waiver] += 1
    return found


def _use(
    waiver: Waiver,
    counting: frozenset[tuple[str, str]],
    found: Mapping[tuple[str, str], State],
    now: datetime,
    along: int,
) -> WaiverUse:
    """Return what became of a waiver.

    `counting` are its pairs that no other covers for longer; `along` counts the failures that it
    covers without naming them.
    """
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
    waived = along + sum(found.get(each) is State.WAIVED for each in counting)
    if waiver.days_left <= WARNED_AHEAD:
        ends = f"in {_days(waiver.days_left)}" if waiver.days_left else "today"
        told = f" ends {ends}, {mend}"
        return _told(waiver, WaiverStatus.ENDS_SOON, told, waived)
    return WaiverUse(waiver, WaiverStatus.USED, waived)


def _told(waiver: Waiver, status: WaiverStatus, told: str, waived: int = 0) -> WaiverUse:
    return WaiverUse(waiver, status, waived, f"The waiver {waiver.place} of {waiver.signed}{told}")


def _pair(result: Result) -> tuple[str, str]:
    return result.entry.check, result.entry.target


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _reason(waiver: Waiver) -> str:
    left = f"{_days(waiver.days_left)} left" if waiver.days_left else "which ends today"
    return f"Waived by {waiver.signed} until {waiver.until}, {left}: {waiver.reason}"


def _with(finding: Finding, told: str) -> Finding:
    if finding.level not in {Level.FAIL, Level.WARNING}:
        return finding
    return replace(finding, observed=f"{finding.observed} {told}")
