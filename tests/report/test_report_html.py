from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
import report_runs
from report_runs import PWNED, blocked, entry, kb_fix, passed, result, run_of

from livemigration.findings import Fix, Reference, fail, not_applicable, note, warn
from livemigration.report.html import empty_html, page_css, summary_html
from livemigration.results import Result, Run, Selection, State

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Parsed(HTMLParser):
    """The text, the tags and the attributes of a fragment; fails on unbalanced tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(run: Run) -> Parsed:
    return Parsed(summary_html(run))


def test_the_fragment_tells_everything_that_matters() -> None:
    run = report_runs.broken_fleet()
    text = parsed(run).text
    fix = kb_fix("hv03.lab.test")
    expected = (
        run.verdict,
        "3 of 7 hosts are not ready.",
        "71 checks: 49 passed,",
        "7 of 9 hosts of the inventory selected; 2 hosts were deselected.",
        "Limited by --limit group:ams.",
        "3 checks were deselected.",
        run.vmm,
        run.vmm_release,
        run.inventory,
        run.inventory_digest,
        "2026-03-14 01:58:02 UTC",
        "2026-03-14 01:58:11 UTC",
        run.problems[0],
        "Also shown by LM203 and LM304",
        *(fix.summary, *fix.console, *fix.commands, *fix.undo),
        *(fix.cost, fix.alternative, fix.precondition, "KB 2853203"),
        report_runs.DOWN,
        "Accepted by J. Doe until 2026-06-30",
        "Delegation was not examined.",
        "VMs of this host move only inside its cluster.",
    )
    for said in expected:
        assert said in text, said


def test_only_a_simulated_run_is_watermarked() -> None:
    run = report_runs.green_fleet()
    assert "SIMULATED" not in parsed(run).text
    watermark = "SIMULATED: this run talked to the lab, not to Windows."
    assert watermark in parsed(replace(run, simulated=True)).text


@pytest.mark.parametrize("run", [report_runs.broken_fleet(), report_runs.large_fleet(20)])
def test_the_fragment_needs_no_script_and_nothing_from_elsewhere(run: Run) -> None:
    fragment = parsed(run)
    assert not fragment.tags & {"script", "img", "link", "iframe", "object", "style"}
    names = {name for name, _ in fragment.attributes}
    assert not [name for name in names if name.startswith("on") or name == "src"]
    links = {value for name, value in fragment.attributes if name == "href"}
    assert all(link and link.startswith(("#", "https://")) for link in links)
    targets = {value for name, value in fragment.attributes if name == "id"}
    assert {link[1:] for link in links if link and link.startswith("#")} <= targets


def test_hostile_text_stays_text_in_every_place() -> None:
    hostile = report_runs.HOSTILE_TEXT
    fix = Fix("k", hostile, (hostile,), precondition=hostile, cost=hostile, undo=(hostile,))
    fix = replace(fix, alternative=hostile, source=Reference(hostile, f"https://x/{hostile}"))
    run = run_of(
        result("LM102", PWNED, fail(hostile, hostile, fix), note(hostile)),
        result("LM201", hostile, warn(hostile, hostile, fix), note(hostile)),
        result("LM203", hostile, not_applicable(hostile)),
        blocked("LM103", hostile, hostile, hostile, hostile),
        Result(entry("LM104", hostile), State.INTERNAL_ERROR, reason=hostile),
        Result(entry("LM301", hostile), State.WAIVED, reason=hostile),
        Result(entry("LM302", hostile), State.NOT_RUN),
        inventory=hostile,
        inventory_digest=hostile,
        vmm=hostile,
        vmm_release=hostile,
        problems=(hostile,),
        suite_version=hostile,
        facts_from=hostile,
        stopped_early=hostile,
        selection=Selection(9, 2, 0, hostile),
    )
    fragment = parsed(run)
    assert not fragment.tags & {"script", "img"}
    assert "\x1b" not in fragment.text
    assert "\u202e" not in fragment.text
    assert "onerror" not in {name for name, _ in fragment.attributes}


def test_a_source_that_is_no_web_address_is_no_link() -> None:
    fix = Fix("k", "Mend it.", source=Reference("Notes", "javascript:alert(1)"))
    run = run_of(replace(result("LM102", "a", fail("o", "e", fix)), refs=()))
    fragment = parsed(run)
    assert "Notes (javascript:alert(1))" in fragment.text
    hrefs = [value for name, value in fragment.attributes if name == "href"]
    assert {href for href in hrefs if href and not href.startswith("#")} == set()


@pytest.mark.parametrize("state", list(State))
def test_each_state_is_shown_in_words(state: State) -> None:
    html = summary_html(run_of(Result(entry("LM102", "a"), state, red=state is State.FAIL)))
    word = state.value.replace("-", " ")
    cell = re.search(
        rf'<td class="lm-is-{state.value}">(?:<a href="#[a-z0-9-]+">)?([a-z ]+)<', html
    )
    assert cell
    assert cell.group(1) == word


def test_an_interrupted_run_says_so() -> None:
    text = parsed(report_runs.interrupted_fleet()).text
    assert "NO VERDICT: interrupted" in text
    assert "Interrupted: 12 of 20 planned checks ran." in text
    assert "hv01.lab.test : LM103, LM104" in text


def test_internal_errors_are_apart_from_findings() -> None:
    error = Result(entry("LM103", "hv01"), State.INTERNAL_ERROR, reason="the check yielded nothing")
    text = parsed(run_of(error)).text
    assert "NO VERDICT: internal error" in text
    assert "LM103 on hv01: the check yielded nothing" in text


def test_a_shared_cause_is_told_once() -> None:
    html = summary_html(report_runs.vmm_down())
    assert html.count("Connecting to vmm01.lab.test: connection refused") == 1
    assert "On 20 hosts" in html


def test_a_thousand_hosts_stay_a_page_of_a_megabyte() -> None:
    html = summary_html(report_runs.large_fleet())
    assert len(html) < 1_500_000
    assert html.count('class="lm-repair"') == 100
    assert html.count('<th scope="row">') == 3
    for number in range(1000):
        assert f"hv{number:04}.lab.test" in html


def test_the_style_is_self_contained() -> None:
    css = page_css()
    assert "url(" not in css
    assert "@import" not in css
    assert "</" not in css


def test_a_session_without_a_run_has_no_verdict() -> None:
    assert "NO VERDICT: no check was run" in Parsed(empty_html()).text


def blob(page: Path) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'data-jsonblob="([^"]*)"', page.read_text(encoding="utf-8"))
    assert found
    tests = json.loads(unescape(found.group(1)))["tests"]
    assert isinstance(tests, dict)
    return tests


def test_the_page_of_pytest_html_has_title_run_and_counts(
    make_page: Callable[[str], Path],
) -> None:
    page = make_page("report_runs.broken_fleet()")
    text = page.read_text(encoding="utf-8")
    title = "Live migration: NOT READY (SIMULATED)"
    assert f'<title id="head-title">{title}</title>' in text
    assert '<span class="passed">5 Passed,</span>' in text
    assert '<span class="failed">3 Failed,</span>' in text
    assert '<span class="error">2 Errors,</span>' in text
    assert '<span class="skipped">2 Skipped,</span>' in text


def test_the_table_drops_what_passed_and_escapes_ids(make_page: Callable[[str], Path]) -> None:
    rows = [row for rows in blob(make_page("report_runs.broken_fleet()")).values() for row in rows]
    assert {row["state"] for row in rows} == {"blocked", "fail", "warning", "not applicable", ""}
    assert {row["result"] for row in rows} == {"Error", "Failed", "Passed", "Skipped"}
    assert len(rows) == 9
    for row in rows:
        cells = row["resultsTableRow"]
        assert isinstance(cells, list)
        assert "<img" not in "".join(cells)
        assert len(cells) == 5


def test_a_row_that_does_not_apply_says_why_and_nothing_else(
    make_page: Callable[[str], Path],
) -> None:
    rows = [row for rows in blob(make_page("report_runs.broken_fleet()")).values() for row in rows]
    logs = {row["log"] for row in rows if row["state"] == "not applicable"}
    assert logs == {"Skipped: does not apply"}


def test_a_green_fleet_is_ready(make_page: Callable[[str], Path]) -> None:
    run = run_of(*passed("a"), *passed("b"))
    assert "2 of 2 hosts are ready." in parsed(run).text
    text = make_page("report_runs.green_fleet()").read_text(encoding="utf-8")
    assert '<title id="head-title">Live migration: ready</title>' in text
