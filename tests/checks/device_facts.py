"""Facts of the devices and the protection of virtual machines, for a line of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from vm_facts import Vm, with_machines

from livemigration.facts import virtual_devices as devices
from livemigration.facts.connection_pools import CONNECTION_POOLS, ConnectionPools
from livemigration.facts.host import OPERATING_SYSTEM, OperatingSystem
from livemigration.facts.host_guardian import (
    GUARDIAN_CERTIFICATES,
    HOST_GUARDIAN,
    GuardianCertificates,
    HostGuardian,
)
from livemigration.facts.model import FactGroup
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES, PhysicalDrive
from livemigration.facts.virtual_ports import VIRTUAL_PORTS, VirtualPort
from livemigration.facts.virtual_security import VIRTUAL_SECURITY, VirtualSecurity
from livemigration.facts.virtualization import VIRTUAL_SWITCHES, VirtualSwitch

NO_SANS = ConnectionPools((), shown=True)
HIDDEN_SANS = ConnectionPools((), shown=False)
CERTIFICATES = GuardianCertificates(("AA", "BB"))
LOCAL = HostGuardian(guarded=False)

# What a host without such devices has; a case replaces what it is about.
DEVICE_GROUPS: tuple[tuple[FactGroup[Any], Any], ...] = (
    (devices.PASSED_THROUGH_DEVICES, ()),
    (devices.GPU_PARTITION_SETTINGS, ()),
    (devices.GPU_PARTITIONS, ()),
    (devices.PARTITIONABLE_GPUS, ()),
    (devices.FIBRE_CHANNEL_CONNECTIONS, ()),
    (CONNECTION_POOLS, NO_SANS),
    (VIRTUAL_SECURITY, ()),
    (HOST_GUARDIAN, LOCAL),
    (GUARDIAN_CERTIFICATES, CERTIFICATES),
)


def windows(build: int) -> dict[str, Any]:
    return {OPERATING_SYSTEM.name: OperatingSystem(build, f"10.0.{build}", "Windows Server")}


SERVER_2022, SERVER_2025 = windows(20348), windows(26100)


def passed_through(*machines: Vm) -> dict[str, Any]:
    rows = tuple(devices.PassedThroughDevice(each.identifier) for each in machines)
    return {devices.PASSED_THROUGH_DEVICES.name: rows}


def partitions(*machines: Vm, leave: bool | None = None, stated: bool = True) -> dict[str, Any]:
    """Return the GPU partitions of machines; `stated`: they are in use and say something."""
    settings = tuple(devices.GpuPartitionSetting(each.identifier) for each in machines)
    in_use = tuple(devices.GpuPartition((each.identifier,), leave) for each in machines)
    return {
        devices.GPU_PARTITION_SETTINGS.name: settings,
        devices.GPU_PARTITIONS.name: in_use if stated else (),
    }


def gpus(*takes: bool | None) -> dict[str, Any]:
    rows = tuple(devices.PartitionableGpu(f"GPU{n}", each) for n, each in enumerate(takes))
    return {devices.PARTITIONABLE_GPUS.name: rows}


def on_san(san: str, *machines: Vm) -> dict[str, Any]:
    rows = tuple(devices.FibreChannelConnection(each.identifier, san) for each in machines)
    return {devices.FIBRE_CHANNEL_CONNECTIONS.name: rows}


def sans(*names: str) -> dict[str, Any]:
    return {CONNECTION_POOLS.name: ConnectionPools(names, shown=True)}


def persistent_memory(*machines: Vm) -> dict[str, Any]:
    rows = (PhysicalDrive(each.identifier, is_dvd=False, is_memory=True) for each in machines)
    return {PHYSICAL_DRIVES.name: tuple(rows)}


SWITCH = "31ABF2F4-7D14-4FCD-953E-8E7CEF7E0680"
ADAPTER, HOST_ITSELF = "Msvm_ExternalEthernetPort", "Msvm_ComputerSystem"


def on_switch(
    name: str, leads_to: Sequence[str], *machines: Vm, connected: bool = True
) -> dict[str, Any]:
    """Return a switch whose own ports lead there, and machines that are on it."""
    own = tuple(VirtualPort(SWITCH, True, each, "") for each in leads_to)
    users = tuple(
        VirtualPort(each.identifier, connected, "Msvm_VirtualEthernetSwitch", SWITCH)
        for each in machines
    )
    return {
        VIRTUAL_SWITCHES.name: (VirtualSwitch(SWITCH.lower(), name),),
        VIRTUAL_PORTS.name: (*own, *users),
    }


def protected(
    *machines: Vm, tpm: bool = False, shielded: bool = False, **more: Any
) -> dict[str, Any]:
    rows = tuple(VirtualSecurity(each.identifier, tpm, shielded, **more) for each in machines)
    return {VIRTUAL_SECURITY.name: rows}


def guardian(guarded: bool | None, *servers: str) -> dict[str, Any]:
    return {HOST_GUARDIAN.name: HostGuardian(guarded, servers)}


def certificates(*thumbprints: str) -> dict[str, Any]:
    return {GUARDIAN_CERTIFICATES.name: GuardianCertificates(thumbprints)}


NO_STORE = {GUARDIAN_CERTIFICATES.name: GuardianCertificates(None)}


def host_with(*machines: Vm, **more: Any) -> dict[str, Any]:
    """Return a host of Windows Server 2022 with these machines, as a case's `also`."""
    return {**with_machines(*machines), **SERVER_2022, **more}
