"""The page in Chromium: found, filtered, copied, linked, without scripts and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import many_hosts
import pytest
import report_runs
from chromium import NARROW, launched, opened, write

from livemigration.report.html.page import REPORT, leading_html, pages
from livemigration.run import results_file

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

# A page answers a click or a link in a turn of its own: what follows is waited for.
UNFOLDED = "[id='hv03.contoso.com'] > details[open]"
NO_SCRIPT: dict[str, Any] = {"java_script_enabled": False}
WAYS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no-javascript": NO_SCRIPT,
    "print": {"media": "print"},
    "narrow": {"viewport": NARROW},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    demo = results_file.load(many_hosts.DEMO)
    broken = pages(report_runs.broken_fleet())[REPORT]
    texts = {
        "demo.html": pages(demo)[REPORT],
        "broken.html": broken,
        "injected.html": broken.replace("</main>", "<script>document.title = 'PWNED'</script>"),
        "latest.html": leading_html("demo.html", demo),
    }
    return write(tmp_path_factory.mktemp("pages"), texts)


@pytest.mark.parametrize("way", list(WAYS))
def test_everything_that_matters_is_readable(browser: Any, folder: Path, way: str) -> None:
    with opened(browser, folder / "broken.html", **WAYS[way]) as it:
        text = it.page.locator("body").inner_text()
        run, fix = report_runs.broken_fleet(), report_runs.kb_fix("hv03.lab.test")
        assert text.index("NOT READY") < text.index("3 of 7 hosts") < text.index("hv03.lab.test")
        assert "SIMULATED" in text
        for host in {each.entry.target for each in run.results if each.red}:
            assert host in text
        whole = " ".join((it.page.locator("body").text_content() or "").split())
        for line in (*fix.console, *fix.commands, *fix.undo, fix.cost, fix.alternative):
            assert line in whole
        assert it.requests == [(folder / "broken.html").as_uri()]
        assert it.complaints == []
        assert it.page.locator("img").count() == 0


def test_a_script_that_got_into_the_page_does_not_run(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "injected.html") as it:
        assert "PWNED" not in it.page.title()
        assert any("Content Security Policy" in each for each in it.complaints)


def test_search_finds_hosts_and_enter_goes_to_the_first(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "demo.html") as it:
        page = it.page
        page.keyboard.press("/")
        page.keyboard.type("hv03")
        assert page.locator("#hits a").count() == 1
        assert "1 of 10 hosts match." in page.locator("#said").inner_text()
        page.keyboard.press("Enter")
        page.wait_for_url("**#hv03.contoso.com")
        page.locator(UNFOLDED).wait_for(state="attached")
        page.locator("#q").fill("nobody-has-this")
        assert "No host or check" in page.locator("#hits").inner_text()
        page.keyboard.press("Escape")
        # Chromium empties a field of searches on Escape, so that everything is there again.
        page.locator("#hits").wait_for(state="hidden")
        page.locator("#q").fill("hv04")
        page.locator("#clear-filter").click()
        assert page.locator("section.fix:visible").count() == page.locator("section.fix").count()


def test_a_state_filters_and_show_all_again_undoes_it(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "demo.html") as it:
        chip = it.page.locator(".chips button[data-f='ready']")
        cards = it.page.locator("section.fix:visible").count()
        assert cards > 0
        chip.click()
        assert chip.get_attribute("aria-pressed") == "true"
        assert it.page.locator("section.fix:visible").count() == 0
        it.page.locator("#clear-filter").click()
        assert chip.get_attribute("aria-pressed") == "false"
        assert it.page.locator("section.fix:visible").count() == cards
        assert not it.page.locator("#clear-filter").is_visible()


def test_the_copy_button_copies_the_block_as_it_is(browser: Any, folder: Path) -> None:
    permissions: dict[str, Any] = {"permissions": ["clipboard-read", "clipboard-write"]}
    with opened(browser, folder / "demo.html", **permissions) as it:
        button = it.page.locator("button.cp").first
        block = it.page.locator(f"[id='{button.get_attribute('aria-controls')}']")
        button.click()
        it.page.get_by_text("Copied").first.wait_for()
        assert it.page.evaluate("navigator.clipboard.readText()") == block.text_content()


@pytest.mark.parametrize("anchor", ["hv03.contoso.com", "hv03.contoso.com-LM102"])
def test_a_link_from_a_ticket_opens_what_it_names(browser: Any, folder: Path, anchor: str) -> None:
    with opened(browser, folder / "demo.html", f"#{anchor}") as it:
        it.page.locator(UNFOLDED).wait_for(state="attached")
        assert it.page.locator(f"[id='{anchor}']").is_visible()
    with opened(browser, folder / "demo.html", f"#{anchor}", **NO_SCRIPT) as it:
        assert it.page.locator(f"[id='{anchor}']").count() == 1


def test_the_leading_page_leads_on_and_keeps_the_anchor(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "latest.html", "#hv03.contoso.com") as it:
        it.page.wait_for_url("**/demo.html#hv03.contoso.com")
        it.page.locator(UNFOLDED).wait_for(state="attached")


def test_what_needs_the_script_is_not_there_without_it(browser: Any, folder: Path) -> None:
    with opened(browser, folder / "demo.html", **NO_SCRIPT) as it:
        for selector in ("#find", "#clear-filter", "button.cp"):
            assert not it.page.locator(selector).first.is_visible(), selector
        assert it.page.locator("[id='hv03.contoso.com']").is_visible()


def test_the_keyboard_alone_reaches_everything(browser: Any, folder: Path) -> None:
    mark = """() => { window.reached = new Set()
        document.addEventListener('focusin', each => window.reached.add(each.target)) }"""
    missed = """() => [...document.querySelectorAll('a[href], button, input, summary, [tabindex]')]
        .filter(each => each.checkVisibility() && !window.reached.has(each))
        .map(each => each.outerHTML.slice(0, 120))"""
    with opened(browser, folder / "demo.html") as it:
        it.page.evaluate(mark)
        number = it.page.locator("a[href], button, input, summary, [tabindex]").count()
        for _ in range(number + 2):
            it.page.keyboard.press("Tab")
        assert it.page.evaluate(missed) == []
        it.page.locator("summary").first.focus()
        it.page.keyboard.press("Enter")
        it.page.locator("details[open]").first.wait_for(state="attached")
