"""In what hosts are equals for moves, and that what is kept of equals holds for no other host."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cluster_role_facts
from delegation_cases import on_2022
from device_facts import host_with, sans
from directory_facts import BOTH_SERVICES, names, said_of
from fact_builders import (
    HOST,
    ISOLATED,
    OTHER,
    VMM,
    VMM_2012_SP1,
    VMM_2022,
    failure,
    host_outcomes,
    vmm_outcomes,
)
from fact_parts import facts_with
from pair_facts import with_switches
from processor_facts import INTEL_NEW, INTEL_OLD, runs_on
from test_moves import cluster_of, moves_of

from livemigration.facts.model import Outcome
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_PROCESSORS
from livemigration.inventory.policy import Policy
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.move_matrix import Matrix, matrix_of
from livemigration.verdict.moves import Moves

THIRD, FOURTH = "hv03.contoso.com", "hv04.contoso.com"
ALLOWED, NOT_MEANT = Standing.ALLOWED, Standing.NOT_MEANT


def hosts_with(*also: dict[str, Any]) -> RunFacts:
    """Return hosts of one group that differ only in these groups."""
    hosts = {
        f"hv{number:02}.contoso.com": host_outcomes(name=f"hv{number:02}.contoso.com", also=own)
        for number, own in enumerate(also, start=1)
    }
    return facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))


def cells_of(matrix: Matrix) -> dict[tuple[str, str], Judged]:
    """Return what a matrix says from each host to each other one."""
    return {
        (source, to): matrix.said[cell]
        for group in matrix.groups
        for row, sources in zip(group.cells, group.classes, strict=True)
        for cell, destinations in zip(row, group.classes, strict=True)
        for source in sources
        for to in destinations
        if source != to and cell is not None
    }


def agrees(moves: Moves, hosts: tuple[str, ...]) -> dict[tuple[str, str], Judged]:
    """Hold the matrix of hosts against each pair of them, and return what it says."""
    found = cells_of(matrix_of(moves, hosts))
    for (source, to), said in found.items():
        assert said.standing is moves.of_pair(source, to).standing
    return found


def alike(facts: RunFacts, one: str = HOST, other: str = OTHER) -> bool:
    moves = moves_of(facts, frozenset(facts.hosts))
    return moves.likeness(one) == moves.likeness(other)


def test_hosts_are_equals_whose_machines_need_the_same_in_whatever_order() -> None:
    own = ("Green", "Blue")
    first = with_switches(*own, web01="Green", db01="Blue")
    assert alike(hosts_with(first, with_switches(*own, db01="Blue", web01="Green")))
    assert not alike(hosts_with(first, with_switches(*own, db01="Blue")))


def test_hosts_that_differ_in_what_holds_for_whatever_moves_are_no_equals() -> None:
    hosts = {each: host_outcomes(name=each, enabled=each != OTHER) for each in (HOST, OTHER, THIRD)}
    facts = facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))
    assert not alike(facts)
    assert alike(facts, HOST, THIRD)


def test_what_no_machine_needs_tells_no_hosts_apart() -> None:
    assert alike(hosts_with(host_with(**sans("a")), host_with(**sans("b"))))


def test_who_may_own_a_role_is_a_question_of_the_role_and_tells_no_nodes_apart() -> None:
    every = ("HV01", "HV02", "HV03")
    facts = cluster_of(cluster_role_facts.Vm("web01", owners=every, configuration=every))
    moves = moves_of(facts)
    assert moves.likeness(OTHER) == moves.likeness(THIRD)


def test_hosts_that_differ_in_whom_they_see_are_no_equals() -> None:
    crossing = "hv08.contoso.com"
    nodes = cluster_of()
    more = {each: host_outcomes(name=each) for each in (crossing, "hv09.contoso.com")}
    hosts = {**{name: dict(each.outcomes) for name, each in nodes.hosts.items()}, **more}
    facts = facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))
    policies = {crossing: Policy(migration_scope="cross-host")}
    moves = Moves(facts, lambda host: policies.get(host, Policy()), lambda _: None)
    found = agrees(moves, tuple(hosts))
    assert found[crossing, HOST].standing is not NOT_MEANT
    assert found["hv09.contoso.com", HOST].standing is NOT_MEANT


def test_whom_an_account_reaches_is_told_of_each_and_by_each() -> None:
    """The first account reaches all but the third, the second all but the fourth."""
    four = (HOST, OTHER, THIRD, FOURTH)
    lacks = {HOST: THIRD, OTHER: FOURTH}

    def host(name: str) -> dict[str, Outcome[Any]]:
        to = names(BOTH_SERVICES, *(each for each in four if each != lacks.get(name)))
        said = said_of(name, delegates_to=to)
        return {**host_outcomes(name=name, authentication=1), **said, **on_2022()}

    facts = facts_with({e: host(e) for e in four}, VMM, vmm_outcomes(VMM_2022, None))
    found = agrees(moves_of(facts, frozenset(four)), four)
    refused = {pair for pair, said in found.items() if said.standing is Standing.REFUSED}
    assert refused == set(lacks.items())
    # The others lack nobody, and each is another host.
    assert alike(facts, THIRD, FOURTH)


def test_of_destinations_that_send_alike_each_is_judged_by_what_it_receives() -> None:
    """VMM stages where the third does not listen."""

    def host(number: int, staged: int) -> dict[str, Any]:
        return {
            "name": f"hv0{number}.contoso.com",
            "local": (f"10.0.0.1{number}/24", f"10.0.50.1{number}/24"),
            "networks": ISOLATED,
            "listeners": (f"10.0.50.1{number}",),
            "dns": (f"10.0.{staged}.1{number}",),
        }

    hosts = [host(1, 50), host(2, 50), host(3, 0)]
    made = {each["name"]: host_outcomes(**each) for each in hosts}
    moves = moves_of(facts_with(made, VMM, vmm_outcomes(VMM_2012_SP1)), frozenset(made))
    assert moves.between(OTHER, HOST) == moves.between(THIRD, HOST)
    assert moves.between(HOST, OTHER).standing is ALLOWED
    assert moves.between(HOST, THIRD).check == "LM102"


def test_of_sources_that_receive_alike_each_is_judged_by_what_it_sends() -> None:
    """It is not known of the third which of its machines are limited."""
    facts = hosts_with(runs_on(INTEL_OLD), runs_on(INTEL_NEW), runs_on(INTEL_OLD))
    third = facts.hosts[THIRD]
    lost = {VIRTUAL_MACHINE_PROCESSORS.name: failure(root="")}
    hosts = {**facts.hosts, THIRD: replace(third, outcomes={**third.outcomes, **lost})}
    moves = moves_of(replace(facts, hosts=hosts), frozenset(hosts))
    assert moves.between(HOST, OTHER).standing is ALLOWED
    assert moves.between(THIRD, OTHER).check == "LM501"


def test_hosts_that_are_no_equals_are_one_row_where_the_same_is_said_of_them() -> None:
    both = ("Green", "Blue")
    own = [with_switches(*both, web01=each) for each in both]
    facts = hosts_with(*own, with_switches(*both))
    assert not alike(facts)
    (group,) = matrix_of(moves_of(facts, frozenset(facts.hosts)), tuple(facts.hosts)).groups
    assert group.classes == ((HOST, OTHER), (THIRD,))
