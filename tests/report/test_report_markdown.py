from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import report_runs
from hypothesis import example, given
from in_turn import in_turn
from markdown_it import MarkdownIt
from properties import examples
from report_fleets import fix_of, fleet, name_of
from report_hostile import PIECES, TEXTS, hostile_run
from report_runs import kb_fix, run_of

from livemigration.inventory.change import Change, Window
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.report.markdown import markdown_text
from livemigration.report.markdown_text import fenced, span
from livemigration.report.wording import SIMULATED
from livemigration.run.drift.model import Drift
from livemigration.verdict.findings import fail

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def structure(text: str) -> list[str]:
    """Return what a parser makes of Markdown, without the texts in it."""
    found = []
    for token in PARSER.parse(text):
        found.append(f"{token.type} {token.info}".strip())
        # A text that is empty between two others says nothing of the structure.
        found += [each.type for each in token.children or () if each.content or each.nesting]
    return found


@examples(60)
@given(TEXTS)
@example("".join(PIECES))
@example("\ud800")
def test_no_text_of_a_host_changes_the_structure_of_the_page(text: str) -> None:
    harmless = structure(markdown_text(hostile_run("harmless")))
    page = markdown_text(hostile_run(text))
    page.encode()
    assert structure(page) == harmless


@in_turn("text", ["`", "``a`", "a``", "", "  ", "```", "a\n\nb", "\\`"])
def test_a_span_is_one_piece_of_code(text: str) -> None:
    (paragraph,) = [each for each in PARSER.parse(f"a {span(text)} b") if each.children]
    children = [each for each in paragraph.children or () if each.content]
    assert [each.type for each in children] == ["text", "code_inline", "text"]
    assert children[1].content == (" ".join(text.split()) or "?")


def test_a_fence_is_longer_than_what_it_holds() -> None:
    block = fenced(["`````", "```", "\n```\nout"])
    (token,) = PARSER.parse(block)
    assert token.type == "fence"
    assert token.content.splitlines() == ["`````", "```", " ``` out"]


def test_the_verdict_comes_first_and_the_mark_of_the_lab_next() -> None:
    lines = markdown_text(report_runs.broken_fleet()).splitlines()
    assert lines[0] == "# Live migration: NOT READY"
    assert lines[2] == f"**{SIMULATED}**"
    assert lines[4].startswith("3 of 7 hosts are not ready. 1 of 7 hosts could not be judged. ")
    assert SIMULATED not in markdown_text(report_runs.green_fleet())


def test_a_failing_host_shows_observed_expected_and_the_commands_of_its_fix() -> None:
    text = markdown_text(run_of(*report_runs.kb_host("hv03.lab.test")))
    fix = kb_fix("hv03.lab.test")
    commands, undo = ("\n".join(each) for each in (fix.commands, fix.undo))
    for said in (
        "## 1. `Let hv03.lab.test use any available network for live migration`\n",
        "\nobserved  LM102: Isolated to 10.20.30.0/24; ",
        "\n          Expected: Any network, because this VMM release has KB 2853203.\n",
        "\nalso      shown by LM203 and LM304\n",
        f"\nsteps     1. {fix.console[0]}\n",
        f"Commands of the fix:\n\n```powershell\n{commands}\n```",
        f"To undo it:\n\n```powershell\n{undo}\n```",
        f"\ncost      {fix.cost}\n",
        "\nsee       KB 2853203 <https://support.microsoft.com/kb/2853203>\n",
    ):
        assert said in text
    # The heading has said it.
    assert fix.summary not in text


def test_a_summary_that_says_more_than_the_title_is_shown() -> None:
    fix = replace(fix_of("hv03", 1), summary="Add 10.0.50.0/24 to the networks.")
    text = markdown_text(run_of(report_runs.result("LM102", "hv03", fail("No.", "Yes.", fix))))
    assert "\nfix       Add 10.0.50.0/24 to the networks.\n" in text


def test_what_is_blocked_waived_warned_of_and_not_run_is_listed() -> None:
    text = markdown_text(report_runs.broken_fleet())
    for said in (
        "## Problems of this run\n",
        "## Not examined for other reasons\n",
        "hv06.lab.test: LM102 and LM103 blocked by LM302: Reading the migration networks",
        "    next: Give the account rights on root/virtualization.",
        "LM104 hv07.lab.test: Accepted by J. Doe until 2026-06-30: replaced in June. Waived: Cred",
        "LM201 hv02.lab.test: An extra address, 10.20.50.14, is stale. Expected: One address. Fix",
    ):
        assert said in text
    assert "## Not run\n\n```text\nhv01.lab.test: LM103" in markdown_text(
        report_runs.interrupted_fleet()
    )


def test_scope_change_window_validity_and_digests_are_told() -> None:
    start = datetime(2026, 3, 14, 20, tzinfo=UTC)
    run = replace(
        report_runs.green_fleet(),
        change=Change("CHG0012345", "J. Doe", Window(start, start.replace(hour=23))),
        valid_until=datetime(2026, 3, 15, 2, tzinfo=UTC),
        demands=Demands("0123456789abcdef", Policy()),
    )
    text = markdown_text(run)
    for said in (
        "All 2 hosts of the inventory were selected; no host was deselected.\n",
        "Change CHG0012345 for the window 2026-03-14 20:00:00 UTC to 2026-03-14 23:00:00 UTC, run",
        " by J. Doe.\n",
        "This is evidence until 2026-03-15 02:00:00 UTC.\n",
        "Inventory  inventories/lab.yaml\n",
        f"SHA-256 {run.inventory_digest}\n",
        "Policy     SHA-256 0123456789abcdef\n",
    ):
        assert said in text


@in_turn("most", [2000, 5000, 20_000, 1 << 20])
def test_a_bounded_page_keeps_its_head_and_says_what_is_left_out(most: int) -> None:
    run = fleet(40, 40, 40)
    text = markdown_text(run, most)
    whole = markdown_text(run)
    assert len(text.encode()) <= most
    assert text.startswith("# Live migration: NOT READY\n")
    about = "\n## About this run\n" in text
    left_out = 40 - len(re.findall(r"^## [0-9]+\. ", text, re.MULTILINE)) + (not about)
    assert (left_out == 0) is (text == whole) is (len(whole.encode()) <= most)
    assert (f"**{left_out} sections are left out here" in text) is (left_out > 0)
    # What is left out did not fit.
    assert not left_out or len(text.encode()) + len(whole.encode()) // 40 > most
    # The end says of what the page is, also of one that was cut.
    assert about or most == 2000


def test_where_not_even_the_head_fits_nothing_is_said() -> None:
    assert markdown_text(fleet(1, 1, 1), 100) == ""


def test_a_ticket_tells_each_cause_once_in_the_order_of_the_page() -> None:
    text = markdown_text(fleet(30, 20, 2, warned=5))
    headings = re.findall(r"^#+ .*$", text, re.MULTILINE)
    assert headings == [
        "# Live migration: NOT READY",
        "## 1. `Let 10 hosts accept live migration on network number 0`",
        "## 2. `Let 10 hosts accept live migration on network number 1`",
        "## Warnings",
        "## About this run",
    ]
    # All hosts of a repair have one block of commands, which names each.
    assert text.count("$hosts = ") == 1
    assert "'hv0001.contoso.com', 'hv0003.contoso.com', " in text
    assert text.count(fix_of("x", 0).cost) == 2
    assert text.count("steps     1. In VMM, open Fabric > Servers > <host> > Properties") == 2
    assert text.count("has an address in DNS that is stale.") == 1
    for number in range(20):
        assert name_of(number) in text


@pytest.mark.long
def test_one_cause_on_two_thousand_hosts_fits_a_ticket() -> None:
    text = markdown_text(fleet(2000, 2000, 1))
    assert len(text) < 20_000
    assert f"{name_of(24)} and 1975 more" in text


def test_what_changed_is_counted_in_hosts_beside_the_verdict() -> None:
    since = datetime(2026, 3, 13, 1, tzinfo=UTC)
    text = markdown_text(replace(fleet(10, 3, 1), drift=Drift("before", since)))
    head, _ = text.split("\n## 1. ")
    assert "\nSince 2026-03-13 01:00:00 UTC: 3 newly not ready.\n" in head
