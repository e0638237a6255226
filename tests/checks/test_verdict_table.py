"""Every row of the verdict table that the suite's checks cover, through the suite's own runner."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_tables import CASES, cases_of, otherwise, stated, table_to_write
from fact_builders import CHECKS, HOST, VMM
from reached_lines import unreached
from sampling import sampled
from test_healthy_hosts import HEALTHY
from test_root_causes import CAUSES
from verdict_case import Case, over, said

from livemigration.explain.describe import levels_of
from livemigration.facts.model import Subject
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Level

# The level of the findings that make a verdict; each other verdict has a reason in their place.
LEVELS = {State.PASS: Level.OK, State.WARNING: Level.WARNING, State.FAIL: Level.FAIL}
EACH = sorted(CHECKS)


def check_path(check: str) -> Path:
    return Path(CHECKS[check].function.__code__.co_filename)


@pytest.mark.parametrize("check", EACH)
def test_each_check_has_a_table_with_a_case_for_whatever_it_can_say(check: str) -> None:
    cases = cases_of(check)
    assert cases, table_to_write(check)
    led_to = {LEVELS.get(each.state) for each in cases}
    if any(each.state is State.NOT_APPLICABLE for each in cases):
        led_to.add(Level.NOT_APPLICABLE)
    lacking = levels_of(CHECKS[check].function) - led_to - {Level.NOTE}
    assert not lacking, f"no case leads to {lacking}: {table_to_write(check)}"


@pytest.mark.parametrize(
    "path", sampled(sorted(set(map(check_path, EACH))), every=8), ids=lambda path: path.name
)
def test_each_line_of_a_check_is_reached_by_its_cases(path: Path) -> None:
    checks = [each for each in EACH if check_path(each) == path]
    cases = [case for each in checks for case in cases_of(each)]
    elsewhere = [text for each in checks for text in otherwise(each).elsewhere]
    lines = unreached(str(path), cases, elsewhere)
    assert lines == [], f"no case reaches them in {path}: {table_to_write(checks[0])}"


def test_the_tables_speak_of_checks_and_of_scenes_that_there_are() -> None:
    assert {each.check for each in CASES} <= set(CHECKS)
    names = [each.check for each in stated()]
    assert len(names) == len(set(names)), "each check states what is otherwise once"
    assert set(names) <= set(CHECKS)
    for each in map(otherwise, names):
        assert each.behind <= set(CAUSES)
        assert each.warned <= set(HEALTHY)
        assert each.only_warns <= {group.name for group in CHECKS[each.check].groups}


def verdict(case: Case) -> Result:
    """Return the result of a case, which has the state, and as often the level, of its row."""
    result = case.result()
    assert result.state is case.state, said(result)
    if case.state in LEVELS:
        levels = [each.level for each in result.findings]
        assert levels.count(LEVELS[case.state]) == case.found, said(result)
    return result


@over(CASES)
def test_the_facts_of_a_row_get_the_verdict_of_the_row(case: Case) -> None:
    result = verdict(case)
    assert case.says in said(result)
    assert not case.unsaid or case.unsaid not in said(result)
    notes = [each.observed for each in result.findings if each.level is Level.NOTE]
    assert not case.notes or any(case.notes in each for each in notes), notes
    if case.fix:
        fixes = [each.fix.key for each in result.findings if each.fix is not None]
        assert fixes[:1] == [case.fix]
    if case.by:
        assert result.blocked_by is not None
        assert result.blocked_by.check == case.by


@over(CASES)
def test_a_failure_has_a_fix_that_names_its_target_and_any_other_verdict_its_reason(
    case: Case,
) -> None:
    result = verdict(case)
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
