"""GetSystemCompatibilityVectors of a simulated host: of itself, and of its virtual machines."""

from __future__ import annotations

from collections.abc import Mapping

from livemigration.facts.cim import EmbeddedObject
from livemigration.facts.compatibility import VECTORS_OUT
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2
from livemigration.lab.faults import NO_METHOD, wmi_refused
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.instances_vms import shown
from livemigration.lab.rows import Row
from livemigration.lab.world import World

_SUBSET = 2
_FAILED = 32768


def vectors(world: World, host: FleetHost, given: dict[str, str]) -> Row:
    """Answer the method; how Windows writes an array of embedded instances is not documented."""
    if world.system(host).build < WINDOWS_SERVER_2012_R2:
        raise wmi_refused(NO_METHOD, "The class has no method GetSystemCompatibilityVectors.")
    asked = given.get("ComputerSystem", "").upper()
    vm = next((each for each in shown(host) if each.identifier in asked), None)
    if vm is not None and vm.vectors_refused:
        return {VECTORS_OUT: None, "ReturnValue": _FAILED}
    return {VECTORS_OUT: _embedded(_features(host, vm)), "ReturnValue": 0}


def _features(host: FleetHost, vm: FleetVm | None) -> Mapping[int, int]:
    own = {number: int(text, 16) for number, text in host.processor.vectors.items()}
    if vm is None:
        return own
    if vm.vectors is not None:
        return {number: int(text, 16) for number, text in vm.vectors.items()}
    return dict.fromkeys(own, 0) if vm.compatible else own


def _embedded(features: Mapping[int, int]) -> tuple[EmbeddedObject, ...]:
    return tuple(
        EmbeddedObject(
            (
                ("CompareOperation", str(_SUBSET)),
                ("CompatibilityInfo", str(value)),
                ("VectorId", str(number)),
            )
        )
        for number, value in features.items()
    )
