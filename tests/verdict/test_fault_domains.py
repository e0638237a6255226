"""In which fault domain a node is: known only where its own cluster tags it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from cluster_facts import node
from cluster_role_facts import Vm, of_roles
from fact_builders import HOST, failure, run_facts
from in_turn import in_turn

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_nodes import CLUSTER_NODES
from livemigration.facts.model import NotGathered
from livemigration.verdict.fault_domains import (
    NO_DOMAIN,
    OF_FAULT_DOMAINS,
    FaultDomain,
    fault_domain_of,
)
from livemigration.verdict.views import FactsView


def domain(*tags: str, cluster: str = "cl01") -> FaultDomain:
    return FaultDomain(cluster, frozenset(tags))


LYON, METZ = domain("site:lyon"), domain("site:metz")


@in_turn(
    "one, other, same",
    [
        (LYON, LYON, True),
        (LYON, METZ, False),
        # Which of them a rule means is not known.
        (domain("site:lyon", "rack:a"), domain("site:lyon", "rack:b"), None),
        (LYON, domain("site:lyon", "rack:a"), None),
        (LYON, domain("site:lyon", cluster="cl02"), False),
        # Of a node without tags nothing is known.
        (NO_DOMAIN, NO_DOMAIN, None),
        (domain(), LYON, None),
        (domain(), domain(), None),
    ],
)
def test_two_nodes_share_a_domain_where_all_their_tags_are_alike(
    one: FaultDomain, other: FaultDomain, same: bool | None
) -> None:
    assert one.is_same(other) is same
    assert other.is_same(one) is same


def test_a_domain_is_named_by_its_site() -> None:
    assert domain("site:lyon", "rack:a").key == domain("site:lyon", "rack:b").key
    assert domain("rack:a").key != domain("rack:b").key
    assert LYON.key != domain("site:lyon", cluster="cl02").key
    assert NO_DOMAIN.key == domain().key == ""


def found(
    *tags: str,
    of: str = "HV01",
    named: str | None = "cl01",
    lost: Mapping[str, NotGathered] = {},
) -> FaultDomain:
    nodes = (node(of, fault_domains=tags), node("HV02", fault_domains=("Site:Metz",)))
    given = of_roles(Vm("web01"), nodes=nodes, properties={"name": named})
    facts = run_facts(**given, lost=lost)
    names = frozenset(each.name for each in OF_FAULT_DOMAINS)
    return fault_domain_of(FactsView(facts.hosts[HOST], names))


def test_the_tags_are_those_of_its_own_cluster_in_any_case() -> None:
    assert found("Site:Lyon", " RACK:A ", " ") == domain("site:lyon", "rack:a")
    assert found() == domain()


@pytest.mark.parametrize("name", [CLUSTER.name, CLUSTER_NODES.name])
def test_what_the_cluster_did_not_say_is_not_known(name: str) -> None:
    assert found("Site:Lyon", lost={name: failure()}) == NO_DOMAIN


def test_a_host_that_its_cluster_does_not_list_or_that_is_in_none_has_no_domain() -> None:
    assert found("Site:Lyon", of="HV09") == NO_DOMAIN
    assert found("Site:Lyon", named=None) == NO_DOMAIN
