"""Results as pytest's own report objects, for the terminal, JUnit and pytest-html."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Literal

import pytest

from livemigration.plugin.compat import Explained, expect_failure
from livemigration.plugin.items import CheckItem
from livemigration.report.junit import case_message, case_text
from livemigration.report.text import plain
from livemigration.run.result import Result, State

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

_FAILURES = frozenset({State.BLOCKED, State.INTERNAL_ERROR})
_PASSED = frozenset({State.PASS, State.WARNING})


class CheckReport(pytest.TestReport):
    """What pytest and its plugins are told of a check."""


def category_of(result: Result) -> tuple[str, str, str]:
    """Return under which word pytest counts a result, its letter, and its word of its own."""
    if result.state is State.WARNING and result.red:
        return "failing", "F", "WARNING (fail_on: warning)"
    return _TERMINAL[result.state]


def fails(result: Result) -> bool:
    """Whether a result is a failure to pytest: one that it can neither pass nor skip."""
    return result.red or result.state in _FAILURES


def counts_as_passed(result: Result) -> bool:
    """Whether a result is a test that passed to pytest, and not one that was skipped."""
    return not fails(result) and result.state in _PASSED


def reports_of(item: CheckItem, result: Result) -> Iterator[pytest.TestReport]:
    """Yield the reports of one result: its own, and the teardown that closes the item.

    fail: failed in call. blocked: failed in setup. waived: xfail. not-applicable: skipped.
    """
    first: tuple[Phase, PytestOutcome, LongRepr]
    if fails(result):
        phase: Phase = "setup" if result.state is State.BLOCKED else "call"
        first = (phase, "failed", Explained(case_message(result), case_text(result)))
    elif counts_as_passed(result):
        first = ("call", "passed", None)
    else:
        path, line, _ = item.location
        first = ("call", "skipped", (path, line or 0, sentence(result)))
    phase, outcome, longrepr = first
    # Both reports have the same: a run makes two for each check of each host.
    keywords: Mapping[str, Literal[1]] = dict.fromkeys(item.keywords, 1)
    report = _report(item, keywords, phase, outcome, longrepr, result.seconds)
    if result.state is State.WAIVED:
        expect_failure(report, result.reason)
    setattr(report, RESULT_ATTRIBUTE, result)
    yield report
    yield _report(item, keywords, "teardown", "passed", None, 0.0)


def _report(
    item: CheckItem,
    keywords: Mapping[str, Literal[1]],
    phase: Phase,
    outcome: PytestOutcome,
    longrepr: LongRepr,
    seconds: float,
) -> pytest.TestReport:
    now = time.time()
    return CheckReport(
        item.nodeid,
        item.location,
        keywords,
        outcome,
        longrepr,
        phase,
        [],
        seconds,
        now - seconds,
        now,
    )


def sentence(result: Result) -> str:
    """Return why a check was left aside, in one line that cannot steer a terminal."""
    said = result.reason or " ".join(each.observed for each in result.findings)
    return plain(f"{result.entry.check} {result.entry.target}: {said}")


def status_of(
    report: pytest.TestReport, *, told: bool, counted: bool
) -> tuple[str, str, str] | None:
    """Return the terminal's category, letter and word for a report of ours.

    Args:
        report: the report.
        told: whether pytest shows each check; else only what they come to is shown.
        counted: whether a check that is not shown still counts for pytest's percentages.
    """
    result: Result | None = getattr(report, RESULT_ATTRIBUTE, None)
    if result is None:
        return None
    category, letter, word = category_of(result)
    if not told:
        # A word without a letter is counted, and nothing is written.
        return category, "", word if counted else ""
    return category, letter, word
