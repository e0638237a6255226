"""What one plan entry comes to: the check's findings, or why there are none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from in_turn import in_turn
from run_builders import made_entry

from livemigration.facts.host import DEVICE_GUARD, SERVICES, Services
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
    Vantage,
)
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result, State
from livemigration.run.runner import evaluate
from livemigration.verdict.check import Check, check
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, note, ok, warn
from livemigration.verdict.views import FactsView

ENTRY = made_entry("LM199", "hv01", node_id="checks/test_a.py::test_a[hv01]")
FAILED = fail("off", "on", Fix("key", "Switch it on."))
REFUSED = NotGathered(
    GatherFailure(FailureKind.REFUSED, "Asking hv01", "refused", "Look.", "LM302")
)
GATHERED = Gathered(Services(()), Vantage.HOST)


def run(
    checked: Check,
    policy: Policy | None = None,
    outcomes: Mapping[str, Outcome[Any]] | None = None,
) -> Result:
    sheet = FactSheet(Subject.HOST, "hv01", outcomes or {})
    facts = RunFacts({"hv01": sheet}, {"vmm01": FactSheet(Subject.VMM, "vmm01", {})})
    return evaluate(checked, facts, ENTRY, policy or Policy())


def yielding(*findings: Finding) -> Check:
    @check("LM199")
    def made(host: FactsView) -> Iterator[Finding]:
        """It holds."""
        yield from findings

    return made


@in_turn(
    "findings, state, red_by_policy",
    [
        ([ok("")], State.PASS, False),
        ([note("")], State.PASS, False),
        ([ok(""), not_applicable("x")], State.PASS, False),
        ([not_applicable("x")], State.NOT_APPLICABLE, False),
        ([not_applicable("x"), note("")], State.NOT_APPLICABLE, False),
        ([ok(""), warn("", "")], State.WARNING, True),
        ([FAILED, warn("", ""), ok("")], State.FAIL, True),
    ],
)
def test_the_worst_finding_decides_and_the_policy_may_redden_warnings(
    findings: list[Finding], state: State, red_by_policy: bool
) -> None:
    result = run(yielding(*findings))
    assert (result.state, result.red) == (state, state is State.FAIL)
    assert run(yielding(*findings), Policy(fail_on="warning")).red is red_by_policy


called: list[str] = []


@check("LM199", needs=(SERVICES,), may_need=(DEVICE_GUARD,))
def needing(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    called.append(host.name)
    yield ok("")
    host[DEVICE_GUARD]


@check("LM199", may_need=(DEVICE_GUARD,))
def failing_first(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield FAILED
    host[DEVICE_GUARD]


@in_turn(
    "services, guard, state, calls",
    [
        (REFUSED, GATHERED, State.BLOCKED, 0),
        (Inapplicable("too old"), GATHERED, State.NOT_APPLICABLE, 0),
        (GATHERED, REFUSED, State.BLOCKED, 1),
        (GATHERED, Inapplicable("too old"), State.NOT_APPLICABLE, 1),
        (GATHERED, GATHERED, State.PASS, 1),
    ],
)
def test_a_need_that_was_not_gathered_blocks_without_calling_the_check(
    services: Outcome[Any], guard: Outcome[Any], state: State, calls: int
) -> None:
    called.clear()
    result = run(needing, outcomes={SERVICES.name: services, DEVICE_GUARD.name: guard})
    assert (result.state, len(called)) == (state, calls)
    if state is State.BLOCKED:
        assert result.blocked_by is not None
        assert result.blocked_by.check == "LM302"
        assert not result.red


def test_facts_that_nobody_asked_for_block_as_well() -> None:
    assert run(needing).state is State.BLOCKED


@pytest.mark.parametrize("guard", [REFUSED, Inapplicable("too old")])
def test_a_failure_that_was_found_is_not_taken_back_by_what_comes_after_it(
    guard: Outcome[Any],
) -> None:
    result = run(failing_first, outcomes={DEVICE_GUARD.name: guard})
    assert (result.state, result.red) == (State.FAIL, True)
    assert "The rest of this check was not evaluated" in result.findings[-1].observed
