"""The verdict table's rows of a cluster's node (LM602) and of the kind of a cluster (LM606)."""

from __future__ import annotations

from typing import Any

from cluster_facts import node, of_cluster
from fact_builders import (
    HOST,
    NODE,
    OTHER,
    RUNNING,
    UNREACHABLE,
    all_lost,
    failure,
    without_hyperv_v2,
)
from verdict_case import BLOCKED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.cluster_groups import CLUSTER_GROUPS, ClusterGroup
from livemigration.facts.cluster_nodes import CLUSTER_NODES, ClusterNode
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.vmm import VMM_RECORD

STOPPED: dict[str, Any] = {
    "services": {**RUNNING, "ClusSvc": "Stopped"},
    "lost": {each.name: failure(root="") for each in (CLUSTER, CLUSTER_NODES)},
}
DISABLED = {**RUNNING, "ClusSvc": "Stopped, Disabled"}
NO_RECORD = {VMM_RECORD.name: failure(root="LM001")}
LISTED = tuple(map(Listed, (HOST, OTHER, "hv03.contoso.com")))
# Of these, two are roles of this node that are online.
GROUPS = (
    ClusterGroup("web01", 111, 0, "hv01", 2000),
    ClusterGroup("files", 100, 3, "HV01", 2000),
    ClusterGroup("off", 111, 1, "HV01", 2000),
    ClusterGroup("web02", 111, 0, "HV02", 2000),
    ClusterGroup("Cluster Group", 1, 0, "HV01", None),
    ClusterGroup("Available Storage", 2, 0, "HV01", None),
)
ISOLATED, QUARANTINED, DRAINING, DRAINED, FAILED, AVOIDED = 1, 2, 4, 8, 0x10, 0x20
OLD = 17763
NEW = 26100


def first(**values: Any) -> dict[str, Any]:
    """Return a cluster of which this host's node has these values."""
    return of_cluster(nodes=(node(**values), node("HV02")))


def before_2016(**values: Any) -> dict[str, Any]:
    """Return the same of a cluster whose nodes have no status."""
    return of_cluster(nodes=(ClusterNode("HV01", **values), ClusterNode("HV02", 0)))


def seen_by_other(**given: Any) -> dict[str, Any]:
    """Return a host whose cluster service is stopped, beside a node that lists it as down."""
    also = {
        CLUSTER.name: Cluster("cl01", None),
        CLUSTER_NODES.name: (node("HV02"), node("HV01", 1)),
    }
    return {**STOPPED, "second": {**NODE, "also": also}, **given}


def kind(build: int = OLD, *, other: int | None = None, **given: Any) -> dict[str, Any]:
    nodes = (node(build=build), node("HV02", build=build if other is None else other))
    return of_cluster(**{"nodes": nodes, "build": build, **given})


DETACHED: dict[str, Any] = {"properties": {"access_point": 2}}

CASES = (
    Case("LM602", "up", PASS, first(), says="HV01 is up"),
    Case("LM602", "up", PASS, before_2016(state=0)),
    # What was completed once stays in the status until the next one.
    Case("LM602", "up", PASS, first(drain=2)),
    Case("LM602", "up", PASS, first(status=AVOIDED), notes="places nothing on HV01"),
    Case("LM602", "up", PASS, of_cluster(nodes=(node("hv01"), node("hv02"))), says="hv01 is up"),
    Case(
        "LM602",
        "outside the inventory",
        PASS,
        of_cluster(nodes=(node(), node("hv02"), node("HV09"), node("HV08", 1))),
        notes="Nodes of cl01 that are not in this inventory: HV09.",
    ),
    Case(
        "LM602",
        "all in the inventory",
        PASS,
        of_cluster(nodes=(node(), node("HV02"), node("HV03")), listed=LISTED),
        unsaid="not in this inventory",
    ),
    # One whose domain was not read may be that node.
    Case(
        "LM602",
        "all in the inventory",
        PASS,
        of_cluster(other={DOMAIN_MEMBERSHIP.name: failure(root="LM302")}),
        unsaid="not in this inventory",
    ),
    # A node of the same name in another domain is another machine.
    Case(
        "LM602",
        "outside the inventory",
        PASS,
        of_cluster(second={"name": "hv02.fabrikam.com"}),
        notes="not in this inventory: HV02.",
    ),
    Case("LM602", "down", FAIL, first(state=1), fix="cluster-node-rejoin"),
    Case("LM602", "isolated", FAIL, first(status=ISOLATED), fix="cluster-node-rejoin"),
    Case("LM602", "isolated", FAIL, first(state=1, status=ISOLATED), says="isolated"),
    Case("LM602", "quarantined", FAIL, first(status=QUARANTINED), fix="cluster-node-quarantine"),
    Case("LM602", "quarantined", FAIL, first(state=1, status=QUARANTINED | AVOIDED)),
    Case("LM602", "paused", WARNING, first(state=2), fix="cluster-node-resume"),
    Case("LM602", "paused", WARNING, first(state=2, status=DRAINED), says="paused and drained"),
    Case("LM602", "paused", WARNING, before_2016(state=2, drain=2), says="paused and drained"),
    Case("LM602", "draining", WARNING, first(state=2, status=DRAINING), says="being drained"),
    Case("LM602", "draining", WARNING, before_2016(state=2, drain=1), says="being drained"),
    Case("LM602", "drain failed", WARNING, first(state=2, drain=3), fix="cluster-node-drain"),
    Case("LM602", "drain failed", WARNING, first(status=FAILED), says="no role is on it now"),
    Case(
        "LM602",
        "drain failed",
        WARNING,
        of_cluster(nodes=(node(status=FAILED), node("HV02")), also={CLUSTER_GROUPS.name: GROUPS}),
        says="failed: web01 and files stayed on it",
    ),
    Case(
        "LM602",
        "drain failed",
        WARNING,
        {**first(status=FAILED), "lost": {CLUSTER_GROUPS.name: failure(root="")}},
        says="failed: roles stayed on it",
    ),
    Case("LM602", "drain failed", WARNING, first(drain=3, drain_error=5016), says="error 5016"),
    Case("LM602", "joining", WARNING, first(state=3), says="still joining"),
    Case("LM602", "not known", BLOCKED, first(state=-1), says="(state -1)"),
    Case("LM602", "not known", BLOCKED, first(state=9), says="(state 9)"),
    Case("LM602", "stopped", FAIL, seen_by_other(), says=f"{OTHER} lists HV01 as a node of cl01"),
    Case("LM602", "stopped", FAIL, {**STOPPED, "cluster": "cl01"}, says="VMM has it as a node"),
    Case("LM602", "stopped", WARNING, STOPPED, says="is stopped although it starts by itself"),
    # Who could say that it is a node was not asked, or not heard.
    Case(
        "LM602",
        "stopped",
        BLOCKED,
        {**STOPPED, "lost": {**STOPPED["lost"], **NO_RECORD}},
        by="LM001",
    ),
    Case(
        "LM602",
        "stopped",
        BLOCKED,
        {**STOPPED, "other": {CLUSTER_NODES.name: failure(root="LM302")}},
        by="LM302",
    ),
    Case("LM602", "stopped", BLOCKED, {**STOPPED, "listed": LISTED}, says="not looked at: hv03"),
    # Somebody disabled the service, and the cluster still has the node.
    Case(
        "LM602",
        "disabled",
        FAIL,
        seen_by_other(services=DISABLED),
        says=f"does not start by itself; {OTHER} lists HV01 as a node of cl01",
        fix="cluster-node-rejoin",
    ),
    Case(
        "LM602", "disabled", FAIL, seen_by_other(services={**RUNNING, "ClusSvc": "Stopped, Manual"})
    ),
    Case(
        "LM602",
        "disabled",
        BLOCKED,
        {"services": DISABLED, "listed": LISTED},
        says="not looked at: hv03",
    ),
    Case(
        "LM602",
        "starting",
        WARNING,
        {**STOPPED, "services": {**RUNNING, "ClusSvc": "Start Pending"}},
        says="is still starting",
    ),
    # A name that another domain has as well says nothing of this host.
    Case(
        "LM602",
        "stopped",
        WARNING,
        {**seen_by_other(), "name": "hv01.fabrikam.com"},
        fix="cluster-node-rejoin",
    ),
    Case("LM602", "stopped", FAIL, seen_by_other(known_as="HV01"), fix="cluster-node-rejoin"),
    Case(
        "LM602",
        "stopped",
        BLOCKED,
        seen_by_other(lost={**STOPPED["lost"], DOMAIN_MEMBERSHIP.name: failure()}),
        by="LM302",
    ),
    Case("LM602", "hidden", BLOCKED, of_cluster(nodes=()), says="shows this account no node"),
    Case("LM602", "hidden", BLOCKED, {**NODE}, says="shows no cluster"),
    Case("LM602", "no node", INAPPLICABLE, {}, says="in no cluster"),
    Case("LM602", "no node", INAPPLICABLE, {"services": DISABLED}, says="in no cluster"),
    Case("LM602", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM602", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
    Case("LM606", "in a domain", PASS, kind(), says="migrates live"),
    Case("LM606", "workgroup", FAIL, kind(joined=False), fix="cluster-kind"),
    Case(
        "LM606", "workgroup", FAIL, kind(NEW, other=OLD, joined=False), says="HV02 runs a Windows"
    ),
    Case("LM606", "workgroup", FAIL, kind(joined=False), says="HV01 and HV02 run a Windows"),
    # The host's own build is known whatever the cluster says.
    Case(
        "LM606",
        "workgroup",
        FAIL,
        of_cluster(nodes=(ClusterNode("HV01", 0), ClusterNode("HV02", 0)), joined=False),
        says="HV01 runs",
    ),
    Case(
        "LM606",
        "workgroup, releases not known",
        BLOCKED,
        of_cluster(nodes=(node(build=NEW), ClusterNode("HV02", 0)), build=NEW, joined=False),
        says="which Windows is on HV02",
    ),
    Case("LM606", "workgroup, 2025", PASS, kind(NEW, joined=False), says="every node runs Server"),
    Case("LM606", "detached", FAIL, kind(**DETACHED), says="detached from the directory"),
    Case("LM606", "detached", FAIL, kind(**DETACHED), fix="cluster-kind"),
    Case("LM606", "with an account", PASS, kind(properties={"access_point": 1})),
    # CLUSTER_MGMT_POINT_TYPE_NONE and _CNO_ONLY say nothing of Kerberos.
    Case("LM606", "with an account", PASS, kind(properties={"access_point": 3})),
    Case("LM606", "with an account", PASS, kind(properties={"access_point": 0})),
    Case(
        "LM606",
        "functional level",
        PASS,
        kind(properties={"functional_level": 9}),
        notes="is 9, below that of Server 2019",
    ),
    Case(
        "LM606", "functional level", PASS, kind(properties={"functional_level": 10}), unsaid="level"
    ),
    # In a rolling upgrade, the oldest node decides.
    Case(
        "LM606",
        "functional level",
        PASS,
        kind(NEW, other=OLD, properties={"functional_level": 10}),
        unsaid="level",
    ),
    Case(
        "LM606",
        "functional level",
        PASS,
        kind(9600, properties={"functional_level": 8}),
        unsaid="level",
    ),
    Case(
        "LM606",
        "functional level",
        PASS,
        of_cluster(
            nodes=(node(build=NEW), ClusterNode("HV02", 0)),
            build=NEW,
            properties={"functional_level": 9},
        ),
        unsaid="level",
    ),
    Case("LM606", "one node", INAPPLICABLE, of_cluster(nodes=(node(),), joined=False)),
    Case("LM606", "no node", INAPPLICABLE, {}),
    Case("LM606", "service stopped", BLOCKED, STOPPED, by="LM602"),
    Case("LM606", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM606", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
