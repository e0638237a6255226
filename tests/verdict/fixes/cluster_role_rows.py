"""Fixes of how a cluster moves, stores and votes, part by part."""

from __future__ import annotations

from fix_rows import HOST, MACHINE, Row

from livemigration.facts.cluster_owners import PossibleOwners
from livemigration.verdict.fixes import cluster_moves, cluster_quorum, cluster_storage
from livemigration.verdict.fixes.script import PRECONDITION, opening, refuse
from livemigration.verdict.references import (
    CLUSTER_AFFINITY,
    CLUSTER_QUORUM,
    DRAIN_MOVES,
    LOCKED_GROUPS,
    OWNER_NODES,
    SHARED_VOLUME_STATES,
    STORAGE_MAINTENANCE,
)

WITH_CLUSTER = f"{PRECONDITION} The failover clustering cmdlets must be installed as well."
THRESHOLD = "-Name 'MoveTypeThreshold'"
RESOURCE = "Virtual Machine web01"
OWNERS = (PossibleOwners(RESOURCE, ("HV07",)),)
NAMED = f"-InputObject $cluster -Resource '{RESOURCE}'"


def threshold(differs: str, change: str) -> tuple[str, ...]:
    return (
        *opening(MACHINE),
        "Import-Module -Name 'FailoverClusters'",
        "$type = Get-ClusterResourceType -Cluster 'cl01' -Name 'Virtual Machine'",
        (
            "$now = ($type | Get-ClusterParameter | Where-Object "
            "{ $_.Name -eq 'MoveTypeThreshold' }).Value"
        ),
        refuse(MACHINE, differs, "MoveTypeThreshold of its cluster is no longer as observed"),
        f"$type | Set-ClusterParameter {THRESHOLD} {change}",
    )


def owners(before: str, after: str) -> tuple[str, ...]:
    return (
        *opening(MACHINE),
        "Import-Module -Name 'FailoverClusters'",
        "$cluster = Get-Cluster -Name 'cl01'",
        (
            f"$now = @((Get-ClusterOwnerNode {NAMED}).OwnerNodes | ForEach-Object {{ $_.Name }} "
            "| Sort-Object) -join ', '"
        ),
        f"$observed = @({before} | Sort-Object) -join ', '",
        refuse(MACHINE, "$now -ne $observed", "the possible owners are no longer as observed"),
        f"Set-ClusterOwnerNode {NAMED} -Owners {after}",
    )


OF_CLUSTER_ROLES = (
    Row(
        lambda: cluster_moves.move_type(MACHINE, "cl01", 3001, 2000, "every machine"),
        (HOST, "cl01"),
        ("Set-ClusterParameter MoveTypeThreshold 2000", "whole cluster"),
        DRAIN_MOVES,
        cost="takes longer than saving",
        precondition=WITH_CLUSTER,
        commands=threshold("$now -ne 3001", "-Value 2000"),
        undo=threshold("$now -ne 2000", "-Value 3001"),
    ),
    # What was not set is taken away again.
    Row(
        lambda: cluster_moves.move_type(MACHINE, "cl01", None, 1000, "machines"),
        (HOST, "cl01"),
        ("Set-ClusterParameter MoveTypeThreshold 1000", "whole cluster"),
        DRAIN_MOVES,
        cost="takes longer than saving",
        precondition=WITH_CLUSTER,
        commands=threshold("$null -ne $now -and $now -ne 2000", "-Value 1000"),
        undo=threshold("$now -ne 1000", "-Delete"),
    ),
    Row(
        lambda: cluster_moves.more_owners(MACHINE, "cl01", OWNERS, ["HV07", "HV08"]),
        (HOST,),
        (f"tick the nodes: {RESOURCE}", "why they are not ticked"),
        OWNER_NODES,
        cost="A failover may start",
        precondition=WITH_CLUSTER,
        commands=owners("@('HV07')", "@('HV07', 'HV08')"),
        undo=owners("@('HV07', 'HV08')", "@('HV07')"),
    ),
    Row(
        lambda: cluster_moves.unlock(MACHINE, ["web01", "web02"]),
        (HOST,),
        ("what works on web01 and web02", "(Get-ClusterGroup -Name 'web01').LockedFromMoving = 0"),
        LOCKED_GROUPS,
        cost="locked on purpose",
    ),
    Row(
        lambda: cluster_moves.apart(MACHINE, "cl01", ["dc01"]),
        (HOST,),
        ("shut dc01 down", "ClusterEnforcedAntiAffinity = 0"),
        CLUSTER_AFFINITY,
        cost="both machines of a pair",
    ),
    Row(
        lambda: cluster_storage.bring_back(MACHINE, ["Volume1"]),
        (HOST,),
        (f"On {HOST}, run Get-ClusterSharedVolumeState", "5120, 5142 and 1069", "online"),
        SHARED_VOLUME_STATES,
    ),
    Row(
        lambda: cluster_storage.wait_for_volumes(MACHINE, ["Volume1"]),
        (HOST,),
        ("why Volume1 is in this state", "backup has ended", "turn off maintenance"),
        SHARED_VOLUME_STATES,
    ),
    Row(
        lambda: cluster_storage.wait_for_storage(MACHINE, ["job Repair"]),
        (HOST,),
        (f"On {HOST}, run Get-StorageJob", "Get-PhysicalDisk", "Neither drain nor restart"),
        STORAGE_MAINTENANCE,
        cost="hours",
    ),
    Row(
        lambda: cluster_quorum.more_votes(MACHINE, "cl01"),
        (HOST,),
        ("DynamicWeight", "other nodes of cl01 up", f"Do not restart {HOST}"),
        CLUSTER_QUORUM,
        cost="must stay reachable",
    ),
)
