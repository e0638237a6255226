"""Each field of a fleet file about a cluster or a node is what its classes then answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from in_turn import in_turn
from one_change import SERVER_2012, fleet
from pydantic import ValidationError

from livemigration.lab import instances, instances_cluster
from livemigration.lab.fleet import Fleet
from livemigration.lab.world import World

NODE = {"cluster": "cl"}
SERVER_2016 = {"build": 14393, "version": "10.0.14393", "caption": "Server 2016"}
NETWORK, INTERFACE = "MSCluster_Network", "MSCluster_NetworkInterface"


def values(
    class_name: str,
    name: str,
    *,
    cluster: Mapping[str, Any] = {},
    first: Mapping[str, Any] = {},
    second: Mapping[str, Any] = {},
) -> list[Any]:
    """Return a property's value in each instance that the second of two nodes answers."""
    whole = fleet({**NODE, **first}, {**NODE, **second}, clusters={"cl": dict(cluster)})
    world = World(Fleet.model_validate(whole), 20)
    found = instances.rows(world, world.fleet.hosts[1], "root/MSCluster", class_name)
    return [each.get(name) for each in found or []]


FIELDS: list[tuple[str, str, dict[str, Any], list[Any]]] = [
    ("MSCluster_Cluster", "ClusterFunctionalLevel", {}, [11]),
    ("MSCluster_Cluster", "ClusterFunctionalLevel", {"first": {"system": SERVER_2016}}, [9]),
    ("MSCluster_Cluster", "ClusterFunctionalLevel", {"cluster": {"functional_level": 10}}, [10]),
    ("MSCluster_Cluster", "ClusterFunctionalLevel", {"second": {"system": SERVER_2012}}, [None]),
    ("MSCluster_Cluster", "AdminAccessPoint", {}, [1]),
    ("MSCluster_Cluster", "AdminAccessPoint", {"cluster": {"access_point": "dns"}}, [2]),
    ("MSCluster_Cluster", "AdminAccessPoint", {"first": {"workgroup": True}}, [2]),
    ("MSCluster_Node", "Name", {}, ["HV01", "HV02"]),
    ("MSCluster_Node", "State", {}, [0, 0]),
    ("MSCluster_Node", "State", {"first": {"node": {"state": "paused"}}}, [2, 0]),
    ("MSCluster_Node", "State", {"first": {"node": {"state": "unknown"}}}, [2**32 - 1, 0]),
    ("MSCluster_Node", "State", {"first": {"down": "silent"}}, [1, 0]),
    ("MSCluster_Node", "State", {"first": {"services": {"ClusSvc": "Stopped"}}}, [1, 0]),
    ("MSCluster_Node", "DynamicWeight", {"first": {"node": {"state": "down"}}}, [0, 1]),
    ("MSCluster_Node", "NodeDrainStatus", {"first": {"node": {"drain": "failed"}}}, [3, 0]),
    (
        "MSCluster_Node",
        "StatusInformation",
        {"first": {"node": {"flags": ["quarantined", "drain-failed"]}}},
        [0x12, 0],
    ),
    ("MSCluster_Node", "StatusInformation", {"second": {"system": SERVER_2012}}, [None, None]),
    ("MSCluster_Node", "FaultDomain", {"first": {"node": {"site": "Lyon"}}}, [("Site:Lyon",), ()]),
    ("MSCluster_Node", "BuildNumber", {"first": {"system": SERVER_2016}}, [14393, 20348]),
    (NETWORK, "Role", {}, [3, 1]),
    (NETWORK, "Role", {"cluster": {"roles": {"management": 0}}}, [0, 1]),
    (NETWORK, "Metric", {}, [79840, 39841]),
    (NETWORK, "Metric", {"cluster": {"metrics": {"migration": 100}}}, [79840, 100]),
    (NETWORK, "AutoMetric", {"cluster": {"metrics": {"migration": 100}}}, [True, False]),
    (NETWORK, "State", {"cluster": {"network_states": {"migration": "partitioned"}}}, [3, 2]),
    (NETWORK, "IPv4PrefixLengths", {}, [("24",), ("24",)]),
    (
        NETWORK,
        "IPv4Addresses",
        {"cluster": {"more_subnets": {"management": ["2.0/24"]}}},
        [("127.20.1.0", "127.20.2.0"), ("127.20.50.0",)],
    ),
    (NETWORK, "IPv6Addresses", {"first": {"ipv6": {"migration": "fd00::1/64"}}}, [(), ("fd00::",)]),
    (INTERFACE, "Node", {}, ["HV01", "HV01", "HV02", "HV02"]),
    (INTERFACE, "Network", {}, ["management", "migration", "management", "migration"]),
    (INTERFACE, "State", {}, [3, 3, 3, 3]),
    (INTERFACE, "State", {"first": {"node": {"state": "down"}}}, [0, 0, 3, 3]),
    (
        INTERFACE,
        "State",
        {"second": {"node": {"interfaces": {"migration": "failed"}}}},
        [3, 3, 3, 1],
    ),
    (
        INTERFACE,
        "IPv6Addresses",
        {"first": {"ipv6": {"migration": "fd00::1/64"}}},
        [(), ("fd00::1",), (), ()],
    ),
]


@in_turn("class_name, name, change, expected", FIELDS)
def test_a_field_is_what_the_class_answers(
    class_name: str, name: str, change: dict[str, Any], expected: list[Any]
) -> None:
    assert values(class_name, name, **change) == expected


def test_networks_that_are_gone_stay_in_the_registry() -> None:
    cluster = {"excluded": ["management"], "forgotten": ["0d7c", "1e8b"]}
    world = World(Fleet.model_validate(fleet(NODE, clusters={"cl": cluster})), 20)
    found = instances_cluster.parameters(world, world.fleet.hosts[0])
    assert str(found["MigrationExcludeNetworks"]).split(";")[:2] == ["0d7c", "1e8b"]
    assert found["MigrationNetworkOrder"] == "0d7c;1e8b"


@in_turn(
    "host, cluster, said",
    [
        ({"node": {"state": "down"}}, {}, "has node, which needs a cluster"),
        ({**NODE, "node": {"interfaces": {"x": "failed"}}}, {}, "no address in x, which node"),
        (NODE, {"roles": {"x": 1}}, "names x, which is none of its networks"),
        (NODE, {"more_subnets": {"x": ["2.0/24"]}}, "names x, which is none of its networks"),
        (NODE, {"roles": {"management": 2}}, "roles.management"),
    ],
)
def test_what_hangs_together_with_nothing_is_refused(
    host: dict[str, Any], cluster: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Fleet.model_validate(fleet(host, clusters={"cl": cluster}))
