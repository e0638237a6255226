"""What the virtual machines of a host have in their drives: files, and disks of the host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.virtual_machines import owner_of
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2012, WINDOWS_SERVER_2012_R2

_DVD = 16
_NO_MACHINES = "no virtual machine has any, or none that the account may see"


@dataclass(frozen=True)
class VirtualDisk:
    """Msvm_StorageAllocationSettingData: a file in a drive (windows-facts-2.md section 11).

    `owner` is the GUID of the machine or the checkpoint, in upper case. `file` is the first text of
    HostResource. `is_disc`: an image of a DVD. `shared`: PersistentReservationsSupported, of a disk
    that several machines have; None where the release lacks that property.
    """

    owner: str
    file: str
    is_disc: bool = False
    shared: bool | None = None


def _disks(rows: Sequence[WmiRow]) -> tuple[VirtualDisk, ...]:
    return tuple(
        VirtualDisk(
            owner,
            file,
            row.integer_or_none("ResourceType") == _DVD,
            row.boolean_or_none("PersistentReservationsSupported"),
        )
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
        and (file := next(iter(row.texts("HostResource")), "").strip())
    )


VIRTUAL_DISKS = WmiGroup(
    "virtual-disks",
    "the files in the drives of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualDisk, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_StorageAllocationSettingData",
            (
                WmiProperty("HostResource", CimType.STRING, array=True),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty(
                    "PersistentReservationsSupported",
                    CimType.BOOLEAN,
                    optional=True,
                    since=WINDOWS_SERVER_2012_R2,
                ),
                WmiProperty("ResourceType", CimType.UINT16),
            ),
        )
    ),
    parse=_disks,
    may_be_empty=_NO_MACHINES,
    minimum_build=WINDOWS_SERVER_2012,
    of_machines=True,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class PhysicalDrive:
    """Msvm_ResourceAllocationSettingData: a drive of the host that a machine has, or its memory.

    `owner` as in VirtualDisk. `is_dvd`: a DVD drive; `is_memory`: a controller of persistent
    memory; else a disk. Drives to which nothing is assigned are left out.
    """

    owner: str
    is_dvd: bool
    is_memory: bool = False


PHYSICAL_DVD = "Microsoft:Hyper-V:Physical DVD Drive"
PHYSICAL_DISK = "Microsoft:Hyper-V:Physical Disk Drive"
_MEMORY_CONTROLLER = 32771


def _drives(rows: Sequence[WmiRow]) -> tuple[PhysicalDrive, ...]:
    return tuple(
        PhysicalDrive(owner, kind == _DVD, is_memory=kind == _MEMORY_CONTROLLER)
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
        and (
            (kind := row.integer_or_none("ResourceType")) == _MEMORY_CONTROLLER
            or any(each.strip() for each in row.texts("HostResource"))
        )
    )


# The condition is needed: without one, the class answers with the rows of its subclasses too.
PHYSICAL_DRIVES = WmiGroup(
    "physical-drives",
    "the drives of the host and the persistent memory that virtual machines have",
    Subject.HOST,
    Vantage.HOST,
    tuple[PhysicalDrive, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_ResourceAllocationSettingData",
            (
                WmiProperty("HostResource", CimType.STRING, array=True),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("ResourceSubType", CimType.STRING),
                WmiProperty("ResourceType", CimType.UINT16),
            ),
        ),
        where=f"ResourceSubType = '{PHYSICAL_DVD}' OR ResourceSubType = '{PHYSICAL_DISK}' OR "
        f"ResourceType = {_MEMORY_CONTROLLER}",
    ),
    parse=_drives,
    may_be_empty=_NO_MACHINES,
    minimum_build=WINDOWS_SERVER_2012,
    of_machines=True,
    provided_by_vmms=True,
)
