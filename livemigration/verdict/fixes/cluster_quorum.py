"""Fixes of a cluster that would be without its quorum once a node is gone."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import CLUSTER_QUORUM


def more_votes(machine: FixTarget, cluster: str) -> Fix:
    """Return how to have a cluster keep its quorum without one of its nodes."""
    name = one_line(cluster)
    cause = Cause(
        title=f"Give the cluster of {HOSTS} votes enough to do without a node",
        wrong="Without this node, the cluster loses its quorum",
        word="quorum",
        why="When the node restarts, the whole cluster stops, with every virtual machine in it.",
    )
    return by_hand(
        machine,
        cause,
        key="cluster-votes",
        console=(
            (
                f"On {one_line(machine.name)}, run Get-ClusterNode | Format-Table Name, State, "
                "NodeWeight, DynamicWeight, and Get-ClusterQuorum: they say who votes."
            ),
            (
                f"Bring the other nodes of {name} up, and its witness online. Where it has none, "
                "add one: in Failover Cluster Manager, More Actions > Configure Cluster Quorum "
                "Settings."
            ),
            f"Do not restart {one_line(machine.name)} before; a drain alone takes no vote away.",
        ),
        cost="A witness is a disk, a file share or a storage account that must stay reachable.",
        alternative="To take an added witness away again: Set-ClusterQuorum -NoWitness.",
        source=CLUSTER_QUORUM,
    )
