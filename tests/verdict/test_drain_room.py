"""What hosts have for machines that arrive, and what of it should stay free."""

from __future__ import annotations

from typing import Any

from fact_builders import HOST, OTHER, failure, run_facts
from in_turn import in_turn

from livemigration.facts.cluster_preferences import CLUSTER_MEMORY_RESERVE, ClusterMemoryReserve
from livemigration.facts.host_memory import (
    HOST_CAPACITY,
    MEMORY_POOL,
    NUMA_SPANNING,
    HostCapacity,
    MemoryPool,
    NumaSpanning,
)
from livemigration.facts.vmm import VMM_RECORD, VmmRecord
from livemigration.facts.volumes import VOLUME_SPACE, VolumeSpace
from livemigration.verdict.drain_room import OF_ROOM, Room, room_of
from livemigration.verdict.views import FactsView

# Of a host that keeps 1000 MB for itself.
SAID: dict[str, Any] = {
    MEMORY_POOL.name: MemoryPool(9000, 8500),
    HOST_CAPACITY.name: HostCapacity(8, 10_000),
    NUMA_SPANNING.name: NumaSpanning(True),
    CLUSTER_MEMORY_RESERVE.name: ClusterMemoryReserve(None),
    VMM_RECORD.name: VmmRecord(True, OTHER),
    VOLUME_SPACE.name: (),
}


def room(*lost: str, **said: Any) -> Room:
    """Return the room of a host that says so; names of groups are spelt with _ here."""
    also = {**SAID, **{name.replace("_", "-"): value for name, value in said.items()}}
    facts = run_facts(also=also, lost={name: failure() for name in lost})
    return room_of(FactsView(facts.hosts[HOST], frozenset(each.name for each in OF_ROOM)))


def test_a_host_whose_pool_was_not_read_has_nothing_that_is_known() -> None:
    assert room(MEMORY_POOL.name) == Room(None)


@in_turn(
    "vmm, cluster, pool, reserve",
    [
        (None, None, 9000, 0),
        # What it keeps by itself counts.
        (1000, None, 9000, 0),
        (1001, None, 9000, 1),
        (999, 1500, 9000, 500),
        (1500, 999, 9000, 500),
        # A pool that is larger than the memory keeps nothing of it.
        (700, None, 10_001, 700),
        (None, None, 10_000, 0),
    ],
)
def test_what_is_kept_beyond_what_the_host_keeps_is_its_reserve(
    vmm: int | None, cluster: int | None, pool: int, reserve: int
) -> None:
    found = room(
        vmm_record=VmmRecord(True, OTHER, memory_reserve=vmm),
        cluster_memory_reserve=ClusterMemoryReserve(cluster),
        memory_pool=MemoryPool(pool, 8500),
    )
    assert (found.free, found.reserve, found.reserve_read) == (pool - 8500, reserve, True)


def test_of_a_host_whose_memory_is_not_known_all_of_the_reserve_counts() -> None:
    found = room(HOST_CAPACITY.name, vmm_record=VmmRecord(True, OTHER, memory_reserve=1500))
    assert (found.free, found.reserve) == (500, 1500)


@in_turn("lost", [VMM_RECORD.name, CLUSTER_MEMORY_RESERVE.name])
def test_a_reserve_that_was_not_read_is_said_to_be_so(lost: str) -> None:
    found = room(lost, memory_pool=MemoryPool(10_000, 9500))
    assert (found.free, found.reserve, found.reserve_read) == (500, 0, False)


def test_a_host_spans_unless_it_says_that_it_does_not() -> None:
    assert room().spans
    assert room(NUMA_SPANNING.name).spans
    assert not room(numa_spanning=NumaSpanning(False)).spans


@in_turn(
    "volumes, one, every",
    [
        ([("C:", 50), ("D:", 70)], 70, 120),
        # Onto one without a letter, disks go only by whoever's choice.
        ([("C:", 50), ("", 70)], 50, 120),
        ([("C:", 50), ("D:", None)], 50, None),
        ([("", 70)], None, 70),
        ([], None, 0),
    ],
)
def test_disks_fit_surely_on_one_volume_and_at_most_on_all(
    volumes: list[tuple[str, int | None]], one: int | None, every: int | None
) -> None:
    found = room(volume_space=tuple(VolumeSpace(*each) for each in volumes))
    assert (found.disk.one_volume, found.disk.all_volumes) == (one, every)
    lost = room(VOLUME_SPACE.name)
    assert (lost.disk.one_volume, lost.disk.all_volumes) == (None, None)
