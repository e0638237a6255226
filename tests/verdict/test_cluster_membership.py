"""Whose node a host is, by its own word; why that is not known; and how other nodes see it."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_facts import node, of_cluster
from fact_builders import HOST, OTHER, RUNNING, failure, run_facts
from in_turn import in_turn

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_nodes import CLUSTER_NODES
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.model import FactSheet, Subject
from livemigration.verdict.cluster_membership import (
    Sightings,
    cluster_of,
    membership_of,
    names_of,
)
from livemigration.verdict.views import BlockedError, FactsView

READABLE = frozenset(each.name for each in (CLUSTER, CLUSTER_NODES, DOMAIN_MEMBERSHIP, SERVICES))
NODES = (node("HV02"), node("HV01"), node("HV03"))
RUNS = f"The cluster service of {HOST} runs, and its cluster"
STOPPED = {"services": {**RUNNING, "ClusSvc": "Stopped"}}


def host(**given: Any) -> FactsView:
    return FactsView(run_facts(**of_cluster(**given)).hosts[HOST], READABLE)


def test_a_node_comes_first_and_the_others_in_the_order_of_the_cluster() -> None:
    own = membership_of(host(nodes=NODES))
    assert [each.name for each in own.nodes] == ["HV01", "HV02", "HV03"]
    assert not own.is_alone
    assert membership_of(host(nodes=(node(),))).is_alone


@in_turn(
    "given, by, why",
    [
        (STOPPED, "LM602", f"The cluster service of {HOST} does not run, so its cluster answers"),
        (
            {"properties": {"name": None}},
            "",
            f"The cluster service of {HOST} runs, and the host shows no cluster.",
        ),
        (
            {"nodes": (node("HV02"), node("HV03"))},
            "",
            f"{RUNS} does not list it among its 2 nodes.",
        ),
        (
            {"nodes": ()},
            "",
            f"{RUNS} shows this account no node.",
        ),
    ],
)
def test_why_it_is_not_known_whose_node_a_host_is(given: dict[str, Any], by: str, why: str) -> None:
    with pytest.raises(BlockedError) as raised:
        membership_of(host(**given))
    assert raised.value.by == by
    assert raised.value.reason.startswith(why)


def test_a_node_whose_service_is_stopped_shows_no_cluster_for_that_reason() -> None:
    assert cluster_of(host(**STOPPED, properties={"name": None})).name is None


def test_a_host_is_listed_by_its_own_names_and_else_by_that_of_the_inventory() -> None:
    long = "hv-amsterdam-production-01"
    assert names_of(host(answers_as=f"{long}.contoso.com")) == {long, long[:15]}
    assert names_of(host(lost={DOMAIN_MEMBERSHIP.name: failure()})) == {"hv01"}
    sheet = FactSheet(Subject.HOST, f"{long}.contoso.com", {})
    assert names_of(FactsView(sheet, READABLE)) == {long, long[:15]}


def test_a_node_is_seen_by_the_first_other_host_of_its_cluster_that_says_so() -> None:
    told = of_cluster(nodes=(node("HV01", 1), node("HV02")))
    unread = {CLUSTER_NODES.name: failure()}
    facts = run_facts(**{**told, "lost": unread}, second={"also": told["also"]})
    seen = Sightings(facts)
    found = seen.of("contoso.com", ("hv01",))
    assert found is not None
    assert (found.node.state, found.cluster, found.by) == (1, "cl01", OTHER)
    assert seen.of("fabrikam.com", ("hv01",)) is None
    assert seen.of("contoso.com", ("hv09",)) is None
