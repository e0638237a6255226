"""The memory of hosts and of their machines, as Hyper-V writes the rows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.facts.cim import WmiRow
from livemigration.facts.host_memory import (
    HOST_CAPACITY,
    MEMORY_POOL,
    NUMA_NODES,
    NUMA_SPANNING,
    HostCapacity,
    MemoryPool,
    NumaNode,
    NumaSpanning,
)
from livemigration.facts.virtual_memory import (
    VIRTUAL_MACHINE_MEMORY,
    VIRTUAL_MACHINE_MEMORY_SETTINGS,
    AssignedMemory,
    MemorySettings,
)
from livemigration.facts.volumes import VOLUME_SPACE, VolumeSpace

VM = "0A1B2C3D-0000-4000-8000-00000000000A"
OTHER = "0A1B2C3D-0000-4000-8000-00000000000B"
MEGABYTE = 1 << 20
UNITS = "byte * 2^20"


def memory(*blocks: tuple[str, int | None]) -> tuple[AssignedMemory, ...]:
    rows = [
        WmiRow(
            "Msvm_Memory", {"SystemName": owner, "NumberOfBlocks": number, "BlockSize": MEGABYTE}
        )
        for owner, number in blocks
    ]
    return VIRTUAL_MACHINE_MEMORY.value_of(rows)


def test_a_machine_on_several_numa_nodes_is_counted_once() -> None:
    found = memory((VM, 8192), (VM, 4096), (VM, 4096), (OTHER.lower(), 512), (OTHER, 512))
    assert found == (AssignedMemory(VM, 8192), AssignedMemory(OTHER, 512))


def test_the_memory_of_the_host_is_that_of_no_machine() -> None:
    assert memory(("HV01", 524_288), (VM, 2048)) == (AssignedMemory(VM, 2048),)


def test_a_row_that_states_no_blocks_says_nothing() -> None:
    assert memory((VM, None)) == ()
    assert memory() == ()


def test_blocks_of_another_size_are_counted_up_to_whole_megabytes() -> None:
    row: dict[str, Any] = {"SystemName": VM, "NumberOfBlocks": 3, "BlockSize": MEGABYTE // 2}
    found = VIRTUAL_MACHINE_MEMORY.value_of([WmiRow("Msvm_Memory", row)])
    assert found == (AssignedMemory(VM, 2),)


def settings(**values: Any) -> tuple[MemorySettings, ...]:
    row: dict[str, Any] = {
        "InstanceID": rf"Microsoft:{VM}\4764334D-E001-4176-82EE-5594EC9B530E",
        "VirtualQuantity": 4096,
        "Reservation": 512,
        "Limit": 8192,
        "DynamicMemoryEnabled": True,
    }
    return VIRTUAL_MACHINE_MEMORY_SETTINGS.value_of(
        [WmiRow("Msvm_MemorySettingData", row | values)]
    )


def test_memory_settings_are_those_of_machines_alone() -> None:
    assert settings() == (MemorySettings(VM, 4096, 512, 8192, dynamic=True),)
    assert settings(InstanceID=r"Microsoft:Definition\4764334D\Default") == ()
    assert settings(DynamicMemoryEnabled=None, Limit=None) == (MemorySettings(VM, 4096, 512),)


def pool(*rows: dict[str, Any]) -> MemoryPool:
    base: dict[str, Any] = {
        "AllocationUnits": UNITS,
        "ConsumedResourceUnits": UNITS,
        "MaxConsumableResource": 46098,
        "Primordial": True,
        "Reserved": 12800,
        "ResourceType": 4,
    }
    return MEMORY_POOL.value_of([WmiRow("Msvm_ResourcePool", base | each) for each in rows])


def test_the_pool_of_a_real_host() -> None:
    found = pool({}, {"Primordial": False, "MaxConsumableResource": 1024})
    assert (found, found.free) == (MemoryPool(46098, 12800), 33298)
    assert pool({"ConsumedResourceUnits": None}) == found
    assert pool({"Reserved": 50_000}).free == 0


@pytest.mark.parametrize(
    ("units", "number", "expected"),
    [
        ("byte * 2^30", 2, (2048, 2048)),
        ("bytes", 3 * MEGABYTE + 1, (3, 4)),
        ("BYTE*2^10", 1, (0, 1)),
    ],
)
def test_other_units_never_make_more_free_than_there_is(
    units: str, number: int, expected: tuple[int, int]
) -> None:
    said = {"AllocationUnits": units, "ConsumedResourceUnits": units}
    found = pool(said | {"MaxConsumableResource": number, "Reserved": number})
    assert (found.maximum, found.reserved) == expected


@in_turn("units", [None, "", "percent / 1000", "count", "byte * 3^20"])
def test_a_pool_in_unknown_units_is_not_read(units: str | None) -> None:
    with pytest.raises(ValueError, match="the memory pool counts in"):
        pool({"AllocationUnits": units, "ConsumedResourceUnits": units})


@pytest.mark.parametrize("rows", [(), ({"Primordial": False},), ({}, {})])
def test_there_is_one_pool_of_all_memory(rows: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(ValueError, match="expected one memory pool of the host"):
        pool(*rows)


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(0, 40))
def test_what_is_free_fits_what_is_there(maximum: int, reserved: int, power: int) -> None:
    units = f"byte * 2^{power}"
    said = {"AllocationUnits": units, "ConsumedResourceUnits": units}
    found = pool(said | {"MaxConsumableResource": maximum, "Reserved": reserved})
    assert found.free * MEGABYTE <= max(0, (maximum - reserved) << power)


def test_the_capacity_of_a_host_is_in_megabytes() -> None:
    row: dict[str, Any] = {"NumberOfLogicalProcessors": 24, "TotalPhysicalMemory": 51_263_000_576}
    assert HOST_CAPACITY.value_of([WmiRow("Win32_ComputerSystem", row)]) == HostCapacity(24, 48888)
    bare = WmiRow("Win32_ComputerSystem", dict.fromkeys(row))
    assert HOST_CAPACITY.value_of([bare]) == HostCapacity(None, None)


@pytest.mark.parametrize("said", [True, False, None])
def test_numa_spanning_may_be_unsaid(said: bool | None) -> None:
    row = WmiRow("Msvm_VirtualSystemManagementServiceSettingData", {"NumaSpanningEnabled": said})
    assert NUMA_SPANNING.value_of([row]) == NumaSpanning(said)


def test_numa_nodes_are_those_of_the_host() -> None:
    row: dict[str, Any] = {
        "NodeID": r"Microsoft:PhysicalNode\0",
        "NumberOfLogicalProcessors": 24,
        "CurrentlyConsumableMemoryBlocks": 15820,
    }
    found = NUMA_NODES.value_of([WmiRow("Msvm_NumaNode", row)])
    assert found == (NumaNode(r"Microsoft:PhysicalNode\0", 24, 15820),)


def test_space_is_in_megabytes_and_may_be_unknown() -> None:
    rows: list[dict[str, Any]] = [
        {"DriveLetter": "d:", "DriveType": 3, "FreeSpace": 5 * MEGABYTE + 1},
        {"DriveLetter": "E:", "DriveType": 3, "FreeSpace": None},
        {"DriveLetter": None, "DriveType": 3, "FreeSpace": 0},
    ]
    found = VOLUME_SPACE.value_of([WmiRow("Win32_Volume", each) for each in rows])
    assert found == (VolumeSpace("D:", 5), VolumeSpace("E:", None), VolumeSpace("", 0))
    assert VOLUME_SPACE.lack(())
