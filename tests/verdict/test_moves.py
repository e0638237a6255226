"""What is said of moves beyond the pair checks: clusters, delegation, narrowed policies, costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cluster_role_facts
import pytest
import vm_facts
from cluster_facts import node, of_cluster
from delegation_cases import CASES as DELEGATION
from fact_builders import (
    HOST,
    OTHER,
    UNREACHABLE,
    VMM,
    all_lost,
    failure,
    host_outcomes,
    run_facts,
    vmm_outcomes,
)
from fact_parts import facts_with
from pair_facts import with_switches
from verdict_case import FAIL, Case

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_nodes import CLUSTER_NODES, DRAIN_FAILED, PAUSED, UP
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.exchanging import Exchanges, Outside
from livemigration.inventory.policy import Policy
from livemigration.verdict import move_matrix
from livemigration.verdict.move_answers import Judged, Said, Standing
from livemigration.verdict.move_matrix import matrix_of, of_one_host
from livemigration.verdict.move_pairs import Versions
from livemigration.verdict.moves import MOVE_CHECKS, MOVE_FACTS, Moves

B: dict[str, Any] = {"release": "10.22.1287.0"}
NODES = ("HV01", "HV02", "HV03")


def moves_of(facts: RunFacts, exchanges: Exchanges = None, **policy: Any) -> Moves:
    demands = Policy.model_validate(policy)
    return Moves(facts, lambda _: demands, lambda _: exchanges)


def cluster_of(*vms: cluster_role_facts.Vm, **given: Any) -> RunFacts:
    """Return the nodes of a cluster of three, with these roles on the first."""
    nodes = tuple(node(name) for name in NODES)
    roles = cluster_role_facts.of_roles(*vms, nodes=nodes, **given)
    shared = r"C:\ClusterStorage\Volume1"
    shown = vm_facts.with_machines(*(vm_facts.Vm(e.name, path=shared, version="10.0") for e in vms))
    hosts = {}
    for name in NODES:
        own = {**roles, "also": {**roles["also"], **(shown if name == "HV01" else {})}}
        outcomes = host_outcomes(name=f"{name.lower()}.contoso.com", **own)
        member = outcomes[DOMAIN_MEMBERSHIP.name]
        assert isinstance(member, Gathered)
        named = replace(member, value=replace(member.value, name=name, dns_name=name.lower()))
        hosts[f"{name.lower()}.contoso.com"] = {**outcomes, DOMAIN_MEMBERSHIP.name: named}
    return facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))


def of_role(facts: RunFacts, name: str, to: str) -> Judged:
    machine = cluster_role_facts.Vm(name).identifier
    return moves_of(facts).of_machine(HOST, machine, f"{to.lower()}.contoso.com")


def test_a_role_goes_where_the_cluster_lets_it() -> None:
    narrowed = cluster_role_facts.Vm("web01", owners=("HV01", "HV02"), configuration=NODES)
    facts = cluster_of(narrowed, cluster_role_facts.Vm("web02", owners=NODES, configuration=NODES))
    assert of_role(facts, "web01", "HV02").standing is Standing.ALLOWED
    assert of_role(facts, "web02", "HV03").standing is Standing.ALLOWED
    found = of_role(facts, "web01", "HV03")
    assert (found.standing, found.check) == (Standing.REFUSED, "LM605")
    # The pair of hosts is not refused for what one role may own.
    assert moves_of(facts).of_pair(HOST, "hv03.contoso.com").standing is Standing.ALLOWED


def test_a_locked_role_goes_nowhere_and_one_without_owners_is_not_known() -> None:
    locked = cluster_role_facts.Vm("web01", locked=1, owners=NODES, configuration=NODES)
    silent = cluster_role_facts.Vm("web02", owners=NODES, configuration=None)
    facts = cluster_of(locked, silent)
    assert of_role(facts, "web01", "HV02").standing is Standing.REFUSED
    found = of_role(facts, "web02", "HV02")
    assert (found.standing, found.check) == (Standing.UNKNOWN, "LM605")


@pytest.mark.parametrize("other", [OTHER, "hv-amsterdam-production-02.contoso.com"])
def test_a_node_that_does_not_answer_is_down_by_the_word_of_the_others(other: str) -> None:
    listed = other.partition(".")[0][:15].upper()
    given = of_cluster(nodes=(node(), node(listed, state=1)))
    facts = run_facts(**B, **given, second={"name": other}, other=all_lost(UNREACHABLE))
    found = moves_of(facts).between(HOST, other)
    assert (found.standing, found.check) == (Standing.REFUSED, "LM602")
    assert found.cause == "the destination is down"
    found = moves_of(facts).between(other, HOST)
    assert (found.standing, found.cause) == (Standing.REFUSED, "the source is down")


def test_a_host_that_does_not_answer_may_be_a_node_that_is_up() -> None:
    given = of_cluster(nodes=(node(), node("HV02")))
    moves = moves_of(run_facts(**B, **given, other=all_lost(UNREACHABLE)))
    cause = "whether the two exchange virtual machines is not known"
    for found in (moves.between(HOST, OTHER), moves.between(OTHER, HOST)):
        assert found == Judged(Standing.UNKNOWN, "LM302", cause, declared=False)


def test_a_node_that_is_down_is_refused_where_it_may_be_of_the_domain() -> None:
    def judged(listed: str, name: str, domain: str) -> Standing:
        given = of_cluster(nodes=(node(), node(listed, state=1)))
        lost = {SERVICES.name: failure(), CLUSTER.name: failure()}
        facts = run_facts(**B, **given, second={"name": name, "domain": domain}, other=lost)
        return moves_of(facts).between(HOST, name).standing

    assert judged("HV02", OTHER, "CONTOSO.COM") is Standing.REFUSED
    assert judged("HV02", "hv02.b.test", "b.test") is Standing.UNKNOWN
    assert judged("HV09", OTHER, "contoso.com") is Standing.UNKNOWN


def test_partners_stand_in_the_order_of_the_run_known_or_not() -> None:
    names = ("hv03.contoso.com", HOST, OTHER)
    hosts = {each: host_outcomes(name=each) for each in names}
    others = (names[0], OTHER)
    assert moves_of(facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))).partners(HOST) == others
    hosts[HOST] = {**hosts[HOST], DOMAIN_MEMBERSHIP.name: failure()}
    assert moves_of(facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))).partners(HOST) == others


def test_of_very_many_classes_the_largest_have_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(move_matrix, "MOST_CLASSES", 2)
    names = [f"hv{number:02}.contoso.com" for number in range(1, 6)]
    switches = ("Green", "Blue", "Blue", "Red", "Red")
    hosts = {
        name: host_outcomes(name=name, also=with_switches(switch, web01=switch))
        for name, switch in zip(names, switches, strict=True)
    }
    moves = moves_of(facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0")), frozenset(names))
    (group,) = matrix_of(moves, names).groups
    assert group.classes == (tuple(names[1:3]), tuple(names[3:]))
    assert group.rest == (names[0],)


def test_of_a_host_without_any_facts_it_is_not_known_with_whom_it_exchanges_machines() -> None:
    moves = moves_of(run_facts(**B))
    assert moves.between(HOST, "hv09.contoso.com").standing is Standing.UNKNOWN
    assert matrix_of(moves, (*moves.hosts, "hv09.contoso.com")).unplaced == ("hv09.contoso.com",)


@pytest.mark.parametrize(
    ("state", "standing"), [(UP, Standing.ALLOWED), (PAUSED, Standing.REFUSED)]
)
def test_a_node_whose_last_drain_failed_takes_machines_once_it_is_resumed(
    state: int, standing: Standing
) -> None:
    failed = node("HV02", state=state, drain=DRAIN_FAILED)
    facts = cluster_of(also={CLUSTER_NODES.name: (node(), failed, node("HV03"))})
    assert moves_of(facts).between(HOST, OTHER).standing is standing


def test_hosts_that_exchange_nothing_are_not_meant_to() -> None:
    moves = moves_of(run_facts(**B), frozenset({"hv09.contoso.com"}))
    assert moves.between(HOST, OTHER) == Judged(Standing.NOT_MEANT, declared=False)
    assert moves.partners(HOST) == ()
    assert matrix_of(moves, moves.hosts).alone == (HOST, OTHER)


def test_hosts_of_one_domain_are_only_assumed_to() -> None:
    moves = moves_of(run_facts(**B))
    assert not moves.between(HOST, OTHER).declared
    assert moves.partners(HOST) == (OTHER,)
    declared = moves_of(run_facts(**B), frozenset({HOST, OTHER}))
    assert declared.between(HOST, OTHER).declared


def test_what_one_host_declares_holds_for_both() -> None:
    exchanges = {HOST: frozenset({HOST, OTHER}), OTHER: frozenset({OTHER})}
    moves = Moves(run_facts(**B), lambda _: Policy(), exchanges.get)
    assert moves.between(OTHER, HOST).declared
    assert moves.between(HOST, OTHER).declared
    assert moves.partners(OTHER) == (HOST,)


def test_whom_another_host_sees_alone_is_not_alone_in_the_matrix() -> None:
    exchanges = {HOST: frozenset({OTHER}), OTHER: frozenset({OTHER})}
    moves = Moves(run_facts(**B), lambda _: Policy(), exchanges.get)
    assert moves.partners(HOST) == (OTHER,)
    matrix = matrix_of(moves, moves.hosts)
    assert matrix.alone == ()
    assert [sorted(sum(each.classes, ())) for each in matrix.groups] == [[HOST, OTHER]]


def test_a_host_in_no_group_exchanges_machines_with_none_of_a_group() -> None:
    group = frozenset({OTHER, "hv99.contoso.com"})
    said = Outside(group)
    moves = Moves(run_facts(**B), lambda _: Policy(), lambda name: group if name == OTHER else said)
    for source, destination in ((HOST, OTHER), (OTHER, HOST)):
        assert moves.between(source, destination).standing is Standing.NOT_MEANT
    assert moves.partners(HOST) == moves.partners(OTHER) == ()
    assert said.of(OTHER) == frozenset({OTHER})
    assert said.of(HOST) is said


def test_of_a_host_that_was_not_looked_at_nothing_is_said() -> None:
    moves = moves_of(run_facts(**B), frozenset({HOST, OTHER, "hv99.contoso.com"}))
    assert moves.partners(HOST) == (OTHER,)


def test_who_is_not_reached_differs_from_who_is() -> None:
    refused = 0
    for case in DELEGATION:
        moves = moves_of(case.facts, case.exchanges, **case.policy)
        refused += matrix_agrees(moves, case)
    assert refused > 0


def matrix_agrees(moves: Moves, case: Case) -> bool:
    """Hold each cell of a matrix against the pair; return whether the row failed and is refused."""
    matrix, refused = matrix_of(moves, moves.hosts), False
    for group in matrix.groups:
        for row, sources in zip(group.cells, group.classes, strict=True):
            for cell, to in zip(row, group.classes, strict=True):
                for source in sources:
                    for other in to:
                        if source != other:
                            said = moves.of_pair(source, other)
                            assert cell is not None
                            assert matrix.said[cell].standing is said.standing, case.row
                            refused |= said.standing is Standing.REFUSED
    return refused and case.state is FAIL


def test_hosts_that_are_equals_are_one_class_whatever_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = [f"hv{number:03}.contoso.com" for number in range(60)]
    own = with_switches("Green", web01="Green"), with_switches("Blue", web01="Blue")
    facts = facts_with(
        {name: host_outcomes(name=name, also=own[place % 2]) for place, name in enumerate(names)},
        VMM,
        vmm_outcomes("10.22.1287.0"),
    )
    moves = moves_of(facts, frozenset(names))
    (group,) = matrix_of(moves, names).groups
    assert [len(each) for each in group.classes] == [30, 30]
    assert moves.of_pair(names[0], names[2]).standing is not Standing.REFUSED
    across = moves.of_pair(names[0], names[1])
    assert (across.standing, across.check, across.some) == (Standing.REFUSED, "LM502", True)
    # Nothing is kept for each pair.
    judged = []
    own_between = Versions.between

    def counted(question: Versions, pair: Any) -> Said:
        judged.append(pair)
        return own_between(question, pair)

    monkeypatch.setattr(Versions, "between", counted)
    fresh = moves_of(facts, frozenset(names))
    for one in names:
        for other in names:
            if one != other:
                assert fresh.between(one, other).standing is Standing.ALLOWED
    assert len(judged) <= 4


def test_hosts_that_differ_only_in_what_their_machines_need_are_two_classes() -> None:
    names = [f"hv{number:02}.contoso.com" for number in range(1, 4)]
    own = (
        with_switches("Green", "Blue", web01="Blue"),
        with_switches("Green", "Blue", web01="Green"),
        with_switches("Blue", web01="Blue"),
    )
    facts = facts_with(
        {name: host_outcomes(name=name, also=also) for name, also in zip(names, own, strict=True)},
        VMM,
        vmm_outcomes("10.22.1287.0"),
    )
    matrix = matrix_of(moves_of(facts, frozenset(names)), names)
    (group,) = matrix.groups
    assert group.classes == tuple((each,) for each in names)
    refused = [matrix.said[row[2]].check == "LM502" for row in group.cells if row[2] is not None]
    assert refused == [False, True]


def test_destinations_that_are_equals_as_sources_are_judged_each_by_itself() -> None:
    names = [f"hv{number:02}.contoso.com" for number in range(1, 4)]
    listening: tuple[dict[str, Any], ...] = ({}, {}, {"listeners": ()})
    facts = facts_with(
        {
            name: host_outcomes(name=name, **given)
            for name, given in zip(names, listening, strict=True)
        },
        VMM,
        vmm_outcomes("10.22.1287.0"),
    )
    moves = moves_of(facts, frozenset(names))
    assert moves.between(names[0], names[1]).standing is Standing.ALLOWED
    assert moves.between(names[0], names[2]).check == "LM103"
    assert moves.between(names[2], names[1]).standing is Standing.ALLOWED


def test_the_machines_of_a_host_are_put_into_classes() -> None:
    also = with_switches("Green", "Blue", web01="Green", web02="Blue", web03="Blue")
    facts = run_facts(**B, also=also, second={"also": with_switches("Blue")})
    found = of_one_host(moves_of(facts, frozenset({HOST, OTHER})), HOST)
    assert found.machines == (("web01",), ("web02", "web03"))
    assert found.destinations == ((OTHER,),)
    assert found.said[found.cells[0][0]].check == "LM502"


def test_what_decides_is_named() -> None:
    assert {"LM101", "LM401", "LM501", "LM605", "LM706"} <= MOVE_CHECKS
    assert len({each.name for each in MOVE_FACTS}) == len(MOVE_FACTS)
