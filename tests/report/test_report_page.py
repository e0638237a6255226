"""The parts of a page: times, the proof, the facts behind a finding, whom the verdict is for."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import report_runs
from hypothesis import given
from hypothesis import strategies as st
from report_networks import evidence, facts_of
from report_runs import PWNED, kb_host, passed, run_of

from livemigration.evidence.model import Gathering, Zone
from livemigration.report.html import summary_html
from livemigration.report.moments import gathered, local, utc
from livemigration.report.proof import proof_of
from livemigration.report.text import closing_lines
from livemigration.report.wording import verdict_scope
from livemigration.results import Run, Selection

NIGHT = datetime(2026, 3, 14, 23, 58, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
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
    html = summary_html(report_runs.broken_fleet())
    for moment in ("01:58:02", "01:58:11"):
        shown = f"2026-03-14 {moment} UTC<br>2026-03-14 02{moment[2:]} local time, UTC+01:00, CET"
        assert shown in html


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.text())
def test_bash_gets_the_inventory_and_the_host_as_they_are(inventory: str, host: str) -> None:
    run = replace(run_of(*passed("a")), inventory=inventory)
    words = shlex.split(proof_of(run, host).bash)
    assert words == ["pytest", "-m", "livemigration", f"--inventory={inventory}", f"--limit={host}"]


@pytest.mark.parametrize("name", ["hv01.contoso.com", 'it\'s $(id) `id` \\ "x"; rm -rf *', "ü é"])
def test_a_real_shell_reads_the_proof_back(name: str) -> None:
    proof = proof_of(replace(run_of(*passed("a")), inventory=name), name)
    arguments = proof.bash.removeprefix("pytest ")
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {arguments}"],  # noqa: S607 - any bash will do
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    assert done.stdout.splitlines() == [
        "-m",
        "livemigration",
        f"--inventory={name}",
        f"--limit={name}",
    ]


def test_powershell_expands_nothing_in_the_proof() -> None:
    proof = proof_of(replace(run_of(*passed("a")), inventory="$env:x/it's.yaml"), "hv01")
    assert proof.powershell == (
        "pytest -m livemigration '--inventory=$env:x/it''s.yaml' '--limit=hv01'"
    )


def page_of(html: str, host: str) -> str:
    """Return the section of a failing host."""
    start = re.search(
        rf'<section class="lm-host lm-page" id="[^"]+">\s*<h3>{re.escape(host)}<', html
    )
    assert start
    return html[start.start() :].partition("</section>")[0]


def test_the_page_of_a_host_goes_from_what_fails_to_its_proof_and_its_facts() -> None:
    page = page_of(summary_html(report_runs.broken_fleet()), "hv03.lab.test")
    fix = report_runs.kb_fix("hv03.lab.test")
    order = [
        "Observed",
        "Expected",
        fix.summary,
        "In the console",
        "Or in PowerShell",
        "To undo",
        "Prove it",
        "--limit=hv03.lab.test",
        "PowerShell</p>",
        "Facts of this host",
    ]
    places = [page.rindex(each) if each == "PowerShell</p>" else page.index(each) for each in order]
    assert places == sorted(places)


def test_every_finding_of_a_host_links_to_facts_that_stand_once_in_its_section() -> None:
    html = summary_html(report_runs.broken_fleet())
    page = page_of(html, "hv03.lab.test")
    links = re.search(r"<b>Facts:</b>(.*?)</p>", page)
    assert links
    titles = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', links.group(1))
    assert [title for _, title in titles][:2] == ["the migration networks", "the listeners"]
    for anchor, _ in titles[:-1]:
        assert page.count(f'<summary id="{anchor}">') == 1
    # The release is a fact of the server: it stands in the server's section.
    assert titles[-1][1] == "the VMM release"
    assert f'id="{titles[-1][0]}"' not in page
    assert html.count(f'id="{titles[-1][0]}"') == 1


def test_a_fact_unfolds_to_its_value_class_properties_vantage_and_time() -> None:
    page = page_of(summary_html(report_runs.broken_fleet()), "hv03.lab.test")
    fact = page.partition("<summary id=")[2].partition("</details>")[0]
    for said in (
        "Msvm_Something, namespace root/virtualization/v2",
        "One, Two",
        "SELECT One, Two FROM Msvm_Something",
        "the host",
        "0.250 s",
        "&#34;subnet&#34;: &#34;10.20.30.0/24&#34;",
    ):
        assert said in fact, said
    assert "Gathered between 2026-03-14 01:58:03 UTC and 2026-03-14 01:58:10 UTC" in page


def test_facts_that_were_not_read_or_did_not_fit_are_named_with_the_way_out() -> None:
    html = summary_html(report_runs.broken_fleet())
    assert "<b>Not gathered:</b> the listeners. hv06.lab.test: access denied." in html
    assert "Left out here to keep this page small: the vmm probes." in html


def test_facts_of_a_host_without_a_section_stand_at_the_end() -> None:
    run = run_of(*report_runs.warned_host("hv02"), evidence=evidence(facts_of("hv02", "{}")))
    end = summary_html(run).partition('id="lm-facts"')[2]
    assert "<summary>hv02</summary>" in end
    assert end.count("<summary id=") == 6


@pytest.mark.parametrize(
    "run",
    [report_runs.broken_fleet(), report_runs.large_fleet(30), run_of(*kb_host(PWNED))],
)
def test_no_anchor_is_given_twice(run: Run) -> None:
    ids = Counter(re.findall(r' id="([^"]+)"', summary_html(run)))
    assert [each for each, number in ids.items() if number > 1] == []


@pytest.mark.parametrize(
    ("selection", "scope"),
    [
        (Selection(10, 10, 0), ""),
        (Selection(40, 12, 3), "for the 12 selected hosts of 40; 3 checks were deselected"),
        (Selection(40, 1, 1), "for the 1 selected host of 40; 1 check was deselected"),
        (Selection(40, 12, 0), "for the 12 selected hosts of 40"),
        (Selection(10, 10, 90), "for all 10 hosts; 90 checks were deselected"),
        (Selection(1, 1, 9), "for the only host; 9 checks were deselected"),
        (
            Selection(6, 0, 54),
            "for no host: none of the 6 was selected; 54 checks were deselected",
        ),
    ],
)
def test_the_verdict_says_for_whom_it_holds(selection: Selection, scope: str) -> None:
    run = replace(report_runs.green_fleet(), selection=selection)
    assert verdict_scope(run) == scope
    first = closing_lines(run, None)[0]
    assert first == (f"READY {scope}." if scope else "ready. 2 of 2 hosts are ready.")
    banner = summary_html(run).partition('class="lm-banner')[2].partition('<p class="lm-lead')[0]
    assert (f'<p class="lm-for">{scope}</p>' in banner) is bool(scope)


def test_a_verdict_that_is_not_ready_says_for_whom_it_holds_as_well() -> None:
    run = replace(run_of(*kb_host("hv03")), selection=Selection(40, 1, 3))
    assert closing_lines(run, None)[0] == (
        "NOT READY. 1 of 1 host is not ready. "
        "This verdict is for the 1 selected host of 40; 3 checks were deselected."
    )
