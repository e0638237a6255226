"""A check reads what it declares, and what it could not read it does not guess."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from case_tables import CASES, otherwise
from fact_builders import (
    CHECKS,
    MANAGEMENT,
    MIGRATION,
    ON_MIGRATION,
    failure,
    judged,
    run_facts,
)
from sampling import sampled
from verdict_case import Case, over_each, said

from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import FactSheet, FailureKind, Gathered, Outcome
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.sheets import RunFacts
from livemigration.run.result import State
from livemigration.verdict.findings import Level

# They report what could not be read, as their own finding.
REPORTS_FAILURES = {"LM001", "LM302"}


def only(sheet: FactSheet, names: Iterable[str]) -> FactSheet:
    kept = {name: sheet.outcomes[name] for name in names if name in sheet.outcomes}
    return FactSheet(sheet.subject, sheet.name, kept)


def without(facts: RunFacts, group: str, outcome: Outcome[object]) -> RunFacts:
    def lose(sheet: FactSheet) -> FactSheet:
        gathered = isinstance(sheet.outcomes.get(group), Gathered)
        lost = {group: outcome} if gathered else {}
        return FactSheet(sheet.subject, sheet.name, {**sheet.outcomes, **lost})

    hosts = {name: lose(each) for name, each in facts.hosts.items()}
    return replace(facts, hosts=hosts, vmms={facts.vmm.name: lose(facts.vmm)})


@over_each(CASES, every=6)
def test_the_declared_groups_are_enough_for_the_verdict(case: Case) -> None:
    facts = case.facts
    declared = [group.name for group in CHECKS[case.check].groups]
    # Which machine answers is asked of every host, whatever a check declares.
    known = [*declared, DOMAIN_MEMBERSHIP.name, LOCAL_ADDRESSES.name]
    narrow = replace(
        facts,
        hosts={name: only(each, known) for name, each in facts.hosts.items()},
        vmms={facts.vmm.name: only(facts.vmm, declared)},
    )
    whole = judged(case.check, facts, case.policy, case.exchanges, case.drain)
    assert whole.state is not State.INTERNAL_ERROR, whole.reason
    assert judged(case.check, narrow, case.policy, case.exchanges, case.drain) == whole


@pytest.mark.parametrize("check", sampled(sorted(set(CHECKS) - REPORTS_FAILURES), every=8))
def test_a_fact_that_is_lost_blocks_the_verdict_or_leaves_it(check: str) -> None:
    unread = failure(FailureKind.FAULT, "LM302")
    blocked = set()
    for case in (each for each in CASES if each.check == check):
        facts = case.facts
        before = judged(check, facts, case.policy, case.exchanges, case.drain).state
        for group in CHECKS[check].groups:
            after = judged(
                check, without(facts, group.name, unread), case.policy, case.exchanges, case.drain
            )
            if group.name in otherwise(check).only_warns and before is State.WARNING:
                continue
            # Hosts that were not looked at would decide: nothing is judged without them.
            left = {State.NOT_APPLICABLE} if facts.not_looked_at else set()
            if group.name in otherwise(check).warned_unread:
                left.add(State.WARNING)
            assert after.state in {before, State.BLOCKED, *left}, f"{group.name}: {said(after)}"
            if after.state is State.BLOCKED and before is not State.BLOCKED:
                blocked.add(group.name)
    assert {group.name for group in CHECKS[check].needs} <= blocked


@pytest.mark.parametrize(
    ("group", "given"), [("vmm-probes", {}), ("migration-networks", ON_MIGRATION)]
)
def test_an_address_that_could_not_be_looked_at_closely_is_not_passed_over(
    group: str, given: dict[str, Any]
) -> None:
    facts = run_facts(dns=(MANAGEMENT, MIGRATION), **given)
    result = judged("LM201", without(facts, group, failure(FailureKind.FAULT, "")))
    noted = any(each.level in {Level.NOTE, Level.WARNING} for each in result.findings)
    assert result.state is State.BLOCKED or noted
