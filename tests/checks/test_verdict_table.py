"""Every row of the verdict table that the suite's checks cover, through the suite's own runner."""

from __future__ import annotations

import pytest
import reachability_cases
import settings_cases
import staging_cases
from fact_builders import HOST, VMM
from verdict_case import Case, said

from livemigration.findings import Level
from livemigration.results import State

CASES = (*settings_cases.CASES, *reachability_cases.CASES, *staging_cases.CASES)

table = pytest.mark.parametrize(
    "case", CASES, ids=[f"{each.check}-{each.row}-{number}" for number, each in enumerate(CASES)]
)


@table
def test_the_facts_of_a_row_get_the_verdict_of_the_row(case: Case) -> None:
    result = case.result()
    assert result.state is case.state, said(result)
    assert case.says in said(result)


@table
def test_a_failure_has_a_fix_that_names_its_target_and_any_other_verdict_its_reason(
    case: Case,
) -> None:
    result = case.result()
    fixes = [each.fix for each in result.findings if each.fix is not None]
    if case.fix:
        assert fixes[0].key == case.fix
    if result.state is State.FAIL:
        failing = [each for each in result.findings if each.level is Level.FAIL]
        assert failing
        for finding in failing:
            assert finding.expected
            assert finding.fix is not None
            shown = " ".join((finding.fix.summary, *finding.fix.console))
            assert HOST in shown or VMM in shown
    if result.state is State.BLOCKED:
        assert result.blocked_by is not None
        assert result.blocked_by.reason
        assert case.by in {"", result.blocked_by.check}
    if result.state is State.NOT_APPLICABLE:
        assert result.reason
