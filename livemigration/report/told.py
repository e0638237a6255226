"""What a result says, in single lines: the same words in every view that machines read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.findings import Finding, Level
from livemigration.report.text import plain
from livemigration.results import PlanEntry, Result, Run, State

_WEIGHTY = (Level.FAIL, Level.WARNING)
_NO_REASON = "The reason was not recorded."


@dataclass(frozen=True)
class Told:
    """Observed, expected and the fix of a result; what it does not say is empty."""

    observed: str
    expected: str = ""
    fix: str = ""


def results_in_plan_order(run: Run) -> Iterator[Result]:
    """Yield a result for every plan entry, `not-run` for those without one."""
    found = {result.entry.node_id: result for result in run.results}
    for entry in run.plan:
        yield found.pop(entry.node_id, Result(entry, State.NOT_RUN))
    # Of a results.json whose plan lacks them: nothing is left out.
    yield from found.values()


def weighty(result: Result) -> tuple[Finding, ...]:
    """Return the findings for which a result is not a pass; one where none was recorded.

    Of a failing result its failures come before its warnings.
    """
    if result.state not in {State.FAIL, State.WARNING, State.WAIVED}:
        return ()
    found = tuple(each for level in _WEIGHTY for each in result.findings if each.level is level)
    level = Level.WARNING if result.state is State.WARNING else Level.FAIL
    return found or (Finding(level, result.reason or _NO_REASON),)


def told(result: Result) -> Told:
    """Return what a result says, each part on one line that cannot steer a terminal."""
    if result.blocked_by is not None:
        by = f"Blocked by {result.blocked_by.check}: " if result.blocked_by.check else "Blocked: "
        return Told(plain(by + result.blocked_by.reason), "", plain(result.blocked_by.next_step))
    if found := weighty(result):
        return of_findings(found)
    said = " ".join(each.observed for each in result.findings)
    return Told(plain(said or result.reason))


def of_findings(found: tuple[Finding, ...]) -> Told:
    """Return what findings say together; a fix that several share is said once."""
    fixes = {each.fix.key: each.fix.summary for each in found if each.fix is not None}
    return Told(
        plain(" ".join(each.observed for each in found)),
        plain(" ".join(dict.fromkeys(each.expected for each in found if each.expected))),
        plain(" ".join(fixes.values())),
    )


def headline(entry: PlanEntry) -> str:
    """Return `LM102 hv03.contoso.com`: the name of a check on a target, unique in a run."""
    return plain(f"{entry.check} {entry.target}")
