"""The verdict table's rows of virtual machines that a drain leaves where they are."""

from __future__ import annotations

from typing import Any

from fact_builders import RUNNING, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, DRAINED, FAIL, INAPPLICABLE, PASS, WARNING, Case
from vm_facts import OFF, Vm, with_machines
from vm_file_cases import node, on_csv

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES

WEB, AGENT = on_csv("web01"), Vm("Agent-HV01")
STOPPED = {"services": {**RUNNING, "ClusSvc": "Stopped, Auto"}}


def staying(*patterns: str) -> dict[str, Any]:
    return {"stays": patterns}


NOTHING_SHOWN = {
    **node(WEB),
    "also": {
        **with_machines(WEB),
        CLUSTER.name: Cluster("cl01", None),
        CLUSTER_RESOURCES.name: (),
    },
}

CASES = (
    Case("LM706", "roles", PASS, node(WEB, on_csv("b"), roles=("web01", "b")), says="a role"),
    Case(
        "LM706",
        "no role",
        WARNING,
        node(WEB, AGENT, Vm("c"), roles=("web01",)),
        found=2,
        says="Agent-HV01 is no role",
        fix="machines-outside-cluster",
    ),
    Case("LM706", "no role, drained", FAIL, node(AGENT), DRAINED, fix="machines-outside-cluster"),
    Case("LM706", "stays", PASS, node(AGENT), {**staying("agent*"), **DRAINED}),
    Case("LM706", "stays", PASS, node(WEB, AGENT, roles=("web01",)), staying("Agent-HV01")),
    Case(
        "LM706",
        "stays",
        PASS,
        node(AGENT),
        staying("x*", "AGENT-hv01"),
        notes="shut down before the node, by the policy: Agent-HV01",
    ),
    Case("LM706", "another stays", WARNING, node(AGENT), staying("Agent"), says="Agent-HV01"),
    Case("LM706", "off", PASS, node(Vm("a", OFF)), notes="Off or a replica"),
    Case("LM706", "replica", PASS, node(Vm("r", 3, mode=2)), notes="replica"),
    Case("LM706", "not known", BLOCKED, node(WEB, silent="other"), says="web01"),
    Case("LM706", "not known, role", PASS, node(WEB, roles=("web01",), silent="other")),
    Case("LM706", "not known, off", PASS, node(Vm("a", OFF), silent="other")),
    Case("LM706", "not known, stays", PASS, node(AGENT, silent="other"), staying("agent*")),
    Case("LM706", "cluster stopped, off", PASS, {**node(Vm("a", OFF)), **STOPPED}),
    Case("LM706", "no node", INAPPLICABLE, {}, says="in no cluster"),
    Case("LM706", "no machine", INAPPLICABLE, node(), says="no virtual machine"),
    Case("LM706", "cluster stopped", BLOCKED, {**node(WEB), **STOPPED}, by="LM602"),
    Case("LM706", "cluster unseen", BLOCKED, NOTHING_SHOWN, says="no resource"),
    Case(
        "LM706",
        "cluster unread",
        BLOCKED,
        {**node(WEB), "lost": {CLUSTER_RESOURCES.name: failure(root="")}},
    ),
    Case("LM706", "unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    Case("LM706", "2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
