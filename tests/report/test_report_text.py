from __future__ import annotations

from dataclasses import replace

import pytest
import report_runs
from report_runs import kb_fix, passed, run_of

from livemigration.report.text import closing_lines, host_blocks, plain
from livemigration.report.wording import SIMULATED
from livemigration.results import Result, State


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hv01.contoso.com", "hv01.contoso.com"),
        ("Grüße, 東京", "Grüße, 東京"),
        ("a\r\nb\nc\td", "a b c d"),
        ("\x1b[2Jgone", "?[2Jgone"),
        ("\x9b31m\x00\x7f", "?31m??"),
        ("\u202egnp.exe\u2066\u200b", "?gnp.exe??"),
        ("one\u2028two\u2029three\x85four", "one two three four"),
        ("\ud800", "?"),
        ("a ##vso[task.setvariable variable=PATH]b", "a # #vso[task.setvariable variable=PATH]b"),
        ("####VSO[task.complete]", "### #VSO[task.complete]"),
        ("##[error]forged", "# #[error]forged"),
        ("#\u200b#[x]", "#?#[x]"),
        ("## a heading [x]", "## a heading [x]"),
    ],
)
def test_plain_makes_control_characters_harmless(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_a_failing_host_shows_its_finding_and_its_fix() -> None:
    lines = "\n".join(host_blocks(report_runs.broken_fleet()))
    fix = kb_fix("hv03.lab.test")
    for said in (fix.summary, *fix.console, *fix.commands, *fix.undo, fix.cost, fix.precondition):
        assert said in lines
    assert "FAIL LM102" in lines
    assert "shown by LM203 and LM304" in lines
    assert "Isolated to 10.20.30.0/24" in lines
    assert "Any network, because this VMM release has KB 2853203." in lines


def test_a_down_host_is_one_failure_and_one_group() -> None:
    lines = list(host_blocks(run_of(*report_runs.down_host("hv05"))))
    assert sum(report_runs.DOWN in line for line in lines) == 1
    assert sum("BLOCKED" in line for line in lines) == 1
    assert any("9 checks not evaluated: LM101, LM102" in line for line in lines)


def test_a_vmm_server_that_is_down_is_one_failure_and_one_group() -> None:
    lines = list(host_blocks(report_runs.vmm_down()))
    assert sum("FAIL LM001" in line for line in lines) == 1
    assert sum("BLOCKED" in line for line in lines) == 1
    assert any("hv12.lab.test and 8 more, which the report names" in line for line in lines)


def test_quiet_things_take_a_line_each() -> None:
    lines = list(host_blocks(report_runs.broken_fleet()))
    assert [line.split(" ")[:2] for line in lines[-3:]] == [
        ["warning", "LM001"],
        ["warning", "LM201"],
        ["waived", "LM104"],
    ]
    assert "not run hv01.lab.test: LM103" in "\n".join(host_blocks(report_runs.interrupted_fleet()))


def test_problems_and_internal_errors_come_first() -> None:
    error = Result(report_runs.entry("LM103", "hv01"), State.INTERNAL_ERROR, reason="no finding")
    lines = list(host_blocks(run_of(error, problems=("no waiver file",))))
    assert lines == ["PROBLEM no waiver file", "INTERNAL ERROR LM103 hv01: no finding"]


def test_no_line_can_steer_the_terminal() -> None:
    run = report_runs.broken_fleet()
    hostile = replace(run, inventory="\x1b]0;owned\x07", problems=("\x1b[31m\nforged line",))
    for line in (*host_blocks(hostile), *closing_lines(hostile, "r\x1b.html")):
        assert line.isprintable()
    assert "# one Remove-Item everything" in "\n".join(host_blocks(hostile))


def test_a_green_run_says_nothing_about_hosts() -> None:
    assert list(host_blocks(report_runs.green_fleet())) == []
    assert list(host_blocks(run_of(*passed("a")))) == []


def test_closing_lines_of_a_simulated_run() -> None:
    assert closing_lines(report_runs.broken_fleet(), "reports/latest.html") == (
        (
            "NOT READY. 3 of 7 hosts are not ready. 1 of 7 hosts could not be judged. "
            "This verdict is for the 7 selected hosts of 9; 3 checks were deselected."
        ),
        "71 checks: 49 passed, 4 warnings, 5 failed, 11 blocked, 1 waived, 1 not applicable.",
        "7 of 9 hosts of the inventory selected; 2 hosts were deselected.",
        "Limited by --limit group:ams.",
        "3 checks were deselected.",
        SIMULATED,
        "Report: reports/latest.html",
    )


def test_closing_lines_of_a_green_run() -> None:
    lines = closing_lines(report_runs.green_fleet(), None)
    assert lines[0] == "ready. 2 of 2 hosts are ready."
    assert lines[-1] == "No report was written."
    assert not any("SIMULATED" in line for line in lines)
