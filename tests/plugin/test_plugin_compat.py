"""What the suite uses in private of its libraries still behaves as it relies on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from compat_contract import loaded, what_moved
from defusedxml.ElementTree import parse
from in_process import forked
from plugin_runs import NEVER_KEEP

COMPAT = "livemigration.plugin.compat"
MOVED = partial(what_moved, COMPAT)
compat = partial(loaded, COMPAT)


def pytest_in_a_fork(folder: Path, *arguments: str) -> str:
    """Return what pytest says of the tests in a folder, with its own capturing of output."""
    command = [sys.executable, "-m", "pytest", *NEVER_KEEP, *arguments, str(folder)]
    if not hasattr(os, "fork"):
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        return ended.stdout
    return forked(lambda: int(pytest.main(command[3:])), folder)[1]


def test_a_module_that_moved_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, COMPAT, raising=False)
    monkeypatch.setitem(sys.modules, "pytest_html.basereport", None)
    with pytest.raises(pytest.fail.Exception, match="a release of pytest_html moved"):
        compat()


def test_the_terminal_stream_is_the_one_that_pytest_writes_to(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from livemigration.plugin.compat import terminal_stream\n\n\n"
        "def pytest_runtestloop(session):\n"
        "    terminal_stream(session.config).write('seen on the terminal\\n')\n",
        encoding="utf-8",
    )
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    said = pytest_in_a_fork(tmp_path)
    assert "seen on the terminal" in said, MOVED("pytest")


LESS = """
import pytest
from livemigration.plugin import compat


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    compat.say_less(session.config)
    compat.leave_out_totals(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    with compat.unnamed_module(item.config):
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    report = pytest.TestReport(
        item.nodeid, item.location, {}, "failed", compat.Explained("a line", "the text"), "call"
    )
    item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_report_teststatus(report):
    return "failing", "", ""


def pytest_unconfigure(config):
    print("colour:", compat.has_colour(config))
"""


def test_pytest_says_less_where_it_is_told_to(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(LESS, encoding="utf-8")
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    said = pytest_in_a_fork(tmp_path, "--junitxml=a.xml", "-p", "no:html")
    moved = MOVED("pytest") + said
    for absent in ("rootdir", "test_one.py", "[100%]", " in 0."):
        assert absent not in said, moved
    assert "collected 1 item" in said, moved
    assert "colour: False" in said, moved
    assert "colour: True" in pytest_in_a_fork(tmp_path, "--color=yes"), moved
    failure = parse(tmp_path / "a.xml").find(".//failure")
    assert failure is not None, moved
    assert (failure.get("message"), failure.text) == ("a line", "the text"), moved


def test_testinfra_finds_a_backend_that_was_registered() -> None:
    backend = pytest.importorskip("testinfra.backend")
    compat().register_testinfra_backend("of-this-test", "pathlib.Path")
    try:
        assert backend.get_backend_class("of-this-test") is Path
    except (AttributeError, RuntimeError):
        pytest.fail(MOVED("pytest-testinfra"))
    finally:
        backend.BACKENDS.pop("of-this-test", None)


def test_testinfras_plugin_and_its_fixture_are_called_as_expected(
    request: pytest.FixtureRequest,
) -> None:
    plugin = pytest.importorskip("testinfra.plugin")
    loaded = request.config.pluginmanager.get_plugin(compat().TESTINFRA_PLUGIN)
    assert loaded is plugin, MOVED("pytest-testinfra")
    assert hasattr(plugin, compat().TESTINFRA_FIXTURE), MOVED("pytest-testinfra")


@pytest.mark.parametrize("hidden", [False, True])
def test_pytest_html_names_no_file_where_it_is_told_not_to(hidden: bool, tmp_path: Path) -> None:
    hide = "hide_html_file_name(session.config.pluginmanager)" if hidden else "pass"
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom livemigration.plugin.compat import hide_html_file_name\n\n\n"
        f"@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionstart(session):\n    {hide}\n",
        encoding="utf-8",
    )
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    said = pytest_in_a_fork(tmp_path, "--html=a.html")
    assert (tmp_path / "a.html").is_file(), said
    assert ("a.html" in said) is not hidden, MOVED("pytest-html")


WATCHED = """
import json
import os
import sys
from pathlib import Path

import pytest
from livemigration.plugin import compat

HERE = Path(__file__).parent
seen = {}


def pytest_addoption(parser, pluginmanager):
    compat.load_html(pluginmanager)
    compat.load_html(pluginmanager)
    seen["html"] = compat.has_html(pluginmanager)


def pytest_configure(config):
    seen["withheld"] = typed()
    with compat.terminal_input(config):
        seen["given back"] = typed()
    seen["withheld again"] = typed()
    seen["asked"] = compat.write_html_to(config, HERE / "other.html")
    seen["given"] = compat.paths_given(config)
    seen["unsaid"] = compat.looks_where_it_was_started(config)
    compat.look_in(config, [HERE / "there"])


def typed():
    try:
        return os.fstat(sys.stdin.fileno()).st_ino == os.fstat(9).st_ino
    except OSError:
        return False


def pytest_html_report_title(report):
    seen["page"] = True
    compat.count_passed(report)


def pytest_runtest_makereport(item, call):
    if call.when == "call" and item.name == "test_expected":
        report = pytest.TestReport.from_item_and_call(item, call)
        report.outcome = "skipped"
        seen["not expected"] = compat.failure_was_expected(report)
        compat.expect_failure(report, "signed for")
        seen["expected"] = compat.failure_was_expected(report)
        return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session):
    yield
    seen["names"] = [list(compat.fixture_names(item)) for item in session.items]
    seen["failed"] = compat.failures_so_far(session)
    compat.end_with(session, 77)
    (HERE / "seen.json").write_text(json.dumps(seen))
"""
TESTS = """
def test_fails(tmp_path):
    assert False


def test_expected():
    assert False
"""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], str, Path, int]:
    """What a run of pytest was seen to do with what the suite uses of it in private."""
    folder = tmp_path_factory.mktemp("watched")
    (folder / "there").mkdir()
    (folder / "conftest.py").write_text(WATCHED, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "there" / "test_there.py").write_text(TESTS, encoding="utf-8")
    (folder / "test_here.py").write_text("def test_here():\n    pass\n", encoding="utf-8")
    (folder / "typed").write_text("typed\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--html=asked.html"]
    ended = subprocess.run(
        ["/bin/sh", "-c", 'exec 9<typed; exec "$@" <&9', "sh", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    if not (folder / "seen.json").is_file():
        pytest.fail(MOVED("pytest or pytest-html") + ended.stdout + ended.stderr)
    return json.loads((folder / "seen.json").read_text()), ended.stdout, folder, ended.returncode


Watched = tuple[dict[str, object], str, Path, int]


def test_pytest_gives_standard_input_back_and_takes_it_again(watched: Watched) -> None:
    seen = watched[0]
    told = [seen["withheld"], seen["given back"], seen["withheld again"]]
    assert told == [False, True, False], MOVED("pytest")


def test_pytest_looks_where_it_is_told_to(watched: Watched) -> None:
    seen, output, _, _ = watched
    assert (seen["given"], seen["unsaid"]) == (False, True), MOVED("pytest")
    assert "there/test_there.py" in output, MOVED("pytest")
    assert "test_here" not in output, MOVED("pytest")


def test_pytest_counts_failures_and_takes_an_exit_code(watched: Watched) -> None:
    seen, _, _, code = watched
    assert (seen["failed"], code) == (1, 77), MOVED("pytest")


def test_pytest_says_which_fixtures_a_test_takes(watched: Watched) -> None:
    names = watched[0]["names"]
    assert isinstance(names, list)
    assert [("tmp_path" in each) for each in names] == [True, False], MOVED("pytest")


def test_a_report_is_made_one_of_an_expected_failure(watched: Watched) -> None:
    seen, output, _, _ = watched
    assert (seen["not expected"], seen["expected"]) == (False, True), MOVED("pytest")
    assert "1 failed, 1 xfailed" in output, MOVED("pytest")


def test_pytest_html_is_loaded_by_hand_and_writes_the_one_file_that_it_is_told_to(
    watched: Watched,
) -> None:
    seen, _, folder, _ = watched
    moved = MOVED("pytest-html")
    assert (seen["html"], seen["asked"]) == (True, "asked.html"), moved
    assert (folder / "other.html").is_file(), moved
    assert not (folder / "asked.html").exists(), moved
    assert not (folder / "assets").exists(), moved


def test_pytest_html_counts_what_it_is_told_to_count(watched: Watched) -> None:
    seen, _, folder, _ = watched
    moved = MOVED("pytest-html")
    assert seen.get("page"), moved
    assert "1 Passed" in (folder / "other.html").read_text(encoding="utf-8"), moved


def test_a_backend_of_testinfra_is_made_of_what_the_suite_takes_from_it() -> None:
    pytest.importorskip("testinfra")
    moved = MOVED("pytest-testinfra")
    try:
        base = compat().BaseBackend
        own = type("Own", (base,), {"NAME": "own", "get_encoding": lambda _: "utf-8"})("hv01")
        ended = own.result(3, own.encode("dir"), "ä".encode(), b"bad")
    except (AttributeError, ImportError, TypeError):
        pytest.fail(moved)
    assert isinstance(ended, compat().CommandResult), moved
    assert (ended.rc, ended.stdout, ended.stderr) == (3, "ä", "bad"), moved
    assert own.hostname == "hv01", moved
    assert (own.get_pytest_id(), base.get_hosts("a")) == ("own://hv01", ["a"]), moved


def test_what_the_module_does_not_have_is_not_looked_for_in_testinfra() -> None:
    with pytest.raises(AttributeError, match="Docker"):
        _ = compat().Docker
