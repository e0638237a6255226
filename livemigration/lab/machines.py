"""The machines of a fleet, each made when it is first asked."""

from __future__ import annotations

from functools import cached_property

from livemigration.lab.fleet import FleetHost, FleetVmm
from livemigration.lab.machine import Record, SimulatedMachine
from livemigration.lab.world import World


class Machines:
    """The simulated machines of a fleet by their names."""

    def __init__(self, world: World, record: Record) -> None:
        self._world = world
        self._record = record
        self._views: dict[str, World] = {}
        self._made: dict[str, SimulatedMachine] = {}

    def __getitem__(self, name: str) -> SimulatedMachine:
        """Return a machine.

        Raises:
            KeyError: the fleet has none of that name.
        """
        if (made := self._made.get(name)) is not None:
            return made
        found = self._places[name]
        if isinstance(found, FleetVmm):
            made = SimulatedMachine(self._view(found), name, None, self._record)
        else:
            view = self._view(self._world.fleet.manager(found))
            made = SimulatedMachine(view, name, found, self._record)
        self._made[name] = made
        return made

    @cached_property
    def _places(self) -> dict[str, FleetHost | FleetVmm]:
        fleet = self._world.fleet
        found: dict[str, FleetHost | FleetVmm] = {each.name: each for each in fleet.vmms}
        return found | {each.name: each for each in fleet.hosts}

    def _view(self, server: FleetVmm) -> World:
        """Return the fleet as a VMM server has it."""
        if (found := self._views.get(server.name)) is None:
            found = self._views[server.name] = self._world.seen_by(server)
        return found
