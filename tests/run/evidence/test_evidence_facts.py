"""The facts behind what is red: which groups of which machine, and their values within bounds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fact_builders import HOST, OTHER, VMM, failure, run_facts

from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS, SERVICES, DomainMembership
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import Gathered, Inapplicable, MethodGroup, Subject, Vantage
from livemigration.facts.registry import GROUPS
from livemigration.facts.vmm import VMM_ACCESS, VMM_RELEASE
from livemigration.run.evidence.facts import MAX_LINE, MAX_LINES, Groups, evidence_of, fact_of
from livemigration.run.evidence.model import FactState
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result, State

CHECKS: dict[str, Groups] = {
    "LM101": (MIGRATION_SETTINGS, VMM_RELEASE),
    "LM102": (MIGRATION_NETWORKS, MIGRATION_SETTINGS),
    "LM103": (LISTENERS,),
    "LM001": (VMM_RELEASE,),
}


def result(check: str, target: str, state: State, *, red: bool = False) -> Result:
    kind = Subject.VMM if target == VMM else Subject.HOST
    return Result(PlanEntry(f"{check}[{target}]", check, "", "", kind, target), state, red=red)


FAILED = result("LM101", HOST, State.FAIL, red=True)
RESULTS = (
    result("LM102", OTHER, State.WARNING),
    FAILED,
    result("LM103", HOST, State.PASS),
    result("LM103", OTHER, State.NOT_APPLICABLE),
)


def shown(*results: Result, characters: int = 100_000) -> list[tuple[str, list[str], list[str]]]:
    evidence = evidence_of(run_facts(), results, CHECKS, characters)
    return [
        (each.target, [fact.group for fact in each.facts], list(each.left_out))
        for each in evidence.targets
    ]


def test_the_facts_of_what_is_told_are_shown_the_server_first_and_red_before_green() -> None:
    assert shown(*RESULTS) == [
        (VMM, ["vmm-release"], []),
        (HOST, ["migration-settings"], []),
        (OTHER, ["migration-networks", "migration-settings"], []),
    ]
    assert shown(result("LM103", HOST, State.PASS)) == []
    for state in (State.BLOCKED, State.WAIVED, State.INTERNAL_ERROR):
        assert shown(result("LM103", HOST, state)) == [(HOST, ["listeners"], [])]
    assert shown(result("LM001", VMM, State.FAIL)) == [(VMM, ["vmm-release"], [])]
    assert shown(result("LM999", HOST, State.FAIL)) == []


def test_groups_and_checks_are_told_with_what_is_shown() -> None:
    evidence = evidence_of(run_facts(), RESULTS, CHECKS)
    assert {each.group for each in evidence.sources} == {
        "vmm-release",
        "migration-settings",
        "migration-networks",
    }
    assert [(each.check, each.groups) for each in evidence.checks] == [
        ("LM101", ("migration-settings", "vmm-release")),
        ("LM102", ("migration-networks", "migration-settings")),
    ]


def test_what_does_not_fit_is_left_out_by_name_and_what_is_smaller_still_fits() -> None:
    whole = evidence_of(run_facts(), RESULTS, CHECKS)
    sizes = [sum(map(len, fact.lines)) for each in whole.targets for fact in each.facts]
    assert shown(*RESULTS, characters=sum(sizes)) == shown(*RESULTS)
    tight = shown(*RESULTS, characters=sum(sizes) - 1)
    assert tight[-1] == (OTHER, ["migration-networks"], ["migration-settings"])
    assert shown(*RESULTS, characters=0)[0] == (VMM, [], ["vmm-release"])
    smaller = shown(*RESULTS, characters=sum(sizes) - sizes[-2])
    assert smaller[-1] == (OTHER, ["migration-settings"], ["migration-networks"])


def test_what_a_server_is_judged_by_comes_before_what_its_hosts_are() -> None:
    own = result("LM001", VMM, State.WARNING)
    checks = {**CHECKS, "LM101": (VMM_ACCESS,)}
    for results in ((own, FAILED), (FAILED, own)):
        (server,) = evidence_of(run_facts(), results, checks).targets
        assert [each.group for each in server.facts] == ["vmm-release", "vmm-access"]


def test_what_is_shown_is_what_became_of_each_group_on_its_own_machine() -> None:
    facts = run_facts()
    server, host, other = evidence_of(facts, RESULTS, CHECKS).targets
    for told, sheet in (
        (server, facts.vmms[VMM]),
        (host, facts.hosts[HOST]),
        (other, facts.hosts[OTHER]),
    ):
        assert told.facts == tuple(
            fact_of(GROUPS[each.group], sheet.outcomes[each.group]) for each in told.facts
        )
        assert {each.state for each in told.facts} == {FactState.GATHERED}
    # A run that was interrupted has no sheet of some machines.
    nothing = replace(facts, hosts={}, vmms={})
    for target in evidence_of(nothing, RESULTS, CHECKS).targets:
        assert {each.state for each in target.facts} == {FactState.NOT_GATHERED}
        assert all("were not gathered" in each.lines[0] for each in target.facts)
        assert all(target.target in each.lines[0] for each in target.facts)


def test_a_name_is_shown_as_its_people_write_it() -> None:
    value = DomainMembership("HV01", "größe.example", True, "hv01")
    fact = fact_of(DOMAIN_MEMBERSHIP, Gathered(value, Vantage.HOST))
    assert "größe.example" in "".join(fact.lines)


NIGHT = datetime(2026, 11, 23, 20, 5, 31, 999_999, tzinfo=UTC)


def test_a_value_is_json_with_a_line_for_each_member() -> None:
    value = run_facts().hosts[HOST].outcome(MIGRATION_SETTINGS)
    assert isinstance(value, Gathered)
    fact = fact_of(MIGRATION_SETTINGS, replace(value, seconds=1.23456, at=NIGHT))
    assert (fact.state, fact.vantage, fact.seconds) == (FactState.GATHERED, Vantage.HOST, 1.235)
    assert fact.at == NIGHT.replace(microsecond=0)
    assert fact.lines[0] == "{"
    assert json.loads("\n".join(fact.lines))["maximum_migrations"] == 2
    assert len(fact.lines) == len(json.loads("\n".join(fact.lines))) + 2
    assert fact_of(MIGRATION_SETTINGS, value).at is None
    empty = fact_of(MIGRATION_NETWORKS, Gathered((), Vantage.HOST))
    assert (empty.lines, empty.lines_left_out, empty.cut) == (("[]",), 0, False)


def test_a_failure_and_a_reason_are_shown_in_the_place_of_a_value() -> None:
    lost = failure()
    fact = fact_of(LISTENERS, lost)
    assert (fact.group, fact.state, fact.seconds) == ("listeners", FactState.NOT_GATHERED, 0.0)
    assert fact.lines == (f"{lost.failure.sentence}. Look there.",)
    assert (fact.vantage, fact.lines_left_out, fact.cut) == (None, 0, False)
    never = fact_of(LISTENERS, Inapplicable("Too old."))
    assert (never.state, never.lines) == (FactState.INAPPLICABLE, ("Too old.",))
    long = fact_of(LISTENERS, Inapplicable("x" * (MAX_LINE + 1)))
    assert (len(long.lines[0]), long.cut, long.lines_left_out, long.seconds) == (
        MAX_LINE,
        True,
        0,
        0.0,
    )
    assert not fact_of(LISTENERS, Inapplicable("x" * MAX_LINE)).cut


@pytest.mark.parametrize("rows", [MAX_LINES - 2, MAX_LINES - 1, 60])
def test_of_many_rows_the_first_are_shown_and_the_rest_counted(rows: int) -> None:
    networks = run_facts(networks=(("10.0.0.0/24", "x"),) * rows).hosts[HOST]
    fact = fact_of(MIGRATION_NETWORKS, networks.outcome(MIGRATION_NETWORKS))
    assert len(fact.lines) == MAX_LINES
    assert fact.lines_left_out == rows + 2 - MAX_LINES


def sources(*groups: Any) -> dict[str, Any]:
    checks: dict[str, Groups] = {"LM101": groups}
    return {each.group: each for each in evidence_of(run_facts(), (FAILED,), checks).sources}


def test_a_group_is_told_with_the_class_and_the_query_that_it_comes_from() -> None:
    told = sources(SERVICES, HOST_ACCESS)
    services, access = told["services"], told["host-access"]
    assert (services.wmi_class, services.namespace) == ("Win32_Service", "root/cimv2")
    assert services.query.startswith("SELECT ")
    assert "Name" in services.properties
    assert (services.title, services.subject) == (SERVICES.title, Subject.HOST)
    assert (access.title, access.subject) == (HOST_ACCESS.title, Subject.HOST)
    assert not access.query
    method = next(each for each in GROUPS.values() if isinstance(each, MethodGroup))
    called = sources(method)[method.name]
    assert called.query == method.method.title
    assert called.wmi_class == method.method.wmi_class.name
    assert called.namespace == method.method.wmi_class.namespace
