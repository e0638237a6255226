"""What many checks and the JUnit file use of pytest in private still behaves as they rely on."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from compat_contract import loaded, what_moved
from defusedxml.ElementTree import parse
from hypothesis import given
from hypothesis import strategies as st
from in_process import forked

MANY, JUNIT = "livemigration.plugin.compat_many", "livemigration.plugin.compat_junit"
MOVED, JUNIT_MOVED = (partial(what_moved, each) for each in (MANY, JUNIT))
compat = partial(loaded, MANY)
LEAN = """
import pytest
from livemigration.plugin import compat_many as compat


class Own(compat.LeanItem):
    __slots__ = ()

    def runtest(self):
        raise RuntimeError

    def reportinfo(self):
        return self.path, 4, self.name


def pytest_pycollect_makeitem(collector, name, obj):
    if name != "test_lean":
        return None
    family = compat.Family(
        collector, name, (pytest.mark.lean.mark,), frozenset({"LM199"})
    )
    return [Own.of(family, each) for each in ("hv01", "hv02.contoso.com", "hv03", "hv[04]")]


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    config.addinivalue_line("markers", "lean: of a test")
    config.addinivalue_line("markers", "more: of a test")
    compat.leave_out_new_first(config)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection():
    with compat.collected_as_families():
        return (yield)


def pytest_itemcollected(item):
    if item.name == "test_lean[hv03]":
        item.add_marker("more")
        item.extra_keyword_matches.add("third")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    if session.config.option.collectonly:
        return None
    known = compat.Unreported(session)
    for item in session.items:
        if isinstance(item, Own):
            with compat.warnings_of(item):
                import warnings
                warnings.warn(f"of {item.name}")
            if item.target == "hv03":
                known.failed(item)
            else:
                known.passed(item)
        else:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        compat.stop_where_asked(session)
    report = pytest.TestReport(item.nodeid, item.location, {}, "passed", None, "call")
    compat.count_reports(session.config, "counted", report, 3, shown=True)
    return True
"""
TESTS = "def test_lean():\n    pass\n\n\ndef test_usual():\n    pass\n"


@pytest.fixture
def lean(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(LEAN, encoding="utf-8")
    (tmp_path / "test_one.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:html\n", encoding="utf-8")
    return tmp_path


def said(folder: Path, *arguments: str, target: str = ".") -> str:
    """Return what pytest says of a folder, with its own capturing of output and its cache."""
    command = [sys.executable, "-m", "pytest", "-Wdefault", *arguments, target]
    if not hasattr(os, "fork"):
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        return ended.stdout
    return forked(lambda: int(pytest.main(command[3:])), folder)[1]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ["hv01", "hv02.contoso.com", "hv03", "hv[04]"]),
        (("-m", "lean"), ["hv01", "hv02.contoso.com", "hv03", "hv[04]"]),
        (("-m", "more"), ["hv03"]),
        (("-k", "third"), ["hv03"]),
        (("-k", "LM199 and not hv03"), ["hv01", "hv02.contoso.com", "hv[04]"]),
        (("-k", "hv02"), ["hv02.contoso.com"]),
        (("--deselect", "test_one.py::test_lean[hv01]"), ["hv02.contoso.com", "hv03", "hv[04]"]),
    ],
    ids=" ".join,
)
def test_pytest_selects_among_lean_items_as_among_its_own(
    options: tuple[str, ...], names: list[str], lean: Path
) -> None:
    output = said(lean, "--co", "-q", "-p", "no:cacheprovider", *options)
    found = [line for line in output.splitlines() if line.startswith("test_one.py::test_lean[")]
    assert found == [f"test_one.py::test_lean[{each}]" for each in names], MOVED("pytest") + output


@pytest.mark.parametrize("name", ["hv02.contoso.com", "hv[04]"])
def test_pytest_finds_a_lean_item_by_its_id(name: str, lean: Path) -> None:
    named = f"test_one.py::test_lean[{name}]"
    output = said(lean, "--co", "-q", "-p", "no:cacheprovider", target=named)
    assert output.splitlines()[0] == named, MOVED("pytest") + output
    assert "1 test collected" in output, MOVED("pytest") + output


def test_pytest_counts_and_remembers_what_it_got_no_report_of(lean: Path) -> None:
    output = said(lean)
    moved = MOVED("pytest") + output
    assert "1 passed, 4 warnings, 3 counted in" in output, moved
    assert "test_one.py::test_lean[hv03]\n" in output, moved
    # Of five that are shown, three were counted beside the one that ran.
    assert "[ 80%]" in output, moved
    again = said(lean, "--lf")
    assert "rerun previous 1 failure" in again, MOVED("pytest") + again
    assert "test_lean[hv03]" in again, MOVED("pytest") + again
    assert not (lean / ".pytest_cache" / "v" / "cache" / "nodeids").exists(), moved
    said(lean, "--nf")
    assert (lean / ".pytest_cache" / "v" / "cache" / "nodeids").exists(), moved


def test_pytest_stops_at_what_it_was_told_to_count(lean: Path) -> None:
    output = said(lean, "-x", "-p", "no:cacheprovider")
    assert "stopping after 1 failures" in output, MOVED("pytest") + output
    assert "1 passed" not in output, MOVED("pytest") + output


def test_lean_items_stay_where_they_are_and_others_are_sorted() -> None:
    fixtures = pytest.importorskip("_pytest.fixtures")
    sort = fixtures.reorder_items
    sorted_ones: list[list[object]] = []

    def note(items: list[object]) -> list[object]:
        sorted_ones.append(list(items))
        return items

    try:
        fixtures.reorder_items = note
        with compat().collected_as_families():
            lean: object = object.__new__(type("Lean", (compat().LeanItem,), {"runtest": None}))
            usual = object()
            assert fixtures.reorder_items([lean, lean]) == [lean, lean]
            assert not sorted_ones
            assert fixtures.reorder_items([lean, usual]) == [lean, usual]
        assert sorted_ones == [[lean, usual]]
    finally:
        fixtures.reorder_items = sort


def test_the_names_that_a_lean_item_works_out_are_those_that_pytest_sets(
    request: pytest.FixtureRequest,
) -> None:
    class Usual(pytest.Item):
        def runtest(self) -> None:
            raise RuntimeError

    item = Usual.from_parent(request.node.parent, name="usual")
    slots = {name for each in Usual.__mro__ for name in getattr(each, "__slots__", ())}
    kept = {name for name in slots if not name.startswith("__") and hasattr(item, name)}
    assert {*kept, *vars(item)} <= set(vars(compat().LeanItem)), MOVED("pytest")


WRITER = """
import pytest
from livemigration.plugin import compat_junit as compat


class Writer:
    def __init__(self, pytests):
        self.pytests = pytests

    def pytest_collection_finish(self):
        self.pytests.mark()

    def pytest_runtest_logreport(self, report):
        self.pytests.test(report)

    def pytest_collectreport(self, report):
        self.pytests.module(report)

    def pytest_sessionfinish(self):
        self.pytests.count("failure", 2)
        before, after = self.pytests.around()
        self.pytests.path.write_text(f"{before}<testcase name='ours' />{after}")

    def pytest_terminal_summary(self, terminalreporter, config):
        self.pytests.say_where(terminalreporter, config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config):
        self.pytests.forget(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    pytests = compat.PytestsJunit.taken(session.config)
    print(pytests.prefix, pytests.says_place, pytests.counts_setup, "of the writer")
    session.config.pluginmanager.register(Writer(pytests))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    compat.name_junit_suite(session.config, "verdict", "ready")
"""
OF_PYTEST = """
def test_one(record_property, record_testsuite_property):
    record_property("key", "value")
    record_testsuite_property("suite", "mine")


def test_two():
    assert False
"""


def test_pytests_writer_of_junit_is_taken_over_with_what_it_was_told(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(WRITER, encoding="utf-8")
    (tmp_path / "test_one.py").write_text(OF_PYTEST, encoding="utf-8")
    (tmp_path / "test_bad.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    options = ("-p", "no:html", "-s", "--continue-on-collection-errors")
    output = said(tmp_path, *options, "--junitxml=a.xml", "--junitprefix=nightly")
    moved = JUNIT_MOVED("pytest") + output
    assert "nightly False True of the writer" in output, moved
    assert "generated xml file" in output, moved
    assert "INTERNAL" not in output, moved
    root = parse(tmp_path / "a.xml").getroot()
    assert root is not None, moved
    names = [case.get("name") for case in root.iter("testcase")]
    assert names == ["test_bad", "ours", "test_one", "test_two"], moved
    (suite,) = root.iter("testsuite")
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["5", "3", "1", "0"], moved
    properties = [
        (each.get("name"), each.get("value")) for each in root.findall("testsuite/properties/*")
    ]
    assert properties == [("suite", "mine"), ("verdict", "ready")], moved
    assert [each.get("value") for each in root.findall(".//testcase/properties/*")] == ["value"]
    older = ("-p", "no:html", "-s", "-ojunit_family=xunit1", "-ojunit_duration_report=call")
    output = said(tmp_path, *older, "--junitxml=a.xml")
    assert " True False of the writer" in output, JUNIT_MOVED("pytest") + output


NAMES = [
    *("hv0", "HV02", "[04]", "hv[04]", ".contoso", "lm199", "lean", "TEST_", "fleet", "third"),
    *("test_plugin_compat_many", "peer", "browser", "none_of_this", "test_lean[hv03]"),
]
KEYWORDS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        inner.map("not {}".format),
        inner.map("({})".format),
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
    ),
    max_leaves=5,
)
MARKS = KEYWORDS.filter(lambda each: not set("[].") & set(each))


class ListedConfig:
    """As much of a configuration as pytest's selection looks at, and what it deselected."""

    def __init__(self, keyword: str, markexpr: str) -> None:
        self.option = SimpleNamespace(keyword=keyword, markexpr=markexpr)
        self.left_out: list[str] = []
        self.hook = SimpleNamespace(pytest_deselected=self._deselected)

    def _deselected(self, items: list[pytest.Item]) -> None:
        self.left_out += [each.name for each in items]

    @staticmethod
    def getini(_: str) -> bool:
        return False


@given(keyword=KEYWORDS, markexpr=MARKS, option=st.sampled_from(["keyword", "mark"]))
def test_what_is_chosen_by_families_is_what_pytest_chooses_one_by_one(
    request: pytest.FixtureRequest, keyword: str, markexpr: str, option: str
) -> None:
    mark = pytest.importorskip("_pytest.mark")
    lean: Any = type("Lean", (compat().LeanItem,), {"runtest": lambda _: None})
    markers = (pytest.mark.fleet.mark, pytest.mark.peer.mark)
    families = [
        compat().Family(request.node.parent, name, markers[: number + 1], frozenset({word}))
        for number, (name, word) in enumerate((("test_lean", "LM199"), ("test_more", "LM198")))
    ]
    targets = ("hv01", "hv02.contoso.com", "hv03", "hv[04]")
    items = [lean.of(family, target) for family in families for target in targets]
    items[5].extra_keyword_matches.add("third")
    items[6].own_markers.append(pytest.mark.browser.mark)
    items.insert(3, request.node)

    def chosen() -> tuple[list[str], list[str]]:
        config, left = ListedConfig(keyword, markexpr), list(items)
        getattr(mark, f"deselect_by_{option}")(left, config)
        return [each.name for each in left], config.left_out

    usual = chosen()
    with compat().collected_as_families():
        assert chosen() == usual, MOVED("pytest")
