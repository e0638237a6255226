"""A ready run stands on one screen, however many kinds of warnings it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import many_hosts
import pytest
from chromium import HEIGHT, WIDE, keep_picture, launched, opened, write

from livemigration.facts.model import Subject
from livemigration.report.html.page import REPORT, pages
from livemigration.report.html.view import Beside
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Level

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HOSTS = 40
FILES = tuple(map(Beside, ("results.json", "facts.json", "tests.html")))
# What each kind says, and on how many hosts.
KINDS: Mapping[str, int] = {
    "LM101": 1,
    "LM103": 3,
    "LM104": 40,
    "LM201": 12,
    "LM203": 2,
    "LM301": 5,
    "LM304": 9,
}


def warned(result: Result) -> Result:
    said = f"What {result.entry.check} asks is worth a look before the window on this host."
    found = (Finding(Level.WARNING, said, "Nothing of the kind."),)
    return replace(result, state=State.WARNING, findings=found)


def ready(kinds: int) -> Run:
    """Return a run of ready hosts with so many kinds of warnings, and no other."""
    run = many_hosts.run_of(HOSTS, 0)
    numbers = {host.name: number for number, host in enumerate(run.hosts)}
    first = dict(list(KINDS.items())[:kinds])
    results = []
    for each in run.results:
        quiet = replace(each, state=State.PASS, red=False, findings=())
        clean = quiet if each.state is State.WARNING else each
        on = first.get(each.entry.check, 0) if each.entry.target_kind is Subject.HOST else 0
        is_warned = numbers.get(each.entry.target, HOSTS) < on
        results.append(warned(each) if is_warned else clean)
    return replace(run, simulated=False, results=tuple(results))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    texts = {f"{kinds}.html": pages(ready(kinds), FILES)[REPORT] for kinds in (3, 5, 7)}
    return write(tmp_path_factory.mktemp("pages"), texts)


@pytest.mark.parametrize("kinds", [3, 5, 7])
def test_a_ready_run_ends_on_its_first_screen_with_any_number_of_warnings(
    browser: Any, folder: Path, kinds: int
) -> None:
    with opened(browser, folder / f"{kinds}.html") as it:
        keep_picture(it.page, f"ready-{kinds}-kinds")
        assert it.page.locator("h1").inner_text() == "READY"
        assert it.page.evaluate(HEIGHT) <= WIDE["height"]
        text = it.page.locator("main").inner_text()
        # All 40 hosts have the first; the others are told by how many they are, or in full.
        assert "What LM104 asks" in text
        more = f"{kinds - 2} more kinds of warnings, on "
        assert (more in text) is (kinds > 3)


def test_every_warning_is_reached_without_scripts_and_stands_in_print(
    browser: Any, folder: Path
) -> None:
    with opened(browser, folder / "7.html", java_script_enabled=False) as it:
        hidden = it.page.get_by_text("What LM101 asks").first
        assert not hidden.is_visible()
        it.page.get_by_text("5 more kinds of warnings, on 9 hosts").click()
        assert hidden.is_visible()
    with opened(browser, folder / "7.html", media="print") as it:
        for check in KINDS:
            assert it.page.get_by_text(f"What {check} asks").first.is_visible(), check
