"""Every row of the verdict table that the suite's checks cover, through the suite's own runner."""

from __future__ import annotations

import firewall_cases
import identity_cases
import listener_cases
import options_cases
import peer_cases
import ports_cases
import pytest
import rating_cases
import reachability_cases
import record_cases
import resolution_cases
import selection_cases
import service_cases
import settings_cases
import staging_cases
from fact_builders import CHECKS, HOST, VMM
from verdict_case import Case, over, parameters, said
from verdict_rows import ROWS

from livemigration.facts.model import Subject
from livemigration.findings import Level
from livemigration.results import Result, State

CASES: tuple[Case, ...] = (
    *settings_cases.CASES,
    *selection_cases.CASES,
    *listener_cases.CASES,
    *resolution_cases.CASES,
    *reachability_cases.CASES,
    *staging_cases.CASES,
    *rating_cases.CASES,
    *options_cases.CASES,
    *ports_cases.CASES,
    *record_cases.CASES,
    *service_cases.CASES,
    *firewall_cases.CASES,
    *peer_cases.CASES,
    *identity_cases.CASES,
)
# The level of the findings that make a verdict; each other verdict has a reason in their place.
LEVELS = {State.PASS: Level.OK, State.WARNING: Level.WARNING, State.FAIL: Level.FAIL}

table = pytest.mark.parametrize("case", parameters(CASES))


def test_each_row_of_the_verdict_table_has_a_case_and_each_case_a_row() -> None:
    rows = {(check, row) for check, names in ROWS.items() for row in names}
    assert {(each.check, each.row) for each in CASES} == rows
    assert set(ROWS) == set(CHECKS)


def verdict(case: Case) -> Result:
    """Return the result of a case, which has the state, and as often the level, of its row."""
    result = case.result()
    assert result.state is case.state, said(result)
    if case.state in LEVELS:
        levels = [each.level for each in result.findings]
        assert levels.count(LEVELS[case.state]) == case.found, said(result)
    return result


@table
def test_the_facts_of_a_row_get_the_verdict_of_the_row(case: Case) -> None:
    result = verdict(case)
    assert case.says in said(result)
    assert not case.unsaid or case.unsaid not in said(result)
    notes = [each.observed for each in result.findings if each.level is Level.NOTE]
    assert not case.notes or any(case.notes in each for each in notes), notes


@table
def test_a_failure_has_a_fix_that_names_its_target_and_any_other_verdict_its_reason(
    case: Case,
) -> None:
    result = verdict(case)
    fixes = [each.fix for each in result.findings if each.fix is not None]
    if case.fix:
        assert fixes[0].key == case.fix
    for finding in result.findings:
        if finding.level is not Level.FAIL:
            continue
        assert finding.expected
        assert finding.fix is not None
        shown = " ".join((finding.fix.summary, *finding.fix.console))
        target = VMM if CHECKS[case.check].target is Subject.VMM else HOST
        names = (target, case.given.get("known_as", target), case.given.get("name", target))
        assert any(name in shown for name in names)
    if result.state is State.BLOCKED:
        assert result.blocked_by is not None
        assert result.blocked_by.reason
        assert case.by in {"", result.blocked_by.check}
    if result.state is State.NOT_APPLICABLE:
        assert result.reason


@over(CASES)
def test_warnings_are_red_where_the_policy_says_so_and_failures_always(case: Case) -> None:
    assert verdict(case).red is (case.state is State.FAIL)
    strict = case.result(fail_on="warning")
    if "not looked at" in case.notes and case.state in {State.PASS, State.NOT_APPLICABLE}:
        # What was not looked at could be a warning, which then fails.
        assert strict.state is State.BLOCKED
        return
    assert strict.state is case.state
    assert strict.red is (case.state in {State.FAIL, State.WARNING})
