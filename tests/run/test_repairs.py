"""What a run would mend: each repair once for its target, with what it mends."""

from __future__ import annotations

from dataclasses import replace

from in_turn import in_turn

from livemigration.facts.model import Subject
from livemigration.run.plan import PlanEntry
from livemigration.run.repairs import changes, repairs_of, to_do
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Cause, Finding, Fix, Level

FIRST, SECOND = Fix("first", "Do it."), Fix("second", "Do that.", commands=("Set-SCVMHost x",))


def result(
    check: str, target: str, *findings: tuple[Level, Fix | None], red: bool = True
) -> Result:
    entry = PlanEntry(f"{check}[{target}]", check, "", "", Subject.HOST, target)
    found = tuple(Finding(level, check, "", fix) for level, fix in findings)
    return Result(entry, State.FAIL, red=red, findings=found)


def test_what_is_to_be_done_is_told_once_whatever_is_told_of_its_cause() -> None:
    told = replace(FIRST, cause=Cause("Do it on {hosts}", "It is not done", "undone"))
    other = replace(FIRST, console=("Do it there.",))
    results = (result("LM101", "hv01", (FAIL, told)), result("LM103", "hv01", (FAIL, FIRST)))
    (repair,) = repairs_of((*results, result("LM104", "hv01", (FAIL, other))))
    assert repair.fixes == (told, other)
    assert to_do(told) == FIRST != told


FAIL, WARNING, NOTE = Level.FAIL, Level.WARNING, Level.NOTE


def test_findings_of_one_target_that_one_fix_mends_share_the_repair() -> None:
    results = (
        result("LM101", "hv01", (FAIL, FIRST), (WARNING, SECOND), (FAIL, None), (FAIL, FIRST)),
        result("LM102", "hv02", (FAIL, FIRST)),
        result("LM103", "hv01", (NOTE, SECOND), (FAIL, FIRST)),
        result("LM104", "hv03", (FAIL, FIRST), red=False),
        result("LM105", "hv02", (FAIL, SECOND)),
    )
    found = [
        (each.kind, each.target, each.fix, each.checks, len(each.findings))
        for each in repairs_of(results)
    ]
    assert found == [
        (Subject.HOST, "hv01", FIRST, ["LM101", "LM103"], 3),
        (Subject.HOST, "hv01", SECOND, ["LM101"], 1),
        (Subject.HOST, "hv02", FIRST, ["LM102"], 1),
        (Subject.HOST, "hv02", SECOND, ["LM105"], 1),
    ]
    assert [each.scripted for each in repairs_of(results)] == [False, True, False, True]


@in_turn(
    "line, expected",
    [
        ("Set-SCVMHost -VMHost $vmHost", True),
        ("New-NetFirewallRule -Name x", True),
        ("Set-NetFirewallRule -Name x", True),
        ("Remove-NetFirewallRule -Name x", True),
        ("$cluster.MaximumParallelMigrations = 4", True),
        ("if ($cluster.MaximumParallelMigrations -ne 4) { throw 'x' }", False),
        ("Set-SCVMHostGroup x", False),
        ("Get-NetFirewallRule | Set-NetFirewallRule", False),
        ("# Set-SCVMHost", False),
    ],
)
def test_a_line_changes_something_by_its_beginning(line: str, expected: bool) -> None:
    assert changes(line) is expected
