"""The page in Chromium: with and without scripts, printed, dark and narrow."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import report_runs

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BROKEN = "report_runs.broken_fleet()"
ORIGIN = "http://report.invalid/"
NO_SCRIPTS = "script-src 'none'"
NOTHING_AT_ALL = "default-src 'none'"

WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no-javascript": {"java_script_enabled": False},
    "csp": {"csp": NO_SCRIPTS},
    "csp-no-styles": {"csp": NOTHING_AT_ALL},
    "print": {"media": "print"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 375, "height": 800}},
    "phone": {"viewport": {"width": 375, "height": 800}, "is_mobile": True},
    "narrow-dark": {"viewport": {"width": 375, "height": 800}, "color_scheme": "dark"},
}

OVERFLOWING = """() => {
    const width = document.documentElement.clientWidth
    const scrolls = (element) => element.closest('pre, .lm-scroll') !== null
    return [...document.body.querySelectorAll('*')]
        .filter((element) => !scrolls(element) || element.matches('pre, .lm-scroll'))
        .filter((element) => element.checkVisibility())
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .map((element) => element.outerHTML.slice(0, 120))
}"""

LOW_CONTRAST = """() => {
    const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number)
    const light = (rgb) => {
        const [r, g, b] = rgb.map((each) => each / 255)
            .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = parse(getComputedStyle(each).backgroundColor)
            if (colour.length === 3 || colour[3] === 1) return colour.slice(0, 3)
        }
        return [255, 255, 255]
    }
    const found = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement
        if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue
        if (element.matches('script, style, :disabled')) continue
        const text = light(parse(getComputedStyle(element).color).slice(0, 3))
        const back = light(behind(element))
        const ratio = (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05)
        if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 100)}`)
    }
    return found
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is on the PATH")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


class Opened:
    """A page, what it asked the network for, and what it complained about."""

    def __init__(self, browser: Any, document: Path, way: dict[str, Any]) -> None:
        options = {"viewport": {"width": 1280, "height": 900}} | way
        headers = {"Content-Type": "text/html; charset=utf-8"}
        if policy := options.pop("csp", None):
            headers["Content-Security-Policy"] = policy
        media = options.pop("media", None)
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        if media:
            self.page.emulate_media(media=media)
        body = document.read_text(encoding="utf-8")
        self.page.route("**/*", lambda route: route.fulfill(body=body, headers=headers))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: self.dialogs.append(dialog.message))
        self.page.goto(ORIGIN)

    def text(self) -> str:
        return str(self.page.locator("body").inner_text())


@pytest.fixture(scope="module", params=list(WAYS))
def opened(request: pytest.FixtureRequest, browser: Any, make_page: Any) -> Iterator[Opened]:
    opened = Opened(browser, make_page(BROKEN), WAYS[request.param])
    if folder := os.environ.get("LIVEMIGRATION_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        opened.page.screenshot(path=f"{folder}/{request.param}.png", full_page=True)
    yield opened
    opened.context.close()


def test_everything_that_matters_is_visible(opened: Opened) -> None:
    text = opened.text()
    run = report_runs.broken_fleet()
    assert run.verdict in text
    assert "3 of 7 hosts are not ready." in text
    assert "SIMULATED" in text
    for host in run.failing_hosts:
        assert host in text
    fix = report_runs.kb_fix("hv03.lab.test")
    for line in (fix.summary, *fix.console, *fix.commands, *fix.undo, fix.cost, fix.alternative):
        assert line in text
    link = opened.page.get_by_role("link", name=report_runs.KB.title).first
    assert link.is_visible()
    assert link.get_attribute("href") == report_runs.KB.url


def test_the_verdict_comes_first(opened: Opened) -> None:
    text = opened.text()
    order = [text.index(each) for each in ("NOT READY", "3 of 7 hosts", "hv03.lab.test")]
    assert order == sorted(order)


def test_nothing_overflows_the_window(opened: Opened) -> None:
    assert opened.page.evaluate(OVERFLOWING) == []


def test_text_has_contrast(opened: Opened) -> None:
    assert opened.page.evaluate(LOW_CONTRAST) == []


def test_nothing_is_fetched_and_no_hostile_script_runs(opened: Opened) -> None:
    assert opened.requests == [ORIGIN]
    assert opened.dialogs == []
    assert "PWNED" not in opened.page.title()
    assert opened.page.title() == "Live migration: NOT READY (SIMULATED)"
    assert opened.page.locator("img[src=x]").count() == 0
    assert opened.page.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("way", ["no-javascript", "csp"])
def test_what_needs_scripts_is_hidden_without_them(browser: Any, make_page: Any, way: str) -> None:
    opened = Opened(browser, make_page(BROKEN), WAYS[way])
    for selector in ("#results-table", "#environment-header", ".controls", ".filter"):
        assert not opened.page.locator(selector).first.is_visible(), selector
    opened.context.close()


def test_the_table_of_tests_works_with_scripts(browser: Any, make_page: Any) -> None:
    opened = Opened(browser, make_page(BROKEN), WAYS["plain"])
    rows = opened.page.locator("#results-table .collapsible")
    states = [row.locator(".col-state").inner_text() for row in rows.all()]
    assert sorted(states) == sorted(["fail", "blocked", "warning", "not applicable"] * 2 + [""])
    assert report_runs.PWNED in opened.page.locator("#results-table").inner_text()
    table = opened.page.locator("#results-table").bounding_box()
    ours = opened.page.locator("#lm").bounding_box()
    assert table["y"] > ours["y"] + ours["height"]
    opened.page.locator('input[data-test-result="failed"]').click()
    assert opened.page.locator("#results-table tbody.failed").count() == 0
    opened.context.close()


def test_details_are_open_in_print_and_closed_on_screen(browser: Any, make_page: Any) -> None:
    cell = "table.lm-lanes td"
    visible = "element => element.checkVisibility({contentVisibilityAuto: true})"
    for way, shown in (("plain", False), ("print", True)):
        opened = Opened(browser, make_page(BROKEN), WAYS[way])
        assert opened.page.locator(cell).first.evaluate(visible) is shown
        opened.context.close()


def test_the_picture_of_the_network_is_seen_and_said(opened: Opened) -> None:
    picture = opened.page.get_by_role("img", name="The migration network (SIMULATED)")
    assert picture.count() == 1
    assert picture.is_visible()
    box = picture.bounding_box()
    assert box["width"] > 300
    assert box["height"] > 200
    text = picture.locator("text", has_text="6600 refused (10061)").first
    assert text.is_visible()


def test_the_lines_of_the_picture_can_be_seen(browser: Any, make_page: Any) -> None:
    stroke = "element => getComputedStyle(element).stroke"
    for way in ("plain", "dark", "csp-no-styles", "print"):
        opened = Opened(browser, make_page(BROKEN), WAYS[way])
        page = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
        for name in ("open", "refused", "timed-out", "failed"):
            line = opened.page.locator(f".lm-net line.lm-line-{name}").first
            assert line.evaluate(stroke) not in {page, "none"}, (way, name)
        opened.context.close()


def test_a_fact_unfolds_with_the_keyboard_and_without_scripts(browser: Any, make_page: Any) -> None:
    opened = Opened(browser, make_page(BROKEN), WAYS["csp"])
    section = opened.page.locator(".lm-page", has_text="hv03.lab.test").first
    value = section.locator(".lm-facts pre").first
    assert not value.is_visible()
    section.locator(".lm-facts summary").first.focus()
    opened.page.keyboard.press("Enter")
    assert value.is_visible()
    assert "10.20.30.0/24" in value.inner_text()
    opened.context.close()


def test_the_link_to_a_fact_leads_to_it(browser: Any, make_page: Any) -> None:
    opened = Opened(browser, make_page(BROKEN), WAYS["no-javascript"])
    link = opened.page.locator(".lm-facts-behind a").first
    target = (link.get_attribute("href") or "").removeprefix("#")
    link.click()
    assert opened.page.url.endswith(f"#{target}")
    assert opened.page.locator(f"[id='{target}']").first.is_visible()
    opened.context.close()


def test_each_failing_host_begins_a_page_in_print(browser: Any, make_page: Any) -> None:
    opened = Opened(browser, make_page(BROKEN), WAYS["print"])
    breaks = "element => getComputedStyle(element).breakBefore"
    # The first host stands below the heading, which begins the page.
    parts = opened.page.locator(".lm-chapter, .lm-page").all()
    assert [part.evaluate(breaks) for part in parts] == ["page", "avoid", "page", "page"]
    opened.context.close()


def test_links_are_printed_with_their_address(browser: Any, make_page: Any) -> None:
    opened = Opened(browser, make_page(BROKEN), WAYS["print"])
    link = opened.page.get_by_role("link", name=report_runs.KB.title).first
    content = link.evaluate("element => getComputedStyle(element, '::after').content")
    assert report_runs.KB.url in content or "attr(href)" in content
    opened.context.close()


@pytest.mark.parametrize(
    ("run", "verdict"),
    [
        ("report_runs.green_fleet()", "ready"),
        ("report_runs.vmm_down()", "NOT READY"),
        ("report_runs.interrupted_fleet()", "NO VERDICT: interrupted"),
        ("None", "NO VERDICT: no check was run"),
    ],
)
@pytest.mark.parametrize("way", ["plain", "dark", "narrow"])
def test_other_verdicts(browser: Any, make_page: Any, run: str, verdict: str, way: str) -> None:
    opened = Opened(browser, make_page(run), WAYS[way])
    if folder := os.environ.get("LIVEMIGRATION_SCREENSHOTS"):
        name = run.partition("(")[0].removeprefix("report_runs.")
        opened.page.screenshot(path=f"{folder}/{name}-{way}.png", full_page=True)
    banner = opened.page.locator(".lm-banner")
    assert banner.inner_text().strip() == verdict
    assert banner.locator("svg").is_visible()
    assert opened.page.evaluate(OVERFLOWING) == []
    assert opened.page.evaluate(LOW_CONTRAST) == []
    opened.context.close()
