"""Instances of the devices and the protection of virtual machines, and of what the host has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from livemigration.facts.windows import WINDOWS_SERVER_2016, WINDOWS_SERVER_2025
from livemigration.lab.fleet_devices import Movable
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.instances_memory import memory_pool
from livemigration.lab.instances_vms import drives, shown
from livemigration.lab.rows import Row, has_2012_classes, identifier
from livemigration.lab.world import World

# ResourceType of Msvm_ResourcePool.
_FIBRE_CHANNEL_CONNECTION, _ETHERNET_CONNECTION = 64764, 33
_BOUND, _POLICY = 17134, 28000
_SAYS: dict[Movable, bool | None] = {"movable": True, "fixed": False, "unsaid": None}


def _defaults(what: str, base: Row) -> Iterator[Row]:
    """Yield what Hyper-V lists beside the settings of machines: how a new one begins."""
    for each in ("Default", "Increment", "Maximum", "Minimum"):
        yield base | {"InstanceID": f"Microsoft:Definition\\{identifier(what).upper()}\\{each}"}


def _settings(
    host: FleetHost, what: str, base: Row, has: Callable[[FleetVm], Row | None]
) -> list[Row]:
    """Return a row for each machine that has a device, behind those of no machine."""
    found = list(_defaults(what, base))
    for vm in shown(host):
        own = has(vm)
        if own is not None:
            device = identifier(what, vm.identifier).upper()
            found.append(base | {"InstanceID": f"Microsoft:{vm.identifier}\\{device}"} | own)
    return found


def _there(*, where: bool) -> Row | None:
    return {} if where else None


def _passed_through(world: World, host: FleetHost) -> list[Row] | None:
    if world.system(host).build < WINDOWS_SERVER_2016:
        return None
    return _settings(
        host,
        "PCI Express",
        {"PoolID": ""},
        lambda vm: _there(where=vm.devices.passed_through),
    )


def _gpu_settings(world: World, host: FleetHost) -> list[Row] | None:
    if world.system(host).build < WINDOWS_SERVER_2016:
        return None
    return _settings(host, "GPU", {}, lambda vm: _there(where=vm.devices.gpu is not None))


def _gpu_partitions(world: World, host: FleetHost) -> list[Row] | None:
    if world.system(host).build < WINDOWS_SERVER_2025:
        return None
    return [
        {
            "DeviceID": f"Microsoft:{identifier('GPU', vm.identifier).upper()}",
            "SupportsOutgoingLiveMigration": _SAYS[vm.devices.gpu],
            "SystemName": vm.identifier,
        }
        for vm in shown(host)
        if vm.devices.gpu is not None and vm.state == "running"
    ]


def _gpus(world: World, host: FleetHost) -> list[Row] | None:
    if world.system(host).build < WINDOWS_SERVER_2025:
        return None
    return [
        {
            "Name": f"\\\\?\\PCI#VEN_10DE&DEV_2702#{number}#GPUPARAV",
            "SupportsIncomingLiveMigration": _SAYS[each],
        }
        for number, each in enumerate(host.devices.gpus)
    ]


def _connections(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return _settings(host, "Fibre Channel", {"PoolID": ""}, _on_san)


def _on_san(vm: FleetVm) -> Row | None:
    return None if vm.devices.virtual_san is None else {"PoolID": vm.devices.virtual_san}


def _pools(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    if host.devices.hides_pools:
        return []
    sans = _pools_of(_FIBRE_CHANNEL_CONNECTION, host.devices.virtual_sans)
    networks = _pools_of(_ETHERNET_CONNECTION, host.devices.network_pools)
    return [*sans, *networks, memory_pool(host)]


def _pools_of(kind: int, names: Iterable[str]) -> Iterator[Row]:
    """Yield the pool of a kind that every host has, and those that were made."""
    base: Row = {"ResourceType": kind}
    yield base | {"PoolID": "", "Primordial": True}
    yield from (base | {"PoolID": each, "Primordial": False} for each in names)


def _drives_and_memory(world: World, host: FleetHost) -> list[Row] | None:
    return drives(host) if has_2012_classes(world, host) else None


def _security(world: World, host: FleetHost) -> list[Row] | None:
    build = world.system(host).build
    if build < WINDOWS_SERVER_2016:
        return None
    base: Row = {"ShieldingRequested": False, "TpmEnabled": False}
    if build >= _BOUND:
        base["BindToHostTpm"] = False
    if build >= _POLICY:
        base["MigratablePolicy"] = 0
    return _settings(host, "security", base, lambda vm: _protected(vm, build))


def _protected(vm: FleetVm, build: int) -> Row:
    own = vm.protection
    row: Row = {"ShieldingRequested": own.shielded, "TpmEnabled": own.tpm}
    if build >= _BOUND:
        row["BindToHostTpm"] = own.bound_to_host_tpm
    if build >= _POLICY:
        row["MigratablePolicy"] = int(own.unmovable)
    return row


MAKERS = {
    "Msvm_PciExpressSettingData": _passed_through,
    "Msvm_GpuPartitionSettingData": _gpu_settings,
    "Msvm_GpuPartition": _gpu_partitions,
    "Msvm_PartitionableGpu": _gpus,
    "Msvm_FcPortAllocationSettingData": _connections,
    "Msvm_ResourceAllocationSettingData": _drives_and_memory,
    "Msvm_ResourcePool": _pools,
    "Msvm_SecuritySettingData": _security,
}
