"""What is said of moves inside a cluster is what LM706 says of its machines: of made-up nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cluster_role_facts
from fact_builders import HOST, OTHER, RUNNING, failure, judged, run_facts
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from vm_facts import Vm, with_machines

from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, VIRTUAL_MACHINE, ClusterResource
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Level
from livemigration.verdict.move_answers import End, Said, Standing
from livemigration.verdict.move_machines import Roles
from livemigration.verdict.moves import Moves
from livemigration.verdict.views import BlockedError, FactsView, GroupView

STATES = (2, 3, 6, 9, 10, 32773, None)
SERVICES = {"running": "Running, Auto", "stopped": "Stopped, Auto", "no node": "Stopped, Manual"}

# Of which the cluster does not say whose it is.
SILENT = ClusterResource("x", VIRTUAL_MACHINE, 2, "x", "HV01")


@dataclass(frozen=True)
class Machine:
    """A machine of a made-up node; one whose name begins with s is to stay."""

    vm: Vm
    role: bool


@dataclass(frozen=True)
class Node:
    """A made-up node, and whether its cluster says what it has."""

    machines: tuple[Machine, ...]
    silent: bool
    service: str
    lost: bool
    drained: bool

    @property
    def facts(self) -> RunFacts:
        """Its facts, and those of another node, which are the same."""
        roles = [cluster_role_facts.Vm(each.vm.name) for each in self.machines if each.role]
        given = cluster_role_facts.of_roles(*roles)
        also = {**given["also"], **with_machines(*(each.vm for each in self.machines))}
        if self.silent:
            also[CLUSTER_RESOURCES.name] += (SILENT,)
        services = {**RUNNING, "ClusSvc": SERVICES[self.service]}
        lost = {CLUSTER_RESOURCES.name: failure(root="")} if self.lost else {}
        facts = run_facts(**{**given, "also": also, "services": services}, lost=lost)
        first = facts.hosts[HOST]
        member = first.outcome(DOMAIN_MEMBERSHIP)
        assert isinstance(member, Gathered)
        named = replace(member, value=replace(member.value, name="HV02", dns_name="hv02"))
        outcomes = {**first.outcomes, DOMAIN_MEMBERSHIP.name: named}
        second = replace(first, name=OTHER, outcomes=outcomes)
        return replace(facts, hosts={HOST: first, OTHER: second})

    @property
    def policy(self) -> dict[str, Any]:
        return {"stays": ("s*",), **({"drain": "every-host"} if self.drained else {})}

    def result(self, facts: RunFacts) -> Result:
        return judged("LM706", facts, self.policy)


@st.composite
def nodes(draw: st.DrawFn) -> Node:
    number = draw(st.integers(0, 4))
    machines = tuple(
        Machine(
            Vm(
                f"{draw(st.sampled_from('ms'))}{place}",
                draw(st.sampled_from(STATES)),
                mode=draw(st.sampled_from([0, 1, 3])),
                version="10.0",
                path=r"C:\ClusterStorage\Volume1",
                shows_state=draw(st.integers(0, 5)) > 0,
            ),
            draw(st.booleans()),
        )
        for place in range(number)
    )
    rarely = st.integers(0, 3).map(lambda number: number == 0)
    service = draw(st.sampled_from(["running", "running", *SERVICES]))
    return Node(machines, draw(rarely), service, draw(rarely), draw(st.booleans()))


def said_of(made: Node, facts: RunFacts) -> dict[str, Said] | None:
    """Return what moves are told of each machine; None: it could not be read."""
    declared = frozenset(each.name for each in Roles.groups)
    host = FactsView(facts.hosts[HOST], declared)
    end = End(
        host, FactsView(facts.vmm_of(HOST), declared), Policy(**made.policy), GroupView(facts)
    )
    try:
        found = Roles().needs(end)
    except BlockedError:
        return None
    names = {each.vm.identifier: each.vm.name for each in made.machines}
    return {names[identifier]: said for identifier, said in found.items()}


@examples(400)
@given(nodes())
def test_a_machine_is_warned_of_exactly_where_the_check_names_it(made: Node) -> None:
    facts = made.facts
    result, said = made.result(facts), said_of(made, facts)
    if said is None:
        assert result.state is State.BLOCKED
        return
    told = [e.observed for e in result.findings if e.level in {Level.WARNING, Level.FAIL}]
    named = {text.partition(" ")[0] for text in told}
    assert named == {name for name, each in said.items() if each.standing is Standing.WARNED}
    unknown = any(each.standing is Standing.UNKNOWN for each in said.values())
    assert (result.state is State.BLOCKED) is unknown


@examples(200)
@given(nodes())
def test_a_move_inside_the_cluster_comes_to_no_better_than_the_check_says(made: Node) -> None:
    facts = made.facts
    result = made.result(facts)
    moves = Moves(facts, lambda _: Policy(**made.policy), lambda _: None)
    found = [moves.of_machine(HOST, each.vm.identifier, OTHER) for each in made.machines]
    if result.state in {State.PASS, State.NOT_APPLICABLE}:
        assert all(each.check != "LM706" for each in found)
    named = {each.observed.partition(" is no role of")[0] for each in result.findings}
    for each, move in zip(made.machines, found, strict=True):
        if each.vm.name in named:
            assert move.standing is not Standing.ALLOWED
        elif move.check == "LM706":
            assert (move.standing, result.state) == (Standing.UNKNOWN, State.BLOCKED)


def test_of_a_machine_that_may_be_a_role_it_is_not_known() -> None:
    shared = Vm("m0", version="10.0", path=r"C:\ClusterStorage\Volume1")
    made = Node((Machine(shared, role=False),), True, "running", lost=False, drained=False)
    facts = made.facts
    assert made.result(facts).state is State.BLOCKED
    found = Moves(facts, lambda _: Policy(), lambda _: None).of_machine(
        HOST, shared.identifier, OTHER
    )
    cause = "whether it is a role of the cluster is not known"
    assert (found.standing, found.check, found.cause) == (Standing.UNKNOWN, "LM706", cause)
