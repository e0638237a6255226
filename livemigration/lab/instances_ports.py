"""Instances of the connections of a host's virtual switches."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.guids import identifier
from livemigration.lab.instances_vms import shown
from livemigration.lab.rows import Row, has_2012_classes
from livemigration.lab.world import World

_ENABLED = 2
# The first build that notes the last switch of a connection.
_KNOWS_LAST_SWITCH = 10240


def switch_guid(host: FleetHost, name: str) -> str:
    """Return the GUID of a host's virtual switch: each host has one of its own."""
    return identifier(host.name, name).upper()


def _connections(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    rows = [
        _row("Definition\\72027ECE-E44A-446E-AF2B-8D8C4B8A2279\\Default"),
        *_of_switches(host),
        *(_of_machine(host, vm) for vm in shown(host)),
    ]
    if world.system(host).build < _KNOWS_LAST_SWITCH:
        for row in rows:
            del row["LastKnownSwitchName"]
    return rows


def _of_switches(host: FleetHost) -> Iterator[Row]:
    """Yield the connection of each switch to an adapter, or to the host alone."""
    for name in host.switches:
        own = switch_guid(host, name)
        inner = host.devices.inner_switches.get(name)
        if inner is not None:
            to_host = _path(host, "Msvm_ComputerSystem", f'Name="{host.short_name}"')
            yield from (_row(f"{own}\\{own}", to_host),) if inner == "internal" else ()
            continue
        adapter = identifier("adapter", host.name, name).upper()
        key = f'DeviceID="Microsoft:{{{adapter}}}"'
        path = _path(host, "Msvm_ExternalEthernetPort", f'{key},SystemName="{host.short_name}"')
        yield _row(f"{own}\\{adapter}", path)


def _of_machine(host: FleetHost, vm: FleetVm) -> Row:
    own = f"{vm.identifier}\\{identifier('adapter', vm.identifier).upper()}\\C"
    if vm.pool is not None:
        return _row(own) | {"PoolID": vm.pool}
    name = vm.switch or next(iter(host.switches), "none")
    if name == "none":
        return _row(own)
    key = f'Name="{switch_guid(host, name)}"'
    path = _path(host, "Msvm_VirtualEthernetSwitch", key)
    return _row(own, path) | {"LastKnownSwitchName": name}


def _path(host: FleetHost, name: str, keys: str) -> str:
    root = rf"\\{host.short_name}\root\virtualization\v2"
    return f'{root}:{name}.CreationClassName="{name}",{keys}'


def _row(identity: str, path: str | None = None) -> Row:
    return {
        "EnabledState": _ENABLED,
        "HostResource": None if path is None else (path,),
        "InstanceID": f"Microsoft:{identity}",
        "LastKnownSwitchName": None,
        "PoolID": "",
    }


MAKERS = {"Msvm_EthernetPortAllocationSettingData": _connections}
