"""Instances of what a host has for virtual machines, and of the memory that these have."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.facts.host_memory import MEGABYTES
from livemigration.facts.windows import MEGABYTE
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.guids import identifier
from livemigration.lab.instances_vms import shown
from livemigration.lab.rows import Row, has_2012_classes
from livemigration.lab.world import World

_MEMORY = 4
_DEFINITION = r"Microsoft:Definition\4764334D-E001-4176-82EE-5594EC9B530E\Default"
_STARTUP_OF_NEW, _MINIMUM_OF_NEW, _MAXIMUM_OF_NEW = 1024, 512, 1_048_576


def assigned(host: FleetHost) -> int:
    """Return the memory that the virtual machines of a host have, whoever may see them, in MB."""
    return sum(vm.memory.assigned for vm in host.vms if vm.runs)


def free(host: FleetHost) -> int:
    """Return the memory that a host can still give to virtual machines, in MB."""
    return host.memory.for_machines - assigned(host)


def _memory(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    own = _block(host.short_name, host.memory.total)
    return [own, *(row for vm in shown(host) if vm.runs for row in _memory_of(vm))]


def _memory_of(vm: FleetVm) -> Iterator[Row]:
    """Yield the memory of a machine, and its part on each of its NUMA nodes."""
    yield _block(vm.identifier, vm.memory.assigned)
    each, rest = divmod(vm.memory.assigned, vm.memory.numa_nodes)
    for number in range(vm.memory.numa_nodes):
        yield _block(vm.identifier, each + (number < rest))


def _block(system: str, megabytes: int) -> Row:
    return {"BlockSize": MEGABYTE, "NumberOfBlocks": megabytes, "SystemName": system}


def _settings(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    default = _setting(_DEFINITION, _STARTUP_OF_NEW, _MINIMUM_OF_NEW, _MAXIMUM_OF_NEW)
    return [default, *(row for vm in shown(host) for row in _settings_of(vm))]


def _settings_of(vm: FleetVm) -> Iterator[Row]:
    memory = vm.memory
    startup = memory.assigned if memory.startup is None else memory.startup
    checkpoints = (
        identifier("checkpoint", vm.identifier, str(number)).upper()
        for number in range(vm.in_backup + vm.checkpoints)
    )
    for owner in (vm.identifier, *checkpoints):
        instance = f"Microsoft:{owner}\\{identifier('memory').upper()}"
        yield _setting(instance, startup, memory.minimum, memory.maximum) | {
            "DynamicMemoryEnabled": memory.dynamic
        }


def _setting(instance: str, startup: int, minimum: int, maximum: int) -> Row:
    return {
        "DynamicMemoryEnabled": False,
        "InstanceID": instance,
        "Limit": maximum,
        "Reservation": minimum,
        "VirtualQuantity": startup,
    }


def memory_pool(host: FleetHost) -> Row:
    """Return the pool of a host's memory, which stands among those of its devices."""
    return {
        "AllocationUnits": MEGABYTES,
        "ConsumedResourceUnits": MEGABYTES,
        "MaxConsumableResource": host.memory.for_machines,
        "PoolID": "",
        "Primordial": True,
        "Reserved": assigned(host),
        "ResourceType": _MEMORY,
    }


def _service(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [{"NumaSpanningEnabled": host.memory.numa_spanning}]


def _nodes(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    number = host.memory.numa_nodes
    return [
        {
            "CurrentlyConsumableMemoryBlocks": max(0, free(host)) // number,
            "NodeID": f"Microsoft:PhysicalNode\\{node}",
            "NumberOfLogicalProcessors": host.memory.logical_processors // number,
        }
        for node in range(number)
    ]


def _volumes(_world: World, host: FleetHost) -> list[Row]:
    found: list[Row] = [
        {"DriveLetter": drive, "DriveType": 3, "FreeSpace": free * MEGABYTE}
        for drive, free in host.free_space.items()
    ]
    # A partition of the system has no letter, and the drive of discs is none of a local disk.
    nameless: Row = {"DriveLetter": None, "DriveType": 3, "FreeSpace": 64 * MEGABYTE}
    disc: Row = {"DriveLetter": "Z:", "DriveType": 5, "FreeSpace": None}
    return [*found, nameless, disc]


MAKERS = {
    "Msvm_Memory": _memory,
    "Msvm_MemorySettingData": _settings,
    "Msvm_VirtualSystemManagementServiceSettingData": _service,
    "Msvm_NumaNode": _nodes,
    "Win32_Volume": _volumes,
}
