"""The WMI classes of a simulated host: which there are, and their instances."""

from __future__ import annotations

from collections.abc import Callable

from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.virtualization import COMPUTER_CLASS
from livemigration.facts.windows import VIRTUALIZATION
from livemigration.lab import (
    instances_cluster,
    instances_firewall,
    instances_hyper_v,
    instances_network,
    instances_windows,
)
from livemigration.lab.faults import PROVIDER_MISSING, wmi_failed, wmi_refused
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import Row
from livemigration.lab.world import World

_CLASSES = [*(group.query.wmi_class for group in HOST_WMI_GROUPS), COMPUTER_CLASS]
_DECLARED = {each.name.casefold(): each.properties for each in _CLASSES}
_HOMES = {each.name.casefold(): (each.name, each.namespace.casefold()) for each in _CLASSES}

_Maker = Callable[[World, FleetHost], list[Row] | None]
_MAKERS: dict[str, _Maker] = {
    name.casefold(): maker
    for module in (
        instances_windows,
        instances_hyper_v,
        instances_network,
        instances_firewall,
        instances_cluster,
    )
    for name, maker in module.MAKERS.items()
}


def rows(world: World, host: FleetHost, namespace: str, name: str) -> list[Row] | None:
    """Return the instances of a class, or None where the namespace does not have the class.

    Raises:
        LabFault: the provider of the class does not answer.
    """
    home = _HOMES.get(name.casefold(), ("", ""))[1]
    maker = _MAKERS.get(name.casefold())
    if maker is None or home != namespace.casefold():
        return None
    spelling = class_name(name)
    if spelling in host.unreadable:
        raise wmi_failed("The provider of the class failed.")
    if spelling in host.empty:
        return []
    found = maker(world, host)
    if found is not None and home == VIRTUALIZATION.casefold() and not host.runs_hyper_v:
        raise wmi_refused(PROVIDER_MISSING, "Provider load failure")
    return found


def properties(name: str, found: list[Row]) -> frozenset[str]:
    """Return the properties that queries of a class may name, in lower case.

    They are fewer than on Windows: what the suite reads, and what the rows hold.
    """
    held = {key.casefold() for row in found for key in row}
    declared = _DECLARED.get(name.casefold(), ())
    return frozenset(held | {each.name.casefold() for each in declared if not each.optional})


def class_name(text: str) -> str:
    """Return a class's name as the class spells it, from a text in any case."""
    return _HOMES.get(text.casefold(), (text, ""))[0]
