"""Fixes of a cluster's networks, nodes and kind, part by part, and the cause that each tells."""

from __future__ import annotations

import ipaddress

from cause_told import Told
from fix_rows import HOST, MACHINE, Row

from livemigration.facts.cluster import ClusterNetwork
from livemigration.verdict.cluster_path import PathNetwork
from livemigration.verdict.fixes import cluster_networks, cluster_nodes
from livemigration.verdict.fixes.script import PRECONDITION, opening, refuse
from livemigration.verdict.references import (
    CLUSTER_MIGRATION_NETWORKS,
    RESUME_CLUSTER_NODE,
    START_CLUSTER_NODE,
    WORKGROUP_CLUSTER,
)

_PRECONDITION = f"{PRECONDITION} The failover clustering cmdlets must be installed as well."
_COST = "every node of the cluster"
_EVENTS = "FailoverClustering/Operational"


def network(name: str, identifier: str) -> PathNetwork:
    subnet = ipaddress.ip_network("10.1.9.0/24")
    return PathNetwork(ClusterNetwork(identifier, name, subnet, 1, 3), {}, {})


FAST, SLOW = network("Fast", "id-2"), network("Slow", "id-1")


def changes(parameter: str, was: str, becomes: str) -> tuple[str, ...]:
    """Return the lines that change a parameter of the resource type."""
    last = f"-Value '{becomes}'" if becomes else "-Delete"
    return (
        *opening(MACHINE),
        "Import-Module -Name 'FailoverClusters'",
        "$type = Get-ClusterResourceType -Cluster 'cl01' -Name 'Virtual Machine'",
        (
            f"$now = @($type | Get-ClusterParameter | Where-Object {{ $_.Name -eq '{parameter}' }}"
            " | ForEach-Object { $_.Value }) -join ';'"
        ),
        refuse(MACHINE, f"$now -ne '{was}'", f"{parameter} is no longer as observed"),
        f"$type | Set-ClusterParameter -Name '{parameter}' {last}",
    )


SCRIPTED_OF_CLUSTERS = (
    Row(
        lambda: cluster_networks.prefer_network(MACHINE, "cl01", (), (FAST, SLOW)),
        (HOST, "Fast first", "cl01"),
        ("cl01 > Networks > Live Migration Settings", "this order: Fast and Slow"),
        CLUSTER_MIGRATION_NETWORKS,
        cost=_COST,
        precondition=_PRECONDITION,
        commands=changes("MigrationNetworkOrder", "", "id-2;id-1"),
        undo=changes("MigrationNetworkOrder", "id-2;id-1", ""),
    ),
    Row(
        lambda: cluster_networks.prefer_network(MACHINE, "cl01", ("id-1", "id-2"), (FAST, SLOW)),
        (HOST, "Fast first"),
        ("Live Migration Settings", "this order: Fast and Slow"),
        CLUSTER_MIGRATION_NETWORKS,
        cost=_COST,
        precondition=_PRECONDITION,
        commands=changes("MigrationNetworkOrder", "id-1;id-2", "id-2;id-1"),
        undo=changes("MigrationNetworkOrder", "id-2;id-1", "id-1;id-2"),
    ),
    # What is gone stays excluded: it does no harm, and is not this fix's.
    Row(
        lambda: cluster_networks.allow_networks(
            MACHINE, "cl01", ("{ID-2}", "gone", "id-1"), (FAST,)
        ),
        (HOST,),
        ("Live Migration Settings", "Select Fast"),
        CLUSTER_MIGRATION_NETWORKS,
        cost=_COST,
        precondition=_PRECONDITION,
        commands=changes("MigrationExcludeNetworks", "{ID-2};gone;id-1", "gone;id-1"),
        undo=changes("MigrationExcludeNetworks", "gone;id-1", "{ID-2};gone;id-1"),
    ),
)

OF_PERSONS_AT_CLUSTERS = (
    Row(
        lambda: cluster_networks.allow_networks(MACHINE, "cl01", ("id-1",), ()),
        (HOST,),
        (HOST, "Select a network that is up on each node"),
        CLUSTER_MIGRATION_NETWORKS,
        cost=_COST,
    ),
    Row(
        lambda: cluster_networks.bring_up(MACHINE, "cl01", ("Fast (its interface is failed)",)),
        (HOST,),
        ("-Node 'hv07'", "Fast (its interface is failed)"),
        CLUSTER_MIGRATION_NETWORKS,
    ),
    Row(
        lambda: cluster_networks.join_networks(MACHINE, "cl01", ("HV08",)),
        (HOST, "HV08"),
        ("-Cluster 'cl01'", "Live Migration Settings"),
        CLUSTER_MIGRATION_NETWORKS,
    ),
    Row(
        lambda: cluster_nodes.rejoin(MACHINE, "HV07", "down"),
        (HOST,),
        (_EVENTS, "Start-ClusterNode -Name 'HV07' if"),
        START_CLUSTER_NODE,
        cost="preferred owner",
    ),
    Row(
        lambda: cluster_nodes.clear_quarantine(MACHINE, "HV07"),
        (HOST,),
        (_EVENTS, "first", "Start-ClusterNode -Name 'HV07' -ClearQuarantine"),
        START_CLUSTER_NODE,
    ),
    Row(
        lambda: cluster_nodes.resume(MACHINE, "HV07"),
        (HOST,),
        ("who paused", "Resume-ClusterNode -Name 'HV07' -Failback NoFailback"),
        RESUME_CLUSTER_NODE,
    ),
    Row(
        lambda: cluster_nodes.drain_again(MACHINE, "HV07"),
        (HOST,),
        (_EVENTS, "Get-ClusterNode -Name 'HV07' | Get-ClusterGroup", "Resume-ClusterNode"),
        RESUME_CLUSTER_NODE,
    ),
    Row(
        lambda: cluster_nodes.cluster_without_live_migration(
            MACHINE, "workgroup cluster", ("HV07", "HV08")
        ),
        (HOST,),
        ("quick migration", "HV07 and HV08 first"),
        WORKGROUP_CLUSTER,
        cost="interrupts each virtual machine",
    ),
)

OF_CLUSTERS = (*SCRIPTED_OF_CLUSTERS, *OF_PERSONS_AT_CLUSTERS)

TOLD_OF_CLUSTERS = (
    Told(
        SCRIPTED_OF_CLUSTERS[0].fix,
        "Put another network first",
        "prefers the network of management and clients",
        "wrong network",
        "over the network that everything else needs",
        (("Comes first", "Slow"),),
    ),
    Told(
        SCRIPTED_OF_CLUSTERS[2].fix,
        "Allow live migration of",
        "may use no network that is up",
        "no network",
        "0x13AB",
        (("Would do", "Fast"),),
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[0].fix,
        "Allow live migration of",
        "may use no network that is up",
        "no network",
        "0x13AB",
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[1].fix,
        "Bring up a network",
        "No network that live migration may use is up",
        "network down",
        "0x13AB",
        (("Down", "Fast (its interface is failed)"),),
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[2].fix,
        "in common with the other nodes",
        "No network for live migration is common",
        "no common network",
        "Before Server 2025",
        (("Not with", "HV08"),),
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[3].fix,
        "back into the cluster",
        "is down in its cluster",
        "node down",
        "moves nowhere live",
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[4].fix,
        "out of quarantine",
        "in quarantine",
        "quarantined",
        "several times within an hour",
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[5].fix,
        "Resume",
        "is paused in its cluster",
        "node paused",
        "takes no virtual machine",
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[6].fix,
        "the drain of",
        "last drain of the node failed",
        "drain failed",
        "keep it there again",
    ),
    Told(
        OF_PERSONS_AT_CLUSTERS[7].fix,
        "Plan without live migration",
        "A workgroup cluster has no live migration before Server 2025",
        "cluster kind",
        "Quick migration is",
        (("Before Server 2025", "HV07 and HV08"),),
    ),
)
