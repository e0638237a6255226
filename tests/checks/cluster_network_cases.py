"""The verdict table's row of a cluster's networks for live migration (LM601)."""

from __future__ import annotations

import ipaddress
from typing import Any

from cluster_facts import (
    MANAGEMENT,
    MIGRATION,
    STORAGE,
    interfaces,
    network,
    node,
    of_cluster,
)
from fact_builders import HOST, NODE, RUNNING, UNREACHABLE, all_lost, failure, without_hyperv_v2
from fact_parts import routes_by
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.cluster import (
    CLUSTER,
    CLUSTER_MIGRATION_NETWORKS,
    CLUSTER_NETWORKS,
    Cluster,
    ClusterMigrationNetworks,
)
from livemigration.facts.cluster_interfaces import CLUSTER_INTERFACES
from livemigration.facts.cluster_nodes import CLUSTER_NODES, ClusterNode
from livemigration.facts.network import ROUTES

TWO = (network(MANAGEMENT), network(MIGRATION))
THREE = (*TWO, network(STORAGE))
LATER = (node(build=26100), node("HV02", build=26100))
FIRST = "10.0.0.0/24"


def among(*networks: Any, **given: Any) -> dict[str, Any]:
    return of_cluster(**{"networks": networks or TWO, **given})


def settings(excluded: tuple[str, ...] = (), order: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the two parameters as the registry holds them."""
    return {CLUSTER_MIGRATION_NETWORKS.name: ClusterMigrationNetworks(excluded, order)}


def without_gateway(**given: Any) -> dict[str, Any]:
    return among(also={ROUTES.name: routes_by([(FIRST, None)])}, **given)


def switchless(build: int = 20348, **given: Any) -> dict[str, Any]:
    """Return three nodes, each pair with a network of its own, and management excluded."""
    names = ("HV01", "HV02", "HV03")
    pairs = {"HV01": ("A", "B"), "HV02": ("A", "C"), "HV03": ("B", "C")}
    return of_cluster(
        nodes=tuple(node(each, build=build) for each in names),
        networks=(network(MANAGEMENT), *(network(each) for each in "ABC")),
        places={name: (MANAGEMENT, *own) for name, own in pairs.items()},
        excluded=(MANAGEMENT,),
        order=tuple("ABC"),
        build=build,
        **given,
    )


def at(*sites: str, builds: tuple[int, int] = (20348, 20348), **given: Any) -> dict[str, Any]:
    """Return two nodes, each at a site that is declared, where there is one."""
    nodes = tuple(
        node(name, build=build, fault_domains=(f"Site:{site}",) if site else ())
        for name, site, build in zip(("HV01", "HV02"), sites or ("", ""), builds, strict=True)
    )
    return of_cluster(**{"nodes": nodes, "build": builds[0], **given})


# Each on a network of its own, so that they share none.
FAR: dict[str, Any] = {
    "networks": (network("Lyon"), network("Nice")),
    "places": {"HV01": ("Lyon",), "HV02": ("Nice",)},
    "order": (),
}


# Both are on the management network, which is excluded, and each on one that the other lacks.
APART: dict[str, Any] = {
    "networks": (network(MANAGEMENT), network(MIGRATION), network(STORAGE)),
    "places": {"HV01": (MANAGEMENT, MIGRATION), "HV02": (MANAGEMENT, STORAGE)},
    "excluded": (MANAGEMENT,),
}
ALONE = (node(),)
# The cluster does not say which Windows they run.
UNSAID = (ClusterNode("HV01", 0), ClusterNode("HV02", 0))
DUAL = (
    ipaddress.ip_network("10.0.50.0/24"),
    ipaddress.ip_network("fd00:50::/64"),
    ipaddress.ip_network("fe80::/64"),
)
STOPPED = {"services": {**RUNNING, "ClusSvc": "Stopped"}}

CASES = (
    Case("LM601", "in order", PASS, among(), says="Migration (10.0.50.11), then Management"),
    Case("LM601", "in order", PASS, among(excluded=(MANAGEMENT,)), notes="Excluded"),
    Case("LM601", "in order", PASS, among(network(MANAGEMENT), order=()), says="Management"),
    # The case of a name or of an identifier is no difference, nor are braces.
    Case(
        "LM601",
        "in order",
        PASS,
        among(also=settings(order=("{ID-MIGRATION}", " id-management "))),
        says="Migration (10.0.50.11), then Management",
    ),
    Case(
        "LM601",
        "in order",
        PASS,
        among(
            also={
                CLUSTER_INTERFACES.name: interfaces(
                    {"hv01": ("MIGRATION",), "hv02": ("MIGRATION",)}
                )
            }
        ),
        says="uses Migration (10.0.70.11).",
    ),
    Case("LM601", "all excluded", FAIL, among(excluded=(MANAGEMENT, MIGRATION)), says="0x13AB"),
    Case(
        "LM601",
        "all excluded",
        FAIL,
        among(excluded=(MANAGEMENT, MIGRATION)),
        fix="cluster-networks-allowed",
    ),
    # None of them is up on each node, so somebody has to choose.
    Case(
        "LM601",
        "all excluded",
        FAIL,
        among(
            excluded=(MANAGEMENT, MIGRATION),
            states={("HV02", MANAGEMENT): 1, ("HV02", MIGRATION): 2},
        ),
        fix="cluster-networks-allowed",
    ),
    Case(
        "LM601",
        "none is offered",
        WARNING,
        among(network(MANAGEMENT), network(MIGRATION, role=0), excluded=(MANAGEMENT,)),
        says="probably not offered; Management",
        fix="cluster-networks-allowed",
    ),
    Case(
        "LM601",
        "none is offered",
        WARNING,
        among(network(MANAGEMENT, role=0), network(MIGRATION, role=0)),
        says="Management and Migration are not for the cluster's use",
    ),
    Case(
        "LM601",
        "none is up here",
        FAIL,
        among(excluded=(MANAGEMENT,), states={("HV01", MIGRATION): 1}),
        says="Migration (its interface is failed)",
        fix="cluster-network-up",
    ),
    Case(
        "LM601",
        "none is up here",
        FAIL,
        among(
            excluded=(MANAGEMENT,),
            places={"HV01": (MANAGEMENT,), "HV02": (MANAGEMENT, MIGRATION)},
        ),
        says="Migration (no interface)",
    ),
    Case(
        "LM601",
        "none is up here",
        FAIL,
        among(states={("HV01", MIGRATION): 0, ("HV01", MANAGEMENT): 2}),
        says="unreachable",
    ),
    Case(
        "LM601",
        "none is up here",
        FAIL,
        among(network(MANAGEMENT, role=0), network(MIGRATION), states={("HV01", MIGRATION): 1}),
        says="Migration (its interface is failed)",
    ),
    Case(
        "LM601",
        "not known",
        BLOCKED,
        among(states={("HV01", MIGRATION): -1, ("HV01", MANAGEMENT): 2}),
        says="does not say whether the interface of HV01 to Migration is up",
    ),
    Case("LM601", "in order", PASS, among(states={("HV01", MIGRATION): -1}, order=()), says="Man"),
    Case(
        "LM601",
        "management first",
        WARNING,
        among(order=(MANAGEMENT, MIGRATION)),
        says="Management, which has the default gateway, before Migration",
        fix="cluster-network-order",
    ),
    Case("LM601", "management first", WARNING, among(order=()), says="then comes last"),
    Case(
        "LM601",
        "management first",
        WARNING,
        among(order=(MANAGEMENT, MIGRATION)),
        notes="uses Management (10.0.0.11), then Migration (10.0.50.11)",
    ),
    # Where an order says so, the release does not matter.
    Case(
        "LM601",
        "management first",
        WARNING,
        among(order=(MANAGEMENT,), build=26100, nodes=LATER),
        says="management network",
    ),
    Case(
        "LM601",
        "clients first",
        WARNING,
        without_gateway(order=(MANAGEMENT, MIGRATION)),
        says="carries clients",
    ),
    # Of the cluster's own networks, that of its traffic is the last, and another comes before.
    Case("LM601", "storage first", PASS, among(*THREE, order=()), says="Migration (10.0.50.11)"),
    Case(
        "LM601",
        "no alternative",
        PASS,
        among(order=(MANAGEMENT,), states={("HV01", MIGRATION): 1}),
        says="uses Management",
    ),
    Case("LM601", "no alternative", PASS, among(order=(MANAGEMENT,), excluded=(MIGRATION,))),
    # It leads to no other node.
    Case(
        "LM601",
        "no alternative",
        PASS,
        among(order=(MANAGEMENT,), states={("HV02", MIGRATION): 1}),
        says="uses Management",
    ),
    Case(
        "LM601",
        "no alternative",
        PASS,
        without_gateway(
            networks=(network(MANAGEMENT), network(MIGRATION, role=3)),
            order=(MANAGEMENT, MIGRATION),
        ),
    ),
    Case(
        "LM601",
        "no order, 2025",
        PASS,
        among(order=(), build=26100, nodes=LATER),
        says="not documented for Server 2025",
    ),
    # The newest node decides.
    Case(
        "LM601",
        "no order, 2025",
        PASS,
        among(order=(), nodes=(node(), LATER[1])),
        says="not documented for Server 2025",
    ),
    # Facts of a release that did not read metrics.
    Case(
        "LM601",
        "no order, no metric",
        PASS,
        among(network(MANAGEMENT, metric=None), network(MIGRATION, metric=None), order=()),
        says="in an order that is not known",
    ),
    Case(
        "LM601",
        "none in common",
        WARNING,
        among(**APART),
        says="shares no network for live migration with HV02",
        fix="cluster-network-common",
    ),
    Case(
        "LM601",
        "none in common, 2025",
        PASS,
        of_cluster(nodes=LATER, build=26100, **APART),
        notes="no network in common with HV02",
    ),
    # A newer one needs none, whichever of the two it is.
    Case("LM601", "none in common, 2025", PASS, at(builds=(20348, 26100), **APART)),
    Case("LM601", "none in common, 2025", PASS, at(builds=(26100, 20348), **APART)),
    Case("LM601", "none in common", WARNING, of_cluster(nodes=UNSAID, **APART)),
    # What is declared counts before what they share; where one declares nothing, that decides.
    Case(
        "LM601", "none in common", WARNING, at("Lyon", "LYON", **FAR), fix="cluster-network-common"
    ),
    Case("LM601", "none in common", WARNING, at("Lyon", "", **APART)),
    Case("LM601", "none in common", WARNING, at("", "Lyon", **APART)),
    Case("LM601", "two sites", PASS, at("Lyon", "Nice", **APART), notes="in common with HV02"),
    Case("LM601", "two sites", PASS, at(**FAR), notes="no network in common with HV02"),
    Case("LM601", "two sites", PASS, at("Lyon", "", **FAR), notes="in common with HV02"),
    Case("LM601", "two sites", PASS, at("Lyon", "Nice", **FAR), notes="in common with HV02"),
    Case("LM601", "two sites", PASS, at(builds=(26100, 26100), **FAR), notes="with HV02"),
    # A node that is down shares no network with anybody.
    Case(
        "LM601",
        "another node is down",
        PASS,
        among(
            nodes=(node(), node("HV02", 1)),
            states={("HV02", MIGRATION): 0, ("HV02", MANAGEMENT): 0},
        ),
        unsaid="in common",
    ),
    # What that node cannot do is its own failure.
    Case(
        "LM601",
        "another node has none up",
        PASS,
        among(excluded=(MANAGEMENT,), states={("HV02", MIGRATION): 1}),
        unsaid="in common with",
    ),
    Case("LM601", "switchless", PASS, switchless(), notes="none is common to all"),
    Case("LM601", "switchless", PASS, switchless(26100), notes="none is common to all"),
    Case(
        "LM601",
        "two subnets",
        PASS,
        among(
            network(MANAGEMENT),
            network(MIGRATION, subnets=(DUAL[0], ipaddress.ip_network("10.0.51.0/24"))),
        ),
        notes="Migration has 2 subnets: 10.0.50.0/24 and 10.0.51.0/24",
    ),
    Case(
        "LM601",
        "two families",
        PASS,
        among(network(MANAGEMENT), network(MIGRATION, subnets=DUAL)),
        unsaid="subnets",
    ),
    Case(
        "LM601",
        "excluded ids that are gone",
        PASS,
        among(also=settings(("0d7c", "id-Management"), ("9e8b", "id-Migration"))),
        says="uses Migration (10.0.50.11).",
        unsaid="0d7c",
    ),
    Case("LM601", "one node", INAPPLICABLE, among(nodes=ALONE), says="one node"),
    Case("LM601", "no node", INAPPLICABLE, {}, says="in no cluster"),
    Case("LM601", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    Case("LM601", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM601", "service stopped", BLOCKED, STOPPED, by="LM602"),
    Case(
        "LM601",
        "takes no part",
        BLOCKED,
        among(nodes=(node("HV01", 1), node("HV02"))),
        by="LM602",
        says=f"{HOST} takes no part",
    ),
    Case(
        "LM601",
        "takes no part",
        BLOCKED,
        among(nodes=(node(status=2), node("HV02"))),
        by="LM602",
    ),
    Case("LM601", "paused", PASS, among(nodes=(node("HV01", 2), node("HV02")))),
    # Nothing that an account may not see is a pass.
    Case("LM601", "hidden", BLOCKED, among(also={CLUSTER_NETWORKS.name: ()}), says="no network"),
    Case(
        "LM601", "hidden", BLOCKED, among(also={CLUSTER_INTERFACES.name: ()}), says="no interface"
    ),
    Case("LM601", "hidden", BLOCKED, among(also={CLUSTER_NODES.name: ()}), says="no node"),
    Case(
        "LM601",
        "hidden",
        BLOCKED,
        among(nodes=(node("HV02"), node("HV03"))),
        says="does not list it",
    ),
    Case("LM601", "hidden", BLOCKED, {**NODE, "also": {CLUSTER.name: Cluster(None, None)}}),
    Case(
        "LM601", "not read", BLOCKED, {**among(), "lost": {CLUSTER_NETWORKS.name: failure(root="")}}
    ),
    Case(
        "LM601",
        "routes not read",
        WARNING,
        {**among(order=(MANAGEMENT,)), "lost": {ROUTES.name: failure(root="")}},
        says="carries clients",
    ),
)
