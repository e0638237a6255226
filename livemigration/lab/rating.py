"""VMM's rating of a host: zero where its release has KB 2853203 and no listener is where it stages.

VMM rates by more than that (memory, storage, networks); the lab rates every other host alike.
"""

from __future__ import annotations

from livemigration.facts.vmm import VmmRelease
from livemigration.lab.world import World
from livemigration.verdict.release import Release, release_of
from livemigration.vmm.scripts import RateReply, RateRequest

_ENOUGH = 4.0


def rate(world: World, request: RateRequest) -> RateReply:
    """Return VMM's rating of a host for a virtual machine of the fleet."""
    fleet = world.fleet
    wanted = request.vm.casefold()
    places = [host for name, host in fleet.virtual_machines.items() if name.casefold() == wanted]
    if not places:
        return RateReply(0, None, None, (), ())
    target = world.known(request.host)
    current = next(world.known_as(host) for host in fleet.hosts if host.name == places[0])
    if target is None or target.name == places[0]:
        return RateReply(1, current, None, (), ())
    version = VmmRelease(fleet.vmm.registry, fleet.vmm.server)
    affected = release_of(version)[0] is Release.AFFECTED
    staged = set(world.resolve(request.host)) & set(world.open_listeners(target))
    if affected and not staged:
        # In the words of KB 2853203, its letter O for the zero included.
        reason = (
            f"Migration check for virtual machine {request.vm} failed to create a planned virtual "
            f"machine in the target host. The Virtual Machine Management Service failed to "
            f"establish a connection for a Virtual Machine migration with host {target.name}: No "
            "connection could be made because the target machine actively refused it. "
            "(Ox8007274D)"
        )
        return RateReply(1, current, 0.0, (reason,), ())
    return RateReply(1, current, _ENOUGH, (), ())
