"""Instances of the virtual machines of a host: their settings, their states and their processes."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.facts.virtual_machines import CHECKPOINT, REALIZED, RECOVERY
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetDisk, FleetVm
from livemigration.lab.guids import identifier
from livemigration.lab.rows import Row, has_2012_classes
from livemigration.lab.world import World

_SYSTEM_PROCESS, _FIRST_WORKER = 4, 5000
# EnabledState, and what of OperationalStatus says what goes on (windows-facts-2.md section 11).
_RUNS, _OFF, _STOPS, _SAVED, _PAUSED, _STARTS = 2, 3, 4, 6, 9, 10
_WELL, _DEGRADED = 2, 3
_HEALTHY, _CRITICAL = 5, 25
_STATES: dict[str, tuple[int, int | None]] = {
    "running": (_RUNS, None),
    "off": (_OFF, None),
    "saved": (_SAVED, None),
    "paused": (_PAUSED, None),
    "critical": (_PAUSED, None),
    "starting": (_STARTS, None),
    "stopping": (_STOPS, None),
    "saving": (32773, None),
    "migrating": (_RUNS, 32774),
    "exporting": (_OFF, 32773),
    "merging": (_RUNS, 32772),
    "checkpointing": (_RUNS, 32768),
}
_REPLICATION = {None: 0, "primary": 1, "replica": 2, "test": 3, "extended": 4}
_REPLICATING = 4
_DVD, _DISK_DRIVE, _DISK, _MEMORY = 16, 17, 31, 32771
_DISC_AT = 63
_RUNNING_JOB = 4
# GuestStateIsolationType; what has none says 0 on most hosts, and 65535 stands for none as well.
_ISOLATION = {None: 0, "trusted-launch": 0, "vbs": 1, "sev-snp": 2, "tdx": 3}
# The configuration version that a build gives a new machine (windows-facts-2.md 10.2).
_VERSIONS = (
    (26100, "12.0"),
    (20348, "10.0"),
    (17763, "9.0"),
    (14393, "8.0"),
    (9600, "5.0"),
    (0, "4.0"),
)


def shown(host: FleetHost) -> tuple[FleetVm, ...]:
    """Return the virtual machines that Hyper-V shows the suite's account."""
    return () if host.hides_vms else host.vms


def path_of(host: FleetHost, vm: FleetVm) -> str:
    """Return the folder of a virtual machine's files."""
    usual = r"D:\Hyper-V" if host.cluster is None else r"C:\ClusterStorage\Volume1"
    return vm.path or usual


def file_of(host: FleetHost, vm: FleetVm, disk: FleetDisk) -> str:
    """Return the path of a disk's file."""
    whole = disk.file.startswith("\\\\") or disk.file[1:2] == ":"
    return disk.file if whole else f"{path_of(host, vm)}\\{vm.name}\\{disk.file}"


def version_of(vm: FleetVm, build: int) -> str:
    """Return the configuration version of a machine on a host of a build."""
    return vm.version or next(each for first, each in _VERSIONS if build >= first)


def _settings(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    build = world.system(host).build
    return [row for vm in shown(host) for row in _settings_of(host, vm, build)]


def _settings_of(host: FleetHost, vm: FleetVm, build: int) -> Iterator[Row]:
    folder = f"{path_of(host, vm)}\\{vm.name}"
    row: Row = {
        "ConfigurationDataRoot": folder,
        "ElementName": vm.name,
        "InstanceID": f"Microsoft:{vm.identifier}",
        "SnapshotDataRoot": folder,
        "SwapFileDataRoot": folder,
        "Version": version_of(vm, build),
        "VirtualSystemIdentifier": vm.identifier,
        "VirtualSystemType": REALIZED,
    }
    if build >= 16299:
        row["GuestStateDataRoot"] = folder
    if build >= 19041:
        row["GuestStateIsolationEnabled"] = vm.protection.isolation is not None
    if build >= 20348:
        row["GuestStateIsolationType"] = _ISOLATION[vm.protection.isolation]
    yield row
    beside = [RECOVERY] * vm.in_backup + [CHECKPOINT] * vm.checkpoints
    for number, kind in enumerate(beside):
        own = identifier("checkpoint", vm.identifier, str(number)).upper()
        yield row | {
            "ElementName": f"{vm.name} - {number}",
            "InstanceID": f"Microsoft:{own}",
            "VirtualSystemType": kind,
        }


def _computers(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    own: Row = {
        "CreationClassName": "Msvm_ComputerSystem",
        "ElementName": host.short_name,
        "EnabledState": _RUNS,
        "HealthState": _HEALTHY,
        "Name": host.short_name,
        "OperationalStatus": (_WELL,),
        "ProcessID": None,
        "ReplicationMode": 0,
        "ReplicationState": 0,
    }
    return [own, *(_computer(host, vm, own) for vm in shown(host))]


def _computer(host: FleetHost, vm: FleetVm, base: Row) -> Row:
    enabled, doing = _STATES[vm.state]
    lost = vm.state == "critical"
    status = (_DEGRADED if lost else _WELL, *(() if doing is None else (doing,)))
    return base | {
        "ElementName": vm.name,
        "EnabledState": enabled,
        "HealthState": _CRITICAL if lost else _HEALTHY,
        "Name": vm.identifier,
        "OperationalStatus": status,
        "ProcessID": dict(_workers_of(host)).get(vm.identifier),
        "ReplicationMode": _REPLICATION[vm.replica],
        "ReplicationState": _REPLICATING if vm.replica else 0,
    }


def _workers_of(host: FleetHost) -> Iterator[tuple[str, int]]:
    """Yield the machines that have a process, and its number."""
    for number, vm in enumerate(host.vms):
        if vm.runs:
            yield vm.identifier, _FIRST_WORKER + 4 * number


def _processes(_world: World, host: FleetHost) -> list[Row]:
    # Machines go on running while vmms does not.
    found: list[Row] = [{"Name": "System", "ProcessId": _SYSTEM_PROCESS}]
    found += [{"Name": "vmwp.exe", "ProcessId": number} for _, number in _workers_of(host)]
    return found


def _processors(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [_processor(vm, world.system(host).build) for vm in shown(host)]


def _processor(vm: FleetVm, build: int) -> Row:
    row: Row = {
        "InstanceID": f"Microsoft:{vm.identifier}\\{identifier('processor')}\\0",
        "LimitCPUID": False,
        "LimitProcessorFeatures": vm.compatible,
        "VirtualQuantity": vm.processors,
    }
    if build >= 10586:
        row["ExposeVirtualizationExtensions"] = vm.devices.nested
    if build >= 14393:
        row["CpuGroupId"] = "00000000-0000-0000-0000-000000000000"
    if build >= 20348:
        row["LimitProcessorFeaturesMode"] = 0
    return row


def _files(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    has_sharing = world.system(host).build >= WINDOWS_SERVER_2012_R2
    return [row for vm in shown(host) for row in _files_of(host, vm, has_sharing=has_sharing)]


def _files_of(host: FleetHost, vm: FleetVm, *, has_sharing: bool) -> Iterator[Row]:
    for number, disk in enumerate(vm.disks):
        if disk.physical:
            continue
        yield _drive(vm, number, "L", _DISK, "Virtual Hard Disk", file_of(host, vm, disk)) | (
            {"PersistentReservationsSupported": disk.shared} if has_sharing else {}
        )
    if vm.disc is not None:
        yield _drive(vm, _DISC_AT, "L", _DVD, "Virtual CD/DVD Disk", vm.disc) | (
            {"PersistentReservationsSupported": False} if has_sharing else {}
        )


def _drive(vm: FleetVm, number: int, end: str, kind: int, name: str, resource: str) -> Row:
    device = identifier("drive", vm.identifier).upper()
    return {
        "HostResource": (resource,),
        "InstanceID": f"Microsoft:{vm.identifier}\\{device}\\0\\{number}\\{end}",
        "ResourceSubType": f"Microsoft:Hyper-V:{name}",
        "ResourceType": kind,
    }


def drives(host: FleetHost) -> list[Row]:
    """Return the drives of machines that Msvm_ResourceAllocationSettingData answers."""
    return [row for vm in shown(host) for row in _drives_of(host, vm)]


def _drives_of(host: FleetHost, vm: FleetVm) -> Iterator[Row]:
    place = f"\\\\{host.short_name}\\root\\virtualization\\v2:Msvm_"
    for number, disk in enumerate(vm.disks):
        if disk.physical:
            path = f'{place}DiskDrive.CreationClassName="Msvm_DiskDrive",DeviceID="{number}"'
            yield _drive(vm, number, "D", _DISK_DRIVE, "Physical Disk Drive", path)
    if vm.disc is not None:
        empty = _drive(vm, _DISC_AT, "D", _DVD, "Synthetic DVD Drive", "")
        yield empty | {"HostResource": None}
    if vm.host_dvd:
        path = f'{place}DiskDrive.CreationClassName="Msvm_DiskDrive",DeviceID="dvd"'
        yield _drive(vm, _DISC_AT, "D", _DVD, "Physical DVD Drive", path)
    if vm.devices.persistent_memory:
        memory = _drive(vm, 0, "0", _MEMORY, "Persistent Memory Controller", "")
        yield memory | {"HostResource": None}


def _planned(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [
        {
            "CreationClassName": "Msvm_PlannedComputerSystem",
            "ElementName": name,
            "Name": FleetVm(name=name).identifier,
        }
        for name in (() if host.hides_vms else host.planned)
    ]


def _jobs(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [
        {"InstanceID": identifier("move", host.name, str(number)), "JobState": _RUNNING_JOB}
        for number in range(host.moves)
    ]


MAKERS = {
    "Msvm_VirtualSystemSettingData": _settings,
    "Msvm_ComputerSystem": _computers,
    "Msvm_ProcessorSettingData": _processors,
    "Win32_Process": _processes,
    "Msvm_StorageAllocationSettingData": _files,
    "Msvm_PlannedComputerSystem": _planned,
    "Msvm_MigrationJob": _jobs,
}
