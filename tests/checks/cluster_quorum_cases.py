"""The verdict table's rows of a cluster's quorum without a node (LM603)."""

from __future__ import annotations

from typing import Any

from cluster_facts import node, of_cluster
from fact_builders import NODE, RUNNING, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, DRAINED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.cluster_quorum import CLUSTER_QUORUM, QuorumAnswer


def said(lost: bool | None, **given: Any) -> dict[str, Any]:
    return of_cluster(also={CLUSTER_QUORUM.name: QuorumAnswer(lost)}, **given)


def voting(
    *votes: int | None, witness: int | None = 1, dynamic: bool | None = True, **given: Any
) -> dict[str, Any]:
    """Return a cluster that could not be asked, with the votes of its nodes."""
    states = given.pop("states", (0,) * len(votes))
    nodes = tuple(
        node(f"HV0{number}", state, weight=1, dynamic_weight=vote)
        for number, (vote, state) in enumerate(zip(votes, states, strict=True), start=1)
    )
    properties = {"witness_weight": witness, "dynamic_quorum": dynamic}
    return {
        **of_cluster(nodes=nodes, properties=properties, **given),
        "lost": {CLUSTER_QUORUM.name: failure(root="")},
    }


def row(name: str, state: Any, given: dict[str, Any], **more: Any) -> Case:
    return Case("LM603", name, state, given, **more)


CASES = (
    row("kept", PASS, said(False), says="cl01 says that it keeps its quorum without HV01"),
    row("lost", WARNING, said(True), says="a reboot takes it down", fix="cluster-votes"),
    row("lost, drained", FAIL, said(True), policy=DRAINED, fix="cluster-votes"),
    row("kept", PASS, said(False), policy=DRAINED),
    # What the cluster says counts, whatever its votes come to.
    row("kept", PASS, said(False, nodes=(node(dynamic_weight=1), node("HV02", 1)))),
    row("counted, enough", PASS, voting(1, 1), says="2 votes of 3 are left, witness included"),
    row("counted, enough", PASS, voting(0, 1, witness=0), says="1 vote of 1 is left"),
    row("counted, enough", PASS, voting(1, 1, 1, witness=0)),
    row("counted, enough", PASS, voting(1, 1, states=(0, 2)), says="2 votes"),
    row("counted, enough", PASS, voting(1, 1, 1, 1, 1, witness=None)),
    row("counted, few", WARNING, voting(1, 0, witness=0), says="a clean shutdown hands"),
    row("counted, few", WARNING, voting(1, 1, witness=0), says="1 vote of 2 is left"),
    row("counted, few", WARNING, voting(1, 0, witness=0), policy=DRAINED),
    row("counted, few", WARNING, voting(1, 1, witness=0, dynamic=False), says="quorum is off"),
    row("counted, few", WARNING, voting(1, 1, witness=0, dynamic=None), says="Only with dynamic"),
    row("counted, few", WARNING, voting(1, 1, states=(0, 1)), fix="cluster-votes"),
    row("counted, few", WARNING, voting(1, 1, 1, witness=0, states=(0, 0, 1))),
    # The witness, of which nobody knows, decides.
    row("not known", BLOCKED, voting(1, 1, witness=None), says="it failed"),
    row("given votes", PASS, voting(None, None), says="2 votes of 3"),
    row(
        "not known",
        BLOCKED,
        of_cluster(nodes=(node(), node("HV02"))),
        says="neither whether it keeps its quorum",
    ),
    row("alone", INAPPLICABLE, said(True, nodes=(node(),)), says="down while that node is"),
    row("no node", INAPPLICABLE, {}, says="in no cluster"),
    row("stopped", BLOCKED, {**NODE, "services": {**RUNNING, "ClusSvc": "Stopped"}}, by="LM602"),
    row("unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    row("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
