"""The WMI classes of a simulated host: which there are, and their instances."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from livemigration.facts.cim import WmiProperty
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES
from livemigration.facts.windows import VIRTUALIZATION
from livemigration.lab import (
    derived,
    instances_cluster,
    instances_cluster_groups,
    instances_cluster_storage,
    instances_devices,
    instances_firewall,
    instances_hyper_v,
    instances_memory,
    instances_network,
    instances_ports,
    instances_vms,
    instances_windows,
)
from livemigration.lab.faults import PROVIDER_MISSING, wmi_failed, wmi_refused
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row, Rows
from livemigration.lab.world import World

_Maker = Callable[[World, FleetHost], list[Row] | None]
_MAKERS: dict[str, _Maker] = {
    name.casefold(): maker
    for module in (
        instances_windows,
        instances_hyper_v,
        instances_vms,
        instances_memory,
        instances_ports,
        instances_devices,
        instances_network,
        instances_firewall,
        instances_cluster,
        instances_cluster_groups,
        instances_cluster_storage,
    )
    for name, maker in module.MAKERS.items()
}


def rows(
    world: World, host: FleetHost, namespace: str, name: str, *, active_store: bool = False
) -> Rows | None:
    """Return the instances of a class, or None where the namespace does not have the class.

    `active_store`: those of the firewall's active store, where a class has others there.

    Raises:
        LabFault: the provider of the class does not answer.
    """
    home = derived.declared(name)
    if home is None or home.namespace.casefold() != namespace.casefold():
        return None
    if home.name in host.unreadable:
        raise wmi_failed("The provider of the class failed.")
    if home.name in host.empty:
        return Rows(())
    found = _made(world, host, home.name, active_store=active_store)
    if found is not None and home.namespace == VIRTUALIZATION and not host.runs_hyper_v:
        raise wmi_refused(PROVIDER_MISSING, "Provider load failure")
    return found


def _made(world: World, host: FleetHost, name: str, *, active_store: bool) -> Rows | None:
    """Return the instances that the lab makes; of a class that it does not know, a plain one."""
    known = _known(world, host, name)
    maker = _MAKERS.get(name.casefold())
    if active_store:
        maker = instances_firewall.IN_ACTIVE_STORE.get(name, maker)
    if maker is None:
        there = derived.is_there(name, world.system(host).build)
        return Rows([derived.completed({}, known)]) if there else None
    found = maker(world, host)
    if found is None:
        return None
    own, alike = (found.own, found.alike) if isinstance(found, Rows) else (found, None)
    return Rows([derived.completed(row, known) for row in own], alike)


def _known(world: World, host: FleetHost, name: str) -> tuple[WmiProperty, ...]:
    """Return the properties that the host has of a class, whatever its rows hold."""
    return derived.properties(name, world.system(host).build)


def strange(
    world: World, host: FleetHost, name: str, found: Rows, names: frozenset[str]
) -> frozenset[str]:
    """Return which of these properties, in lower case, no query of a class may name.

    They are more than on Windows: all but what the suite reads, and what the rows hold.
    """
    unknown = names - _known_names(class_name(name), world.system(host).build)
    if not unknown:
        return unknown
    alike = found.alike.rows[:1] if found.alike is not None else ()
    return unknown - {key.casefold() for row in (*alike, *found.own) for key in row}


@cache
def _known_names(name: str, build: int) -> frozenset[str]:
    return frozenset(each.name.casefold() for each in derived.properties(name, build))


def of_one(world: World, host: FleetHost, name: str, row: Row) -> Row:
    """Return a row as a Get shows it, which may say more than an Enumerate."""
    if class_name(name) == CLUSTER_RESOURCES.source:
        return instances_cluster_groups.of_one(world, host, row)
    return row


def class_name(text: str) -> str:
    """Return a class's name as the class spells it, from a text in any case."""
    known = derived.declared(text)
    return text if known is None else known.name
