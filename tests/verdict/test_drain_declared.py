"""Drains of a node whose cluster is declared, beside hosts that it is only assumed to know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cluster_facts import node
from cluster_role_facts import Vm, of_roles
from drain_facts import free
from fact_builders import HOST, VMM, host_outcomes, vmm_outcomes
from fact_parts import facts_with
from in_turn import in_turn
from vm_facts import Vm as Machine
from vm_facts import with_machines

from livemigration.facts.cluster_preferences import CLUSTER_AFFINITY_RULES
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM
from livemigration.facts.model import Gathered, Outcome
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Verdict
from livemigration.placement.solver import installed
from livemigration.verdict.drain_plan import DrainPlan, PlanProof, plan_of

NODES = ("HV01", "HV02")
SECOND, ALONE = "hv02.contoso.com", "hv09.contoso.com"
BIG = 4096


def named(outcomes: dict[str, Outcome[Any]], name: str) -> dict[str, Outcome[Any]]:
    member = outcomes[DOMAIN_MEMBERSHIP.name]
    assert isinstance(member, Gathered)
    value = replace(member.value, name=name, dns_name=name.lower())
    return {**outcomes, DOMAIN_MEMBERSHIP.name: replace(member, value=value)}


def fleet(second: int, alone: int, *roles: Vm, path: str = r"\\fs01\vms") -> RunFacts:
    """Return two nodes, of which the first has these roles, and a host in no cluster.

    Args:
        second: what is free on the second node, in MB.
        alone: the same of the host in no cluster.
        roles: of 4 GB each; two, if none is given.
        path: where their files are.
    """
    runs = roles or (Vm("web01"), Vm("db01"))
    given = of_roles(*runs, nodes=tuple(node(each) for each in NODES))
    shown = [Machine(e.name, path=path, version="10.0", memory=BIG) for e in runs]
    hosts = {}
    for name, left in zip(NODES, (0, second), strict=True):
        machines = with_machines(*(shown if name == "HV01" else ()))
        also = {**given["also"], **machines, **free(left), CLUSTER_AFFINITY_RULES.name: ()}
        fqdn = f"{name.lower()}.contoso.com"
        hosts[fqdn] = named(host_outcomes(**{**given, "name": fqdn, "also": also}), name)
    build = {OPERATING_SYSTEM.name: given["also"][OPERATING_SYSTEM.name]}
    also = {**with_machines(), **free(alone), **build}
    hosts[ALONE] = host_outcomes(name=ALONE, also=also)
    return facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))


def plan(second: int, alone: int, *roles: Vm) -> DrainPlan:
    crossing = Policy(migration_scope="cross-host")
    return plan_of(fleet(second, alone, *roles), HOST, crossing)


def test_what_the_cluster_takes_goes_to_no_host_that_is_just_assumed() -> None:
    found = plan(2 * BIG, 9 * BIG)
    assert found.fits
    assert {each.destination for each in found.moves} == {SECOND}
    assert (found.declared, found.by_assumption) == (True, False)


def test_what_only_assumed_hosts_take_as_well_goes_to_them_and_is_told() -> None:
    found = plan(BIG, BIG)
    assert found.fits
    assert {each.destination for each in found.moves} == {SECOND, ALONE}
    assert (found.declared, found.by_assumption) == (True, True)


def test_where_not_even_those_would_do_only_the_cluster_is_spoken_of() -> None:
    found = plan(BIG, BIG - 1)
    assert found.verdict is Verdict.DOES_NOT_FIT
    assert (found.declared, found.by_assumption, len(found.unplaced)) == (True, False, 1)
    assert f"{ALONE}: it is only assumed to exchange machines with this one." in found.explained


def test_a_no_has_its_proof_its_reasons_and_what_would_help() -> None:
    found = plan(BIG, 0)
    both, hosts = ("web01", "db01"), (SECOND, ALONE)
    assert found.proof == PlanProof("sum", both, hosts, 2 * BIG, BIG, making_room=True)
    assert found.explained[0] == f"{found.unplaced[0]} (4 GB) has no place."
    assert found.helps[0] == f"4 GB more free on {SECOND}."
    assert not set(found.helps) & set(found.explained)
    solver = installed()
    assert (found.step, found.solver) == ("sum", solver.name if solver else "")


def test_a_plan_has_no_proof() -> None:
    found = plan(2 * BIG, 0)
    assert (found.proof, found.helps, found.explained, found.advice) == (None, (), (), "")


@in_turn("first", ["web01", "db01"])
def test_a_role_of_high_priority_has_a_place_first(first: str) -> None:
    roles = [Vm(each, priority=3000 if each == first else 1000) for each in ("web01", "db01")]
    assert [each != first for each in plan(BIG, 0, *roles).unplaced] == [True]
