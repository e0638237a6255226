"""What the page says of a run: everything that matters, as text, once."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import pytest
import report_runs
from hypothesis import example, given
from in_turn import in_turn
from properties import examples
from report_hostile import TEXTS, hostile_run
from report_pages import assert_safe, assert_whole, html_of, lacking, parsed
from report_runs import PWNED, blocked, entry, kb_fix, passed, result, run_of

from livemigration.report.html.page import REPORT, leading_html, pages
from livemigration.report.wording import result_word
from livemigration.run.plan import RunSelection
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Fix, Reference, fail, not_applicable, note, warn


def test_the_page_tells_everything_that_matters() -> None:
    run = report_runs.broken_fleet()
    fix = kb_fix("hv03.lab.test")
    expected = (
        run.verdict,
        "3 of 7 hosts are not ready.",
        "71: 49 passed, 5 failed, 4 warned, 1 waived, 11 not examined, 1 not applicable",
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
        *(*fix.console, *fix.commands, *fix.undo),
        *(fix.cost, fix.alternative, fix.precondition, "KB 2853203"),
        report_runs.DOWN,
        "Accepted by J. Doe until 2026-06-30",
        "Delegation was not examined.",
        "VMs of this host move only inside its cluster.",
    )
    assert lacking(parsed(run).text, expected) == []


def test_every_host_check_and_repair_of_a_run_is_named() -> None:
    run = report_runs.broken_fleet()
    page = parsed(run)
    for each in run.results:
        assert each.entry.check in page.text
        if not each.red:
            continue
        item = page.by_id(f"{each.entry.target}-{each.entry.check}")
        said = [finding.observed for finding in each.findings if finding.level.value == "fail"]
        if PWNED not in each.entry.target:
            assert lacking(item.text, said) == []
            assert result_word(each) in item.text


def test_only_a_simulated_run_is_watermarked() -> None:
    run = report_runs.green_fleet()
    assert "SIMULATED" not in pages(run)[REPORT]
    simulated = replace(run, simulated=True)
    assert "SIMULATED. This run talked to the lab, not to Windows." in parsed(simulated).text
    assert "SIMULATED" in parsed(simulated).all("title")[0].text
    # Also at the foot of each sheet, and on the page that leads there.
    assert "SIMULATED" in parsed(simulated).all("style")[0].text
    assert "SIMULATED" in leading_html("report.html", simulated)


@in_turn("name", ["broken_fleet", "green_fleet", "vmm_down", "interrupted_fleet"])
def test_nothing_is_fetched_nothing_runs_and_no_link_is_dead(name: str) -> None:
    page = assert_safe(html_of(name))
    assert_whole(page)
    outside = {each for each in page.links if not each.startswith("#")}
    assert all(each.startswith("https://") for each in outside)


@examples(60)
@given(TEXTS)
@example("x")
@example("<style>*{}</style>")
@example("</style><script>1</script>")
@example("\\\\3c /style> */ \" ' ; }")
def test_hostile_text_stays_text_wherever_it_stands(text: str) -> None:
    run = replace(hostile_run(text), simulated=True)
    html = pages(run)[REPORT]
    page = assert_safe(html)
    assert_whole(page)
    harmful = {*map(chr, range(32)), "\x7f", "\x85", "\u202e", "\u200b", "\u2028", "\ud800"} - {
        "\n"
    }
    assert not harmful & set(html)
    assert_safe(leading_html("a folder/report.html", run))


def test_a_page_of_hostile_names_and_texts_has_neither_scripts_nor_pictures() -> None:
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
        selection=RunSelection(9, 2, 0, hostile),
    )
    page = assert_safe(pages(run)[REPORT])
    assert_whole(page)
    assert f"#{quote(PWNED, safe='')}-LM102" in page.links
    assert PWNED in page.ids


def test_a_source_that_is_no_web_address_is_no_link() -> None:
    fix = Fix("k", "Mend it.", source=Reference("Notes", "javascript:alert(1)"))
    page = parsed(run_of(replace(result("LM102", "a", fail("o", "e", fix)), refs=())))
    assert "Notes (javascript:alert(1))" in page.text
    assert [each for each in page.links if not each.startswith("#")] == []


@in_turn(
    "state, word",
    [
        (State.FAIL, "1 failed"),
        (State.WARNING, "1 warned"),
        (State.BLOCKED, "1 not examined"),
        (State.WAIVED, "1 waived"),
        (State.NOT_APPLICABLE, "1 not applicable"),
        (State.INTERNAL_ERROR, "1 ended in an internal error"),
        (State.NOT_RUN, "1 not run"),
        (State.PASS, "1 passed"),
    ],
)
def test_each_state_is_counted_in_words_of_its_own(state: State, word: str) -> None:
    page = parsed(run_of(Result(entry("LM102", "a"), state, red=state is State.FAIL)))
    assert f"1: {word}" in page.text


def test_an_interrupted_run_says_so() -> None:
    run = report_runs.interrupted_fleet()
    page = parsed(run)
    assert page.all("h1")[0].text == "NO VERDICT: interrupted"
    assert "Interrupted: 12 of 20 planned checks ran." in page.text
    beside = pages(run)[REPORT].partition("</aside>")[0]
    assert "8 checks on hv01: not run" in beside


def test_internal_errors_are_apart_from_findings() -> None:
    error = Result(entry("LM103", "hv01"), State.INTERNAL_ERROR, reason="the check yielded nothing")
    page = parsed(run_of(error))
    assert page.all("h1")[0].text == "NO VERDICT: internal error"
    said = "Internal error in LM103 of hv01: the check yielded nothing"
    assert said in page.all("div", class_="box")[0].text


def test_a_shared_cause_is_told_once() -> None:
    page = parsed(report_runs.vmm_down())
    assert "40 checks on 20 hosts, until repair 1" in page.text
    assert page.text.count("vmm01.lab.test refused the connection on port 5985") == 1
    assert len(page.all("section", class_="fix grp")) == 1


def test_a_cause_of_many_hosts_is_one_card_and_each_host_a_line() -> None:
    page = parsed(report_runs.large_fleet(200, key="any-network"))
    (card,) = page.all("section", class_="fix grp")
    assert card.attributes["id"] == "fix-any-network"
    assert card.text.count("Set-SCVMHost -VMHost $vmHost -UseAnyMigrationSubnet $true") == 1
    assert card.text.count(kb_fix("x").cost) == 1
    for name in (f"hv{number:04}.lab.test" for number in range(200)):
        assert name in page.ids


@pytest.mark.long
def test_a_thousand_hosts_stay_a_page_of_a_megabyte() -> None:
    html = html_of("large_fleet")
    assert len(html) < 1_000_000
    page = parsed("large_fleet")
    for number in range(1000):
        assert f"hv{number:04}.lab.test" in page.ids


def test_a_green_fleet_is_ready() -> None:
    run = run_of(*passed("a"), *passed("b"))
    assert "2 of 2 hosts are ready, as far as examined." in parsed(run).text
    assert parsed(run).all("h1")[0].text == "READY"
    assert parsed(run).all("section", class_="fix grp") == []
