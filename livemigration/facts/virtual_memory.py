"""The memory of the virtual machines of a host: what they have now, and what they are set to have.

Windows-facts-2.md 14.2. Each class is asked for once per host. Memory is in MB, 2^20 bytes each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.virtual_machines import guid_of, owner_of
from livemigration.facts.windows import MEGABYTE, VIRTUALIZATION, WINDOWS_SERVER_2012


@dataclass(frozen=True)
class AssignedMemory:
    """Msvm_Memory: the memory that a running virtual machine has now, in MB.

    `owner` is its GUID in upper case. A machine that does not run has none.
    """

    owner: str
    megabytes: int


def _assigned(rows: Sequence[WmiRow]) -> tuple[AssignedMemory, ...]:
    """Return the memory of each machine: its largest row.

    Beside the row of all its memory, a machine has one for each of its virtual NUMA nodes, and the
    host has some of its own (as Hyper-V's own client reads them; that they are listed is inferred).
    """
    found: dict[str, int] = {}
    for row in rows:
        owner = guid_of(row.text("SystemName"))
        blocks, size = row.integer_or_none("NumberOfBlocks"), row.integer_or_none("BlockSize")
        if owner is None or blocks is None:
            continue
        # It is documented to be a megabyte, always.
        megabytes = -(-blocks * (size or MEGABYTE) // MEGABYTE)
        found[owner] = max(found.get(owner, 0), megabytes)
    return tuple(AssignedMemory(owner, megabytes) for owner, megabytes in found.items())


VIRTUAL_MACHINE_MEMORY = WmiGroup(
    "virtual-machine-memory",
    "the memory that the virtual machines have",
    Subject.HOST,
    Vantage.HOST,
    tuple[AssignedMemory, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_Memory",
            (
                WmiProperty("BlockSize", CimType.UINT64),
                WmiProperty("NumberOfBlocks", CimType.UINT64),
                WmiProperty("SystemName", CimType.STRING),
            ),
        )
    ),
    parse=_assigned,
    may_be_empty="no virtual machine runs, or none that the account may see",
    minimum_build=WINDOWS_SERVER_2012,
    of_machines=True,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class MemorySettings:
    """Msvm_MemorySettingData, also of checkpoints; all in MB.

    `owner` is the GUID of the machine or the checkpoint, in upper case. `startup` is what it has
    when it starts, and for as long as it runs where its memory is not `dynamic`; `minimum` and
    `maximum` bound what dynamic memory gives it. None: the host does not state it.
    """

    owner: str
    startup: int | None
    minimum: int | None = None
    maximum: int | None = None
    dynamic: bool | None = None


def _settings(rows: Sequence[WmiRow]) -> tuple[MemorySettings, ...]:
    return tuple(
        MemorySettings(
            owner,
            row.integer_or_none("VirtualQuantity"),
            row.integer_or_none("Reservation"),
            row.integer_or_none("Limit"),
            row.boolean_or_none("DynamicMemoryEnabled"),
        )
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
    )


VIRTUAL_MACHINE_MEMORY_SETTINGS = WmiGroup(
    "virtual-machine-memory-settings",
    "the memory settings of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[MemorySettings, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_MemorySettingData",
            (
                WmiProperty("DynamicMemoryEnabled", CimType.BOOLEAN),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("Limit", CimType.UINT64),
                WmiProperty("Reservation", CimType.UINT64),
                WmiProperty("VirtualQuantity", CimType.UINT64),
            ),
        )
    ),
    parse=_settings,
    may_be_empty="there is no virtual machine, or none that the account may see",
    minimum_build=WINDOWS_SERVER_2012,
    of_machines=True,
    provided_by_vmms=True,
)
