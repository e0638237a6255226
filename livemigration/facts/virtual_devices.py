"""The devices that are tied to virtual machines: of their host, and what other hosts must have.

Classes and values: windows-facts-2.md section 11. A row belongs to the machine or the checkpoint
whose GUID is in its InstanceID; the defaults that Hyper-V lists beside them belong to none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.virtual_machines import owner_of
from livemigration.facts.windows import (
    VIRTUALIZATION,
    WINDOWS_SERVER_2012,
    WINDOWS_SERVER_2016,
    WINDOWS_SERVER_2025,
)

_GUID = re.compile("[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class PassedThroughDevice:
    """Msvm_PciExpressSettingData: a PCI Express device of the host, given to one machine.

    `owner` is the GUID of the machine or the checkpoint, in upper case. `pool` is the resource pool
    that the device comes from; empty: none.
    """

    owner: str
    pool: str = ""


def _passed_through(rows: Sequence[WmiRow]) -> tuple[PassedThroughDevice, ...]:
    return tuple(
        PassedThroughDevice(owner, (row.text_or_none("PoolID") or "").strip())
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
    )


_NO_DEVICES: tuple[PassedThroughDevice, ...] = ()

PASSED_THROUGH_DEVICES = WmiGroup(
    "passed-through-devices",
    "the PCI Express devices of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[PassedThroughDevice, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_PciExpressSettingData",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("PoolID", CimType.STRING),
            ),
        )
    ),
    parse=_passed_through,
    may_be_empty="no device is given to a virtual machine",
    minimum_build=WINDOWS_SERVER_2016,
    when_absent=_NO_DEVICES,
    of_machines=True,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class GpuPartitionSetting:
    """Msvm_GpuPartitionSettingData: a machine, or a checkpoint, has a partition of a GPU."""

    owner: str


def _partition_settings(rows: Sequence[WmiRow]) -> tuple[GpuPartitionSetting, ...]:
    return tuple(
        GpuPartitionSetting(owner)
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
    )


_NO_SETTINGS: tuple[GpuPartitionSetting, ...] = ()

GPU_PARTITION_SETTINGS = WmiGroup(
    "gpu-partition-settings",
    "the GPU partitions of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[GpuPartitionSetting, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_GpuPartitionSettingData",
            (WmiProperty("InstanceID", CimType.STRING),),
        )
    ),
    parse=_partition_settings,
    may_be_empty="no virtual machine has a GPU partition",
    minimum_build=WINDOWS_SERVER_2016,
    when_absent=_NO_SETTINGS,
    of_machines=True,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class GpuPartition:
    """Msvm_GpuPartition: a partition of a GPU in use.

    `machines` are the GUIDs in its keys, in upper case; that one of them is the machine's is
    inferred. `leaves_live` is SupportsOutgoingLiveMigration; None: the host does not state it.
    """

    machines: tuple[str, ...]
    leaves_live: bool | None


def _partitions(rows: Sequence[WmiRow]) -> tuple[GpuPartition, ...]:
    return tuple(
        GpuPartition(_guids(row), row.boolean_or_none("SupportsOutgoingLiveMigration"))
        for row in rows
    )


def _guids(row: WmiRow) -> tuple[str, ...]:
    keys = f"{row.text_or_none('SystemName') or ''} {row.text_or_none('DeviceID') or ''}"
    return tuple(dict.fromkeys(each.upper() for each in _GUID.findall(keys)))


_NO_PARTITIONS: tuple[GpuPartition, ...] = ()

GPU_PARTITIONS = WmiGroup(
    "gpu-partitions",
    "the GPU partitions in use",
    Subject.HOST,
    Vantage.HOST,
    tuple[GpuPartition, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_GpuPartition",
            (
                WmiProperty("DeviceID", CimType.STRING),
                WmiProperty("SupportsOutgoingLiveMigration", CimType.BOOLEAN, optional=True),
                WmiProperty("SystemName", CimType.STRING),
            ),
        )
    ),
    parse=_partitions,
    may_be_empty="no GPU partition is in use",
    minimum_build=WINDOWS_SERVER_2025,
    when_absent=_NO_PARTITIONS,
    of_machines=True,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class PartitionableGpu:
    """Msvm_PartitionableGpu: a GPU of the host that can be partitioned.

    `name` is its device path. `takes_live` is SupportsIncomingLiveMigration; None: the host does
    not state it.
    """

    name: str
    takes_live: bool | None


def _gpus(rows: Sequence[WmiRow]) -> tuple[PartitionableGpu, ...]:
    return tuple(
        PartitionableGpu(
            row.text_or_none("Name") or "", row.boolean_or_none("SupportsIncomingLiveMigration")
        )
        for row in rows
    )


_NO_GPUS: tuple[PartitionableGpu, ...] = ()

PARTITIONABLE_GPUS = WmiGroup(
    "partitionable-gpus",
    "the GPUs that can be partitioned",
    Subject.HOST,
    Vantage.HOST,
    tuple[PartitionableGpu, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_PartitionableGpu",
            (
                WmiProperty("Name", CimType.STRING),
                WmiProperty("SupportsIncomingLiveMigration", CimType.BOOLEAN, optional=True),
            ),
        )
    ),
    parse=_gpus,
    may_be_empty="no GPU can be partitioned",
    minimum_build=WINDOWS_SERVER_2025,
    when_absent=_NO_GPUS,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class FibreChannelConnection:
    """Msvm_FcPortAllocationSettingData: a virtual Fibre Channel adapter is on a virtual SAN.

    `owner` is the GUID of the machine or the checkpoint, in upper case; `san` is the virtual SAN,
    which is a resource pool; empty: the adapter is on none.
    """

    owner: str
    san: str


def _connections(rows: Sequence[WmiRow]) -> tuple[FibreChannelConnection, ...]:
    return tuple(
        FibreChannelConnection(owner, (row.text_or_none("PoolID") or "").strip())
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
    )


FIBRE_CHANNEL_CONNECTIONS = WmiGroup(
    "fibre-channel-connections",
    "the Fibre Channel adapters of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[FibreChannelConnection, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_FcPortAllocationSettingData",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("PoolID", CimType.STRING),
            ),
        )
    ),
    parse=_connections,
    may_be_empty="no virtual machine has such an adapter",
    minimum_build=WINDOWS_SERVER_2012,
    of_machines=True,
    provided_by_vmms=True,
)
