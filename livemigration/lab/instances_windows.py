"""Instances of Windows itself: system, domain, services, processor, Credential Guard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from livemigration.facts.windows import MEGABYTE, WINDOWS_SERVER_2016
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import VMMS_PROCESS, Row
from livemigration.lab.world import World

_CREDENTIAL_GUARD, _MEMORY_INTEGRITY = 1, 2
_NETBIOS_LENGTH = 15


def _system(world: World, host: FleetHost) -> list[Row]:
    system = world.system(host)
    return [
        {
            "BuildNumber": str(system.build),
            "Caption": system.caption,
            "OperatingSystemSKU": system.sku,
            "Version": system.version,
        }
    ]


def _computer(world: World, host: FleetHost) -> list[Row]:
    label, _, suffix = (host.answers_as or host.name).partition(".")
    own = suffix if host.answers_as and suffix else world.fleet.domain
    return [
        {
            "DNSHostName": label,
            "Domain": "WORKGROUP" if host.workgroup else own,
            "Name": label.upper()[:_NETBIOS_LENGTH],
            "NumberOfLogicalProcessors": host.memory.logical_processors,
            "PartOfDomain": not host.workgroup,
            "TotalPhysicalMemory": host.memory.total * MEGABYTE,
        }
    ]


def _services(_world: World, host: FleetHost) -> list[Row]:
    return [
        {
            "Name": name,
            "ProcessId": (VMMS_PROCESS + number) if state == "Running" else 0,
            "StartMode": "Auto",
            "State": state,
        }
        for number, (name, state) in enumerate(_vmms_first(host.states).items())
    ]


def _vmms_first(states: dict[str, str]) -> dict[str, str]:
    return {name: states[name] for name in sorted(states, key=lambda each: each != "vmms")}


def _processor(_world: World, host: FleetHost) -> list[Row]:
    processor = host.processor
    row: Row = {
        "Manufacturer": processor.manufacturer,
        "Name": processor.name,
        "ProcessorId": processor.identifier,
    }
    return [dict(row) for _ in range(processor.sockets)]


def _device_guard(world: World, host: FleetHost) -> list[Row] | None:
    if world.system(host).build < WINDOWS_SERVER_2016:
        return None
    # What the list holds where nothing runs is not documented; it does not hold 1.
    states = {_CREDENTIAL_GUARD: host.credential_guard, _MEMORY_INTEGRITY: host.hvci}
    running = tuple(number for number, runs in states.items() if runs)
    return [{"SecurityServicesRunning": running or (0,)}]


def _clock(_world: World, host: FleetHost) -> list[Row]:
    now = datetime.now(UTC) + timedelta(seconds=host.clock)
    return [
        {
            "Year": now.year,
            "Month": now.month,
            "Day": now.day,
            "Hour": now.hour,
            "Minute": now.minute,
            "Second": now.second,
        }
    ]


_POLICY = "cn={31B2F340-016D-11D2-945F-00C04FB984F9},cn=policies,cn=system"
_POLICY_NAME = "Default Domain Policy"


def _policy_rights(_world: World, host: FleetHost) -> list[Row] | None:
    if host.rsop == "missing":
        return None
    found = host.policy_rights if host.rsop == "logged" else {}
    return [
        {"AccountList": accounts, "GPOID": _POLICY, "precedence": 1, "UserRight": right}
        for right, accounts in found.items()
    ]


def _policies(_world: World, host: FleetHost) -> list[Row] | None:
    if host.rsop == "missing":
        return None
    return [{"id": _POLICY.upper(), "name": _POLICY_NAME}] if host.rsop == "logged" else []


MAKERS = {
    "RSOP_UserPrivilegeRight": _policy_rights,
    "RSOP_GPO": _policies,
    "Win32_UTCTime": _clock,
    "Win32_OperatingSystem": _system,
    "Win32_ComputerSystem": _computer,
    "Win32_Service": _services,
    "Win32_Processor": _processor,
    "Win32_DeviceGuard": _device_guard,
}
