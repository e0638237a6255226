"""Fixes of how a cluster moves its virtual machines when a node is drained."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import counted, one_line, some
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD, PossibleOwners
from livemigration.verdict.drain_moves import USUAL_THRESHOLD
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.quoting import quote, quote_list
from livemigration.verdict.fixes.script import PRECONDITION, FixTarget, opening, refuse
from livemigration.verdict.references import (
    CLUSTER_AFFINITY,
    DRAIN_MOVES,
    LOCKED_GROUPS,
    OWNER_NODES,
)

_WITH_CLUSTER = f"{PRECONDITION} The failover clustering cmdlets must be installed as well."
_LONGEST = 3


def _of_cluster(machine: FixTarget, cluster: str) -> tuple[str, ...]:
    return (
        *opening(machine),
        "Import-Module -Name 'FailoverClusters'",
        f"$cluster = Get-Cluster -Name {quote(cluster)}",
    )


def _set_threshold(
    machine: FixTarget, cluster: str, now: int | None, wanted: int | None
) -> tuple[str, ...]:
    """Return the lines that set the threshold, or take it away; None: it is not set."""
    named = f"-Name {quote(MOVE_TYPE_THRESHOLD)}"
    # What is not set may be no parameter at all, and asking for it by its name an error.
    read = f"Where-Object {{ $_.Name -eq {quote(MOVE_TYPE_THRESHOLD)} }}"
    value = "-Delete" if wanted is None else f"-Value {wanted}"
    differs = "$null -ne $now" if now is None else f"$now -ne {now}"
    return (
        *opening(machine),
        "Import-Module -Name 'FailoverClusters'",
        f"$type = Get-ClusterResourceType -Cluster {quote(cluster)} -Name 'Virtual Machine'",
        f"$now = ($type | Get-ClusterParameter | {read}).Value",
        refuse(
            machine,
            # What Windows shows of a parameter that is not set: nothing, or its default.
            f"{differs} -and $now -ne {USUAL_THRESHOLD}" if now is None else differs,
            f"{MOVE_TYPE_THRESHOLD} of its cluster is no longer as observed",
        ),
        f"$type | Set-ClusterParameter {named} {value}",
    )


def move_type(machine: FixTarget, cluster: str, now: int | None, wanted: int, saved: str) -> Fix:
    """Return how to have a drain move virtual machines live that it would save.

    Args:
        machine: a node of the cluster.
        cluster: its name.
        now: the threshold as it is; None: it is not set.
        wanted: what it is to be.
        saved: which machines are saved now, for a sentence.
    """
    name = one_line(cluster)
    cause = Cause(
        title=f"Have {name}, the cluster of {HOSTS}, move more machines live"[:100],
        wrong=f"A drain saves {saved}",
        word="saved by a drain",
        why="Whoever works on a saved machine is cut off until it runs on the other node.",
        values=(
            (MOVE_TYPE_THRESHOLD, f"{USUAL_THRESHOLD}, not set" if now is None else str(now)),
            ("Set to", str(wanted)),
        ),
    )
    return Fix(
        key="cluster-move-type",
        summary=cause.order(machine.name),
        console=(
            (
                f"On {one_line(machine.name)} or another node, run Get-ClusterResourceType "
                f"-Name 'Virtual Machine' | Set-ClusterParameter {MOVE_TYPE_THRESHOLD} {wanted}."
            ),
            "It holds for the whole cluster, from the next drain on.",
        ),
        precondition=_WITH_CLUSTER,
        commands=_set_threshold(machine, cluster, now, wanted),
        undo=_set_threshold(machine, cluster, wanted, now),
        cost="A live move takes longer than saving, and uses more of the network.",
        source=DRAIN_MOVES,
        cause=cause,
    )


def unlock(machine: FixTarget, roles: Sequence[str]) -> Fix:
    """Return what to do about roles that are locked from moving."""
    cause = Cause(
        title=f"Have nothing lock the virtual machines of {HOSTS}",
        wrong="A virtual machine is locked from moving",
        word="locked",
        why="The cluster refuses to move a locked group, so a drain of the node fails.",
        values=(("Locked", some(roles, _LONGEST)),),
    )
    first = quote(roles[0])
    return by_hand(
        machine,
        cause,
        key="cluster-locked-group",
        console=(
            (
                f"On {one_line(machine.name)}, look what works on {some(roles)}: a backup, a "
                "checkpoint, a move. The lock goes when that ends."
            ),
            (
                "Where nothing does, somebody set it. Ask why; then run "
                f"(Get-ClusterGroup -Name {first}).LockedFromMoving = 0, for each group."
            ),
        ),
        cost="A machine that was locked on purpose can move again.",
        alternative=f"To lock it again: (Get-ClusterGroup -Name {first}).LockedFromMoving = 1.",
        source=LOCKED_GROUPS,
    )


def more_owners(
    machine: FixTarget, cluster: str, resources: Sequence[PossibleOwners], nodes: Sequence[str]
) -> Fix:
    """Return how to let every node own resources that only some may.

    Args:
        machine: the node whose machines cannot leave it.
        cluster: the cluster's name.
        resources: the resources with the owners that they have.
        nodes: every node of the cluster.
    """
    cause = Cause(
        title=f"Let other nodes own the virtual machines of {HOSTS}",
        wrong="A virtual machine has no other possible owner that is up",
        word="possible owners",
        why="A drain of the node leaves the machine on it, and fails.",
        values=(
            ("Resources", counted(len(resources), "resource")),
            ("Owners", some(resources[0].owner_nodes, _LONGEST)),
        ),
    )
    commands, undo = (
        _set_owners(machine, cluster, resources, nodes, back=back) for back in (False, True)
    )
    return Fix(
        key="cluster-possible-owners",
        summary=cause.order(machine.name),
        console=(
            (
                "In Failover Cluster Manager, open each resource > Properties > Advanced Policies, "
                f"and tick the nodes: {some([each.name for each in resources])}."
            ),
            (
                "Ask first why they are not ticked: a licence or a device may bind the machine "
                f"to {one_line(machine.name)}."
            ),
        ),
        precondition=_WITH_CLUSTER,
        commands=commands,
        undo=undo,
        cost="A failover may start the machine on any of these nodes from then on.",
        source=OWNER_NODES,
        cause=cause,
    )


def _set_owners(
    machine: FixTarget,
    cluster: str,
    resources: Sequence[PossibleOwners],
    nodes: Sequence[str],
    *,
    back: bool,
) -> tuple[str, ...]:
    lines = list(_of_cluster(machine, cluster))
    changes = []
    for each in resources:
        before, after = (nodes, each.owner_nodes) if back else (each.owner_nodes, nodes)
        named = f"-InputObject $cluster -Resource {quote(each.name)}"
        lines += [
            (
                f"$now = @((Get-ClusterOwnerNode {named}).OwnerNodes | ForEach-Object "
                "{ $_.Name } | Sort-Object) -join ', '"
            ),
            f"$observed = @({quote_list(before)} | Sort-Object) -join ', '",
            refuse(machine, "$now -ne $observed", "the possible owners are no longer as observed"),
        ]
        changes.append(f"Set-ClusterOwnerNode {named} -Owners {quote_list(after)}")
    return (*lines, *changes)


def apart(machine: FixTarget, cluster: str, roles: Sequence[str]) -> Fix:
    """Return what to do about roles for which enforced anti-affinity leaves no node."""
    cause = Cause(
        title=f"Leave room for the machines of {HOSTS} that are kept apart",
        wrong="Enforced anti-affinity leaves a machine no other node",
        word="kept apart",
        why="The cluster lets no two groups of one class run on one node. Moved all the same, the "
        "machine stays offline.",
        values=(("Kept apart", some(roles, _LONGEST)),),
    )
    return by_hand(
        machine,
        cause,
        key="cluster-anti-affinity",
        console=(
            (
                "Bring more nodes of the cluster up, or, while "
                f"{one_line(machine.name)} is drained, shut {some(roles)} down."
            ),
            (
                "Or allow it for the window: on a node, run (Get-Cluster -Name "
                f"{quote(cluster)}).ClusterEnforcedAntiAffinity = 0."
            ),
        ),
        cost="While it is allowed, one failed node may take both machines of a pair along.",
        alternative=f"Afterwards: (Get-Cluster -Name {quote(cluster)}).ClusterEnforcedAntiAffinity "
        "= 1, once they run apart again.",
        source=CLUSTER_AFFINITY,
    )
