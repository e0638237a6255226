"""The loop over what a run has: checks are judged in one go, ordinary tests go pytest's own way.

pytest makes two reports of each test and hands both to every plugin, which costs more than most
checks do. Here that is done of what fails, and of no more than a person reads; the rest is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from itertools import groupby

import pytest

from livemigration.plugin import printing, starting
from livemigration.plugin.compat import unnamed_module
from livemigration.plugin.compat_many import (
    Unreported,
    count_reports,
    stop_where_asked,
    warnings_of,
)
from livemigration.plugin.html_report import MOST_ROWS, HtmlReport
from livemigration.plugin.interrupts import TerminatedError
from livemigration.plugin.items import CheckItem
from livemigration.plugin.junit_file import add_properties
from livemigration.plugin.options import EVERY_REPORT
from livemigration.plugin.progress import Judging
from livemigration.plugin.reports import category_of, counts_as_passed, fails, reports_of
from livemigration.plugin.session import Session
from livemigration.run.result import Result

# Of so many failures pytest and its plugins are told one by one: its page has no more rows.
MOST_REPORTS = MOST_ROWS
# What pytest says of each test that passed: -rp, -rP and -rA.
_SAYS_WHAT_PASSED = frozenset("pPA")


def wants_every_report(config: pytest.Config) -> bool:
    """Whether pytest or a plugin is to see each check, and not only those that fail."""
    option = config.option
    return bool(
        printing.told(config)
        or config.getoption(EVERY_REPORT)
        or option.durations is not None
        or getattr(option, "stepwise", False)
        or getattr(option, "nagios", False)
        or _SAYS_WHAT_PASSED.intersection(option.reportchars)
    )


def run_all(session: pytest.Session, own: Session, items: list[CheckItem]) -> None:
    """Gather what these checks need, then go through everything that the session has.

    Raises:
        pytest.Session.Failed: there are as many failures as --maxfail allows.
        pytest.Session.Interrupted: a plugin stops the session.
        KeyboardInterrupt: Ctrl-C; SIGTERM ends the process instead.
    """
    own.alone = len(items) == len(session.items)
    own.judging = Judging(printing.progress(session.config), len(items))
    own.interrupts.take_termination()
    try:
        starting.begin(own, items, printing.progress(session.config))
        _go_through(session, own)
    except (KeyboardInterrupt, pytest.exit.Exception) as stopped:
        own.interrupts.finish()
        own.interrupted = True
        own.give_up()
        if isinstance(stopped, TerminatedError):
            own.interrupts.end_process()
        raise
    except session.Failed as stopped:
        own.stopped_early = str(stopped)
        raise
    finally:
        own.judging.end()


def _go_through(session: pytest.Session, own: Session) -> None:
    each_by_itself = wants_every_report(session.config)
    places = range(len(session.items))

    def family_at(place: int) -> object:
        item = session.items[place]
        return item.family if isinstance(item, CheckItem) and not each_by_itself else None

    uncounted = _Uncounted(session, own)
    try:
        for family, found in groupby(places, family_at):
            if family is None:
                _one_by_one(session, found)
            else:
                _together(session, own, [session.items[place] for place in found], uncounted)
    finally:
        uncounted.count()


def _one_by_one(session: pytest.Session, places: Iterator[int]) -> None:
    """Go through items as pytest's own loop does."""
    for place in places:
        item, beyond = session.items[place], place + 1
        following = session.items[beyond] if beyond < len(session.items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        stop_where_asked(session)


def _together(
    session: pytest.Session, own: Session, items: Sequence[pytest.Item], uncounted: _Uncounted
) -> None:
    """Judge one check on its targets; what warns, warns once for all of them."""
    with warnings_of(items[0]):
        for item in items:
            if isinstance(item, CheckItem):
                result = own.evaluate(item)
                if fails(result) and uncounted.told < MOST_REPORTS:
                    uncounted.told += 1
                    tell(own, item, result)
                else:
                    uncounted.add(item, result)
                if own.judging is not None:
                    own.judging.one_more()
                stop_where_asked(session)


def judge_and_tell(own: Session, item: CheckItem) -> None:
    """Judge a check in pytest's own way of running a test: every plugin sees it."""
    _begin(item)
    _report(own, item, own.evaluate(item))
    if own.judging is not None and not printing.told(item.config):
        own.judging.one_more()


def tell(own: Session, item: CheckItem, result: Result) -> None:
    """Tell pytest and its plugins of a result."""
    _begin(item)
    _report(own, item, result)


def _begin(item: CheckItem) -> None:
    with nullcontext() if printing.told(item.config) else unnamed_module(item.config):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)


def _report(own: Session, item: CheckItem, result: Result) -> None:
    reports = list(reports_of(item, result))
    add_properties(own, result, reports)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


class _Uncounted:
    """Results that no plugin is told of one by one, and what pytest is to know of them.

    `told` is of how many failures they were told.
    """

    def __init__(self, session: pytest.Session, own: Session) -> None:
        self.told = 0
        self._config = session.config
        self._shown = not own.alone
        self._failures = Unreported(session)
        self._numbers: Counter[str] = Counter()
        self._first: dict[str, tuple[CheckItem, Result]] = {}
        self._passed = 0
        self._failed = 0

    def add(self, item: CheckItem, result: Result) -> None:
        """Take a result."""
        category = category_of(result)[0]
        if category not in self._first:
            self._first[category] = item, result
            # pytest's totals have the words in the order in which they came up.
            self._count(category, 0)
        self._numbers[category] += 1
        if fails(result):
            self._failed += 1
            self._failures.failed(item)
        else:
            self._passed += counts_as_passed(result)
            self._failures.passed(item)

    def count(self) -> None:
        """Let pytest's totals and its page count them, however the loop ended."""
        for category, number in self._numbers.items():
            self._count(category, number)
        page = self._config.pluginmanager.get_plugin(HtmlReport.NAME)
        if isinstance(page, HtmlReport):
            page.count(passed=self._passed, failed=self._failed)

    def _count(self, category: str, number: int) -> None:
        report, _ = reports_of(*self._first[category])
        count_reports(self._config, category, report, number, shown=self._shown)
