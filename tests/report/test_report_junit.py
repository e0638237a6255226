from __future__ import annotations

import re
from dataclasses import replace

import pytest
import report_runs
from in_turn import in_turn
from report_runs import kb_fix, run_of

from livemigration.report.junit import (
    MOST_LINES,
    MOST_OF_LINE,
    MOST_OF_MESSAGE,
    case_message,
    case_name,
    case_properties,
    case_text,
    class_name,
    suite_properties,
)
from livemigration.report.wording import SIMULATED
from livemigration.run.result import Result, State
from livemigration.verdict.findings import fail


def test_names_are_unique_and_group_by_area_and_check() -> None:
    entries = report_runs.broken_fleet().plan
    names = [(class_name(entry), case_name(entry)) for entry in entries]
    assert len(set(names)) == len(names) == len({name for _, name in names})
    for entry, (group, name) in zip(entries, names, strict=True):
        assert group == f"livemigration.{entry.area}.{entry.check}"
        assert name.split()[0] == entry.check


def test_a_name_is_the_same_wherever_the_check_is_written() -> None:
    entry = report_runs.entry("LM102", "hv03.lab.test")
    assert "test_" not in class_name(entry) + case_name(entry)
    assert re.fullmatch(r"LM102 hv03\.lab\.test", case_name(entry))


@in_turn(
    "result, properties",
    [
        (
            report_runs.kb_host("hv03")[-1],
            {
                "state": "fail",
                "level": "fail",
                "observed": "VMM's wizard will show: WSMan could not stage the VM (0x8007274D).",
                "expected": "Staging is accepted.",
                "fix": "Let hv03 use any available network for live migration.",
            },
        ),
        (
            report_runs.blocked("LM102", "hv03", "LM302", "Access\x1b denied.", "Give rights."),
            {
                "state": "blocked",
                "level": "",
                "observed": "Blocked by LM302: Access? denied.",
                "fix": "Give rights.",
            },
        ),
        (
            report_runs.waived_result("hv03"),
            {
                "state": "waived",
                "level": "fail",
                "observed": "CredSSP is configured.",
                "reason": "Accepted by J. Doe until 2026-06-30: replaced in June.",
            },
        ),
        (
            Result(report_runs.entry("LM102", "hv03"), State.NOT_APPLICABLE, reason="In-cluster."),
            {"state": "not-applicable", "level": "", "observed": "In-cluster."},
        ),
    ],
)
def test_a_case_carries_what_its_result_says(result: Result, properties: dict[str, str]) -> None:
    found = dict(case_properties(result))
    assert found.items() >= {"target": "hv03", "check": result.entry.check, **properties}.items()


@pytest.mark.parametrize(("simulated", "said"), [(True, SIMULATED), (False, "no")])
def test_the_file_says_its_verdict_and_whether_it_is_of_the_lab(simulated: bool, said: str) -> None:
    run = run_of(*report_runs.kb_host("hv03"), simulated=simulated)
    found = dict(suite_properties(run))
    assert (found["verdict"], found["simulated"]) == ("NOT READY", said)


def test_a_failure_says_what_was_observed_and_expected_and_its_fix_in_message_and_text() -> None:
    result = report_runs.kb_host("hv03")[-1]
    fix = kb_fix("hv03")
    assert case_message(result) == (
        "LM304 hv03: VMM's wizard will show: WSMan could not stage the VM (0x8007274D). Expected: "
        f"Staging is accepted. Fix: {fix.summary}"
    )
    assert case_text(result).splitlines() == [
        "LM304 hv03: Not so: Staging would be accepted.",
        "Observed: VMM's wizard will show: WSMan could not stage the VM (0x8007274D).",
        "Expected: Staging is accepted.",
        f"Fix: {fix.summary}",
        *(f"{number}. {step}" for number, step in enumerate(fix.console, 1)),
        "By script: the fix script of the run, with -HostName hv03",
        f"Cost: {fix.cost}",
        f"See: {report_runs.KB.title} {report_runs.KB.url}",
    ]


def test_what_is_blocked_says_by_what_and_what_to_do_next() -> None:
    blocked = report_runs.blocked("LM102", "hv03", "LM302", "Access denied.", "Give rights.")
    assert (
        case_message(blocked) == "LM102 hv03: Blocked by LM302: Access denied. Next: Give rights."
    )
    assert case_text(blocked).splitlines()[1:] == [
        "Blocked by LM302: Access denied.",
        "Next: Give rights.",
    ]


def test_a_failure_stays_short_whatever_was_found() -> None:
    fix = replace(kb_fix("hv03"), console=("step " * 900,) * 90, summary="mend " * 900)
    found = tuple(fail(f"{number} {'x ' * 900}", "so " * 900, fix) for number in range(90))
    result = report_runs.result("LM304", "hv03", *found)
    message = case_message(result)
    assert len(message) <= MOST_OF_MESSAGE
    assert all(said in message for said in ("0 x x", "Expected: so so", "Fix: mend mend"))
    lines = case_text(result).splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= MOST_OF_LINE
