"""Groups and resources of a cluster, read from what WMI sends."""

from __future__ import annotations

from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import EmbeddedObject, WmiRow
from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES, ClusterGroup

GUID = "5e9bb3a6-4a12-4c1e-9d0a-0c5a0b1b7a11"


def group_row(**changes: Any) -> WmiRow:
    row: dict[str, Any] = {
        "AntiAffinityClassNames": None,
        "GroupType": 111,
        "LockedFromMoving": 0,
        "Name": "web01",
        "OwnerNode": "HV01",
        "Priority": 2000,
        "State": 0,
        "StatusInformation": 0,
    }
    return WmiRow("MSCluster_ResourceGroup", row | changes)


def resource_row(**changes: Any) -> WmiRow:
    row: dict[str, Any] = {
        "IsClusterSharedVolume": False,
        "Name": "Virtual Machine web01",
        "OwnerGroup": "web01",
        "OwnerNode": "HV01",
        "PrivateProperties": EmbeddedObject((("VmId", GUID),)),
        "State": 2,
        "Type": "Virtual Machine",
    }
    return WmiRow("MSCluster_Resource", row | changes)


def test_a_group_is_read_as_the_cluster_has_it() -> None:
    found = CLUSTER_GROUPS.parse([group_row(AntiAffinityClassNames=("dc",), LockedFromMoving=1)])
    assert found == (ClusterGroup("web01", 111, 0, "HV01", 2000, ("dc",), 1, 0),)


@pytest.mark.parametrize("unknown", [None, -1, 4294967295])
def test_a_state_that_is_not_known_is_one_whichever_way_it_travels(unknown: int | None) -> None:
    (group,) = CLUSTER_GROUPS.parse([group_row(State=unknown, Priority=None, OwnerNode=None)])
    assert (group.state, group.priority, group.owner_node) == (-1, None, "")
    (resource,) = CLUSTER_RESOURCES.parse([resource_row(State=unknown)])
    assert resource.state == -1


def test_a_release_without_the_lock_says_so() -> None:
    values = {name: value for name, value in group_row().items() if name != "LockedFromMoving"}
    (group,) = CLUSTER_GROUPS.parse([WmiRow("MSCluster_ResourceGroup", values)])
    assert group.locked is None


@in_turn("text", [GUID, GUID.upper(), f"{{{GUID}}}", f" {{{GUID.upper()}}} "])
def test_a_machines_identifier_has_one_form(text: str) -> None:
    (resource,) = CLUSTER_RESOURCES.parse(
        [resource_row(PrivateProperties=EmbeddedObject((("VMID", text),)))]
    )
    assert resource.vm == GUID


@pytest.mark.parametrize("value", [None, EmbeddedObject(()), EmbeddedObject((("VmId", ""),))])
def test_a_resource_may_not_say_whose_it_is(value: EmbeddedObject | None) -> None:
    (resource,) = CLUSTER_RESOURCES.parse([resource_row(PrivateProperties=value)])
    assert resource.vm is None
