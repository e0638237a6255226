"""What a cluster says of itself is asked of one node, and of the next one where that fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemigration.base.deadline import Deadline
from livemigration.facts.cluster import CLUSTER, CLUSTER_NETWORKS, Cluster, ClusterNetwork
from livemigration.facts.cluster_nodes import CLUSTER_NODES, ClusterNode
from livemigration.facts.host import (
    CLUSTER_SERVICE,
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
    DomainMembership,
    HostAccess,
    OperatingSystem,
    Service,
    Services,
)
from livemigration.facts.model import (
    FactGroup,
    FailureKind,
    Gathered,
    GatherFailure,
    NotGathered,
    Vantage,
)
from livemigration.gather.asking import Outcomes
from livemigration.gather.clusters import OF_CLUSTER, ask_clusters, asked_first
from livemigration.gather.connect import Target
from livemigration.gather.executor import Course, Errors, Executor, HostQuestion
from livemigration.gather.stalls import Stalls

NETWORKS, NODES = CLUSTER_NETWORKS.name, CLUSTER_NODES.name
WANTED = frozenset({NETWORKS})


def said(value: Any) -> Gathered[Any]:
    return Gathered(value, Vantage.HOST)


def failed(kind: FailureKind = FailureKind.FAULT) -> NotGathered:
    return NotGathered(GatherFailure(kind, "Reading it", "it failed", "Look there.", ""))


@dataclass(frozen=True)
class Node:
    """A host as it is: its domain, the cluster that it names, and what keeps it from answering."""

    name: str
    cluster: str | None = "cl01"
    domain: str = "contoso.com"
    joined: bool = True
    fails: frozenset[str] = frozenset()
    unreachable: bool = False
    service: str | None = "Running"

    @property
    def first(self) -> Outcomes:
        """What it was asked before."""
        if self.unreachable:
            return {HOST_ACCESS.name: failed(FailureKind.TIMED_OUT)}
        services = (
            () if self.service is None else (Service(CLUSTER_SERVICE, self.service, "Auto", 8),)
        )
        return {
            HOST_ACCESS.name: said(HostAccess(self.name, "", "")),
            OPERATING_SYSTEM.name: said(OperatingSystem(20348, "10.0", "Windows")),
            SERVICES.name: said(Services(services)),
            DOMAIN_MEMBERSHIP.name: said(
                DomainMembership(self.name.upper()[:15], self.domain, self.joined, self.name)
            ),
            CLUSTER.name: failed()
            if CLUSTER.name in self.fails
            else said(Cluster(self.cluster, None)),
        }


@dataclass
class Asked:
    """Stands in for who asks: answers of each host what its own cluster says."""

    nodes: Mapping[str, Node]
    lists: Callable[[Node], Sequence[Node]]
    rounds: list[dict[str, frozenset[str]]] = field(default_factory=list)

    def ask(self, hosts: Sequence[HostQuestion], beside: Sequence[Any], _: Course) -> Errors:
        assert not beside
        self.rounds.append({each.target.name: each.wanted for each in hosts})
        for each in hosts:
            own = self.nodes[each.target.name]
            # What it takes to ask for them is known of the first visit.
            assert OPERATING_SYSTEM.name in each.into
            assert SERVICES.name in each.into
            each.into[HOST_ACCESS.name] = said(HostAccess(own.name, "", ""))
            for group in each.wanted:
                each.into[group] = failed() if group in own.fails else said(self._value(own, group))
        return {each.target.name: None for each in hosts}

    def _value(self, own: Node, group: str) -> Any:
        if group == NODES:
            return tuple(ClusterNode(each.name.upper(), 0) for each in self.lists(own))
        return (network(own),)

    def of(self, name: str) -> list[str]:
        return sorted(group for each in self.rounds for group in each.get(name, ()))

    @property
    def visits(self) -> Counter[str]:
        return Counter(name for each in self.rounds for name in each)


def network(own: Node) -> ClusterNetwork:
    """Return a network that tells of which cluster it is."""
    return ClusterNetwork(f"{own.cluster} of {own.domain}", "n", None, 1, 3)


def asking(
    *nodes: Node,
    wanted: frozenset[str] = WANTED,
    known: Mapping[str, Outcomes] = {},
    lists: Callable[[Node], Sequence[Node]] | None = None,
) -> tuple[Asked, dict[str, Outcomes]]:
    by_name = {each.name: each for each in nodes}

    def everyone(own: Node) -> Sequence[Node]:
        return [e for e in nodes if (e.cluster, e.domain) == (own.cluster, own.domain)]

    asked = Asked(by_name, lists or everyone)
    sheets = {each.name: {**each.first, **known.get(each.name, {})} for each in nodes}
    course = Course(lambda: 8, Deadline.after(60), lambda _: None, lambda _: None, Stalls())
    hosts = {name: Target(name, name, 5985, access=cast("Any", None)) for name in by_name}
    errors = ask_clusters(
        cast("Executor", asked), hosts, dict.fromkeys(by_name, wanted), sheets, course
    )
    assert not any(errors.values())
    return asked, sheets


def value(sheets: Mapping[str, Outcomes], name: str, group: FactGroup[Any]) -> Any:
    outcome = sheets[name][group.name]
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


def cluster_of(count: int, **values: Any) -> list[Node]:
    return [Node(f"n{number}", **values) for number in range(1, count + 1)]


def test_of_many_nodes_one_is_asked_and_every_sheet_holds_it() -> None:
    nodes = cluster_of(64)
    asked, sheets = asking(*nodes)
    assert asked.rounds == [{"n1": frozenset({NETWORKS, NODES})}]
    for each in nodes:
        assert value(sheets, each.name, CLUSTER_NETWORKS) == (network(each),)
        by = value(sheets, each.name, HOST_ACCESS).cluster_by
        assert by == ("" if each.name == "n1" else "n1")


def test_what_a_node_was_not_asked_for_is_not_on_its_sheet() -> None:
    _, sheets = asking(*cluster_of(3))
    assert NODES not in sheets["n2"]


def test_where_a_node_fails_the_next_one_is_asked_for_that_alone() -> None:
    first = Node("n1", fails=frozenset({NETWORKS}))
    asked, sheets = asking(first, *cluster_of(4)[1:], wanted=frozenset({NETWORKS, NODES}))
    assert [set(each) for each in asked.rounds] == [{"n1"}, {"n2"}]
    assert asked.of("n2") == [NETWORKS]
    # It is known of the first one as well: the cluster says it, not the node.
    for name in ("n1", "n2", "n3", "n4"):
        assert value(sheets, name, CLUSTER_NETWORKS) == (network(first),)


def test_a_node_that_cannot_list_the_others_speaks_for_itself_alone() -> None:
    first = Node("n1", fails=frozenset({NODES}))
    asked, sheets = asking(first, *cluster_of(4)[1:])
    assert [set(each) for each in asked.rounds] == [{"n1"}, {"n2"}]
    assert value(sheets, "n3", HOST_ACCESS).cluster_by == "n2"


def test_where_it_fails_everywhere_the_others_are_asked_at_once() -> None:
    asked, sheets = asking(*cluster_of(20, fails=frozenset({NETWORKS})))
    assert [len(each) for each in asked.rounds] == [1, 1, 18]
    assert set(asked.visits.values()) == {1}
    assert all(isinstance(each[NETWORKS], NotGathered) for each in sheets.values())


def test_a_node_that_the_asked_one_does_not_list_is_asked_itself() -> None:
    # Two clusters of one name, in one domain: the suite cannot tell them apart by that.
    nodes = cluster_of(4)
    pairs = {each.name: nodes[:2] if each in nodes[:2] else nodes[2:] for each in nodes}
    asked, _ = asking(*nodes, lists=lambda own: pairs[own.name])
    assert asked.visits == {"n1": 1, "n3": 1, "n4": 1}


def test_clusters_of_one_name_in_two_domains_are_two() -> None:
    nodes = [*cluster_of(2), Node("m1", domain="fabrikam.com"), Node("m2", domain="FABRIKAM.com")]
    asked, sheets = asking(*nodes, lists=lambda own: nodes[:2] if own in nodes[:2] else nodes[2:])
    assert asked.visits == {"n1": 1, "m1": 1}
    assert value(sheets, "m2", CLUSTER_NETWORKS) == (network(nodes[2]),)


def test_the_name_of_a_cluster_is_one_in_any_case() -> None:
    nodes = [Node("n1"), Node("n2", cluster="CL01")]
    asked, _ = asking(*nodes, lists=lambda _: nodes)
    assert asked.visits == {"n1": 1}


def test_a_long_name_is_known_by_what_a_cluster_keeps_of_it() -> None:
    nodes = [Node("n1"), Node("hypervisor-number-2")]
    asked, _ = asking(*nodes, lists=lambda _: [nodes[0], Node("hypervisor-numb")])
    assert asked.visits == {"n1": 1}


def test_each_node_of_a_workgroup_is_asked() -> None:
    asked, _ = asking(*cluster_of(3, domain="WORKGROUP", joined=False))
    assert asked.visits == {"n1": 1, "n2": 1, "n3": 1}
    assert asked.of("n1") == [NETWORKS]


@pytest.mark.parametrize(
    "host", [Node("h", cluster=None, service=None), Node("h", cluster=None, service="Stopped")]
)
def test_a_host_outside_clusters_is_not_asked(host: Node) -> None:
    asked, sheets = asking(host)
    assert asked.rounds == []
    assert value(sheets, "h", CLUSTER_NETWORKS) == ()


def test_a_node_whose_cluster_is_hidden_is_asked_itself() -> None:
    asked, _ = asking(Node("h", cluster=None), *cluster_of(2))
    assert asked.visits == {"h": 1, "n1": 1}


def test_a_node_of_which_the_cluster_is_not_known_is_asked_itself() -> None:
    asked, sheets = asking(Node("h", fails=frozenset({CLUSTER.name, NETWORKS})), *cluster_of(2))
    assert asked.visits == {"h": 1, "n1": 1}
    assert isinstance(sheets["h"][NETWORKS], NotGathered)


def test_a_node_that_is_not_there_is_not_asked_and_nothing_is_said_of_it() -> None:
    asked, sheets = asking(Node("n1", unreachable=True), Node("n2"))
    assert asked.visits == {"n2": 1}
    assert NETWORKS not in sheets["n1"]


def test_what_an_earlier_run_knows_is_not_asked_again() -> None:
    nodes = cluster_of(3)
    known: dict[str, Outcomes] = {
        "n2": {
            NETWORKS: said((network(nodes[0]),)),
            NODES: said(tuple(ClusterNode(each.name, 0) for each in nodes)),
        }
    }
    asked, sheets = asking(*nodes, known=known)
    assert asked.rounds == []
    assert value(sheets, "n3", HOST_ACCESS).cluster_by == "n2"


def test_a_host_is_asked_first_of_which_cluster_it_is_and_for_nothing_that_it_said() -> None:
    wanted = {
        "plain": frozenset({OPERATING_SYSTEM.name}),
        "node": frozenset({OPERATING_SYSTEM.name, NETWORKS}),
        "met": frozenset({NETWORKS}),
    }
    sheets: dict[str, Outcomes] = {"plain": {}, "node": {}, "met": Node("met").first}
    found = asked_first(wanted, sheets)
    placing = {SERVICES.name, CLUSTER.name, DOMAIN_MEMBERSHIP.name}
    assert found == {
        "plain": wanted["plain"],
        "node": frozenset({OPERATING_SYSTEM.name, *placing}),
    }


@given(
    st.lists(
        st.builds(
            Node,
            st.integers(0, 30).map(lambda number: f"n{number}"),
            st.sampled_from(("cl01", "cl02", None)),
            st.sampled_from(("contoso.com", "fabrikam.com")),
            st.booleans(),
            st.sets(st.sampled_from((NETWORKS, NODES, CLUSTER.name))).map(frozenset),
            st.booleans(),
            st.sampled_from(("Running", "Stopped", None)),
        ),
        unique_by=lambda each: each.name,
    )
)
def test_every_host_that_answers_has_what_its_own_cluster_says_or_why_not(
    nodes: list[Node],
) -> None:
    asked, sheets = asking(*nodes, wanted=OF_CLUSTER & {NETWORKS, NODES})
    assert all(times == 1 for times in asked.visits.values())
    for each in nodes:
        outcome = sheets[each.name].get(NETWORKS)
        if each.unreachable:
            assert outcome is None
            continue
        assert outcome is not None
        if isinstance(outcome, Gathered) and outcome.value:
            assert outcome.value == (network(each),)
