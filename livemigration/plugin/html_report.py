"""pytest-html's own page, `tests.html`: what is red or blocked, a row each, with links."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import quote

import pytest

from livemigration.plugin.compat import count_passed, failure_was_expected, hide_html_file_name
from livemigration.report.text import plain
from livemigration.report.wording import (
    counts_sentence,
    result_word,
    stamp_sentences,
    verdict_words,
)
from livemigration.run.files import REPORT
from livemigration.run.result import Result, State
from livemigration.run.run import Run

TITLE = "Live migration"
NO_RUN = "NO VERDICT: no check was run"
# A table of more rows is of no use to a reader, and slow to open.
MOST_ROWS = 500


class HtmlReport:
    """A pytest plugin that makes of pytest-html's page a table of what is red or blocked.

    Args:
        get_run: returns the run once it is known, None where no check was run.
        report: the name of the report beside the page.
    """

    NAME = "livemigration-html"

    def __init__(self, get_run: Callable[[], Run | None], report: str = REPORT) -> None:
        self._get_run = get_run
        self._report = report
        self._rows = 0
        # pytest-html hands its data to this one hook and to no other.
        self._data: Any = None

    def count(self, passed: int, failed: int) -> None:
        """Count tests that pytest-html gets no report of: those that passed, and rows too many."""
        self._rows += failed
        if self._data is not None:
            for _ in range(passed):
                count_passed(self._data)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Keep pytest-html from naming its file on the terminal: it is a temporary one."""
        hide_html_file_name(session.config.pluginmanager)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Keep pytest-html's data; the title is known only at the end."""
        self._data = report
        report.title = TITLE

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Add a column for the exact state, which pytest's outcomes cannot say."""
        cells.insert(1, '<th class="sortable" data-column-type="state">State</th>')

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        """Escape the test's id, say its state, link the report, and drop what is not red."""
        result: Result | None = getattr(report, "livemigration_result", None)
        if _is_quiet(report, result):
            if report.when == "call" and report.passed and self._data is not None:
                count_passed(self._data)
            cells.clear()
            return
        self._rows += 1
        if self._rows > MOST_ROWS:
            cells.clear()
            return
        phase = "" if report.when == "call" else f"::{report.when}"
        cells[1] = f'<td class="col-testId">{escape(plain(f"{report.nodeid}{phase}"))}</td>'
        word = escape(result_word(result)) if result else ""
        cells.insert(1, f'<td class="col-state">{word}</td>')
        if result is not None:
            cells[-1] = f'<td class="col-links">{self._link(result)}</td>'

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: Any, data: list[str]) -> None:
        """Say why a check was skipped; pytest-html shows the place in the source as well."""
        if hasattr(report, "livemigration_result") and isinstance(report.longrepr, tuple):
            data[:] = [escape(plain(str(report.longrepr[-1])))]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Say what the run came to and where its report is, and put its verdict into the title."""
        run = self._get_run()
        verdict = verdict_words(run) if run else NO_RUN
        mark = " (SIMULATED)" if run and run.simulated else ""
        if self._data is not None:
            self._data.title = f"{TITLE}: {verdict}{mark}"
        prefix[:0] = [f"<p>{each}</p>" for each in self._sentences(run)]

    def _sentences(self, run: Run | None) -> list[str]:
        if run is None:
            nothing = "Nothing is known about any host. See the terminal or the log for the reason."
            return [f"<b>{NO_RUN}</b>", nothing]
        said = [f"<b>{escape(plain(verdict_words(run)))}</b>"]
        said += [escape(plain(each)) for each in stamp_sentences(run)]
        said.append(
            f'<a href="{quote(self._report)}">The report</a> names the hosts and how to mend them.'
        )
        said.append(
            f"{escape(counts_sentence(run))} Below are pytest's own numbers: what is blocked is an "
            "error to it, and neither errors nor skipped tests are among its tests."
        )
        if self._rows > MOST_ROWS:
            said.append(
                f"{self._rows} tests are red or blocked. The first {MOST_ROWS} are listed; the "
                "report has all."
            )
        return said

    def _link(self, result: Result) -> str:
        entry = result.entry
        anchor = quote(plain(f"{entry.target}-{entry.check}"), safe="")
        return f'<a href="{quote(self._report)}#{anchor}">report</a>'


def _is_quiet(report: Any, result: Result | None) -> bool:
    """Whether a test is neither red nor blocked."""
    if result is None:
        return bool(report.passed) and not failure_was_expected(report)
    unclear = {State.BLOCKED, State.INTERNAL_ERROR}
    return report.when == "teardown" or not (result.red or result.state in unclear)
