"""The end of a run: its verdict, which is the exit code, and results.json."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from livemigration.plugin.comparing import drift_since
from livemigration.plugin.outline import beginning_of
from livemigration.plugin.reports import fails
from livemigration.plugin.session import Session
from livemigration.run.exit_code import ExitCode, code_of
from livemigration.run.journal import Journal
from livemigration.run.record import Ending, concluded, of_the_run, with_evidence
from livemigration.run.result import Result
from livemigration.run.run import Run
from livemigration.run.trend import with_trend


def finish(session: Session, pytest_code: int, *, own_tests_failed: int) -> Run:
    """Fix the verdict and write results.json; again, where an artefact failed since.

    What stands on the disk afterwards is this verdict, or nothing.

    Args:
        session: the run.
        pytest_code: the exit code that pytest came to.
        own_tests_failed: how many tests that are not checks failed.
    """
    if session.run is not None and session.run.problems == tuple(session.problems):
        return session.run
    # What ends the process from here on takes no result along.
    session.to_journal(Journal.flush)
    session.garbage.keep()
    if session.run is None:
        _keep_evidence(session)
        _keep_drift(session)
    session.besides = replace(
        session.besides, own_tests_failed=own_tests_failed, pytest_code=_of_pytest(pytest_code)
    )
    run = _run(session)
    if session.run is None:
        run = _with_trend(session, run)
    if session.folder is not None:
        try:
            session.folder.write_results(run)
        except OSError as error:
            session.unwritten(error)
            run = _run(session)
    session.run = run
    return run


def _of_pytest(code: int) -> int:
    """Return what pytest ended with, where no test tells it."""
    return code if code in {2, 3, 4, 5} else 0


def _keep_evidence(session: Session) -> None:
    """Work out what the reports show of the facts; the verdict does not depend on it."""
    try:
        session.observed = with_evidence(beginning_of(session), session.observed, session.results)
    except Exception as error:  # noqa: BLE001 - what is shown of the facts never takes the verdict along
        # Its message may quote what a host sent.
        session.artefact_problem("The evidence", RuntimeError(type(error).__name__))


def _keep_drift(session: Session) -> None:
    """Work out what changed since the baseline; the verdict does not depend on it."""
    if session.baseline is None:
        return
    try:
        beginning, facts = beginning_of(session), session.observed.facts
        selected = of_the_run(beginning, facts) if facts is not None else None
        session.drift = drift_since(session.baseline, _run(session), selected)
    except Exception as error:  # noqa: BLE001 - as for the evidence
        session.artefact_problem("What changed", RuntimeError(type(error).__name__))


def _with_trend(session: Session, run: Run) -> Run:
    """Return the run with what earlier runs came to; the verdict does not depend on it."""
    if session.folder is None:
        return run
    try:
        run = with_trend(run, session.folder.reports)
    except Exception as error:  # noqa: BLE001 - as for the evidence
        session.artefact_problem("Earlier runs", RuntimeError(type(error).__name__))
        return _run(session)
    session.trend = run.trend
    return run


def _run(session: Session) -> Run:
    code = code_of(
        session.results,
        session.plan,
        session.besides,
        interrupted=session.interrupted,
        stopped_early=session.stopped_early,
    )
    if not session.plan and code is ExitCode.NOTHING_TO_CHECK and not session.besides.pytest_code:
        # Only tests of the site's own were chosen, and none of them failed.
        code = ExitCode.READY
    ending = Ending(
        finished=datetime.now(UTC),
        exit_code=code,
        interrupted=session.interrupted,
        stopped_early=session.stopped_early,
        problems=tuple(session.problems),
        besides=session.besides,
    )
    run = concluded(beginning_of(session), session.observed, session.results, ending)
    return replace(run, drift=session.drift, trend=session.trend)


def count_failures(results: list[Result]) -> int:
    """Return how many results pytest counts as failed."""
    return sum(map(fails, results))
