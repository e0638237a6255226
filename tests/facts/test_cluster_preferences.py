"""What a cluster prefers and keeps apart, read from what WMI sends."""

from __future__ import annotations

from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import ObjectReference, WmiRow
from livemigration.facts.cluster_preferences import (
    CLUSTER_AFFINITY_RULES,
    CLUSTER_MEMORY_RESERVE,
    CLUSTER_PREFERRED_OWNERS,
    DIFFERENT_NODE,
    AffinityRule,
    ClusterMemoryReserve,
    PreferredOwners,
)


def to(name: str) -> ObjectReference:
    return ObjectReference("http://example/root/MSCluster/MSCluster_Node", (("Name", name),))


def test_a_group_has_its_preferred_owners_in_the_order_of_the_rows() -> None:
    pairs = (("web01", "HV02"), ("crm01", "HV01"), ("web01", "HV01"))
    rows = [
        WmiRow("C", {"GroupComponent": to(group), "PartComponent": to(node)})
        for group, node in pairs
    ]
    assert CLUSTER_PREFERRED_OWNERS.value_of(rows) == (
        PreferredOwners("web01", ("HV02", "HV01")),
        PreferredOwners("crm01", ("HV01",)),
    )
    assert CLUSTER_PREFERRED_OWNERS.value_of([]) == ()


def rule(**values: Any) -> AffinityRule:
    row: dict[str, Any] = {"Enabled": 1, "Groups": ("a", "b"), "Name": "apart", "RuleType": 4}
    (found,) = CLUSTER_AFFINITY_RULES.value_of([WmiRow("MSCluster_AffinityRule", row | values)])
    return found


def test_a_rule_says_what_it_keeps_apart_and_whether_it_gives_way() -> None:
    assert rule() == AffinityRule("apart", DIFFERENT_NODE, ("a", "b"), enabled=True)
    assert (rule(Enabled=0).enabled, rule(Enabled=None).enabled) == (False, True)
    assert (rule(SoftAntiAffinity=1).soft, rule(SoftAntiAffinity=0).soft) == (True, False)


@in_turn(
    "row, expected",
    [
        ({"RootMemoryReserved": 4096}, 4096),
        ({"RootMemoryReserved": 4294967295}, None),
        ({"RootMemoryReserved": None}, None),
        ({}, None),
    ],
)
def test_a_reserve_that_windows_decides_is_none(row: dict[str, Any], expected: int | None) -> None:
    found = CLUSTER_MEMORY_RESERVE.value_of([WmiRow("MSCluster_Cluster", row)])
    assert found == ClusterMemoryReserve(expected)


def test_a_host_in_no_cluster_reserves_nothing_and_two_clusters_are_odd() -> None:
    assert CLUSTER_MEMORY_RESERVE.value_of([]) == ClusterMemoryReserve(None)
    with pytest.raises(ValueError, match="expected one cluster; the host sent 2"):
        CLUSTER_MEMORY_RESERVE.value_of([WmiRow("MSCluster_Cluster", {})] * 2)
