"""The file of --junitxml: checks from their results, one by one; ordinary tests as pytest has them.

pytest's own writer keeps a tree of every test until the end, of 1.2 KB for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from livemigration.base.files import write_chunks
from livemigration.plugin.compat_junit import (
    Counted,
    PytestsJunit,
    name_junit_suite,
    shorten_message,
)
from livemigration.plugin.items import CheckItem
from livemigration.plugin.reports import CheckReport, counts_as_passed, fails, sentence
from livemigration.plugin.session import Session
from livemigration.report.junit import case_properties, suite_properties
from livemigration.report.junit_xml import CaseForm, case_xml
from livemigration.run.result import Result, State
from livemigration.run.run import Run


class JunitFile:
    """A plugin of pytest that writes the file in place of pytest's own."""

    def __init__(self, own: Session, pytests: PytestsJunit) -> None:
        self._own = own
        self._pytests = pytests
        self._places: dict[str, tuple[str, int | None]] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note where each check is written, and that those of modules stand before all others."""
        for item in session.items:
            if isinstance(item, CheckItem) and item.check.identifier not in self._places:
                self._places[item.check.identifier] = item.location[:2]
        self._pytests.mark()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what an ordinary test came to."""
        if not isinstance(report, CheckReport):
            self._pytests.test(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take what could not be collected."""
        self._pytests.module(report)

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Take an error of pytest itself."""
        self._pytests.internal_error(excrepr)

    def pytest_sessionfinish(self) -> None:
        """Write the file; the verdict stays where that cannot be."""
        path = self._pytests.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_chunks(path, (each.encode() for each in self._parts()))
        except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
            problem(self._own, f"The JUnit file {path}", error)

    def _parts(self) -> Iterator[str]:
        results = self._own.results
        for kind, number in Counter(map(_counted, results)).items():
            self._pytests.count(kind, number)
        before, after = self._pytests.around()
        form = CaseForm(
            prefix=self._pytests.prefix,
            says_place=self._pytests.says_place,
            counts_setup=self._pytests.counts_setup,
            shorten=shorten_message,
            places=self._places,
        )
        yield before
        for result in results:
            yield case_xml(result, form, sentence(result))
        yield after

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Name the file."""
        self._pytests.say_where(terminalreporter, config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Leave nothing that pytest would look for."""
        self._pytests.forget(config)


def write_in_place_of_pytest(own: Session, config: pytest.Config) -> None:
    """Take over --junitxml, where it is given, once the session has begun."""
    pytests = PytestsJunit.taken(config)
    if pytests is not None:
        config.pluginmanager.register(JunitFile(own, pytests), "livemigration-junit")


def _counted(result: Result) -> Counted:
    if fails(result):
        return "error" if result.state is State.BLOCKED else "failure"
    return "passed" if counts_as_passed(result) else "skipped"


def problem(own: Session, what: str, error: Exception) -> None:
    """Remember that a view could not be written."""
    # Another message may quote what a host sent.
    known = error if isinstance(error, OSError) else RuntimeError(type(error).__name__)
    own.artefact_problem(what, known)


def add_properties(own: Session, result: Result, reports: list[pytest.TestReport]) -> None:
    """Give reports the properties that their test case has in the file, for other plugins."""
    try:
        properties: list[tuple[str, object]] = [*case_properties(result)]
        for report in reports:
            report.user_properties = properties
    except Exception as error:  # noqa: BLE001 - as above
        problem(own, "The properties of a check", error)


def name_suite(own: Session, config: pytest.Config, run: Run) -> None:
    """Write the verdict, and the mark of the lab, into the file of --junitxml."""
    try:
        for name, value in suite_properties(run):
            name_junit_suite(config, name, value)
    except Exception as error:  # noqa: BLE001 - as above
        problem(own, "The verdict in the JUnit file", error)
