"""What the makers of instances have in common."""

from __future__ import annotations

import uuid

from livemigration.cim import CimValue
from livemigration.facts.windows import WINDOWS_SERVER_2012
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.world import World

VMMS_PROCESS = 2140

Row = dict[str, CimValue]


def has_2012_classes(world: World, host: FleetHost) -> bool:
    """Whether the host has root/virtualization/v2 and MSFT_Net*: from Server 2012 on."""
    return world.system(host).build >= WINDOWS_SERVER_2012


def identifier(*parts: str) -> str:
    """Return a GUID that stays the same for the same parts."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, "/".join(parts)))
