"""What the makers of instances have in common."""

from __future__ import annotations

from livemigration.facts.cim import CimValue
from livemigration.facts.windows import WINDOWS_SERVER_2012
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.guids import identifier
from livemigration.lab.world import World

__all__ = ["VMMS_PROCESS", "Row", "SharedRow", "has_2012_classes", "identifier"]

VMMS_PROCESS = 2140

Row = dict[str, CimValue]


class SharedRow(dict[str, CimValue]):
    """A row that many hosts have alike: how it was written, and what it met, is kept."""

    __slots__ = ("met", "written")

    def __init__(self, values: Row) -> None:
        super().__init__(values)
        self.written: dict[tuple[str, ...], str] = {}
        self.met: dict[object, bool] = {}


def has_2012_classes(world: World, host: FleetHost) -> bool:
    """Whether the host has root/virtualization/v2 and MSFT_Net*: from Server 2012 on."""
    return world.system(host).build >= WINDOWS_SERVER_2012
