"""Real pytest-html pages of made-up runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from in_process import run_pytest

HERE = Path(__file__).parent

# Runs in a pytest of its own, as pytest-html keeps its state in the session.
SESSION = """
import sys

# Where its helpers and those of every test are.
sys.path[:0] = [{here!r}, {shared!r}]
import pytest
import report_runs

from livemigration.plugin.html_report import HtmlReport

RUN = {run}
BY_TITLE = {{result.state.value: result for result in (RUN.results if RUN else ())}}


def pytest_configure(config):
    config.pluginmanager.register(HtmlReport(lambda: RUN))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    state = item.originalname.removeprefix("test_").replace("_", "-")
    if state in BY_TITLE and "ordinary" not in item.nodeid:
        report.livemigration_result = BY_TITLE[state]
    return report
"""

TESTS = """
import pytest
from report_runs import PWNED

ids = pytest.mark.parametrize("name", ["hv01", PWNED], ids=str)


@ids
def test_pass(name):
    pass


@ids
def test_fail(name):
    raise AssertionError(name)


@pytest.fixture
def facts():
    raise LookupError("not gathered")


@ids
def test_blocked(name, facts):
    pass


@ids
def test_warning(name):
    pass


@ids
def test_not_applicable(name):
    pytest.skip("does not apply")


def test_ordinary_failure():
    raise AssertionError


def test_ordinary():
    pass
"""

MakePage = Callable[[str], Path]


@pytest.fixture(scope="session")
def make_page(tmp_path_factory: pytest.TempPathFactory) -> MakePage:
    """Return a function that writes the page of `RUN = <expression>` and returns its path."""
    pages: dict[str, Path] = {}

    def make(run: str) -> Path:
        if run not in pages:
            pages[run] = _write_page(tmp_path_factory.mktemp("page"), run)
        return pages[run]

    return make


def _write_page(folder: Path, run: str) -> Path:
    places = {"here": str(HERE), "shared": str(HERE.with_name("checks"))}
    (folder / "conftest.py").write_text(SESSION.format(**places, run=run), encoding="utf-8")
    (folder / "test_states.py").write_text(TESTS, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    page = folder / "report.html"
    alone = ("-q", "-p", "no:cacheprovider", "--html", str(page), "--self-contained-html")
    _, said = run_pytest(*alone, str(folder), cwd=folder)
    assert page.exists(), said
    return page
