"""What there is of a fleet that the lab plays, for whoever reads an inventory that names one."""

from __future__ import annotations

from livemigration.base.errors import UsageError
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.file import Host, InventoryMachine
from livemigration.inventory.inventory import PlayedFleet
from livemigration.lab.errors import LabError


def machines_of(name: str) -> PlayedFleet:
    """Return what there is of a fleet, as an inventory lists it.

    Raises:
        UsageError: as `load_fleet`.
    """
    from livemigration.lab.fleet import load_fleet  # noqa: PLC0415 - what asks real hosts plays none

    try:
        fleet = load_fleet(name)
    except LabError as error:
        raise UsageError(str(error)) from None
    hosts = tuple(
        Host(name=each.name, groups=tuple(each.groups), vmm=fleet.manager(each).name)
        for each in fleet.hosts
    )
    directories = (DirectoryServer(server=fleet.directory.server),) if fleet.directory else ()
    vmms = tuple(InventoryMachine(name=each.name) for each in fleet.vmms)
    return PlayedFleet(vmms, hosts, directories)
