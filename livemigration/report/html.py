"""The HTML page: pytest-html's, with everything that matters in front, as static HTML."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from livemigration.addresses import listed
from livemigration.compat import hide_html_file_name
from livemigration.facts.model import Subject
from livemigration.report.drawing import drawing_of
from livemigration.report.factbook import FactBook, Link
from livemigration.report.grouping import (
    Reason,
    TargetView,
    View,
    Warned,
    hosts_sentence,
    reasons,
    view_of,
)
from livemigration.report.matrix import matrices_of
from livemigration.report.moments import gathered, local, utc
from livemigration.report.picture import Picture, pictures_of
from livemigration.report.proof import proof_of
from livemigration.report.text import plain
from livemigration.report.wording import (
    SIMULATED,
    change_sentences,
    counted,
    counts_sentence,
    drift_sentence,
    not_examined_sentence,
    result_word,
    scope_sentences,
    state_word,
    verdict_scope,
)
from livemigration.results import PlanEntry, Result, Run, State

TITLE = "Live migration"
_NO_RUN = "NO VERDICT: no check was run"
_FOLDER = Path(__file__).parent
# Lines differ without colour too.
_DASHES = {"refused": "7 4", "timed-out": "2 5", "failed": "9 3 2 3"}
# What is not known to have come to the host ends at the subnet, with this sign.
_ENDS_EARLY = {"timed-out": "?", "failed": "!", "elsewhere": "\N{NOT EQUAL TO}"}


@dataclass(frozen=True)
class Warnings:
    """The warnings of one check on hosts that do not fail."""

    check: str
    title: str
    items: tuple[Warned, ...]


def summary_html(run: Run) -> str:
    """Return the run as an HTML fragment that needs no script and nothing from elsewhere."""
    view = view_of(run)
    lonely = tuple(host for host in view.undecided if host.blocked)
    anchors = _anchors(view, lonely)
    book = FactBook(run)
    return (
        _environment()
        .get_template("report.jinja")
        .render(
            run=run,
            view=view,
            anchors=anchors,
            lonely=lonely,
            book=book,
            besides=book.besides(set(anchors)),
            drawings=tuple((each, drawing_of(each)) for each in _pictures(run, view)),
            proofs={host.name: proof_of(run, host.name) for host in view.failing},
            verdict_scope=verdict_scope(run),
            not_examined=not_examined_sentence(run),
            tone=_tone(run.verdict),
            hosts_sentence=hosts_sentence(view),
            counts_sentence=counts_sentence(run),
            scope=(*scope_sentences(run), *change_sentences(run)),
            drift_sentence=drift_sentence(run.drift) if run.drift else "",
            simulated=SIMULATED,
            inapplicable=_inapplicable(run, view),
            warnings=_warnings_by_check(view.not_failing),
            noted=tuple(host for host in view.not_failing if host.notes),
            not_run=tuple(each for each in (*view.others, *view.hosts) if each.not_run),
            matrices=matrices_of(run),
        )
    )


def empty_html() -> str:
    """Return the fragment of a session in which no check was run."""
    return _environment().get_template("empty.jinja").render(verdict=_NO_RUN, tone=_tone(_NO_RUN))


def page_css() -> str:
    """Return the style of the whole page, pytest-html's parts included."""
    return (_FOLDER / "report.css").read_text(encoding="utf-8")


class HtmlReport:
    """A pytest plugin that turns pytest-html's page into the report of a run.

    Args:
        get_run: returns the run once it is known, None where no check was run.
    """

    def __init__(self, get_run: Callable[[], Run | None]) -> None:
        self._get_run = get_run
        # pytest-html hands its data to this one hook and to no other.
        self._data: Any = None

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
        """Escape the test's id, say its state, and drop the rows of what passed."""
        result: Result | None = getattr(report, "livemigration_result", None)
        if _is_dropped(report, result):
            if report.when == "call" and self._data is not None:
                # Assigning counts: a dropped row would be missing from the totals.
                self._data.outcomes = "passed"
            cells.clear()
            return
        phase = "" if report.when == "call" else f"::{report.when}"
        test_id = escape(plain(f"{report.nodeid}{phase}"))
        cells[1] = f'<td class="col-testId">{test_id}</td>'
        word = escape(result_word(result)) if result else ""
        cells.insert(1, f'<td class="col-state">{word}</td>')

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: Any, data: list[str]) -> None:
        """Say why a check was skipped; pytest-html shows the place in the source as well."""
        if hasattr(report, "livemigration_result") and isinstance(report.longrepr, tuple):
            data[:] = [escape(plain(str(report.longrepr[-1])))]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str], postfix: list[str]) -> None:
        """Put the run before everything else, and its verdict into the title."""
        run = self._get_run()
        verdict = run.verdict if run else _NO_RUN
        mark = " (SIMULATED)" if run and run.simulated else ""
        if self._data is not None:
            self._data.title = f"{TITLE}: {verdict}{mark}"
        fragment = summary_html(run) if run else empty_html()
        prefix.insert(0, f"<style>{page_css()}</style>{fragment}")
        postfix.append(_environment().get_template("table.jinja").render())


def _is_dropped(report: Any, result: Result | None) -> bool:
    warned = result is not None and result.state is State.WARNING
    return bool(report.passed) and not warned and not hasattr(report, "wasxfail")


def _tone(verdict: str) -> str:
    if verdict == "ready":
        return "ready"
    return "unknown" if verdict.startswith("NO VERDICT") else "failing"


def _inapplicable(run: Run, view: View) -> tuple[Reason, ...]:
    """Return why checks do not apply to the hosts that have no section of their own."""
    told = {host.name for host in view.failing}
    return reasons(result for result in run.results if result.entry.target not in told)


def _warnings_by_check(hosts: tuple[TargetView, ...]) -> tuple[Warnings, ...]:
    found: dict[tuple[str, str], list[Warned]] = {}
    for host in hosts:
        for warned in host.warnings:
            entry = warned.statement.entry
            found.setdefault((entry.check, entry.title), []).append(warned)
    return tuple(Warnings(*check, tuple(items)) for check, items in sorted(found.items()))


def _anchors(view: View, lonely: tuple[TargetView, ...]) -> dict[tuple[Subject, str], str]:
    """Return the anchor of every target that has a section of its own."""
    servers = [each for each in view.others if each.says_something]
    sections = (("lm-vmm", servers), ("lm-host", view.failing), ("lm-open", lonely))
    return {
        (each.kind, each.name): f"{stem}-{number}"
        for stem, targets in sections
        for number, each in enumerate(targets, 1)
    }


def _pictures(run: Run, view: View) -> tuple[Picture, ...]:
    # Without a VMM server there is nobody whose connections could be drawn.
    if run.network is None or run.gate:
        return ()
    words = {host.name: "ready" for host in view.hosts}
    words |= {host.name: "could not be judged" for host in view.undecided}
    words |= {host.name: "not ready" for host in view.failing}
    return pictures_of(run.network, words)


def _links(book: FactBook, entries: list[PlanEntry]) -> tuple[Link, ...]:
    """Return links to the facts behind some entries, each once."""
    return tuple(dict.fromkeys(link for entry in entries for link in book.behind(entry)))


def _capitalized(text: str) -> str:
    """Return a title with a capital letter; the others are as they were."""
    return text[:1].upper() + text[1:]


def _took(seconds: float) -> str:
    return f"{seconds:.3f} s"


def _harmless(value: object) -> object:
    """Make control characters and bidirectional overrides visible wherever text is printed."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return plain(value)
    return value


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        listed=listed,
        capitalized=_capitalized,
        gathered=gathered,
        local=local,
        state_word=state_word,
        took=_took,
        utc=utc,
    )
    environment.globals.update(
        counted=counted, book_links=_links, dashes=_DASHES, ends_early=_ENDS_EARLY
    )
    environment.tests["web"] = _is_web
    return environment
