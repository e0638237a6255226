"""A plan that empties hosts, carried out on a simulated fleet one step after the other.

Each step has to be possible when it is taken: what it needs is counted anew on the fleet, and
nothing of the plan's own figures is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from livemigration.lab.errors import LabError
from livemigration.lab.fleet import Fleet, FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.instances_memory import free
from livemigration.lab.moving import moved, refusal
from livemigration.placement.plan_document import PlanDocument, PlannedMove


@dataclass(frozen=True)
class Drained:
    """The fleet afterwards; what was done and what was left, a sentence each."""

    fleet: Fleet
    done: tuple[str, ...]
    left: tuple[str, ...]


def drain(fleet: Fleet, plan: PlanDocument) -> Drained:
    """Return the fleet once a plan was carried out.

    Raises:
        LabError: there is no plan in it, or a step is not possible when it is taken.
    """
    if not plan.fits:
        raise LabError(f"It holds no plan: the answer is {plan.verdict.value!r}.")
    hosts = {host.name.casefold(): host for host in fleet.hosts}
    for name in (*plan.asked.hosts, *plan.asked.without):
        if name.casefold() not in hosts:
            raise LabError(f"{name} is no host of the fleet {fleet.name}.")
    done = list(_shut_down(hosts, plan))
    for move in plan.moves:
        now = fleet.model_copy(update={"hosts": tuple(hosts.values())})
        done.append(_take(now, hosts, move))
    emptied = [hosts[name.casefold()] for name in plan.asked.hosts]
    left = [
        f"{host.name}: {vm.name} is still there." for host in emptied for vm in host.vms if vm.runs
    ]
    still = {host.name for host in emptied if any(vm.runs for vm in host.vms)}
    done += [f"{host.name}: no machine runs there." for host in emptied if host.name not in still]
    return Drained(_with(fleet, hosts), tuple(done), tuple(left))


def _take(fleet: Fleet, hosts: dict[str, FleetHost], move: PlannedMove) -> str:
    """Take one step, and return what was done.

    Raises:
        LabError: it is not possible now.
    """
    place = next((host for host in hosts.values() if _aboard(host, move) is not None), None)
    there = hosts.get(move.to.casefold())
    vm = _aboard(place, move) if place is not None else None
    if place is None or vm is None:
        raise _impossible(move, f"no host of the fleet {fleet.name} has {move.vm}")
    if there is None:
        raise _impossible(move, f"{move.to} is no host of the fleet {fleet.name}")
    if place.name.casefold() != move.source.casefold():
        raise _impossible(move, f"{vm.name} is on {place.name}, not on {move.source}")
    if reason := refusal(fleet, vm, place, there, move.disk):
        raise _impossible(move, reason)
    before = free(there)
    hosts[place.name.casefold()], hosts[there.name.casefold()] = moved(
        fleet, vm, place, there, move.disk
    )
    return (
        f"{move.n}  {vm.name}: {place.name} to {there.name}, {vm.memory.assigned} of {before} MB "
        f"free there"
    )


def _aboard(host: FleetHost, move: PlannedMove) -> FleetVm | None:
    """Return the machine of a step where a host has it; the GUID decides."""
    return next((vm for vm in host.vms if vm.identifier == move.id.upper()), None)


def _impossible(move: PlannedMove, reason: str) -> LabError:
    return LabError(
        f"Step {move.n} is not possible: {reason}. Nothing was written. Ask for a plan of the "
        "fleet as it is."
    )


def _shut_down(hosts: dict[str, FleetHost], plan: PlanDocument) -> Iterator[str]:
    """Shut down what is not moved, and yield what was done."""
    stays = {each.casefold() for each in plan.stays}
    for name in plan.asked.hosts:
        host = hosts[name.casefold()]
        vms = tuple(
            vm.model_copy(update={"state": "off"})
            if vm.runs and vm.name.casefold() in stays
            else vm
            for vm in host.vms
        )
        hosts[name.casefold()] = host.model_copy(update={"vms": vms})
        for before, after in zip(host.vms, vms, strict=True):
            if before.runs and not after.runs:
                yield f"{after.name} is shut down on {host.name}."


def _with(fleet: Fleet, hosts: Mapping[str, FleetHost]) -> Fleet:
    """Return the fleet with these hosts, and its machines for --stage-vm where they are now."""
    places = {vm.name: host.name for host in hosts.values() for vm in host.vms}
    staged = {name: places.get(name, place) for name, place in fleet.virtual_machines.items()}
    changed = {"hosts": tuple(hosts.values()), "virtual_machines": staged}
    return Fleet.model_validate(
        fleet.model_copy(update=changed).model_dump(mode="json", exclude_defaults=True)
    )
