"""Instances of root/MSCluster, and the parameters of its resource type in the registry.

A host outside clusters does not have the namespace.
"""

from __future__ import annotations

from collections.abc import Iterable

from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.lab.faults import wmi_failed
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row, identifier
from livemigration.lab.world import World

_CLUSTER_ONLY, _CLUSTER_AND_CLIENT = 1, 3
_UP = 3


def parameters(world: World, host: FleetHost) -> dict[str, str]:
    """Return the parameters of the resource type "Virtual Machine" that are set."""
    if host.cluster is None:
        return {}
    cluster = world.fleet.clusters[host.cluster]
    found = {
        EXCLUDED_NETWORKS: _identifiers(host.cluster, cluster.excluded),
        NETWORK_ORDER: _identifiers(host.cluster, cluster.order),
    }
    return {name: text for name, text in found.items() if text}


def _identifiers(cluster: str, networks: Iterable[str]) -> str:
    return ";".join(identifier(cluster, each) for each in networks)


def _ask_provider(host: FleetHost) -> None:
    """Raise a fault where the cluster service does not run; the code is not documented."""
    if not host.runs_cluster:
        raise wmi_failed("The cluster service does not run.")


def _cluster(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    _ask_provider(host)
    row: Row = {"Name": host.cluster}
    maximum = world.fleet.clusters[host.cluster].maximum_parallel_migrations
    if maximum is not None:
        row["MaximumParallelMigrations"] = maximum
    return [row]


def _networks(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    _ask_provider(host)
    return [
        {
            "Address": str(world.subnet(name).network_address),
            "AddressMask": str(world.subnet(name).netmask),
            "ID": identifier(host.cluster, name),
            "Name": name,
            "Role": _CLUSTER_AND_CLIENT if name == "management" else _CLUSTER_ONLY,
            "State": _UP,
        }
        for name in world.fleet.cluster_networks(host.cluster)
    ]


MAKERS = {"MSCluster_Cluster": _cluster, "MSCluster_Network": _networks}
