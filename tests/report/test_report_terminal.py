"""What a run says on a terminal and in a log: in order, short, and bounded."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import report_runs
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from report_fleets import fix_of, fleet, name_of
from report_hostile import TEXTS, hostile_run
from report_runs import PWNED, blocked, kb_fix, passed, result, run_of

from livemigration.report.terminal.closing import Places
from livemigration.report.terminal.lines import laid_out
from livemigration.report.terminal.whole import SCREEN, Detail, lines_of
from livemigration.report.wording import SIMULATED
from livemigration.run.drift.model import ChangedFact, Drift, Moved
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import fail, warn

REPORT = "reports/2026-11-27T001243Z-lab/report.html"
SCRIPT = "reports/2026-11-27T001243Z-lab/2026-11-27T001243Z-lab.fix.ps1"
FILES = Places(REPORT, SCRIPT, "", "reports/2026-11-27T001243Z-lab")
# What pytest says before: a heading, the inventory, the number of checks, two lines of progress.
OF_PYTEST = 6
WIDTHS = [None, 60, 80, 120, 200]


def said(run: Run, width: int | None = None, detail: Detail = Detail.USUAL) -> list[str]:
    return [each for line in lines_of(run, FILES, width, detail) for each in laid_out(line, width)]


def block(lines: list[str], number: int) -> list[str]:
    begin = next(i for i, line in enumerate(lines) if line.startswith(f"{number}. "))
    end = next(i for i in range(begin + 1, len(lines)) if not lines[i].startswith("   "))
    return lines[begin:end]


def recap(lines: list[str]) -> list[str]:
    begin = lines.index("Not ready, and why:")
    return lines[begin + 1 : lines.index("", begin)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("run", "most"),
    [
        (lambda: fleet(10, 7, 7, warned=3), 60),
        (lambda: fleet(240, 20, 4, warned=40), 90),
        (lambda: fleet(240, 20, 20, warned=40), 90),
        pytest.param(lambda: fleet(2000, 2000, 1), 40, marks=pytest.mark.long),
    ],
    ids=["10 hosts", "240 hosts, 4 causes", "240 hosts, 20 causes", "2000 hosts, one cause"],
)
def test_a_run_takes_no_more_lines_than_a_person_reads(
    run: object, most: int, width: int | None
) -> None:
    assert callable(run)
    lines = said(run(), width)
    if width is None or width >= 80:
        assert len(lines) + OF_PYTEST <= most, "\n".join(lines)
    if width:
        assert [line for line in lines if len(line) > width and SCRIPT not in line] == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("hosts", "causes"),
    [
        (3, 3),
        (12, 12),
        (13, 13),
        (20, 20),
        pytest.param(2000, 1, marks=pytest.mark.long),
        pytest.param(2000, 2000, marks=pytest.mark.long),
    ],
)
def test_the_last_screen_tells_the_verdict_the_worst_repairs_and_the_files(
    hosts: int, causes: int, width: int | None
) -> None:
    lines = said(fleet(hosts, hosts, causes), width)
    last = "\n".join(lines[-SCREEN:])
    assert f"NOT READY. {hosts} of {hosts} hosts are not ready." in last
    assert f"Report: {REPORT}" in last
    assert f"Fix script: {SCRIPT}" in last
    assert "Exit code 1: not ready." in last
    assert "\n1. " in last or "hv0000  1. Live migration is limited" in last
    # However many: the worst are told, and how many more there are.
    assert len(lines) < 100


def test_a_block_says_what_whose_why_and_how_it_is_mended() -> None:
    lines = said(fleet(30, 20, 2))
    hosts = ", ".join(f"hv{number:04}" for number in range(0, 18, 2))
    wrong = "Live migration is limited to network number 0, which VMM does not use"
    step = fix_of("<host>", 0).console[0].rstrip(".")
    assert block(lines, 1) == [
        "1. Let 10 hosts accept live migration on network number 0",
        f"   hosts  {hosts} and hv0018",
        f"   wrong  {wrong}; 20 checks wait for it",
        "   seen   hv0000: Limited to: 10.20.30.0/24; VMM uses: 10.20.0.1  #fix-cause-0",
        f"   mend   by hand: {step} (step 1 of 2)",
        f"   cost   {fix_of('x', 0).cost}",
    ]
    assert block(lines, 2)[4] == (
        "   mend   script: the fix script with -HostName hv0001.contoso.com, then for the other 9 "
        "hosts"
    )


@in_turn("width", WIDTHS)
def test_a_block_takes_six_lines_at_most(width: int | None) -> None:
    lines = said(fleet(30, 20, 2), width)
    assert len(block(lines, 1)) <= 6
    assert "#fix-cause-0" in "\n".join(block(lines, 1))
    assert "mend   by hand: In VMM, open Fabric" in "\n".join(block(lines, 1))


@in_turn("width", WIDTHS)
def test_each_block_says_where_to_read_on(width: int | None) -> None:
    lines = said(fleet(60, 48, 24), width)
    for number in range(1, 13):
        ends = [line for line in block(lines, number) if re.search(r" #fix-cause-[0-9]+$", line)]
        assert len(ends) == 1
    assert "and 12 more repairs: see the report" in lines


def test_twelve_hosts_are_named_in_a_block_and_the_others_counted() -> None:
    (hosts,) = (line for line in block(said(fleet(30, 30, 1)), 1) if "hosts  " in line)
    assert hosts.endswith("hv0010, hv0011 and 18 more")


def test_the_recap_has_a_line_for_each_of_twelve_hosts() -> None:
    lines = recap(said(fleet(20, 12, 3)))
    assert len(lines) == 12
    assert sorted(line.split()[0] for line in lines) == [f"hv{n:04}" for n in range(12)]
    assert lines[0].split("  ", 1)[1].startswith("1. Live migration is limited to network number 0")


def test_the_recap_of_more_hosts_has_a_line_for_each_repair() -> None:
    lines = recap(said(fleet(40, 26, 2)))
    names = ", ".join(f"hv{number:04}" for number in range(0, 24, 2))
    assert lines == [
        f"1. Let 13 hosts accept live migration on network number 0: {names} and 1 more",
        lines[1],
    ]
    assert lines[1].startswith("2. Let 13 hosts accept live migration on network number 1: hv0001,")


def test_what_was_not_examined_is_told_with_its_hosts_and_the_next_step() -> None:
    lines = said(run_of(*report_runs.half_known_host("hv06.lab.test")))
    assert "-  2 checks not examined: Reading the migration networks: access denied" in lines
    assert "   next   Give the account rights on root/virtualization." in lines
    assert recap(lines) == [
        "hv06  LM102 and LM103 not examined: Reading the migration networks: access denied"
    ]


def test_hosts_that_wait_for_a_vmm_server_are_told_with_its_repair() -> None:
    lines = said(report_runs.vmm_down())
    assert len([line for line in lines if line.startswith("1. ")]) == 1
    assert "2 repairs" not in "\n".join(lines)
    waits = next(line for line in recap(lines) if line.startswith("-"))
    assert waits.startswith("-  not examined until 1 is mended: 20 hosts: hv01, hv02, ")
    assert waits.endswith("hv12 and 8 more")


def test_a_down_host_is_one_repair_and_what_waits_is_counted() -> None:
    lines = said(run_of(*report_runs.down_host("hv05.lab.test")))
    assert "9 checks wait for it" in "\n".join(block(lines, 1))
    assert len(recap(lines)) == 1


def test_warnings_are_told_once_for_all_hosts_and_before_the_recap() -> None:
    lines = said(fleet(30, 1, 1, warned=20))
    (place,) = (number for number, line in enumerate(lines) if line.startswith("warning"))
    assert lines[place].startswith("warning LM201 on 20: hv0001, hv0002, ")
    assert lines[place].endswith("hv0004 and 16 more: <host> has an address in DNS that is stale.")
    assert place < lines.index("Not ready, and why:")


def test_warnings_of_one_fix_in_other_words_are_told_by_their_cause() -> None:
    words = {name_of(0): "may not delegate to 3 of 4", name_of(1): "may not delegate to 1 of 4"}
    fix = fix_of(name_of(0), 1)
    of_each = [result("LM104", name, warn(text, "All.", fix)) for name, text in words.items()]
    (line,) = (each for each in said(run_of(*of_each)) if each.startswith("warning"))
    assert fix.cause is not None
    assert line == f"warning LM104 on 2: hv0000 and hv0001: {fix.cause.wrong}."


def test_what_was_waived_and_did_not_run_is_told() -> None:
    lines = said(report_runs.broken_fleet())
    assert any(line.startswith("waived LM104 hv07.lab.test: Accepted by J. Doe") for line in lines)
    stopped = said(report_runs.interrupted_fleet())
    assert "hv01  8 checks did not run" in recap(stopped)


def test_problems_and_internal_errors_come_first() -> None:
    error = Result(report_runs.entry("LM103", "hv01"), State.INTERNAL_ERROR, reason="no finding")
    lines = said(run_of(error, problems=("no waiver file",)))
    assert lines[:2] == ["PROBLEM no waiver file", "INTERNAL ERROR LM103 hv01: no finding"]


@in_turn("width", [None, 80])
@in_turn("detail", list(Detail))
def test_no_text_of_a_host_can_steer_the_terminal(detail: Detail, width: int | None) -> None:
    run = report_runs.broken_fleet()
    hostile = replace(run, inventory="\x1b]0;owned\x07", problems=("\x1b[31m\nforged line",))
    lines = said(hostile, width, detail)
    assert all(line.isprintable() for line in lines)
    assert "PROBLEM ?[31m forged line" in lines


@examples(30)
@given(TEXTS, st.sampled_from([None, 40, 80]), st.sampled_from(list(Detail)))
def test_hostile_texts_make_no_further_lines(text: str, width: int | None, detail: Detail) -> None:
    lines = said(hostile_run(text), width, detail)
    assert all(line.isprintable() for line in lines)
    assert len(lines) < 150


def test_quiet_says_the_recap_and_the_verdict_alone() -> None:
    run = fleet(30, 5, 5, warned=3)
    lines = said(run, None, Detail.LITTLE)
    usual = said(run)
    assert lines == usual[usual.index("Not ready, and why:") - 1 :]
    assert not any(line.startswith(("warning", "   mend")) for line in lines)


def test_verbose_says_everything_of_a_repair_once() -> None:
    lines = said(report_runs.broken_fleet(), None, Detail.ALL)
    text = "\n".join(lines)
    fix = kb_fix("hv03.lab.test")
    for one in (*fix.console, *fix.commands, *fix.undo, fix.cost, fix.precondition):
        assert one in text
    for one in (
        "Isolated to 10.20.30.0/24",
        "Expected: Any network, because this VMM release has KB 2853203.",
        "shown by LM203 and LM304",
        "KB 2853203 <https://support.microsoft.com/kb/2853203>",
        "Windows Server 2012, cross-host (assumed), groups: ams): LM102, LM203 and LM304",
        "Limited by --limit group:ams.",
        "3 checks were deselected.",
        "# one Remove-Item everything",
    ):
        assert one in text
    assert text.count(fix.commands[-1]) == 1
    # The title has said it.
    assert fix.summary not in text


def test_the_step_of_hosts_that_differ_is_that_of_one_of_them() -> None:
    fixes = {name_of(0): "Remove 10.0.0.9 from DNS.", name_of(1): "Remove 10.0.0.8 from DNS."}
    results = [
        result("LM201", name, fail("Wrong.", "Right.", replace(fix_of("hv", 2), console=(step,))))
        for name, step in fixes.items()
    ]
    (line,) = (each for each in said(run_of(*results)) if "by hand" in each)
    assert line == "   mend   by hand, on hv0000: Remove 10.0.0.9 from DNS"


def test_verbose_gives_many_hosts_one_block_of_commands() -> None:
    text = "\n".join(said(fleet(30, 20, 2), None, Detail.ALL))
    assert text.count("$hosts = ") == 1
    assert text.count("Set-SCVMHost -VMHost $vmHost") == 1
    assert f"hosts      {', '.join(f'hv{number:04}' for number in range(1, 19, 2))} and" in text


def test_a_command_is_never_wrapped() -> None:
    lines = said(report_runs.broken_fleet(), 60, Detail.ALL)
    assert any(kb_fix("hv03.lab.test").commands[-2] in line for line in lines)


def test_a_ready_run_is_its_verdict_and_its_files() -> None:
    lines = said(report_runs.green_fleet())
    assert lines[:2] == ["", "READY. 2 of 2 hosts are ready."]
    assert lines[-1] == "Exit code 0: ready, as far as examined."
    assert not any("SIMULATED" in line for line in lines)
    assert said(run_of(*passed("a")))[1] == "READY. 1 of 1 host is ready."


def test_the_verdict_is_followed_by_what_it_is_worth() -> None:
    lines = said(fleet(10, 2, 1))
    assert lines[lines.index("NOT READY. 2 of 10 hosts are not ready.") + 1 :] == [
        "101 checks: 93 passed, 4 failed, 4 blocked.",
        SIMULATED,
        f"Report: {REPORT}",
        f"Fix script: {SCRIPT}",
        "Exit code 1: not ready. Mend what is listed, then run the whole suite again.",
    ]


def test_a_run_without_a_report_says_so_and_names_a_bundle() -> None:
    run = report_runs.green_fleet()
    lines = [line.text for line in lines_of(run, Places(bundle="a.zip"), None, Detail.USUAL)]
    assert lines[-3:-1] == ["No report was written.", "Bundle: a.zip"]


@in_turn("code", list(ExitCode))
def test_each_exit_code_says_what_it_means(code: ExitCode) -> None:
    last = said(replace(report_runs.green_fleet(), exit_code=code))[-1]
    assert last.startswith(f"Exit code {int(code)}: ")


def test_a_log_has_all_of_what_was_not_examined_and_a_terminal_a_few_lines() -> None:
    left_out = tuple(
        f"LM{number}: it was not asked for, as nobody needs it." for number in range(40)
    )
    run = replace(report_runs.green_fleet(), not_examined=left_out)
    (line,) = (each for each in said(run) if "Not examined: " in each)
    assert line.endswith(left_out[-1])
    narrow = said(run, 80)
    begin = next(at for at, each in enumerate(narrow) if "Not examined: " in each)
    assert narrow[begin + 2].endswith("...")


def test_the_heading_of_repairs_names_the_report_that_there_is() -> None:
    one, several = run_of(*report_runs.kb_host("hv03")), fleet(10, 7, 7)
    for run, places, heading in (
        (one, Places(), "1 repair"),
        (one, Places("a/CHG1-report.html"), "1 repair; CHG1-report.html has it in full, at its #"),
        (several, FILES, "7 repairs, the worst first; report.html has each in full, at its #"),
    ):
        assert next(lines_of(run, places, None, Detail.USUAL)).text == heading


def test_a_reason_that_several_hosts_share_is_told_once_in_the_recap() -> None:
    why = "VMM knows no virtual machine of this name."
    waits = [blocked("LM304", f"hv0{number}", "LM107", why) for number in range(1, 5)]
    lines = recap(said(run_of(*report_runs.kb_host("hv01"), *waits)))
    assert sum(why in each for each in lines) == 1
    assert lines[0].startswith("hv01  1. ")
    assert lines[-1] == f"-  LM304 not examined on 4 machines: hv01, hv02, hv03 and hv04: {why}"
    (alone,) = recap(said(run_of(waits[0])))
    assert alone == f"hv01  LM304 not examined: {why}"


def test_a_warning_that_begins_with_its_machine_does_not_name_it_twice() -> None:
    lines = said(run_of(report_runs.vmm_result()))
    (line,) = (each for each in lines if each.startswith("warning LM001"))
    assert line.count("vmm01.lab.test") == 1


def test_an_interrupted_run_says_how_many_checks_ran_and_how_to_go_on() -> None:
    lines = said(report_runs.interrupted_fleet())
    place = lines.index("Interrupted: 12 of 20 planned checks ran.")
    assert lines[place - 1].startswith("NO VERDICT: interrupted.")
    assert lines[place + 1] == (
        "Go on with the same command and --resume=reports/2026-11-27T001243Z-lab"
    )
    stopped = replace(
        report_runs.interrupted_fleet(), interrupted=False, stopped_early="stopping after 1"
    )
    told = said(stopped)
    assert "Stopped early (stopping after 1): 12 of 20 planned checks ran." in told
    assert not any("--resume" in line for line in told)


def moved(check: str, host: str, was: str = "pass", now: str = "fail") -> Moved:
    return Moved(check, "It holds.", host, was, now)


def test_what_changed_comes_first_in_the_recap_and_counts_hosts() -> None:
    run = fleet(10, 3, 1)
    first, second, third, well, gone = (name_of(number) for number in (0, 1, 2, 8, 9))
    drift = Drift(
        "before",
        datetime(2026, 3, 13, 1, tzinfo=UTC),
        new=(moved("LM102", first), moved("LM202", first), moved("LM202", second)),
        fixed=(moved("LM101", well, "fail", "pass"),),
        still=(moved("LM102", second), moved("LM102", third), moved("LM202", third)),
        blocked=(moved("LM101", gone, "pass", "blocked"),),
        facts=(ChangedFact(first, "group", "name", "1", "2"),),
        remarks=("The two runs differ.",),
    )
    lines = said(replace(run, drift=drift))
    told = "1 newly not ready, 1 ready again, 2 as before (1 for other checks), 1 setting moved."
    assert recap(lines)[:3] == [
        f"Since 2026-03-13 01:00:00 UTC: {told}",
        "  newly not ready: hv0000",
        "  ready again: hv0008",
    ]
    assert "The two runs differ." in lines[: lines.index("Not ready, and why:")]


def test_nothing_changed_and_no_earlier_run_are_told_of_a_ready_run_as_well() -> None:
    run = report_runs.green_fleet()
    since = datetime(2026, 3, 13, 1, tzinfo=UTC)
    same = said(replace(run, drift=Drift("before", since)))
    assert "Since 2026-03-13 01:00:00 UTC: nothing changed." in same
    none = said(replace(run, drift=Drift("", None)))
    assert "There is no earlier run of this inventory to compare with." in none


def test_the_host_of_a_hostile_name_is_told_as_any_other() -> None:
    assert any(PWNED in line for line in recap(said(report_runs.broken_fleet())))
