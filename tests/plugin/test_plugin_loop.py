"""Checks are judged in one go: whoever runs them sees what a loop of pytest's own would show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import parse
from many_targets import NAME, host, many
from plugin_runs import ROOT, Ended, run_here

from livemigration.plugin import loop

EVERY = "--every-report"
OWN = """
import warnings
import pytest


def test_own(record_property, record_testsuite_property):
    record_property("of", "<the site>")
    record_testsuite_property("suite", "mine")
    warnings.warn("a warning of the site")


@pytest.mark.parametrize("number", [3, 1, 2])
def test_many(number):
    print("said by a test")
    assert number < 3


@pytest.fixture
def broken():
    yield
    raise ValueError("of a fixture")


def test_broken(broken):
    assert False, "of the site"


@pytest.mark.skip(reason="not here")
def test_skipped():
    pass
"""
# What differs from run to run.
MOMENTS = re.compile(
    r"in [0-9.]+s|: [0-9.]+ m?s|[0-9]{4}-[0-9]{2}-[0-9]{2}T?[0-9:Z.]*|[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"|[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4}|took [0-9:]+( ms)?|[0-9]+ ms|=+$|^=+|reports-[a-z]+",
    re.MULTILINE,
)
TIMES = {"time", "timestamp"}


def timeless(text: str) -> str:
    return MOMENTS.sub("", text)


def elements(node: Element) -> list[object]:
    """Return what an XML file holds, without what differs from run to run."""
    own = {name: value for name, value in node.items() if name not in TIMES}
    if own.get("name") in {"started", "finished", "valid_until"}:
        own.pop("value", None)
    return [node.tag, own, timeless(node.text or ""), [elements(each) for each in node]]


def told(ended: Ended, junit: Path) -> dict[str, object]:
    """Return everything that a run shows."""
    root = parse(junit).getroot()
    assert root is not None
    return {
        "code": ended.code,
        "terminal": timeless(ended.output).splitlines(),
        "junit": elements(root),
        "tests.html": timeless((ended.folder / "tests.html").read_text(encoding="utf-8")),
        "results": [(each["entry"], each["state"]) for each in ended.results["results"]],
    }


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-q",),
        ("-rfE", "--maxfail=9"),
        ("-x",),
        ("-k", "hv03 or hv04"),
        ("-o", "junit_family=xunit1", "-o", "junit_duration_report=call", "--junitprefix=night"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("mixed", [False, True], ids=["checks alone", "beside a site's own tests"])
def test_a_run_shows_what_it_would_show_if_pytest_saw_each_check(
    options: tuple[str, ...], mixed: bool, tmp_path: Path, demo_facts: str
) -> None:
    own = tmp_path / "test_own.py"
    own.write_text(OWN, encoding="utf-8")
    paths = ["checks", str(own), "-c", str(ROOT / "pyproject.toml")] if mixed else ["checks"]

    def shown(name: str, *more: str) -> dict[str, object]:
        junit = tmp_path / f"reports-{name}.xml"
        given = (demo_facts, *paths, *options, f"--junitxml={junit}", *more)
        return told(run_here(tmp_path / f"reports-{name}", *given), junit)

    alone, every = shown("alone"), shown("every", EVERY)
    for part, found in alone.items():
        assert found == every[part], part
    if not options:
        assert ("test_many[3]" in str(alone["junit"])) is mixed


@pytest.mark.parametrize("option", [EVERY, "-v", "-rA", "-rp", "--durations=3"])
def test_what_asks_for_each_check_gets_a_report_of_each(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(loop, "_together", lambda *_: seen.append("together"))
    where, replay = many(tmp_path, 3)
    ended = run_here(tmp_path / "reports", *replay, option, cwd=where)
    assert not seen, ended.output
    assert len(ended.results["results"]) == 3


def state_of_cache(cache: Path, name: str) -> object:
    found = cache / "v" / "cache" / name
    return json.loads(found.read_text(encoding="utf-8")) if found.exists() else None


@pytest.fixture
def again(tmp_path: Path) -> Callable[..., tuple[Ended, set[str]]]:
    """Return a function that runs 20 hosts of which every third fails; they may be made others."""

    def run(*options: str, failing: str = "number % 3 == 0") -> tuple[Ended, set[str]]:
        where, replay = many(tmp_path, 20, failing)
        cache = f"--override-ini=cache_dir={tmp_path / 'cache'}"
        number = len(list(tmp_path.glob("reports-*")))
        reports = tmp_path / f"reports-{number}"
        ended = run_here(reports, *replay, cache, *options, cwd=where, keep=True)
        found = state_of_cache(tmp_path / "cache", "lastfailed") or {}
        assert isinstance(found, dict)
        return ended, set(found)

    return run


Again = Callable[..., tuple[Ended, set[str]]]
FAILED = {f"{NAME}[{host(number)}]" for number in (3, 6, 9, 12, 15, 18)}


@pytest.mark.parametrize("most", [0, 2, 500])
def test_lf_knows_every_failure_however_few_were_reported(
    most: int, again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MOST_REPORTS", most)
    first, failed = again()
    assert failed == FAILED
    assert first.code == 1
    second, _ = again("--lf")
    assert {f"{NAME}[{target}]" for _, target in second.states()} == FAILED
    _, failed = again("--lf", failing="number == 3")
    assert failed == {f"{NAME}[{host(3)}]"}
    _, failed = again(failing="False")
    assert failed == set()


def test_ff_puts_what_failed_first(again: Again) -> None:
    again()
    ended, _ = again("--ff")
    targets = [each["entry"]["target"] for each in ended.results["results"]]
    assert targets[:6] == [host(number) for number in (3, 6, 9, 12, 15, 18)]
    assert len(targets) == 20


def test_sw_stops_at_a_failure_and_goes_on_from_there(again: Again) -> None:
    stopped, _ = again("--sw")
    assert [target for _, target in stopped.states()] == [host(1), host(2), host(3)]
    ended, _ = again("--sw", failing="number == 9")
    assert [target for _, target in ended.states()] == [host(number) for number in range(3, 10)]


@pytest.mark.parametrize("most", [0, 2, 500])
def test_maxfail_counts_failures_that_were_not_reported(
    most: int, again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MOST_REPORTS", most)
    ended, _ = again("--maxfail=4")
    assert len(ended.results["results"]) == 12
    said = "Stopped early (stopping after 4 failures): 12 of 20 planned checks ran."
    assert said in ended.output
    assert ended.code == 1, ended.output


def test_deselected_checks_are_left_out(again: Again) -> None:
    ended, _ = again(f"--deselect={NAME}[{host(3)}]", f"--deselect={NAME}[{host(4)}]")
    assert len(ended.results["results"]) == 18
    assert not {host(3), host(4)} & {target for _, target in ended.states()}


def test_the_page_of_pytest_counts_failures_that_were_not_reported(
    again: Again, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MOST_REPORTS", 2)
    monkeypatch.setattr("livemigration.plugin.html_report.MOST_ROWS", 2)
    ended, _ = again()
    page = (ended.folder / "tests.html").read_text(encoding="utf-8")
    assert "6 tests are red or blocked. The first 2 are listed; the report has all." in page
    assert '<span class="passed">14 Passed,</span>' in page


STOPS = """
def pytest_runtest_logreport(report):
    if report.failed:
        SESSION[0].shouldstop = "a plugin has seen enough"


SESSION = []


def pytest_sessionstart(session):
    SESSION.append(session)


pytest_plugins = ("livemigration.plugin",)
"""


def test_a_plugin_may_stop_the_run_between_two_checks(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 20, "number % 3 == 0", conftest=STOPS)
    ended = run_here(tmp_path / "reports", *replay, cwd=where)
    assert ended.code == 2, ended.output
    assert len(ended.results["results"]) == 3


def test_ctrl_c_while_checks_are_judged_keeps_what_they_came_to(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 20, "(_ for _ in ()).throw(KeyboardInterrupt)")
    own = where / "test_own.py"
    text = own.read_text(encoding="utf-8")
    own.write_text(text.replace("if (_", "if number == 7 and (_"), encoding="utf-8")
    ended = run_here(tmp_path / "reports", *replay, cwd=where)
    assert ended.code == 2, ended.output
    assert ended.results["interrupted"] is True
    assert len(ended.results["results"]) == 6
    assert "Traceback" not in ended.output
    journal = (ended.folder / "journal.jsonl").read_text(encoding="utf-8")
    assert journal.count(host(6)) > journal.count(host(7))


def test_a_check_that_warns_says_so_once(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 20, "__import__('warnings').warn('of this check')")
    ended = run_here(tmp_path / "reports", *replay, "-Wdefault", cwd=where)
    assert ended.code == 0, ended.output
    assert ended.output.count("UserWarning: of this check") == 1
    ended = run_here(tmp_path / "errors", *replay, "-Werror::UserWarning", cwd=where)
    assert set(ended.states().values()) == {"internal-error"}


def test_a_module_that_cannot_be_collected_stops_the_run_before_its_checks(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 3, test_broken="import nothing_of_this_name\n")
    ended = run_here(tmp_path / "reports", *replay, cwd=where)
    assert ended.code == 2, ended.output
    assert "error during collection" in ended.output
    ended = run_here(tmp_path / "on", *replay, "--continue-on-collection-errors", cwd=where)
    assert len(ended.results["results"]) == 3, ended.output


def test_what_is_new_is_noted_only_for_who_asks(again: Again, tmp_path: Path) -> None:
    again()
    assert state_of_cache(tmp_path / "cache", "nodeids") is None
    again("--nf")
    noted = state_of_cache(tmp_path / "cache", "nodeids")
    assert isinstance(noted, list)
    assert len(noted) == 20
