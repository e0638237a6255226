"""What hosts have for machines that arrive. Memory and disk in MB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livemigration.facts.cluster_preferences import CLUSTER_MEMORY_RESERVE
from livemigration.facts.host_memory import HOST_CAPACITY, MEMORY_POOL, NUMA_SPANNING
from livemigration.facts.model import FactGroup, Gathered, NotGathered
from livemigration.facts.vmm import VMM_RECORD
from livemigration.facts.volumes import VOLUME_SPACE
from livemigration.verdict.views import FactsView

# What a host's room is read from, of which only the first decides.
OF_ROOM: tuple[FactGroup[Any], ...] = (
    MEMORY_POOL,
    HOST_CAPACITY,
    CLUSTER_MEMORY_RESERVE,
    VMM_RECORD,
    NUMA_SPANNING,
    VOLUME_SPACE,
)


@dataclass(frozen=True)
class DiskRoom:
    """What the local volumes of a host have for disks of machines.

    `one_volume` is free on the volume with a letter that has most, None where that is not known;
    `all_volumes` on all of them, None where one does not say. A machine's disks fit where they fit
    on the one, and they cannot where not even all together would do: onto which they go is
    whoever's choice who moves them.
    """

    one_volume: int | None = None
    all_volumes: int | None = None

    @property
    def is_split(self) -> bool:
        """Whether it matters onto which volume disks go."""
        return self.one_volume != self.all_volumes


NO_VOLUMES = DiskRoom()


@dataclass(frozen=True)
class Room:
    """What a host could still give to virtual machines.

    `free` is None where it could not be read. Of it `reserve` should stay free: what VMM keeps for
    the host, or its cluster, beyond what the host keeps from virtual machines by itself. `spans`: a
    machine may have memory of several NUMA nodes; else there may be less room for it than is free.
    `reserve_read`: what is kept could be read; else the reserve may be larger.

    `disk` is what its volumes have for disks of machines.
    """

    free: int | None
    reserve: int = 0
    spans: bool = True
    reserve_read: bool = True
    disk: DiskRoom = NO_VOLUMES


def room_of(host: FactsView) -> Room:
    """Return what a host could still take."""
    pool = host.outcome(MEMORY_POOL)
    if not isinstance(pool, Gathered):
        return Room(None)
    wanted = max(_vmms_reserve(host), _clusters_reserve(host))
    capacity = host.outcome(HOST_CAPACITY)
    whole = capacity.value.memory if isinstance(capacity, Gathered) else None
    kept = max(0, whole - pool.value.maximum) if whole is not None else 0
    spanning = host.outcome(NUMA_SPANNING)
    spans = not (isinstance(spanning, Gathered) and spanning.value.allowed is False)
    of_reserve = (host.outcome(each) for each in (VMM_RECORD, CLUSTER_MEMORY_RESERVE))
    read = not any(isinstance(each, NotGathered) for each in of_reserve)
    return Room(pool.value.free, max(0, wanted - kept), spans, read, _disk_of(host))


def _disk_of(host: FactsView) -> DiskRoom:
    volumes = host.outcome(VOLUME_SPACE)
    if not isinstance(volumes, Gathered):
        return NO_VOLUMES
    lettered = [each.free for each in volumes.value if each.drive and each.free is not None]
    known = [each.free for each in volumes.value if each.free is not None]
    whole = sum(known) if len(known) == len(volumes.value) else None
    return DiskRoom(max(lettered, default=None), whole)


def _vmms_reserve(host: FactsView) -> int:
    record = host.outcome(VMM_RECORD)
    return (record.value.memory_reserve or 0) if isinstance(record, Gathered) else 0


def _clusters_reserve(host: FactsView) -> int:
    found = host.outcome(CLUSTER_MEMORY_RESERVE)
    return (found.value.megabytes or 0) if isinstance(found, Gathered) else 0
