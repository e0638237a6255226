"""Affinity rules of a cluster and the plan of a drain: what it keeps, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cluster_facts import node
from cluster_role_facts import Vm, of_roles
from drain_facts import free
from fact_builders import HOST, VMM, host_outcomes, vmm_outcomes
from fact_parts import facts_with, gathered
from vm_facts import Vm as Machine
from vm_facts import with_machines

from livemigration.facts.cluster_preferences import (
    CLUSTER_AFFINITY_RULES,
    CLUSTER_PREFERRED_OWNERS,
    DIFFERENT_FAULT_DOMAIN,
    DIFFERENT_NODE,
    SAME_FAULT_DOMAIN,
    SAME_NODE,
    AffinityRule,
    PreferredOwners,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.verdict.drain_plan import DrainPlan, plan_of

NODES = ("HV01", "HV02", "HV03")
SECOND, THIRD = "hv02.contoso.com", "hv03.contoso.com"
BIG = 4096
PAIR = AffinityRule("a pair", SAME_NODE, ("web01", "DB01"), enabled=True)


def facts_of(
    *rules: AffinityRule,
    second: int = 12 * 1024,
    third: int = 12 * 1024,
    there: tuple[str, ...] = (),
    domains: Mapping[str, tuple[str, ...]] | None = None,
    classes: Mapping[str, tuple[str, ...]] | None = None,
) -> RunFacts:
    """Return three nodes, of which the first runs web01 and db01, 4 GB each, and is full.

    Args:
        rules: of the cluster.
        second: what is free on the second node, in MB.
        third: the same of the third.
        there: machines that run on the third.
        domains: the fault domains of nodes.
        classes: the anti-affinity classes of machines.
    """
    runs = {"HV01": ("web01", "db01"), "HV02": (), "HV03": there}
    roles = [
        Vm(
            each,
            node=name,
            owners=NODES,
            configuration=NODES,
            classes=(classes or {}).get(each, ()),
        )
        for name, machines in runs.items()
        for each in machines
    ]
    tags = domains or {}
    nodes = tuple(replace(node(each), fault_domains=tags.get(each, ())) for each in NODES)
    given = of_roles(*roles, nodes=nodes)
    shared = r"C:\ClusterStorage\Volume1"
    hosts = {}
    for name, left in zip(NODES, (0, second, third), strict=True):
        shown = [Machine(e, path=shared, version="10.0", memory=BIG) for e in runs[name]]
        also = {
            **given["also"],
            **with_machines(*shown),
            **free(left),
            CLUSTER_AFFINITY_RULES.name: rules,
        }
        fqdn = f"{name.lower()}.contoso.com"
        outcomes = host_outcomes(**{**given, "name": fqdn, "also": also})
        member = outcomes[DOMAIN_MEMBERSHIP.name]
        assert isinstance(member, Gathered)
        named = replace(member.value, name=name, dns_name=name.lower())
        hosts[fqdn] = {**outcomes, DOMAIN_MEMBERSHIP.name: replace(member, value=named)}
    return facts_with(hosts, VMM, vmm_outcomes("10.22.1287.0"))


def plan(*rules: AffinityRule, stays: tuple[str, ...] = (), **given: Any) -> DrainPlan:
    """Return the plan of the first node of `facts_of`."""
    facts = facts_of(*rules, **given)
    found = plan_of(facts, HOST, Policy(stays=stays), frozenset(facts.hosts))
    assert found.fits, found
    return found


def places(found: DrainPlan) -> dict[str, str]:
    return {each.machine: each.destination for each in found.moves}


def test_without_a_rule_hosts_are_filled_evenly_and_nothing_is_told() -> None:
    found = plan()
    assert set(places(found).values()) == {SECOND, THIRD}
    assert (found.taken_apart, found.not_weighed) == ((), ())


def test_what_belongs_on_one_node_goes_to_one_node() -> None:
    found = plan(PAIR)
    assert len(set(places(found).values())) == 1
    assert found.taken_apart == ()


def test_what_does_not_fit_on_one_node_is_taken_apart_and_told() -> None:
    found = plan(PAIR, second=BIG, third=BIG)
    where = places(found)
    (told,) = found.taken_apart
    assert told == f"a pair (web01 on {where['web01']} and db01 on {where['db01']})"
    long = plan(replace(PAIR, name="p" * 81), second=BIG, third=BIG)
    assert long.taken_apart[0].startswith(f"{'p' * 77}... (web01 on ")


def test_a_machine_goes_to_the_node_that_it_prefers_of_those_that_there_are() -> None:
    for node_name, host in (("HV02", SECOND), ("hv03", THIRD)):
        owners = (node_name, "HV09")
        preferred = tuple(PreferredOwners(each, owners) for each in ("web01", "DB01"))
        given = gathered(CLUSTER_PREFERRED_OWNERS, preferred)
        facts = facts_of()
        hosts = {
            name: replace(sheet, outcomes={**sheet.outcomes, **given})
            for name, sheet in facts.hosts.items()
        }
        unseen = tuple(map(Listed, (*hosts, "hv09.contoso.com")))
        everybody = frozenset(each.name for each in unseen)
        found = plan_of(replace(facts, hosts=hosts, listed=unseen), HOST, Policy(), everybody)
        assert set(places(found).values()) == {host}


def test_a_machine_that_is_elsewhere_already_is_one_of_them() -> None:
    beside = AffinityRule("beside", SAME_NODE, ("web01", "app01"), enabled=True)
    found = plan(beside, there=("app01",))
    assert (places(found)["web01"], found.taken_apart) == (THIRD, ())
    full = plan(beside, there=("app01",), third=BIG - 1)
    assert full.taken_apart == (f"beside (web01 on {SECOND} and app01 on {THIRD})",)


def test_a_rule_that_is_off_or_of_a_machine_that_stays_matters_nothing() -> None:
    assert plan(replace(PAIR, enabled=False), second=BIG, third=BIG).taken_apart == ()
    found = plan(PAIR, stays=("db01",))
    assert (found.taken_apart, found.staying) == ((), ("db01",))


def test_a_rule_of_machines_that_do_not_move_is_not_told() -> None:
    theirs = AffinityRule("theirs", SAME_NODE, ("app01", "app02"), enabled=True)
    sites = AffinityRule("sites", DIFFERENT_FAULT_DOMAIN, ("app01",), enabled=True)
    found = plan(theirs, sites, there=("app01", "app02"))
    assert (found.taken_apart, found.not_weighed) == ((), ())


def test_rules_of_nodes_without_fault_domain_and_of_unknown_kinds_are_told_as_not_weighed() -> None:
    found = plan(SITES, AffinityRule("new", 9, ("web01",), enabled=True), there=("app01",))
    assert found.not_weighed == ("new", "sites")


SITES = AffinityRule("sites", DIFFERENT_FAULT_DOMAIN, ("web01", "app01"), enabled=True)
ONE_SITE = replace(SITES, name="one", kind=SAME_FAULT_DOMAIN)
FAR = {"HV01": ("Site:Lyon",), "HV02": ("Site:Lyon",), "HV03": ("Site:Paris",)}
NEAR = dict.fromkeys(NODES, ("Site:Lyon",))


def test_a_machine_goes_to_the_fault_domain_that_a_rule_wants() -> None:
    # Hosts are filled evenly where nothing is wanted.
    assert places(plan(there=("app01",), second=2 * BIG, third=20 * BIG))["web01"] == THIRD
    apart = plan(SITES, there=("app01",), domains=FAR, second=2 * BIG, third=20 * BIG)
    assert (places(apart)["web01"], apart.within_a_domain, apart.not_weighed) == (SECOND, (), ())
    together = plan(ONE_SITE, there=("app01",), domains=FAR)
    assert (places(together)["web01"], together.across_domains) == (THIRD, ())
    assert together.not_weighed == ()


def test_a_fault_domain_that_cannot_be_kept_is_warned_of_and_refuses_nothing() -> None:
    near = plan(SITES, there=("app01",), domains=NEAR, third=0)
    assert near.within_a_domain == (f"sites (web01 on {SECOND} and app01 on {THIRD})",)
    far = plan(ONE_SITE, there=("app01",), domains=FAR, third=0)
    assert far.across_domains == (f"one (web01 on {SECOND} and app01 on {THIRD})",)


def test_of_one_site_and_two_racks_it_is_not_known_what_a_rule_means() -> None:
    racks = {each: ("Site:Lyon", f"Rack:{each}") for each in NODES}
    found = plan(SITES, there=("app01",), domains=racks, third=0)
    assert (found.within_a_domain, found.not_weighed) == ((), ("sites",))
    # On one node, they are in one fault domain of whatever kind.
    found = plan(SITES, there=("app01",), second=0)
    assert found.within_a_domain == (f"sites (web01 on {THIRD} and app01 on {THIRD})",)


def test_what_the_cluster_keeps_apart_where_it_can_is_told_where_it_comes_together() -> None:
    classes = {"web01": ("Front",), "app01": ("front",)}
    apart = plan(there=("app01",), classes=classes, second=2 * BIG, third=20 * BIG)
    assert (places(apart)["web01"], apart.brought_together) == (SECOND, ())
    together = plan(there=("app01",), classes=classes, second=0)
    assert together.brought_together == (f"class front (web01 on {THIRD} and app01 on {THIRD})",)
    rule = AffinityRule("soft", DIFFERENT_NODE, ("web01", "app01"), enabled=True, soft=None)
    assert plan(rule, there=("app01",), second=0).brought_together == (
        f"soft (web01 on {THIRD} and app01 on {THIRD})",
    )


def test_a_rule_that_keeps_apart_is_weighed_as_before() -> None:
    apart = AffinityRule("apart", DIFFERENT_NODE, ("web01", "db01"), enabled=True, soft=False)
    found = plan(apart, third=BIG * 2, second=BIG * 9)
    assert set(places(found).values()) == {SECOND, THIRD}
    assert (found.taken_apart, found.not_weighed) == ((), ())
