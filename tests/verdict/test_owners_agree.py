"""What is said of moves inside a cluster is what LM605 says of its roles: of made-up clusters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import vm_facts
from cluster_facts import node
from cluster_role_facts import OFFLINE, ONLINE, PARTLY, PENDING, Vm, of_roles
from fact_builders import HOST, VMM, host_outcomes, judged, vmm_outcomes
from fact_parts import facts_with
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import State
from livemigration.verdict.findings import Level
from livemigration.verdict.move_answers import Standing
from livemigration.verdict.moves import Moves

NODES = ("HV01", "HV02", "HV03")
_RUNNING = (ONLINE, PARTLY, PENDING)
_ROLE = re.compile(r"\bvm[0-9]\b")
_UP, _DOWN, _PAUSED = 0, 1, 2


@dataclass(frozen=True)
class Cluster:
    """A made-up cluster of three nodes, with roles on the first; `hides` shows none of a kind."""

    roles: tuple[Vm, ...]
    states: tuple[int, int]
    hides: str

    @property
    def facts(self) -> RunFacts:
        pairs = zip(NODES, (_UP, *self.states), strict=True)
        given = of_roles(*self.roles, nodes=tuple(node(name, state) for name, state in pairs))
        also = {**given["also"], **({self.hides: ()} if self.hides else {})}
        shared = r"C:\ClusterStorage\Volume1"
        machines = [vm_facts.Vm(each.name, path=shared, version="10.0") for each in self.roles]
        hosts = {}
        for place, name in enumerate(NODES):
            shown = vm_facts.with_machines(*(() if place else machines))
            fqdn = f"{name.lower()}.contoso.com"
            outcomes = host_outcomes(**{**given, "name": fqdn, "also": {**also, **shown}})
            member = outcomes[DOMAIN_MEMBERSHIP.name]
            assert isinstance(member, Gathered)
            named = replace(member.value, name=name, dns_name=name.lower())
            hosts[fqdn] = {**outcomes, DOMAIN_MEMBERSHIP.name: replace(member, value=named)}
        return facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))


OWNERS = st.one_of(
    st.none(), st.sets(st.sampled_from(NODES), min_size=1).map(lambda own: tuple(sorted(own)))
)


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    roles = tuple(
        Vm(
            f"vm{number}",
            state=draw(st.sampled_from([ONLINE, ONLINE, OFFLINE, PARTLY, PENDING])),
            locked=draw(st.sampled_from([0, 0, 0, 1, None])),
            owners=draw(OWNERS),
            configuration=draw(st.one_of(st.just(NODES), OWNERS)),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    state = st.sampled_from([_UP, _UP, _DOWN, _PAUSED])
    hides = draw(st.sampled_from(["", "", "", CLUSTER_GROUPS.name, CLUSTER_RESOURCES.name]))
    return Cluster(roles, (draw(state), draw(state)), hides)


@examples(200)
@given(clusters())
def test_a_role_goes_nowhere_exactly_where_the_check_fails_for_it(made: Cluster) -> None:
    facts = made.facts
    result = judged("LM605", facts)
    stuck = {
        name
        for each in result.findings
        if each.level is Level.FAIL
        for name in _ROLE.findall(each.observed)
    }
    moves = Moves(facts, lambda _: Policy(), lambda _: None)
    others = [f"{name.lower()}.contoso.com" for name in NODES[1:]]
    for role in made.roles:
        said = {moves.of_machine(HOST, role.identifier, each).standing for each in others}
        if role.name in stuck:
            assert said == {Standing.REFUSED}
        elif made.hides:
            assert result.state is State.BLOCKED
            assert said <= {Standing.UNKNOWN, Standing.REFUSED}
        elif role.state in _RUNNING and _UP in made.states:
            assert said != {Standing.REFUSED}
            if None in {role.owners, role.configuration}:
                assert result.state in {State.BLOCKED, State.FAIL}
                assert said <= {Standing.UNKNOWN, Standing.REFUSED}
            else:
                assert said & {Standing.ALLOWED, Standing.WARNED}
