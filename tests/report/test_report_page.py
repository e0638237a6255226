"""The parts of a page: times, the proof, the facts behind a finding, whom the verdict is for."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import report_runs
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from report_pages import assert_whole, html_of, lacking, parsed
from report_runs import PWNED, kb_host, passed, run_of
from told_lines import told_lines

from livemigration.inventory.change import Change, Window
from livemigration.report.html.page import REPORT, pages
from livemigration.report.html.proof import proof_of
from livemigration.report.moments import gathered, local, utc
from livemigration.report.wording import verdict_scope
from livemigration.run.drift.model import Drift, Moved
from livemigration.run.evidence.model import Gathering, Zone
from livemigration.run.plan import RunSelection
from livemigration.run.run import Earlier, Run
from livemigration.verdict.findings import fail, note

NIGHT = datetime(2026, 3, 14, 23, 58, 2, tzinfo=UTC)


@in_turn(
    "zone, shown",
    [
        (None, "local time not recorded"),
        (Zone("UTC", 0), "local time is UTC"),
        (Zone("GMT", 0), "local time is UTC, GMT"),
        (Zone("CET", 60), "2026-03-15 00:58:02 local time, UTC+01:00, CET"),
        (Zone("", -210), "2026-03-14 20:28:02 local time, UTC-03:30"),
        (Zone("IST", 330), "2026-03-15 05:28:02 local time, UTC+05:30, IST"),
        (Zone("nonsense", 99999), "local time not recorded"),
    ],
)
def test_local_time_names_its_offset_and_its_zone(zone: Zone | None, shown: str) -> None:
    assert local(NIGHT, zone) == shown
    assert utc(NIGHT) == "2026-03-14 23:58:02 UTC"


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (None, "When these facts were gathered is not known."),
        (
            Gathering(NIGHT),
            (
                "Gathered from 2026-03-14 23:58:02 UTC on (local time is UTC), and kept in a facts "
                "file."
            ),
        ),
        (
            Gathering(NIGHT, NIGHT.replace(second=9)),
            (
                "Gathered between 2026-03-14 23:58:02 UTC and 2026-03-14 23:58:09 UTC (local time "
                "is UTC)."
            ),
        ),
    ],
)
def test_a_page_says_when_its_facts_were_gathered(when: Gathering | None, said: str) -> None:
    assert gathered(replace(run_of(*passed("a")), gathered=when, zone=Zone("UTC", 0))) == said


def test_started_and_finished_are_in_both_times() -> None:
    html = html_of("broken_fleet")
    for moment in ("01:58:02", "01:58:11"):
        shown = f"2026-03-14 {moment} UTC<br>2026-03-14 02{moment[2:]} local time, UTC+01:00, CET"
        assert shown in html


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\n\r")))
def test_bash_gets_the_inventory_as_it_is(inventory: str) -> None:
    bash, *_ = proof_of(replace(run_of(*passed("a")), inventory=inventory)).split("\n")
    words = shlex.split(bash)
    given = [f"--inventory={inventory}", "--baseline=last"]
    assert words == ["pytest", "-m", "livemigration", *given]


def test_the_proof_is_one_line_where_both_shells_take_the_same() -> None:
    plain = proof_of(run_of(*passed("a")))
    assert plain == "pytest -m livemigration --inventory=inventories/lab.yaml --baseline=last"
    gate = replace(run_of(*passed("a")), gate="host-build")
    assert proof_of(gate) == "pytest -m livemigration --baseline=last"


@pytest.mark.parametrize("name", ["hv01.contoso.com", 'it\'s $(id) `id` \\ "x"; rm -rf *', "ü é"])
def test_a_real_shell_reads_the_proof_back(name: str) -> None:
    proof = proof_of(replace(run_of(*passed("a")), inventory=name)).splitlines()[0]
    arguments = proof.removeprefix("pytest ")
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {arguments}"],  # noqa: S607 - any bash will do
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    given = [f"--inventory={name}", "--baseline=last"]
    assert done.stdout.splitlines() == ["-m", "livemigration", *given]


def test_powershell_expands_nothing_in_the_proof() -> None:
    proof = proof_of(replace(run_of(*passed("a")), inventory="$env:x/it's.yaml"))
    assert proof.splitlines()[1] == (
        "pytest -m livemigration '--inventory=$env:x/it''s.yaml' '--baseline=last'"
    )


def test_a_card_has_the_commands_of_each_fix_of_one_key() -> None:
    fix = report_runs.kb_fix("hv03.lab.test")
    other = replace(fix, commands=("Set-SCVMHost -VMHost $vmHost -LiveMigrationMaximum 2",))
    found = (fail("It is wrong.", "Right.", each) for each in (fix, other))
    page = parsed(run_of(report_runs.result("LM102", "hv03.lab.test", *found)))
    assert not lacking(page.text, (fix.commands[-1], *other.commands))


def test_a_card_goes_from_what_is_wrong_to_its_steps_undo_cost_and_source() -> None:
    page = parsed("broken_fleet")
    card = page.by_id("fix-hv03.lab.test:any-network").text
    fix = report_runs.kb_fix("hv03.lab.test")
    order = [
        "hv03.lab.test",
        "LM102, LM203, LM304",
        "In the console",
        *fix.console,
        "PowerShell",
        fix.commands[0],
        "Undo",
        fix.undo[0],
        "Cost",
        fix.cost,
        "Instead",
        fix.alternative,
        "Source KB 2853203",
    ]
    places = [card.index(each) for each in order]
    assert places == sorted(places)
    # What proves the end is said once, for the whole run.
    proof = page.by_id("proof").text
    assert proof == "pytest -m livemigration --inventory=inventories/lab.yaml --baseline=last"


def test_what_was_read_stands_with_its_host_and_says_where_it_comes_from() -> None:
    page = parsed("broken_fleet")
    line = page.by_id("hv03.lab.test").text
    for said in (
        "Msvm_Something, namespace root/virtualization/v2",
        "SELECT One, Two FROM Msvm_Something",
        "seen from the host",
        "in 0.250 s",
        '"subnet": "10.20.30.0/24"',
    ):
        assert said in line, said
    assert "Gathered between 2026-03-14 01:58:03 UTC and 2026-03-14 01:58:10 UTC" in page.text
    # The release is a fact of the server.
    assert "The VMM release" not in line
    assert "The VMM release" in page.text


def test_facts_that_were_not_read_or_did_not_fit_are_named_with_the_way_out() -> None:
    line = parsed("broken_fleet").by_id("hv06.lab.test").text
    assert "The listeners not gathered hv06.lab.test: access denied." in line
    assert "Left out, so that the files stay small: the vmm probes." in line


def test_the_local_time_of_window_and_validity_stands_beside_the_utc() -> None:
    window = Window(NIGHT, NIGHT.replace(day=15))
    run = replace(
        run_of(*passed("a")),
        change=Change("CHG1", "Kim", window),
        valid_until=NIGHT,
        zone=Zone("CET", 60),
    )
    page = parsed(run).text
    assert "Window 2026-03-14 23:58:02 UTC to 2026-03-15 23:58:02 UTC" in page
    assert "Evidence until 2026-03-14 23:58:02 UTC 2026-03-15 00:58:02 local time" in page
    assert "Evidence until" not in parsed(replace(run, simulated=True)).text


def test_drift_stands_beside_the_verdict_and_its_changes_in_words() -> None:
    new = (Moved("LM102", "Incoming migrations are accepted.", "hv03", "pass", "fail"),)
    run = replace(run_of(*kb_host("hv03")), drift=Drift("x", NIGHT, new=new))
    page = parsed(run)
    assert (
        "Since 2026-03-14 23:58:02 UTC: 1 newly not ready."
        in (pages(run)[REPORT].split("<aside")[0])
    )
    (table,) = page.all("div", **{"aria-label": "New failures"})
    assert "hv03 LM102 Incoming migrations are accepted. pass fail" in table.text
    assert "new" in page.by_id("hv03").attributes["data-s"].split()


def test_a_run_of_earlier_ones_shows_how_many_hosts_were_not_ready() -> None:
    earlier = tuple(Earlier(NIGHT, 5, number) for number in (3, 2))
    run = replace(run_of(*kb_host("hv03")), trend=earlier)
    assert "3 → 2 → 1" in parsed(run).text
    assert "→" not in parsed(replace(run, trend=earlier[:1])).text


@pytest.mark.parametrize(
    "run",
    [report_runs.broken_fleet(), report_runs.large_fleet(30), run_of(*kb_host(PWNED))],
)
def test_no_anchor_is_given_twice_and_no_link_is_dead(run: Run) -> None:
    assert_whole(parsed(run))


@in_turn(
    "selection, scope",
    [
        (RunSelection(10, 10, 0), ""),
        (RunSelection(40, 12, 3), "for the 12 selected hosts of 40; 3 checks were deselected"),
        (RunSelection(40, 1, 1), "for the 1 selected host of 40; 1 check was deselected"),
        (RunSelection(40, 12, 0), "for the 12 selected hosts of 40"),
        (RunSelection(10, 10, 90), "for all 10 hosts; 90 checks were deselected"),
        (RunSelection(1, 1, 9), "for the only host; 9 checks were deselected"),
        (
            RunSelection(6, 0, 54),
            "for no host: none of the 6 was selected; 54 checks were deselected",
        ),
    ],
)
def test_the_verdict_says_for_whom_it_holds(selection: RunSelection, scope: str) -> None:
    run = replace(report_runs.green_fleet(), selection=selection)
    assert verdict_scope(run) == scope
    first = f"READY {scope}." if scope else "READY. 2 of 2 hosts are ready."
    assert first in told_lines(run)
    beside = parsed(run).all("div", class_="v t-ok")[0].text
    assert (f"This verdict is {scope}." in beside) is bool(scope)


def test_a_verdict_that_is_not_ready_says_for_whom_it_holds_as_well() -> None:
    run = replace(run_of(*kb_host("hv03")), selection=RunSelection(40, 1, 3))
    assert (
        "NOT READY. 1 of 1 host is not ready. "
        "This verdict is for the 1 selected host of 40; 3 checks were deselected."
    ) in told_lines(run)


def test_a_note_that_several_checks_have_is_shown_once() -> None:
    unread = "Not judged, because their domain could not be read: hv05."
    pair = [report_runs.result(each, "hv03.lab.test", note(unread)) for each in ("LM103", "LM104")]
    text = pages(run_of(*kb_host("hv03.lab.test"), *pair))[REPORT]
    # In the line of the host, and among the notes of all.
    assert f"<b>LM103, LM104</b> {unread}" in text
    assert f"<b>LM103, LM104</b>, hv03: {unread}" in text
    assert text.count(unread) == 2


def test_what_was_read_counts_groups_that_were_read() -> None:
    found = re.findall(r"What was read[^(]*\(([^)]*)\)", parsed(report_runs.broken_fleet()).text)
    assert {"0 fact groups", "1 fact group", "5 fact groups"} == set(found)
