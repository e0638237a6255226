"""How fast the adapters below an interface are: through a team, and through a virtual switch.

An interface of the host on a virtual switch states a speed that no cable has
(windows-facts-2.md 14.2): the adapters of the switch decide, and where they are not known, nothing
is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livemigration.facts.adapter_speeds import AdapterSpeed, TeamMember
from livemigration.facts.virtual_ports import VirtualPort


@dataclass(frozen=True)
class LinkSpeed:
    """What an interface can carry, in bit/s: all its adapters together, and the slowest of them.

    One connection is on one adapter, so one virtual machine may get no more than `one`.
    """

    together: int
    one: int


@dataclass(frozen=True)
class Adapters:
    """The adapters of one host, its teams, and the connections of its virtual switches."""

    speeds: Sequence[AdapterSpeed]
    members: Sequence[TeamMember] = ()
    ports: Sequence[VirtualPort] = ()

    def speed_of(self, interface: str) -> LinkSpeed | None:
        """Return the speed of an interface by its alias, in any case; None: it is not known."""
        own = self._named(interface)
        below = [each for each in self._below(own) if each is not None] if own is not None else []
        return LinkSpeed(sum(below), min(below)) if below else None

    def _named(self, interface: str) -> AdapterSpeed | None:
        wanted = interface.casefold()
        return next((each for each in self.speeds if each.interface.casefold() == wanted), None)

    def _below(self, adapter: AdapterSpeed) -> Iterator[int | None]:
        """Yield the speed of each adapter that an interface is made of."""
        team = adapter.interface.casefold()
        members = [each for each in self.members if each.team.casefold() == team]
        if members:
            yield from (_speed(self._named(each.interface)) for each in members)
        elif not adapter.virtual:
            yield _speed(adapter)
        else:
            for each in self._of_the_switch():
                yield from self._below(each)

    def _of_the_switch(self) -> Iterator[AdapterSpeed]:
        """Yield the adapters of the only virtual switch that has any.

        On which of several switches an interface of the host is, is not read.
        """
        switches = {port.owner: port.adapters for port in self.ports if port.adapters}
        used = next(iter(switches.values())) if len(switches) == 1 else ()
        for each in self.speeds:
            teamed = not each.virtual or self._is_team(each)
            if each.identifier in used and teamed:
                yield each

    def _is_team(self, adapter: AdapterSpeed) -> bool:
        team = adapter.interface.casefold()
        return any(each.team.casefold() == team for each in self.members)


def _speed(adapter: AdapterSpeed | None) -> int | None:
    """Return what an adapter carries in both directions."""
    if adapter is None or adapter.transmit is None or adapter.receive is None:
        return None
    return min(adapter.transmit, adapter.receive)
