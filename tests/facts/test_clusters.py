"""What a cluster's classes answer becomes facts, whichever way Windows writes it."""

from __future__ import annotations

import ipaddress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.addresses import parse_address
from livemigration.facts.cim import CimValue, WmiRow
from livemigration.facts.cluster import CLUSTER, CLUSTER_NETWORKS, Cluster
from livemigration.facts.cluster_groups import CLUSTER_GROUPS
from livemigration.facts.cluster_interfaces import CLUSTER_INTERFACES
from livemigration.facts.cluster_nodes import CLUSTER_NODES, ClusterNode, NodeStatus
from livemigration.facts.model import WmiGroup


def parsed(group: WmiGroup[Any], *rows: dict[str, CimValue]) -> Any:
    name = group.query.wmi_class.name
    return group.parse([WmiRow(name, each) for each in rows])


NODE: dict[str, CimValue] = {"Name": "HV01", "State": 0}
NETWORK: dict[str, CimValue] = {
    "ID": "n1",
    "Name": "Cluster Network 1",
    "Role": 3,
    "State": 3,
}
INTERFACE: dict[str, CimValue] = {"Node": "HV01", "Network": "Cluster Network 1", "State": 3}


@in_turn("value, state", [(2, 2), (-1, -1), (2**32 - 1, -1), (None, -1)])
def test_a_state_that_is_not_known_is_minus_one_however_it_travels(
    value: CimValue, state: int
) -> None:
    assert parsed(CLUSTER_NODES, {**NODE, "State": value})[0].state == state
    assert parsed(CLUSTER_NETWORKS, {**NETWORK, "State": value})[0].state == state
    assert parsed(CLUSTER_INTERFACES, {**INTERFACE, "State": value})[0].state == state


def test_a_node_or_a_role_that_is_sent_twice_is_there_once() -> None:
    group: dict[str, CimValue] = {"Name": "web01", "GroupType": 111, "State": 0}
    for of, row in ((CLUSTER_NODES, NODE), (CLUSTER_GROUPS, group)):
        first, other = parsed(of, row, {**row, "Name": "another"}, row)
        assert (first.name, other.name) == (row["Name"], "another")


def test_a_node_of_a_release_that_says_little_has_nothing_of_the_rest() -> None:
    (node,) = parsed(CLUSTER_NODES, NODE)
    assert node == ClusterNode("HV01", 0)
    assert not any(node.says(each) for each in NodeStatus)
    assert node.site == ""


@given(st.sets(st.sampled_from(list(NodeStatus))), st.integers(0, 3))
def test_each_flag_of_a_node_is_said_for_itself(flags: set[NodeStatus], more: int) -> None:
    # Bits that nobody documents say nothing.
    status = sum(each.value for each in flags) + (more << 10)
    (node,) = parsed(CLUSTER_NODES, {**NODE, "StatusInformation": status})
    assert {each for each in NodeStatus if node.says(each)} == flags


def test_a_status_that_is_not_known_is_no_flag() -> None:
    (node,) = parsed(CLUSTER_NODES, {**NODE, "StatusInformation": -1})
    assert not any(node.says(each) for each in NodeStatus)


@in_turn(
    "domains, site",
    [
        (("Site:Lyon", "Rack:R1"), "Lyon"),
        (("Rack:R1", "site: Lyon "), "Lyon"),
        (("Site:",), ""),
        (("Lyon",), ""),
        (None, ""),
    ],
)
def test_the_site_of_a_node_is_among_its_fault_domains(domains: CimValue, site: str) -> None:
    assert parsed(CLUSTER_NODES, {**NODE, "FaultDomain": domains})[0].site == site


def test_an_interface_has_the_addresses_of_both_families_once_and_no_text_that_is_none() -> None:
    (found,) = parsed(
        CLUSTER_INTERFACES,
        {
            **INTERFACE,
            "Address": "10.0.0.11",
            "IPv4Addresses": ("10.0.0.11", ""),
            "IPv6Addresses": ("fe80::1%12", "unknown"),
        },
    )
    assert found.addresses == (parse_address("10.0.0.11"), parse_address("fe80::1"))
    (bare,) = parsed(CLUSTER_INTERFACES, {**INTERFACE, "Network": None})
    assert (bare.network, bare.addresses) == ("", ())


def test_a_network_has_every_subnet_of_both_families() -> None:
    (found,) = parsed(
        CLUSTER_NETWORKS,
        {
            **NETWORK,
            "Address": "10.0.0.0",
            "AddressMask": "255.255.255.0",
            "IPv4Addresses": ("10.0.0.0", "10.0.1.0"),
            "IPv4PrefixLengths": ("24", "24"),
            "IPv6Addresses": ("fe80::", "bad"),
            "IPv6PrefixLengths": ("64", "64"),
            "Metric": 39840,
            "AutoMetric": True,
        },
    )
    assert found.subnet == ipaddress.ip_network("10.0.0.0/24")
    assert [str(each) for each in found.subnets] == ["10.0.0.0/24", "10.0.1.0/24", "fe80::/64"]
    assert (found.metric, found.automatic_metric) == (39840, True)


def test_a_network_of_ipv6_alone_has_no_subnet_by_address_and_mask() -> None:
    (found,) = parsed(
        CLUSTER_NETWORKS,
        {
            **NETWORK,
            "Address": "",
            "AddressMask": None,
            "IPv6Addresses": ("fd00::",),
            "IPv6PrefixLengths": ("64",),
        },
    )
    assert found.subnet is None
    assert found.subnets == (ipaddress.ip_network("fd00::/64"),)


def test_a_cluster_says_yes_by_any_number_but_zero() -> None:
    found = parsed(
        CLUSTER,
        {
            "Name": "cl01",
            "DynamicQuorumEnabled": 1,
            "ClusterEnforcedAntiAffinity": 0,
            "S2DEnabled": 2,
            "ClusterFunctionalLevel": 11,
            "AdminAccessPoint": 2,
            "WitnessDynamicWeight": 0,
        },
    )
    assert found == Cluster(
        name="cl01",
        maximum_parallel_migrations=None,
        functional_level=11,
        access_point=2,
        dynamic_quorum=True,
        witness_weight=0,
        enforced_anti_affinity=False,
        storage_spaces_direct=True,
    )
    assert parsed(CLUSTER, {"Name": "cl01"}) == Cluster("cl01", None)
