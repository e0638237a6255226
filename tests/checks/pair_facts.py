"""Facts of hosts that exchange virtual machines: what their machines are connected to."""

from __future__ import annotations

from typing import Any

from vm_facts import Vm, with_machines

from livemigration.facts.virtual_ports import VIRTUAL_PORTS, VirtualPort
from livemigration.facts.virtualization import VIRTUAL_SWITCHES, VirtualSwitch

SWITCH_CLASS = "Msvm_VirtualEthernetSwitch"


def connected(machine: Vm, switch: str, **values: Any) -> VirtualPort:
    """Return the connection of a machine to a switch, by its GUID."""
    said = {"connected": True, "resource": SWITCH_CLASS, "switch": switch.upper(), **values}
    return VirtualPort(machine.identifier, **said)


def with_switches(*names: str, **connections: str) -> dict[str, Any]:
    """Return the groups of a host with these switches, and machines on them by their names.

    A machine that is connected to an empty name is connected to nothing.
    """
    switches = {name: f"GUID-OF-{name.upper()}" for name in names}
    machines = {name: Vm(name) for name in connections}
    ports = tuple(
        connected(machines[name], switches.get(switch, "GONE"))
        if switch
        else connected(machines[name], "", connected=False, resource="")
        for name, switch in connections.items()
    )
    return {
        VIRTUAL_SWITCHES.name: tuple(VirtualSwitch(guid, name) for name, guid in switches.items()),
        VIRTUAL_PORTS.name: ports,
        **with_machines(*machines.values()),
    }
