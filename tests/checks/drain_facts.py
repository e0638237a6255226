"""The facts of a drain: what hosts have for machines, and what clusters want of theirs."""

from __future__ import annotations

from typing import Any

from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS, TEAM_MEMBERS, AdapterSpeed
from livemigration.facts.cluster_preferences import (
    CLUSTER_AFFINITY_RULES,
    CLUSTER_MEMORY_RESERVE,
    CLUSTER_PREFERRED_OWNERS,
    ClusterMemoryReserve,
)
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
from livemigration.facts.model import FactGroup
from livemigration.facts.virtual_memory import VIRTUAL_MACHINE_MEMORY_SETTINGS
from livemigration.facts.volumes import VOLUME_SPACE, VolumeSpace

GIGABIT = 1_000_000_000
_WHOLE, _POOL = 262_144, 249_856

# Of a healthy host with room for many machines.
DRAIN_GROUPS: tuple[tuple[FactGroup[Any], Any], ...] = (
    (MEMORY_POOL, MemoryPool(_POOL, 4096)),
    (HOST_CAPACITY, HostCapacity(32, _WHOLE)),
    (NUMA_SPANNING, NumaSpanning(True)),
    (NUMA_NODES, (NumaNode("Node0", 16, _POOL // 2), NumaNode("Node1", 16, _POOL // 2))),
    (VIRTUAL_MACHINE_MEMORY_SETTINGS, ()),
    (VOLUME_SPACE, (VolumeSpace("C:", 102_400),)),
    (CLUSTER_MEMORY_RESERVE, ClusterMemoryReserve(None)),
    (CLUSTER_PREFERRED_OWNERS, ()),
    (CLUSTER_AFFINITY_RULES, ()),
    (ADAPTER_SPEEDS, (AdapterSpeed("Ethernet", 10 * GIGABIT, 10 * GIGABIT, False, "A1"),)),
    (TEAM_MEMBERS, ()),
)


def free(megabytes: int) -> dict[str, Any]:
    """Return that a host has so much left for machines."""
    return {MEMORY_POOL.name: MemoryPool(_POOL, _POOL - megabytes)}
