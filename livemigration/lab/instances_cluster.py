"""Instances of root/MSCluster, and the parameters of its resource type in the registry.

A host outside clusters does not have the namespace.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.facts.cluster_nodes import DOWN, JOINING, PAUSED, UP, NodeStatus
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2, WINDOWS_SERVER_2016
from livemigration.lab.faults import wmi_failed
from livemigration.lab.fleet_cluster import FleetCluster
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row, identifier
from livemigration.lab.world import World

_CLUSTER_ONLY, _CLUSTER_AND_CLIENT = 1, 3
_NETWORK_STATES = {"unavailable": 0, "down": 1, "partitioned": 2}
_INTERFACE_STATES = {"unavailable": 0, "failed": 1, "unreachable": 2}
_UP = 3
# Documented as uint32 with the value -1: how that travels is not, and the lab sends it unsigned.
_MINUS_ONE = 2**32 - 1
_NODE_STATES = {"up": UP, "down": DOWN, "paused": PAUSED, "joining": JOINING, "unknown": _MINUS_ONE}
_DRAINS = {"none": 0, "in-progress": 1, "completed": 2, "failed": 3}
_FLAGS = {each.name.lower().replace("_", "-"): each.value for each in NodeStatus if each.name}
# The first build of each release, and the functional level of a cluster of it.
_LEVELS = {26100: 12, 20348: 11, 17763: 10, WINDOWS_SERVER_2016: 9, WINDOWS_SERVER_2012_R2: 8}
_ACCESS_POINTS = {"directory": 1, "dns": 2}
# As Windows makes them: from memory.
_METRIC, _METRIC_WITH_CLIENTS = 39840, 79840


def parameters(world: World, host: FleetHost) -> dict[str, str | int]:
    """Return the parameters of the resource type "Virtual Machine" that are set."""
    if host.cluster is None:
        return {}
    cluster = world.fleet.clusters[host.cluster]
    found = {
        EXCLUDED_NETWORKS: _identifiers(host.cluster, cluster.excluded, cluster.forgotten),
        NETWORK_ORDER: _identifiers(host.cluster, cluster.order, cluster.forgotten),
    }
    texts: dict[str, str | int] = {name: text for name, text in found.items() if text}
    if cluster.move_type_threshold is not None:
        texts[MOVE_TYPE_THRESHOLD] = cluster.move_type_threshold
    return texts


def _identifiers(cluster: str, networks: Iterable[str], forgotten: Iterable[str]) -> str:
    return ";".join((*forgotten, *(identifier(cluster, each) for each in networks)))


def ask_provider(host: FleetHost) -> None:
    """Raise a fault where the cluster service does not run; the code is not documented."""
    if not host.runs_cluster:
        raise wmi_failed("The cluster service does not run.")


def _cluster(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    cluster, nodes = world.fleet.clusters[host.cluster], world.fleet.nodes(host.cluster)
    row: Row = {
        "ClusterEnforcedAntiAffinity": int(cluster.enforced_anti_affinity),
        "DynamicQuorumEnabled": int(cluster.dynamic_quorum),
        "Name": host.cluster,
    }
    if cluster.maximum_parallel_migrations is not None:
        row["MaximumParallelMigrations"] = cluster.maximum_parallel_migrations
    build = world.system(host).build
    if build >= WINDOWS_SERVER_2016:
        oldest = min(world.system(each).build for each in nodes)
        level = next((_LEVELS[first] for first in _LEVELS if first <= oldest), 0)
        row["ClusterFunctionalLevel"] = cluster.functional_level or level
        row["S2DEnabled"] = int(cluster.storage_spaces_direct)
        reserved = cluster.root_memory_reserved
        row["RootMemoryReserved"] = _MINUS_ONE if reserved is None else reserved
    if build >= WINDOWS_SERVER_2012_R2:
        usual = "dns" if any(each.workgroup for each in nodes) else "directory"
        row["AdminAccessPoint"] = _ACCESS_POINTS[cluster.access_point or usual]
        row["WitnessDynamicWeight"] = cluster.witness_weight
    return [row]


def _networks(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    cluster = world.fleet.clusters[host.cluster]
    return [
        {
            "Address": str(world.subnet(name).network_address),
            "AddressMask": str(world.subnet(name).netmask),
            "AutoMetric": name not in cluster.metrics,
            "ID": identifier(host.cluster, name),
            "Metric": cluster.metrics.get(name, _usual_metric(cluster, name) + place),
            "Name": name,
            "Role": _role(cluster, name),
            "State": _NETWORK_STATES.get(cluster.network_states.get(name, ""), _UP),
            **_subnets(world, host.cluster, name),
        }
        for place, name in enumerate(world.fleet.cluster_networks(host.cluster))
    ]


def _role(cluster: FleetCluster, network: str) -> int:
    usual = _CLUSTER_AND_CLIENT if network == "management" else _CLUSTER_ONLY
    return cluster.roles.get(network, usual)


def _usual_metric(cluster: FleetCluster, network: str) -> int:
    clients = _role(cluster, network) == _CLUSTER_AND_CLIENT
    return _METRIC_WITH_CLIENTS if clients else _METRIC


def _subnets(world: World, cluster: str, network: str) -> Row:
    """Return all subnets of a network: what it has in both families."""
    more = world.fleet.clusters[cluster].more_subnets.get(network, ())
    found: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = [
        world.subnet(network),
        *map(world.subnet, more),
    ]
    texts = (node.ipv6.get(network) for node in world.fleet.nodes(cluster))
    found += [ipaddress.ip_network(each, strict=False) for each in texts if each is not None]
    row: Row = {}
    for family, version in (("IPv4", 4), ("IPv6", 6)):
        own = [each for each in dict.fromkeys(found) if each.version == version]
        row[f"{family}Addresses"] = tuple(str(each.network_address) for each in own)
        row[f"{family}PrefixLengths"] = tuple(str(each.prefixlen) for each in own)
    return row


def _nodes(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    # What a node knows of the others is what its own release has.
    later = world.system(host).build >= WINDOWS_SERVER_2016
    return [_node(world, each, later=later) for each in world.fleet.nodes(host.cluster)]


def _node(world: World, host: FleetHost, *, later: bool) -> Row:
    row: Row = {
        "BuildNumber": world.system(host).build,
        "DynamicWeight": counted_votes(host),
        "Name": host.short_name,
        "NodeDrainStatus": _DRAINS[host.node.drain],
        "NodeWeight": host.node.votes,
        "State": _state(host),
    }
    if later:
        row["StatusInformation"] = sum(_FLAGS[each] for each in set(host.node.flags))
        row["FaultDomain"] = (f"Site:{host.node.site}",) if host.node.site is not None else ()
    return row


def _state(host: FleetHost) -> int:
    if host.node.state is not None:
        return _NODE_STATES[host.node.state]
    return UP if host.runs_cluster and host.down is None else DOWN


def counted_votes(host: FleetHost) -> int:
    """Return the vote of a node as it counts now."""
    if host.node.counted_votes is not None:
        return host.node.counted_votes
    return host.node.votes * is_up(host)


def loses_quorum(world: World, host: FleetHost) -> bool:
    """Whether a cluster is without its quorum once a node has shut down."""
    if host.cluster is None or host.node.quorum_without is not None:
        return host.node.quorum_without == "lost"
    cluster, nodes = world.fleet.clusters[host.cluster], world.fleet.nodes(host.cluster)
    others = [each for each in nodes if each is not host and is_up(each)]
    if cluster.dynamic_quorum:
        # A node that shuts down hands its vote over.
        return not others
    left = cluster.witness_weight + sum(map(counted_votes, others))
    return 2 * left <= cluster.witness_weight + sum(map(counted_votes, nodes))


def is_up(host: FleetHost) -> bool:
    """Whether a node takes part in its cluster, paused or not."""
    return _state(host) in {UP, PAUSED}


def _interfaces(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    networks = world.fleet.cluster_networks(host.cluster)
    return [
        _interface(world, node, network)
        for node in world.fleet.nodes(host.cluster)
        for network in networks
        if network in node.addresses or network in node.ipv6
    ]


def _interface(world: World, node: FleetHost, network: str) -> Row:
    own = node.addresses.get(network)
    ipv4 = () if own is None else (world.address(own),)
    ipv6 = (node.ipv6[network].partition("/")[0],) if network in node.ipv6 else ()
    usual = _UP if is_up(node) else _INTERFACE_STATES["unavailable"]
    stated = node.node.interfaces.get(network)
    return {
        "Address": next(iter((*ipv4, *ipv6))),
        "IPv4Addresses": ipv4,
        "IPv6Addresses": ipv6,
        "Network": network,
        "Node": node.short_name,
        "State": usual if stated is None else _INTERFACE_STATES[stated],
    }


MAKERS = {
    "MSCluster_Cluster": _cluster,
    "MSCluster_Network": _networks,
    "MSCluster_NetworkInterface": _interfaces,
    "MSCluster_Node": _nodes,
}
