"""The exit code of a run, which is its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from livemigration.run.merge.model import Besides
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result, State


class ExitCode(IntEnum):
    """The exit codes of a run."""

    READY = 0
    NOT_READY = 1
    INTERRUPTED = 2
    INTERNAL_ERROR = 3
    USAGE = 4
    NOTHING_TO_CHECK = 5
    NO_VERDICT = 10
    ARTEFACT_NOT_WRITTEN = 11


# What each says of a run, for its readers.
MEANINGS: Mapping[int, str] = {
    ExitCode.READY: "ready",
    ExitCode.NOT_READY: "NOT READY: something fails; an unreachable host is a failure",
    ExitCode.INTERRUPTED: "interrupted, stopped by `pytest.exit`, or a file of checks could not be "
    "collected",
    ExitCode.INTERNAL_ERROR: "internal error: report it",
    ExitCode.USAGE: "usage, configuration, or the report folder cannot be written",
    ExitCode.NOTHING_TO_CHECK: "nothing to check, or no check applied",
    ExitCode.NO_VERDICT: "no verdict: something could not be checked, nothing failed",
    ExitCode.ARTEFACT_NOT_WRITTEN: "verdict reached, but a report could not be written",
}

PRECEDENCE = (
    ExitCode.INTERNAL_ERROR,
    ExitCode.USAGE,
    ExitCode.INTERRUPTED,
    ExitCode.NOT_READY,
    ExitCode.NO_VERDICT,
    ExitCode.ARTEFACT_NOT_WRITTEN,
    ExitCode.NOTHING_TO_CHECK,
    ExitCode.READY,
)


# What pytest says by its exit code and no result does: stopped, broken, misused, nothing collected.
OF_PYTEST = {
    ExitCode.INTERRUPTED,
    ExitCode.INTERNAL_ERROR,
    ExitCode.USAGE,
    ExitCode.NOTHING_TO_CHECK,
}

_OF_STATES = {
    State.INTERNAL_ERROR: ExitCode.INTERNAL_ERROR,
    State.BLOCKED: ExitCode.NO_VERDICT,
    State.NOT_RUN: ExitCode.INTERRUPTED,
}


def exit_code_of(results: Iterable[Result]) -> ExitCode:
    """Return the exit code that these results alone amount to.

    Where no check applies, nothing was checked: that is not green.
    """
    known = tuple(results)
    if all(result.state is State.NOT_APPLICABLE for result in known):
        return ExitCode.NOTHING_TO_CHECK
    return worst({_code_of(result) for result in known})


def code_of(
    results: Iterable[Result],
    plan: Iterable[PlanEntry],
    besides: Besides,
    *,
    interrupted: bool,
    stopped_early: str,
) -> ExitCode:
    """Return the exit code of a run: of its results, of what did not run, and of what else failed.

    Where nothing was planned and nothing else happened, nothing was checked.
    """
    known = tuple(results)
    codes = {exit_code_of(known)}
    if besides.artefact_missing:
        codes.add(ExitCode.ARTEFACT_NOT_WRITTEN)
    if besides.own_tests_failed:
        codes.add(ExitCode.NOT_READY)
    if besides.pytest_code in OF_PYTEST:
        codes.add(ExitCode(besides.pytest_code))
    if interrupted:
        codes.add(ExitCode.INTERRUPTED)
    done = {result.entry.node_id for result in known}
    missing = any(entry.node_id not in done for entry in plan)
    if missing and besides.pytest_code not in {ExitCode.INTERRUPTED, ExitCode.USAGE}:
        stopped = bool(stopped_early) or interrupted
        codes.add(ExitCode.NO_VERDICT if stopped else ExitCode.INTERNAL_ERROR)
    return worst(codes)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code that wins where several hold."""
    return min(codes, key=PRECEDENCE.index)


def _code_of(result: Result) -> ExitCode:
    if result.red:
        return ExitCode.NOT_READY
    return _OF_STATES.get(result.state, ExitCode.READY)
