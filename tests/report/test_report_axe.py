"""axe-core finds nothing, and no page is longer than a reader has time for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import many_hosts
import pytest
import report_runs
from chromium import (
    HEIGHT,
    NARROW,
    OVERFLOWING,
    UNFOLD,
    WIDE,
    keep_picture,
    launched,
    opened,
    printed_pages,
    write,
)

from livemigration.inventory.change import Change, Window
from livemigration.report.html.page import REPORT, leading_html, pages
from livemigration.report.html.view import Beside
from livemigration.run import results_file
from livemigration.run.drift.model import ChangedFact, Drift, Moved
from livemigration.run.result import State
from livemigration.run.run import Earlier, Run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# Name of the page, its height at 1400 px, and how many sheets it takes; 0: not held.
SIZES = {
    "demo": (5000, 8),
    "many": (6000, 10),
    "ready": (900, 2),
    "change": (900, 2),
    "warned": (900, 3),
}
NAMES = ("demo", "ready", "warned", "mixed", "hosts", "latest")
FILES = tuple(map(Beside, ("CHG1-results.json", "CHG1-facts.json", "CHG1-tests.html")))


def mixed() -> Run:
    """Return a run with everything that a page may have: each state, drift, trend, problems."""
    run = report_runs.broken_fleet()
    host, title = "hv03.lab.test", "Incoming migrations are accepted."
    drift = Drift(
        "earlier/results.json",
        run.started,
        new=(Moved("LM102", title, host, "pass", "fail"),),
        still=(Moved("LM203", title, host, "fail", "fail"),),
        facts=(ChangedFact(host, "listeners", "", "10.20.10.13", "10.20.30.13"),),
        remarks=("Facts of hv05.lab.test were not compared.",),
    )
    earlier = tuple(Earlier(run.started, 7, number) for number in (2, 5))
    return replace(run, drift=drift, trend=earlier)


def ready(hosts: int = 6) -> Run:
    """Return a run of hosts that are ready, without checks of a site's own."""
    run = many_hosts.run_of(hosts, 0)
    return replace(
        run,
        simulated=False,
        plan=tuple(each for each in run.plan if each.check.startswith("LM")),
        results=tuple(each for each in run.results if each.entry.check.startswith("LM")),
    )


def without_warnings(run: Run) -> Run:
    return replace(
        run,
        results=tuple(
            replace(each, state=State.PASS, findings=()) if each.state is State.WARNING else each
            for each in run.results
        ),
    )


def for_a_change(run: Run) -> Run:
    """Return a run for a change, whose evidence ends before its window does, and of the lab."""
    until, hour = run.finished, timedelta(hours=1)
    window = Window(until + 3 * hour, until + 7 * hour)
    change = Change("CHG0012345", "Kim Example", window)
    return replace(run, simulated=True, change=change, valid_until=until + 4 * hour)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    demo = results_file.load(many_hosts.DEMO)
    sharded = pages(many_hosts.run_of(501, 0.02))
    # It would lead elsewhere before it can be looked at.
    latest = leading_html(REPORT, demo).replace("location.replace(to.href);", "")
    texts = {
        "demo.html": pages(demo)[REPORT],
        "ready.html": pages(without_warnings(ready()))[REPORT],
        "change.html": pages(for_a_change(ready()), FILES)[REPORT],
        "warned.html": pages(replace(for_a_change(ready(40)), simulated=False), FILES)[REPORT],
        "many.html": pages(many_hosts.run_of(240, 20 / 240))[REPORT],
        "mixed.html": pages(mixed())[REPORT],
        "hosts.html": sharded["hosts-001.html"],
        "latest.html": re.sub(r'<meta http-equiv="refresh"[^>]*>', "", latest),
    }
    return write(tmp_path_factory.mktemp("pages"), texts)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing(browser: Any, folder: Path, name: str, scheme: str) -> None:
    module = "axe_playwright_python.sync_playwright"
    axe = pytest.importorskip(module, reason="axe-playwright-python is not installed").Axe()
    for size in (WIDE, NARROW):
        # The policy of the page would keep axe out as well.
        options: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
        with opened(browser, folder / f"{name}.html", **options) as it:
            keep_picture(it.page, f"{name}-{scheme}-{size['width']}")
            found = {"loaded": axe.run(it.page).response["violations"]}
            it.page.evaluate(UNFOLD)
            found["unfolded"] = axe.run(it.page).response["violations"]
            said = [
                (how, each["id"], each["nodes"][0]["html"][:200])
                for how, violations in found.items()
                for each in violations
            ]
            assert said == [], size
            assert it.complaints == []


@pytest.mark.parametrize("name", list(SIZES))
def test_a_page_is_no_longer_than_it_may_be(browser: Any, folder: Path, name: str) -> None:
    pixels, sheets = SIZES[name]
    with opened(browser, folder / f"{name}.html") as it:
        assert it.page.evaluate(HEIGHT) <= pixels
        assert printed_pages(it.page) <= sheets


def bottom(page: Any, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    return float(box["y"] + box["height"])


def test_the_first_screen_says_it_all(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "demo.html") as it:
        assert it.page.locator("h1").inner_text() == "NOT READY"
        for selector in ("h1", "ol.todo", "#net", "aside ul.un", ".first"):
            assert bottom(it.page, selector) <= WIDE["height"], selector
        repairs = it.page.locator("ol.todo > li").count()
        assert repairs == it.page.locator("section.fix").count()


def test_a_ready_screen_with_warnings_says_what_is_warned_of_and_for_which_change(
    browser: Any, folder: Path
) -> None:
    with opened(browser, folder / "warned.html") as it:
        keep_picture(it.page, "ready-warned")
        text = it.page.locator("main").inner_text()
        said = (
            "CHG0012345",
            "Kim Example",
            "run again closer to it",
            "VMM 2012 SP1 has KB 2853203",
        )
        for each in (*said, "Upgrade VMM on", "LM102", "hv00007", "Times, files and digests"):
            assert each in text, each
        assert bottom(it.page, "aside") <= WIDE["height"]
    with opened(browser, folder / "warned.html", media="print") as it:
        for each in ("Inventory digest", "Expected: VMM 2012 R2 or later"):
            assert it.page.get_by_text(each).first.is_visible(), each


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [1400, 390, 320])
def test_nothing_overflows_the_window(browser: Any, folder: Path, name: str, width: int) -> None:
    with opened(browser, folder / f"{name}.html", viewport={"width": width, "height": 800}) as it:
        assert it.page.evaluate(OVERFLOWING) == []
        it.page.evaluate(UNFOLD)
        assert it.page.evaluate(OVERFLOWING) == []
        assert it.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["demo", "mixed", "many"])
def test_nothing_is_cut_in_print(browser: Any, folder: Path, name: str) -> None:
    sheet = {"width": 680, "height": 1000}
    with opened(browser, folder / f"{name}.html", viewport=sheet, media="print") as it:
        keep_picture(it.page, f"{name}-print")
        wide = """() => [...document.querySelectorAll('pre, li, td:not(.r), dd, p')]
            .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 1)
            .filter((each) => getComputedStyle(each).display !== 'inline')
            .map((each) => `${each.scrollWidth} > ${each.clientWidth} ${each.outerHTML}`
                .slice(0, 200))"""
        assert it.page.evaluate(wide) == []
        assert it.page.evaluate(OVERFLOWING) == []


def test_the_rails_of_the_network_have_room_in_print(browser: Any, folder: Path) -> None:
    sheet = {"width": 703, "height": 1000}  # A4 without its margins
    with opened(browser, folder / "demo.html", viewport=sheet, media="print") as it:
        heads = """() => [...document.querySelectorAll('.net thead th')]
            .map((each) => [each.scrollWidth - each.clientWidth, each.clientHeight])"""
        found = it.page.evaluate(heads)
        assert found
        # Its words beside each other: a prefix on a line of its own is the most.
        assert all(beyond <= 1 and height < 40 for beyond, height in found), found


def test_forced_colours_keep_every_sign(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "demo.html", forced_colors="active") as it:
        keep_picture(it.page, "demo-forced-colors")
        assert it.page.locator("h1").is_visible()
        signs = it.page.locator("td .mk").all()
        assert signs
        drawn = """each => getComputedStyle(each).borderTopStyle !== 'none'
            || getComputedStyle(each, '::before').content !== 'none' || each.textContent !== ''"""
        assert all(each.evaluate(drawn) for each in signs)
