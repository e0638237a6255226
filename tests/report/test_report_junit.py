from __future__ import annotations

import re

import pytest
import report_runs
from report_runs import run_of

from livemigration.report.junit import case_name, case_properties, class_name, suite_properties
from livemigration.report.wording import SIMULATED
from livemigration.results import Result, State


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


@pytest.mark.parametrize(
    ("result", "properties"),
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
    ids=["fail", "blocked", "waived", "not applicable"],
)
def test_a_case_carries_what_its_result_says(result: Result, properties: dict[str, str]) -> None:
    found = dict(case_properties(result))
    assert found.items() >= {"target": "hv03", "check": result.entry.check, **properties}.items()


@pytest.mark.parametrize(("simulated", "said"), [(True, SIMULATED), (False, "no")])
def test_the_file_says_its_verdict_and_whether_it_is_of_the_lab(simulated: bool, said: str) -> None:
    run = run_of(*report_runs.kb_host("hv03"), simulated=simulated)
    found = dict(suite_properties(run))
    assert (found["verdict"], found["simulated"]) == ("NOT READY", said)
