"""Results as pytest's own report objects, for the terminal, JUnit and pytest-html."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import pytest

from livemigration.plugin.items import CheckItem
from livemigration.report.text import plain
from livemigration.results import Result, State

RESULT_ATTRIBUTE = "livemigration_result"

Phase = Literal["setup", "call", "teardown"]
PytestOutcome = Literal["passed", "failed", "skipped"]
LongRepr = str | tuple[str, int, str] | None

_TERMINAL = {
    State.PASS: ("passed", ".", "PASS"),
    State.WARNING: ("with warnings", "w", "WARNING"),
    State.FAIL: ("failing", "F", "FAIL"),
    State.BLOCKED: ("blocked", "B", "BLOCKED"),
    State.WAIVED: ("waived", "W", "WAIVED"),
    State.NOT_APPLICABLE: ("not applicable", "-", "NOT APPLICABLE"),
    State.INTERNAL_ERROR: ("internal errors", "E", "INTERNAL ERROR"),
}


def reports_of(item: CheckItem, result: Result) -> Iterator[pytest.TestReport]:
    """Yield the reports of one result: its own, and the teardown that closes the item.

    fail: failed in call. blocked: failed in setup. waived: xfail. not-applicable: skipped.
    """
    path, line, _ = item.location
    first: tuple[Phase, PytestOutcome, LongRepr]
    if result.red or result.state is State.INTERNAL_ERROR:
        first = ("call", "failed", sentence(result))
    elif result.state is State.BLOCKED:
        first = ("setup", "failed", sentence(result))
    elif result.state in {State.NOT_APPLICABLE, State.WAIVED}:
        first = ("call", "skipped", (path, line or 0, sentence(result)))
    else:
        first = ("call", "passed", None)
    phase, outcome, longrepr = first
    report = _report(item, phase, outcome, longrepr, result.seconds)
    if result.state is State.WAIVED:
        report.wasxfail = result.reason
    setattr(report, RESULT_ATTRIBUTE, result)
    yield report
    yield _report(item, "teardown", "passed", None, 0.0)


def _report(
    item: CheckItem, phase: Phase, outcome: PytestOutcome, longrepr: LongRepr, seconds: float
) -> pytest.TestReport:
    now = time.time()
    return pytest.TestReport(
        item.nodeid,
        item.location,
        dict.fromkeys(item.keywords, 1),
        outcome,
        longrepr,
        phase,
        [],
        seconds,
        now - seconds,
        now,
    )


def sentence(result: Result) -> str:
    """Return why a result is not a pass, in one line that cannot steer a terminal."""
    return plain(_said(result))


def _said(result: Result) -> str:
    entry = result.entry
    head = f"{entry.check} {entry.target}"
    if result.blocked_by is not None:
        by = f" by {result.blocked_by.check}" if result.blocked_by.check else ""
        return f"{head}: blocked{by}: {result.blocked_by.reason}"
    worst = [each for each in result.findings if each.fix is not None] or list(result.findings)
    return f"{head}: {result.reason or ' '.join(each.observed for each in worst)}"


def status_of(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """Return the terminal's category, letter and word for a report of ours."""
    result: Result | None = getattr(report, RESULT_ATTRIBUTE, None)
    if result is None:
        return None
    if result.state is State.WARNING and result.red:
        return "failing", "F", "WARNING (fail_on: warning)"
    return _TERMINAL[result.state]
