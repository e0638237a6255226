"""The facts of a cluster of two nodes in which a case changes one thing."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from fact_builders import NODE

from livemigration.base.addresses import parse_address
from livemigration.facts.cluster import (
    CLUSTER,
    CLUSTER_MIGRATION_NETWORKS,
    CLUSTER_NETWORKS,
    Cluster,
    ClusterMigrationNetworks,
    ClusterNetwork,
)
from livemigration.facts.cluster_interfaces import CLUSTER_INTERFACES, ClusterInterface
from livemigration.facts.cluster_nodes import CLUSTER_NODES, ClusterNode
from livemigration.facts.host import OPERATING_SYSTEM, OperatingSystem

BUILD = 20348
# The gateway of a healthy host is 10.0.0.1, in the first of these.
MANAGEMENT, MIGRATION, STORAGE = "Management", "Migration", "Storage"
SUBNETS = {MANAGEMENT: "10.0.0.0/24", MIGRATION: "10.0.50.0/24", STORAGE: "10.0.60.0/24"}
_CLIENTS, _OTHERS = 3, 1
_METRICS = {MANAGEMENT: 79840, MIGRATION: 39841, STORAGE: 39840}
UP = 3


def node(name: str = "HV01", state: int = 0, **values: Any) -> ClusterNode:
    return ClusterNode(name, state, **{"build": BUILD, "drain": 0, "status": 0, **values})


def network(name: str, **values: Any) -> ClusterNetwork:
    subnet = ipaddress.ip_network(SUBNETS.get(name, "10.0.70.0/24"))
    usual: dict[str, Any] = {
        "identifier": f"id-{name}",
        "name": name,
        "subnet": subnet,
        "role": _CLIENTS if name == MANAGEMENT else _OTHERS,
        "state": UP,
        "metric": _METRICS.get(name, 39842),
        "automatic_metric": True,
        "subnets": (subnet,),
    }
    return ClusterNetwork(**{**usual, **values})


def interfaces(
    places: Mapping[str, Sequence[str]], states: Mapping[tuple[str, str], int] = {}
) -> tuple[ClusterInterface, ...]:
    """Return the interfaces of nodes to the networks that each is on."""
    return tuple(
        ClusterInterface(
            node,
            network,
            states.get((node, network), UP),
            (parse_address(f"{SUBNETS.get(network, '10.0.70.0/24')[:-4]}{10 + number}"),),
        )
        for number, (node, networks) in enumerate(places.items(), start=1)
        for network in networks
    )


def of_cluster(
    *,
    properties: Mapping[str, Any] = {},
    nodes: Sequence[ClusterNode] = (node(), node("HV02")),
    networks: Sequence[ClusterNetwork] = (network(MANAGEMENT), network(MIGRATION)),
    places: Mapping[str, Sequence[str]] | None = None,
    states: Mapping[tuple[str, str], int] = {},
    excluded: Sequence[str] = (),
    order: Sequence[str] = (MIGRATION, MANAGEMENT),
    build: int = BUILD,
    **given: Any,
) -> dict[str, Any]:
    """Return what makes a host of `run_facts` the first of two nodes.

    `excluded` and `order` name networks; `places` are the networks that each node is on.
    """
    everywhere = {each.name: [every.name for every in networks] for each in nodes}
    also = {
        CLUSTER.name: Cluster(
            **{"name": "cl01", "maximum_parallel_migrations": None, **properties}
        ),
        CLUSTER_NODES.name: tuple(nodes),
        CLUSTER_NETWORKS.name: tuple(networks),
        CLUSTER_INTERFACES.name: interfaces(everywhere if places is None else places, states),
        CLUSTER_MIGRATION_NETWORKS.name: ClusterMigrationNetworks(
            tuple(f"id-{each}" for each in excluded), tuple(f"id-{each}" for each in order)
        ),
        OPERATING_SYSTEM.name: OperatingSystem(build, f"10.0.{build}", "Windows Server"),
        **given.pop("also", {}),
    }
    return {**NODE, **given, "also": also}
