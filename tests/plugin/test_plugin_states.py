"""How each state travels to pytest, JUnit and the terminal."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from plugin_runs import PLANNED_FOR_TEN, Ended, run_here
from run_builders import made_entry

from livemigration.commands.main import main
from livemigration.plugin.ending import count_failures
from livemigration.plugin.items import CheckItem
from livemigration.plugin.reports import reports_of, sentence, status_of
from livemigration.report.junit import case_message, case_text
from livemigration.run.result import Blocker, Result, State
from livemigration.verdict.findings import Finding, Level

ENTRY = made_entry("LM199", "hv01", node_id="checks/test_a.py::test_a[hv01]")
HOSTILE = "red\x1b[31m\u202e\r\nline"

# State, red by policy → phase, outcome, wasxfail, category, letter, counted as failed.
MAPPING = [
    (State.PASS, False, ("call", "passed", False, "passed", ".", 0)),
    (State.WARNING, False, ("call", "passed", False, "with warnings", "w", 0)),
    (State.WARNING, True, ("call", "failed", False, "failing", "F", 1)),
    (State.FAIL, True, ("call", "failed", False, "failing", "F", 1)),
    (State.BLOCKED, False, ("setup", "failed", False, "blocked", "B", 1)),
    (State.WAIVED, False, ("call", "skipped", True, "waived", "W", 0)),
    (State.NOT_APPLICABLE, False, ("call", "skipped", False, "not applicable", "-", 0)),
    (State.INTERNAL_ERROR, False, ("call", "failed", False, "internal errors", "E", 1)),
]


def item() -> CheckItem:
    # A light stand-in: a real item needs a session around it.
    place = ("checks/test_a.py", 7, "LM199 hv01")
    return cast("CheckItem", SimpleNamespace(nodeid=ENTRY.node_id, location=place, keywords={}))


def result(state: State, *, red: bool = False) -> Result:
    made = Result(ENTRY, state, red, (Finding(Level.FAIL, "It is off."),), reason="")
    if state is State.BLOCKED:
        return replace(made, blocked_by=Blocker("LM302", "hv01 is down"))
    if state in {State.WAIVED, State.NOT_APPLICABLE, State.INTERNAL_ERROR}:
        return replace(made, reason="the reason")
    return made


@pytest.mark.parametrize(
    ("state", "red", "expected"),
    MAPPING,
    ids=lambda value: value.value if isinstance(value, State) else None,
)
def test_each_state_becomes_one_outcome_of_pytest(
    state: State, red: bool, expected: tuple[str, str, bool, str, str, int]
) -> None:
    made = result(state, red=red)
    report, teardown = reports_of(item(), made)
    status = status_of(report, told=True, counted=False)
    assert status is not None
    # Not shown one by one, it stands in the same column, with a word only where it is counted.
    assert status_of(report, told=False, counted=False) == (status[0], "", "")
    assert status_of(report, told=False, counted=True) == (status[0], "", status[2])
    assert (
        report.when,
        report.outcome,
        hasattr(report, "wasxfail"),
        *status[:2],
        count_failures([made]),
    ) == expected
    assert status_of(teardown, told=True, counted=False) is None
    assert teardown.outcome == "passed"
    assert cast("Any", report).livemigration_result is made


def test_every_state_of_a_result_is_in_the_mapping() -> None:
    # An entry that did not run has no result, so no report either.
    assert {row[0] for row in MAPPING} == set(State) - {State.NOT_RUN}


def test_a_waived_failure_carries_its_reason_as_xfail_does() -> None:
    report, _ = reports_of(item(), result(State.WAIVED))
    assert report.wasxfail == "the reason"
    assert isinstance(report.longrepr, tuple)


@pytest.mark.parametrize("state", [State.FAIL, State.BLOCKED, State.NOT_APPLICABLE])
def test_what_a_host_says_cannot_steer_the_terminal(state: State) -> None:
    hostile = Result(
        ENTRY,
        state,
        findings=(Finding(Level.FAIL, HOSTILE),) if state is State.FAIL else (),
        blocked_by=Blocker("LM302", HOSTILE) if state is State.BLOCKED else None,
        reason=HOSTILE if state is State.NOT_APPLICABLE else "",
    )
    for said in (sentence(hostile), case_message(hostile), *case_text(hostile).split("\n")):
        assert said.isprintable()


def test_pytests_closing_line_and_ours_count_the_same(tmp_path: Path, demo_facts: str) -> None:
    ended = run_here(tmp_path / "reports", demo_facts, "-v")
    (line,) = (
        each for each in ended.output.splitlines() if re.match("=+ .* in [0-9.]+s =+$", each)
    )
    pairs = (each.split(" ", 1) for each in line.strip("= ").split(" in ")[0].split(", "))
    counted = {word: number for number, word in pairs}
    states = Counter(ended.states().values())
    assert {word: int(number) for word, number in counted.items()} == {
        "passed": states["pass"],
        "with warnings": states["warning"],
        "failing": states["fail"],
        "blocked": states["blocked"],
        "not applicable": states["not-applicable"],
    }
    assert min(states.values()) > 0
    assert (
        f"{PLANNED_FOR_TEN} checks: {states['pass']} passed, {states['warning']} warned, "
        f"{states['fail']} failed, {states['blocked']} blocked, "
        f"{states['not-applicable']} not applicable." in ended.output
    )


def test_the_terminal_names_only_the_reports_final_place(demo: tuple[Ended, Path]) -> None:
    output = demo[0].output
    assert ".tmp" not in output
    assert "Generated html report" not in output
    assert f"Report: {demo[0].folder / 'report.html'}" in demo[0].last_lines
    assert output.count("report.html\n") == 1


def test_the_command_report_ends_with_the_lines_that_the_run_ended_with(
    tmp_path: Path, demo: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    ended = demo[0]
    begin = ended.output.index("\n7 repairs, the worst first; ") + 1
    assert main(["report", str(ended.folder), "--output", str(tmp_path)]) == 1
    there = capsys.readouterr().out.replace(f"{tmp_path}/report", f"{ended.folder}/report")
    assert there == ended.output[begin:]
