"""Devices and protection of virtual machines, as Hyper-V writes their rows."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.facts.cim import WmiRow
from livemigration.facts.connection_pools import CONNECTION_POOLS, ConnectionPools
from livemigration.facts.model import WmiGroup
from livemigration.facts.virtual_devices import (
    FIBRE_CHANNEL_CONNECTIONS,
    GPU_PARTITION_SETTINGS,
    GPU_PARTITIONS,
    PARTITIONABLE_GPUS,
    PASSED_THROUGH_DEVICES,
    FibreChannelConnection,
    GpuPartition,
    PartitionableGpu,
    PassedThroughDevice,
)
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES, PhysicalDrive
from livemigration.facts.virtual_machines import owner_of
from livemigration.facts.virtual_security import VIRTUAL_SECURITY, VirtualSecurity

VM = "D40BB1B7-1B15-437C-A36B-B142C18C2060"
DEVICE = "83F8638B-8DCA-4152-9EDA-2CA8B33039B4"
DEFINITION = rf"Microsoft:Definition\{DEVICE}\Default"
OF_MACHINES = (
    PASSED_THROUGH_DEVICES,
    GPU_PARTITION_SETTINGS,
    FIBRE_CHANNEL_CONNECTIONS,
    VIRTUAL_SECURITY,
)


def read(group: WmiGroup[Any], *rows: dict[str, Any]) -> Any:
    return group.value_of([WmiRow(group.source, each) for each in rows])


def of(owner: str, **values: Any) -> dict[str, Any]:
    return {"InstanceID": rf"Microsoft:{owner}\{DEVICE}\0", **values}


def test_a_device_that_is_given_to_a_machine_is_its_own() -> None:
    found = read(PASSED_THROUGH_DEVICES, of(VM.lower(), PoolID=None), of(VM, PoolID=" Cards "))
    assert found == (PassedThroughDevice(VM), PassedThroughDevice(VM, "Cards"))


def test_an_adapter_is_on_the_san_whose_pool_it_names() -> None:
    found = read(
        FIBRE_CHANNEL_CONNECTIONS, of(VM, PoolID="Fabric A"), of(VM, PoolID=""), of(VM, PoolID=None)
    )
    assert found == (
        FibreChannelConnection(VM, "Fabric A"),
        *(FibreChannelConnection(VM, ""),) * 2,
    )


def pool(name: str | None, *, primordial: bool, kind: int = 64764) -> dict[str, Any]:
    return {"PoolID": name, "Primordial": primordial, "ResourceType": kind}


@in_turn(
    "rows, pools",
    [
        ((), ConnectionPools((), False)),
        ((pool(None, primordial=True),), ConnectionPools((), True)),
        (
            (pool("", primordial=True), pool("A", primordial=False), pool("B", primordial=False)),
            ConnectionPools(("A", "B"), True),
        ),
        ((pool("A", primordial=False),), ConnectionPools(("A",), False)),
        ((pool("", primordial=True, kind=33),), ConnectionPools((), False, (), True)),
        (
            (
                pool("A", primordial=False, kind=33),
                pool("", primordial=True, kind=33),
                pool("B", primordial=False),
                pool("C", primordial=False, kind=4),
            ),
            ConnectionPools(("B",), False, ("A",), True),
        ),
    ],
)
def test_pools_are_those_that_were_made_by_their_kind(
    rows: tuple[dict[str, Any], ...], pools: ConnectionPools
) -> None:
    assert read(CONNECTION_POOLS, *rows) == pools
    assert "ResourceType = 64764 OR ResourceType = 33" in CONNECTION_POOLS.query.wql


@in_turn(
    "keys",
    [
        {"SystemName": VM.lower(), "DeviceID": rf"Microsoft:{DEVICE}"},
        {"SystemName": "HV01", "DeviceID": rf"Microsoft:{VM}\{DEVICE}"},
        {"SystemName": None, "DeviceID": rf"Microsoft:{VM.lower()}\{DEVICE}"},
    ],
)
@in_turn("says", [True, False, None])
def test_a_partition_in_use_is_found_by_any_of_its_keys(
    keys: dict[str, Any], says: bool | None
) -> None:
    (found,) = read(GPU_PARTITIONS, {**keys, "SupportsOutgoingLiveMigration": says})
    assert VM in found.machines
    assert found.leaves_live is says


def test_a_partition_of_no_machine_is_none_of_a_machine() -> None:
    assert read(GPU_PARTITIONS, {"SystemName": "HV01", "DeviceID": None}) == (
        GpuPartition((), None),
    )


def test_a_gpu_says_whether_it_takes_machines_live_or_says_nothing() -> None:
    found = read(
        PARTITIONABLE_GPUS,
        {"Name": r"\\?\PCI#1", "SupportsIncomingLiveMigration": True},
        {"Name": None},
    )
    assert found == (PartitionableGpu(r"\\?\PCI#1", True), PartitionableGpu("", None))


def test_persistent_memory_is_a_controller_without_a_resource_and_no_drive() -> None:
    rows = [
        of(VM.lower(), ResourceType=32771, HostResource=None),
        of(VM, ResourceType=17, HostResource=("disk",)),
        of(VM, ResourceType=17, HostResource=None),
    ]
    assert read(PHYSICAL_DRIVES, *rows) == (
        PhysicalDrive(VM, is_dvd=False, is_memory=True),
        PhysicalDrive(VM, is_dvd=False),
    )
    assert PHYSICAL_DRIVES.query.wql.endswith(" OR ResourceType = 32771")


def test_protection_that_a_release_does_not_state_is_not_known() -> None:
    row = of(VM.lower(), TpmEnabled=True, ShieldingRequested=False)
    assert read(VIRTUAL_SECURITY, row) == (VirtualSecurity(VM, True, False),)
    more = {"BindToHostTpm": True, "MigratablePolicy": 1}
    assert read(VIRTUAL_SECURITY, {**row, **more}) == (VirtualSecurity(VM, True, False, True, 1),)


@in_turn("group", OF_MACHINES)
def test_a_host_without_devices_has_the_defaults_alone_or_no_row(group: WmiGroup[Any]) -> None:
    assert read(group, {"InstanceID": DEFINITION, "PoolID": ""}) == read(group) == ()


GUIDS = st.uuids().map(str)
TAILS = st.lists(st.sampled_from(["0", "C", "L", DEVICE, "Ä", "", " "]), max_size=4)
STRANGE = st.one_of(
    st.text(max_size=60),
    st.just(DEFINITION),
    GUIDS.map(lambda each: f"Microsoft:{{{each}}}"),
    GUIDS.map(lambda each: f"Microsoft:{each}-1\\0"),
    GUIDS.map(lambda each: f"Other:{each}\\0"),
)


@given(
    owners=st.lists(GUIDS, max_size=5),
    tail=TAILS,
    strange=st.lists(STRANGE, max_size=5),
    upper=st.booleans(),
    group=st.sampled_from(OF_MACHINES),
)
def test_rows_are_told_apart_by_the_guid_of_their_machine_whatever_else_is_there(
    owners: list[str], tail: list[str], strange: list[str], upper: bool, group: WmiGroup[Any]
) -> None:
    spelt = [each.upper() if upper else each for each in owners]
    own = [{"InstanceID": "\\".join([f"Microsoft:{each}", *tail])} for each in spelt]
    others = [{"InstanceID": each} for each in strange if owner_of(each) is None]
    found = read(group, *others, *own)
    assert [each.owner for each in found] == [each.upper() for each in owners]


@given(guid=GUIDS, tail=st.text(max_size=40))
def test_an_owner_is_found_once_and_never_made_up(guid: str, tail: str) -> None:
    assert owner_of(f"Microsoft:{guid}\\{tail}") == guid.upper()
    found = owner_of(tail)
    assert found is None or found.casefold() in tail.casefold()
