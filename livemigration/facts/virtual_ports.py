"""The connections of virtual switches: those of virtual machines, and those of the host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.virtual_machines import owner_of
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2012

SWITCH_CLASS = "Msvm_VirtualEthernetSwitch"
EXTERNAL_PORT = "Msvm_ExternalEthernetPort"
_CLASS_OF_PATH = re.compile(r"(?:^|:)([A-Za-z_][A-Za-z0-9_]*)\.")
_GUID_IN_PATH = re.compile(r'DeviceID\s*=\s*"Microsoft:\{?([0-9A-F-]{36})\}?"', re.IGNORECASE)
# A name may hold quotes, which a path writes behind a backslash.
_NAME_IN_PATH = re.compile(r'[.,]\s*Name\s*=\s*"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
# EnabledState: 2 enabled, 3 disabled. PowerShell disconnects by 3 (from memory).
_DISABLED = 3


@dataclass(frozen=True)
class VirtualPort:
    """Msvm_EthernetPortAllocationSettingData (windows-facts-2.md 10.4).

    `owner` is the GUID, in capitals, of what the connection belongs to: a virtual machine, one of
    its checkpoints, or a virtual switch. `connected` is whether it is to something. `resource` is
    the class of what that is, as its path writes it: Msvm_VirtualEthernetSwitch under a virtual
    machine; Msvm_ExternalEthernetPort or Msvm_ComputerSystem under a switch (inferred); empty where
    there is none, or only a pool. `switch` is the GUID, in capitals, of the switch that it is to.
    `last_switch` is the name of the switch that Windows noted last; `pool` that of a resource pool.
    `adapters` are the GUIDs, in capitals, of the host's adapters that a switch has: several where
    they are teamed in it (inferred).
    """

    owner: str
    connected: bool
    resource: str
    switch: str
    last_switch: str = ""
    pool: str = ""
    adapters: tuple[str, ...] = ()


def _ports(rows: Sequence[WmiRow]) -> tuple[VirtualPort, ...]:
    return tuple(_found(rows))


def _found(rows: Sequence[WmiRow]) -> Iterator[VirtualPort]:
    for row in rows:
        owner = owner_of(row.text("InstanceID"))
        if owner is None:
            # What a new connection begins with: "Microsoft:Definition\…".
            continue
        paths = [each for each in row.texts("HostResource") if each.strip()]
        path = next(iter(paths), "")
        pool = (row.text_or_none("PoolID") or "").strip()
        resource, switch = _parts(path)
        yield VirtualPort(
            owner,
            bool(path or pool) and row.integer_or_none("EnabledState") != _DISABLED,
            resource,
            switch,
            row.text_or_none("LastKnownSwitchName") or "",
            pool,
            tuple(_adapters(paths)),
        )


def _adapters(paths: Sequence[str]) -> Iterator[str]:
    """Yield the GUIDs of the host's adapters that WMI paths name."""
    for path in paths:
        if _parts(path)[0].casefold() == EXTERNAL_PORT.casefold():
            yield from (each.upper() for each in _GUID_IN_PATH.findall(path))


def _parts(path: str) -> tuple[str, str]:
    """Return the class that a WMI path names, and the GUID where that is the switches' class."""
    found = _CLASS_OF_PATH.search(path)
    resource = found[1] if found is not None else ""
    if resource.casefold() != SWITCH_CLASS.casefold():
        return resource, ""
    name = _NAME_IN_PATH.search(path)
    return SWITCH_CLASS, name[1].strip("{}").upper() if name is not None else ""


VIRTUAL_PORTS = WmiGroup(
    "virtual-ports",
    "the connections of the virtual switches",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualPort, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_EthernetPortAllocationSettingData",
            (
                WmiProperty("EnabledState", CimType.UINT16),
                WmiProperty("HostResource", CimType.STRING, array=True),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("LastKnownSwitchName", CimType.STRING, optional=True, since=10240),
                WmiProperty("PoolID", CimType.STRING),
            ),
        )
    ),
    parse=_ports,
    may_be_empty="nothing is connected to a virtual switch",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
