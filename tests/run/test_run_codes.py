"""The exit code, the verdict and the state of a run, each as it follows from the rest."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fact_builders import OTHER, VMM, run_facts
from in_turn import in_turn
from whole_run import whole_run

from livemigration.facts.model import Subject
from livemigration.run.exit_code import PRECEDENCE, ExitCode, code_of, exit_code_of, worst
from livemigration.run.merge.model import Besides
from livemigration.run.not_examined import OptIn
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Result, State, state_of
from livemigration.run.run import Run, what_was_not_examined
from livemigration.verdict.findings import Finding, Level


def entry(number: int = 1, target: str = "hv01", kind: Subject = Subject.HOST) -> PlanEntry:
    return PlanEntry(f"n{number}", f"LM10{number}", "It holds.", "settings", kind, target)


def result(state: State, number: int = 1, *, red: bool = False) -> Result:
    return Result(entry(number), state, red=red)


PASSED, FAILED = result(State.PASS), result(State.FAIL, 2, red=True)
PLAN = (entry(1), entry(2))
NOTHING = Besides()


def code(
    *results: Result, besides: Besides = NOTHING, interrupted: bool = False, stopped: str = ""
) -> ExitCode:
    return code_of(results, PLAN, besides, interrupted=interrupted, stopped_early=stopped)


@in_turn(
    "results, expected",
    [
        ([PASSED], ExitCode.READY),
        ([PASSED, FAILED], ExitCode.NOT_READY),
        ([result(State.WARNING)], ExitCode.READY),
        ([result(State.WARNING, red=True)], ExitCode.NOT_READY),
        ([result(State.WAIVED)], ExitCode.READY),
        ([result(State.BLOCKED), PASSED], ExitCode.NO_VERDICT),
        ([result(State.BLOCKED), FAILED], ExitCode.NOT_READY),
        ([result(State.NOT_RUN), FAILED], ExitCode.INTERRUPTED),
        ([result(State.INTERNAL_ERROR), FAILED], ExitCode.INTERNAL_ERROR),
        ([result(State.NOT_APPLICABLE)], ExitCode.NOTHING_TO_CHECK),
        ([result(State.NOT_APPLICABLE), PASSED], ExitCode.READY),
        ([], ExitCode.NOTHING_TO_CHECK),
    ],
)
def test_results_alone_lead_to_a_code(results: list[Result], expected: ExitCode) -> None:
    assert exit_code_of(results) is expected


@in_turn(
    "results, more, expected",
    [
        ((PASSED, result(State.PASS, 2)), {}, ExitCode.READY),
        ((PASSED, FAILED), {}, ExitCode.NOT_READY),
        # What was planned and has no result is an error, unless something says why it ended.
        ((PASSED,), {}, ExitCode.INTERNAL_ERROR),
        ((PASSED,), {"stopped": "--maxfail"}, ExitCode.NO_VERDICT),
        ((PASSED,), {"interrupted": True}, ExitCode.INTERRUPTED),
        ((PASSED,), {"besides": Besides(pytest_code=2)}, ExitCode.INTERRUPTED),
        ((PASSED,), {"besides": Besides(pytest_code=4)}, ExitCode.USAGE),
        ((PASSED,), {"besides": Besides(pytest_code=3)}, ExitCode.INTERNAL_ERROR),
        ((), {}, ExitCode.INTERNAL_ERROR),
        ((), {"stopped": "--maxfail"}, ExitCode.NO_VERDICT),
        ((FAILED,), {"stopped": "--maxfail"}, ExitCode.NOT_READY),
        (
            (PASSED, result(State.PASS, 2)),
            {"besides": Besides(artefact_missing=True)},
            ExitCode.ARTEFACT_NOT_WRITTEN,
        ),
        (
            (PASSED, result(State.PASS, 2)),
            {"besides": Besides(own_tests_failed=1)},
            ExitCode.NOT_READY,
        ),
        (
            (PASSED, result(State.PASS, 2)),
            {"besides": Besides(pytest_code=5)},
            ExitCode.NOTHING_TO_CHECK,
        ),
        # A code of pytest that no run has, as 1 of tests that failed.
        ((PASSED, result(State.PASS, 2)), {"besides": Besides(pytest_code=1)}, ExitCode.READY),
        ((PASSED, result(State.PASS, 2)), {"interrupted": True}, ExitCode.INTERRUPTED),
    ],
)
def test_what_else_happened_counts_beside_the_results(
    results: tuple[Result, ...], more: dict[str, Any], expected: ExitCode
) -> None:
    assert code(*results, **more) is expected


def test_where_nothing_was_planned_nothing_was_checked() -> None:
    for interrupted, expected in (
        (False, ExitCode.NOTHING_TO_CHECK),
        (True, ExitCode.INTERRUPTED),
    ):
        found = code_of((), (), NOTHING, interrupted=interrupted, stopped_early="")
        assert found is expected


def test_the_worst_code_is_the_first_in_the_order_of_precedence() -> None:
    assert set(PRECEDENCE) == set(ExitCode)
    for place, each in enumerate(PRECEDENCE):
        assert worst(PRECEDENCE[place:]) is each
    assert PRECEDENCE[-1] is ExitCode.READY


@in_turn(
    "levels, expected",
    [
        ((Level.OK, Level.FAIL, Level.WARNING), State.FAIL),
        ((Level.OK, Level.WARNING, Level.NOTE), State.WARNING),
        ((Level.NOT_APPLICABLE, Level.OK), State.PASS),
        ((Level.NOT_APPLICABLE, Level.NOTE), State.NOT_APPLICABLE),
        ((Level.NOTE,), State.PASS),
    ],
)
def test_findings_amount_to_the_worst_of_them(levels: tuple[Level, ...], expected: State) -> None:
    assert state_of([Finding(each, "seen") for each in levels]) is expected


def test_silence_does_not_pass() -> None:
    with pytest.raises(ValueError, match="yielded nothing"):
        state_of([])


def run() -> Run:
    return whole_run(run_facts(enabled=False, listeners=()))[0]


@in_turn("code", ExitCode)
def test_every_code_has_its_words_and_a_missing_file_those_of_the_results(code: ExitCode) -> None:
    words = replace(run(), exit_code=code).verdict
    if code is ExitCode.ARTEFACT_NOT_WRITTEN:
        assert words == "NOT READY"
    elif code in {ExitCode.READY, ExitCode.NOT_READY}:
        assert words == ("ready" if code is ExitCode.READY else "NOT READY")
    else:
        assert words.startswith("NO VERDICT: ")


def test_what_a_selection_left_out_was_not_examined() -> None:
    whole = run()
    fewer = replace(
        whole.selection,
        unselected_hosts=("hv08", "hv09"),
        unselected_checks=("LM205",),
        opt_ins=(OptIn("LM901", "--more"),),
    )
    told = what_was_not_examined(fewer, whole.hosts, whole.plan, whole.results, "", ())
    assert "2 hosts of the inventory: not selected (hv08 and hv09)." in told
    assert "LM205: deselected." in told
    assert "LM901: --more was not given." in told


def test_a_run_counts_its_states_and_what_did_not_run() -> None:
    whole = run()
    assert sum(whole.counts.values()) == len(whole.plan)
    assert whole.counts[State.FAIL] == len([e for e in whole.results if e.state is State.FAIL])
    assert whole.not_run == ()
    shorter = replace(whole, results=whole.results[:-2])
    assert shorter.not_run == whole.plan[-2:]
    of_host = whole.of_host(OTHER)
    assert {each.entry.target for each in of_host} == {OTHER}
    assert len(of_host) == len([each for each in whole.plan if each.target == OTHER])
    assert whole.of_host(VMM) == ()
    assert RunSelection(9, 2, 0).deselected_hosts == 7
