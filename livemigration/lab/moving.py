"""Whether a simulated machine can be moved live now, and both hosts once it was.

Memory is counted in whole MB: it is needed at both ends while a machine moves. What only a check
judges, such as processors, stops nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.lab.fleet import Fleet
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.instances_cluster import is_up
from livemigration.lab.instances_memory import free
from livemigration.lab.instances_vms import path_of, version_of

_LIVE = ("running", "paused")


def refusal(fleet: Fleet, vm: FleetVm, source: FleetHost, there: FleetHost, disk: int) -> str:
    """Return why a machine cannot be moved now, as a clause; empty where it can.

    Args:
        fleet: where everything is now.
        vm: the machine.
        source: its host.
        there: where it is to go.
        disk: how many MB of its disks move with it.
    """
    return next(_refusals(fleet, vm, source, there, disk), "")


def _refusals(
    fleet: Fleet, vm: FleetVm, source: FleetHost, there: FleetHost, disk: int
) -> Iterator[str]:
    if source.name == there.name:
        yield f"{vm.name} is on {there.name} already"
    if vm.state not in _LIVE:
        yield f"{vm.name} is {vm.state}, and only what runs is moved live"
    for host in (source, there):
        if host.down is not None or not host.runs_hyper_v:
            yield f"{host.name} does not answer, or its Hyper-V does not run"
    inside = source.cluster is not None and source.cluster == there.cluster
    if inside and vm.clustered:
        yield from _refused_by_cluster(fleet, vm, there)
    elif not there.enabled:
        yield f"{there.name} does not accept live migration"
    if vm.pool is None and (switch := switch_of(source, vm)) not in {"none", *there.switches}:
        yield f"{there.name} has no virtual switch {switch}"
    if vm.memory.assigned > (left := free(there)):
        yield f"{there.name} has {left} MB free, and {vm.name} needs {vm.memory.assigned}"
    drive = path_of(source, vm)[:2].upper()
    if disk and drive in there.free_space and disk > (space := there.free_space[drive]):
        yield f"{there.name} has {space} MB free on {drive}, and {vm.name} needs {disk}"


def _refused_by_cluster(fleet: Fleet, vm: FleetVm, there: FleetHost) -> Iterator[str]:
    if not is_up(there) or there.node.state == "paused":
        yield f"{there.name} is not up, or is paused"
    if vm.role.locked:
        yield f"{vm.name} is locked from moving"
    for owners in (vm.role.owners, vm.role.configuration_owners):
        if owners is not None and there.short_name not in {each.upper() for each in owners}:
            yield f"{there.name} is no possible owner of {vm.name}"
    if there.cluster is not None and fleet.clusters[there.cluster].enforced_anti_affinity:
        for other in there.vms:
            if other.clustered and set(other.role.anti_affinity) & set(vm.role.anti_affinity):
                yield f"{vm.name} must not be with {other.name} on {there.name}"


def switch_of(host: FleetHost, vm: FleetVm) -> str:
    """Return the virtual switch that a machine is connected to; `none`: none."""
    return vm.switch or next(iter(host.switches), "none")


def moved(
    fleet: Fleet, vm: FleetVm, source: FleetHost, there: FleetHost, disk: int
) -> tuple[FleetHost, FleetHost]:
    """Return both hosts once a machine has moved, with what it took along from the first."""
    build = (source.system or fleet.system).build
    taken: dict[str, object] = {"version": version_of(vm, build)}
    if vm.pool is None:
        taken["switch"] = switch_of(source, vm)
    if vm.vectors is None and not vm.compatible:
        taken["vectors"] = source.processor.vectors
    left = tuple(each for each in source.vms if each.identifier != vm.identifier)
    space = dict(there.free_space)
    if disk and (drive := path_of(source, vm)[:2].upper()) in space:
        space[drive] -= disk
    arrived = (*there.vms, vm.model_copy(update=taken))
    return (
        source.model_copy(update={"vms": left}),
        there.model_copy(update={"vms": arrived, "free_space": space}),
    )
