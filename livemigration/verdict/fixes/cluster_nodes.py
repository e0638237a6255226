"""Fixes of a cluster's node, and of a cluster that cannot move virtual machines live."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import (
    RESUME_CLUSTER_NODE,
    START_CLUSTER_NODE,
    WORKGROUP_CLUSTER,
)

_EVENTS = (
    "On {host}, read the log Microsoft-Windows-FailoverClustering/Operational and the events of "
    "FailoverClustering in the System log; `livemigration explain` says what their numbers mean."
)


def rejoin(machine: FixTarget, node: str, state: str, *, disabled: bool = False) -> Fix:
    """Return how to bring a node back that is down, or isolated from the others.

    Args:
        machine: the node.
        node: its name in the cluster.
        state: what the cluster says of it, for a sentence: `down`, `isolated`.
        disabled: its cluster service does not start by itself, as Windows sets it for a node.
    """
    host = one_line(machine.name)
    enable = "Set-Service -Name ClusSvc -StartupType Automatic and then " if disabled else ""
    cause = Cause(
        title=f"Bring {HOSTS} back into the cluster",
        wrong=f"The node is {state} in its cluster",
        word=f"node {state}",
        why="Nothing moves to it, and what runs on it moves nowhere live.",
    )
    return by_hand(
        machine,
        cause,
        key="cluster-node-rejoin",
        console=(
            _EVENTS.format(host=host),
            (
                f"Mend what they name; then, on {host}, run {enable}Start-ClusterNode -Name "
                f"{quote(node)} if its cluster service does not run."
            ),
        ),
        cost="Groups whose preferred owner it is may move back to it.",
        source=START_CLUSTER_NODE,
    )


def clear_quarantine(machine: FixTarget, node: str) -> Fix:
    """Return how to take a node out of quarantine."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Take {HOSTS} out of quarantine",
        wrong="The cluster keeps the node in quarantine",
        word="quarantined",
        why="It lost the cluster several times within an hour, so the cluster keeps it out. "
        "Nothing moves to it.",
    )
    return by_hand(
        machine,
        cause,
        key="cluster-node-quarantine",
        console=(
            _EVENTS.format(host=host),
            "Mend why it lost the cluster first: otherwise it is soon kept out again.",
            f"On {host}, run Start-ClusterNode -Name {quote(node)} -ClearQuarantine.",
        ),
        source=START_CLUSTER_NODE,
    )


def resume(machine: FixTarget, node: str) -> Fix:
    """Return how to have a paused node take virtual machines again."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Resume {HOSTS} in the cluster",
        wrong="The node is paused in its cluster",
        word="node paused",
        why="A paused node takes no virtual machine: those of the others have one node fewer.",
    )
    return by_hand(
        machine,
        cause,
        key="cluster-node-resume",
        console=(
            f"Find out who paused {host}, and whether their work is done.",
            (
                f"On {host}, run Resume-ClusterNode -Name {quote(node)} -Failback NoFailback; with "
                "-Failback Immediate its roles come back at once."
            ),
        ),
        alternative=f"To pause it again: Suspend-ClusterNode -Name {quote(node)}.",
        source=RESUME_CLUSTER_NODE,
    )


def drain_again(machine: FixTarget, node: str) -> Fix:
    """Return how to find out why a drain failed, before it is tried again."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Find out why the drain of {HOSTS} failed",
        wrong="The last drain of the node failed",
        word="drain failed",
        why="What kept a role on this node then will keep it there again.",
    )
    return by_hand(
        machine,
        cause,
        key="cluster-node-drain",
        console=(
            _EVENTS.format(host=host),
            (
                f"On {host}, run Get-ClusterNode -Name {quote(node)} | Get-ClusterGroup: what is "
                "still on it did not move."
            ),
            f"Mend that; then run Resume-ClusterNode -Name {quote(node)} -Failback NoFailback.",
        ),
        source=RESUME_CLUSTER_NODE,
    )


def cluster_without_live_migration(machine: FixTarget, kind: str, older: Sequence[str]) -> Fix:
    """Return what to do where the kind of a cluster rules out live migration.

    Args:
        machine: the node.
        kind: the cluster with its kind, such as `workgroup cluster`.
        older: the nodes that run a Windows before Server 2025.
    """
    cause = Cause(
        title=f"Plan without live migration in the cluster of {HOSTS}",
        wrong=f"A {kind} has no live migration before Server 2025",
        word="cluster kind",
        why="Live migration is not supported there. Quick migration is: each virtual machine is "
        "saved, moved and started again.",
        values=(("Before Server 2025", some(older, 3)),),
    )
    return by_hand(
        machine,
        cause,
        key="cluster-kind",
        console=(
            (
                f"For this window, move the virtual machines of {one_line(machine.name)} by quick "
                "migration, and tell their owners of the interruption."
            ),
            (
                f"Later, upgrade every node to Server 2025, {some(older)} first, or build the "
                "cluster anew with nodes and an account in one domain: its kind cannot be changed."
            ),
        ),
        cost="Quick migration interrupts each virtual machine for as long as saving and loading "
        "its memory takes.",
        source=WORKGROUP_CLUSTER,
    )
