"""Which nodes of a cluster the inventory does not list."""

from __future__ import annotations

from dataclasses import replace

from cluster_facts import node, of_cluster
from fact_builders import VMM, failure, host_outcomes, vmm_outcomes
from fact_parts import facts_with

from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.identity import Listed
from livemigration.verdict.cluster_membership import REST_OF_MEMBERSHIP, membership_of
from livemigration.verdict.nodes_outside import nodes_outside
from livemigration.verdict.views import FactsView

READ, UNREAD, NOT_LOOKED_AT = ("HV01", "HV02", "HV03"), ("HV04", "HV05"), ("HV06", "HV07")
READABLE = frozenset(each.name for each in (SERVICES, *REST_OF_MEMBERSHIP))


def host_of(node: str) -> str:
    return f"{node.lower()}.contoso.com"


def test_every_host_of_the_inventory_is_known_to_every_node() -> None:
    inventory = (*READ, *UNREAD, *NOT_LOOKED_AT)
    given = of_cluster(nodes=tuple(map(node, (*inventory, "HV09"))))
    hosts = {host_of(each): host_outcomes(**given, name=host_of(each)) for each in READ}
    unread = {DOMAIN_MEMBERSHIP.name: failure()}
    facts = replace(
        facts_with({**hosts, **{host_of(e): unread for e in UNREAD}}, VMM, vmm_outcomes(None)),
        listed=tuple(Listed(host_of(each)) for each in inventory),
    )
    for each in hosts:
        own = membership_of(FactsView(facts.hosts[each], READABLE))
        assert [e.name for e in nodes_outside(each, own, facts)] == ["HV09"]
