"""What a host has for virtual machines: its memory pool, its processors and its NUMA nodes.

Windows-facts-2.md 10.4 and 14.2. Memory is in MB, 2^20 bytes each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import (
    CIMV2,
    MEGABYTE,
    VIRTUALIZATION,
    WINDOWS_SERVER_2012,
    single,
)

_MEMORY = 4
# As the memory pool of a real host had it; that of another power of two is inferred.
MEGABYTES = "byte * 2^20"
_UNITS = re.compile(r"\s*bytes?\s*(?:\*\s*2\s*\^\s*(\d{1,2})\s*)?", re.IGNORECASE)


@dataclass(frozen=True)
class MemoryPool:
    """Msvm_ResourcePool of memory: what the host gives to virtual machines, in MB.

    `maximum` is MaxConsumableResource, from which the host's own share is gone already. `reserved`
    is what virtual machines have of it now.
    """

    maximum: int
    reserved: int

    @property
    def free(self) -> int:
        """What can still be given to virtual machines."""
        return max(0, self.maximum - self.reserved)


def _pool(rows: Sequence[WmiRow]) -> MemoryPool:
    own = [row for row in rows if row.boolean_or_none("Primordial")]
    row = single(own, "memory pool of the host")
    units = row.text_or_none("AllocationUnits")
    consumed = row.text_or_none("ConsumedResourceUnits") or units
    return MemoryPool(
        _megabytes(row.integer("MaxConsumableResource"), consumed or "", up=False),
        _megabytes(row.integer("Reserved"), units or consumed or "", up=True),
    )


def _megabytes(number: int, units: str, *, up: bool) -> int:
    """Return a number of these units in MB: rounded so that there is never more free than is.

    Raises:
        ValueError: the units are not those of memory, or are not said.
    """
    found = _UNITS.fullmatch(units)
    if found is None:
        raise ValueError(f"the memory pool counts in {units[:40]!r}, not in {MEGABYTES!r}")
    whole = number << int(found[1] or 0)
    return -(-whole // MEGABYTE) if up else whole // MEGABYTE


MEMORY_POOL = WmiGroup(
    "memory-pool",
    "the memory for virtual machines",
    Subject.HOST,
    Vantage.HOST,
    MemoryPool,
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_ResourcePool",
            (
                WmiProperty("AllocationUnits", CimType.STRING),
                WmiProperty("ConsumedResourceUnits", CimType.STRING),
                WmiProperty("MaxConsumableResource", CimType.UINT64),
                WmiProperty("Primordial", CimType.BOOLEAN),
                WmiProperty("Reserved", CimType.UINT64),
                WmiProperty("ResourceType", CimType.UINT16),
            ),
        ),
        where=f"ResourceType = {_MEMORY}",
    ),
    parse=_pool,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class HostCapacity:
    """Win32_ComputerSystem: the logical processors of a host, and its whole memory in MB.

    None: the host does not state it. Msvm_Processor would count virtual processors.
    """

    logical_processors: int | None
    memory: int | None


def _capacity(rows: Sequence[WmiRow]) -> HostCapacity:
    row = single(rows, "computer system")
    memory = row.integer_or_none("TotalPhysicalMemory")
    return HostCapacity(
        row.integer_or_none("NumberOfLogicalProcessors"),
        None if memory is None else memory // MEGABYTE,
    )


HOST_CAPACITY = WmiGroup(
    "host-capacity",
    "the processors and the memory",
    Subject.HOST,
    Vantage.HOST,
    HostCapacity,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_ComputerSystem",
            (
                WmiProperty("NumberOfLogicalProcessors", CimType.UINT32),
                WmiProperty("TotalPhysicalMemory", CimType.UINT64),
            ),
        )
    ),
    parse=_capacity,
)


@dataclass(frozen=True)
class NumaSpanning:
    """Msvm_VirtualSystemManagementServiceSettingData: whether a machine may span NUMA nodes.

    None: the host does not state it. The schema calls the property reserved; a real host has it.
    """

    allowed: bool | None


def _spanning(rows: Sequence[WmiRow]) -> NumaSpanning:
    row = single(rows, "set of Hyper-V's settings")
    return NumaSpanning(row.boolean_or_none("NumaSpanningEnabled"))


NUMA_SPANNING = WmiGroup(
    "numa-spanning",
    "whether virtual machines may span NUMA nodes",
    Subject.HOST,
    Vantage.HOST,
    NumaSpanning,
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_VirtualSystemManagementServiceSettingData",
            (WmiProperty("NumaSpanningEnabled", CimType.BOOLEAN, sample=True),),
        )
    ),
    parse=_spanning,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class NumaNode:
    """Msvm_NumaNode: a NUMA node of the host.

    `consumable` is what it can still give to virtual machines, in MB (that a block is one is
    inferred from Msvm_Memory); it is not the node's size. None: the host does not state it.
    """

    identifier: str
    logical_processors: int | None
    consumable: int | None


def _nodes(rows: Sequence[WmiRow]) -> tuple[NumaNode, ...]:
    return tuple(
        NumaNode(
            row.text("NodeID"),
            row.integer_or_none("NumberOfLogicalProcessors"),
            row.integer_or_none("CurrentlyConsumableMemoryBlocks"),
        )
        for row in rows
    )


NUMA_NODES = WmiGroup(
    "numa-nodes",
    "the NUMA nodes",
    Subject.HOST,
    Vantage.HOST,
    tuple[NumaNode, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_NumaNode",
            (
                WmiProperty("CurrentlyConsumableMemoryBlocks", CimType.UINT64),
                WmiProperty("NodeID", CimType.STRING),
                WmiProperty("NumberOfLogicalProcessors", CimType.UINT32),
            ),
        )
    ),
    parse=_nodes,
    may_be_empty="the host has none to show",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
