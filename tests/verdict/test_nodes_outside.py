"""Which nodes of a cluster the inventory does not list."""

from __future__ import annotations

from cluster_facts import node, of_cluster
from fact_builders import VMM, host_outcomes, vmm_outcomes
from fact_parts import facts_with

from livemigration.facts.host import SERVICES
from livemigration.verdict.cluster_membership import REST_OF_MEMBERSHIP, membership_of
from livemigration.verdict.nodes_outside import nodes_outside
from livemigration.verdict.views import FactsView

NAMES = ("HV01", "HV02", "HV03")
READABLE = frozenset(each.name for each in (SERVICES, *REST_OF_MEMBERSHIP))


def test_every_host_of_the_inventory_is_known_to_every_other() -> None:
    given = of_cluster(nodes=tuple(map(node, (*NAMES, "HV09"))))
    hosts = [f"{each.lower()}.contoso.com" for each in NAMES]
    facts = facts_with(
        {each: host_outcomes(**given, name=each) for each in hosts}, VMM, vmm_outcomes(None)
    )
    for each in hosts:
        own = membership_of(FactsView(facts.hosts[each], READABLE))
        assert [e.name for e in nodes_outside(each, own, facts)] == ["HV09"]
