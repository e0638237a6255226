"""VMM's record of the disks of a host's virtual machines: as the fleet file has them.

VMM sees every machine of its hosts, whatever Hyper-V shows the suite's account.
"""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.facts.windows import MEGABYTE
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetDisk, FleetVm
from livemigration.lab.instances_vms import file_of
from livemigration.lab.world import World
from livemigration.vmm.scripts import DiskFileReply, DiskReply, HostDisksReply

_UNKNOWN_BASE = "unknown"


def disks_of(world: World, name: str) -> HostDisksReply:
    """Return the disks of the host that VMM calls so."""
    host = world.known(name)
    if host is None or not host.record.known:
        return HostDisksReply(name, None, "VMM has 0 hosts of this name.")
    if host.record.disks == "unread":
        return HostDisksReply(name, None, "You do not have permission to perform this action.")
    return HostDisksReply(name, tuple(_disks(host)))


def _disks(host: FleetHost) -> Iterator[DiskReply]:
    for vm in host.vms:
        yield from (_disk(host, vm, each) for each in vm.disks if not each.physical)


def _disk(host: FleetHost, vm: FleetVm, disk: FleetDisk) -> DiskReply:
    base = disk.base
    parents = () if base is None else (DiskFileReply(None if base == _UNKNOWN_BASE else base),)
    return DiskReply(
        file=file_of(host, vm, disk),
        size=None if disk.size is None else disk.size * MEGABYTE,
        maximum=disk.maximum * MEGABYTE,
        differencing=base is not None,
        parents=parents,
    )
