"""Which virtual switches a host has, and which of its machines are connected to what."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.verdict.views import BlockedError, FactsView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    Machine,
    machines_of,
)

# What is read of a host to say which of its machines are connected to what.
CONNECTION_FACTS: tuple[FactGroup[Any], ...] = (
    VIRTUAL_SWITCHES,
    VIRTUAL_PORTS,
    *MACHINE_FACTS,
    *MACHINE_EVIDENCE,
)


class Means(Enum):
    """By what a machine is connected, which decides what is looked for on another host."""

    SWITCH = "a virtual switch, which another host has by name"
    POOL = "a resource pool of connections, which another host has by name"


@dataclass(frozen=True)
class Connection:
    """What a machine is connected to: the same for all that another host must have the same for.

    `live` is false where the machine is off, so that no live migration moves it.
    """

    means: Means
    folded: str
    live: bool
    name: str = field(compare=False)

    def is_missing_among(self, switches: Container[str]) -> bool:
        """Whether it needs a switch that is not among these names in one case."""
        return self.means is Means.SWITCH and self.folded not in switches

    def is_pool_missing_among(self, pools: Container[str] | None) -> bool:
        """Whether it needs a pool that is not among these names in one case; None: not known."""
        return pools is not None and self.means is Means.POOL and self.folded not in pools


def pools_of(host: FactsView) -> frozenset[str] | None:
    """Return a host's resource pools of network connections, in one case; None: not known."""
    outcome = host.outcome(CONNECTION_POOLS)
    if not isinstance(outcome, Gathered) or not outcome.value.pools_shown:
        return None
    return frozenset(each.casefold() for each in outcome.value.pools)


def switches_of(host: FactsView) -> dict[str, str]:
    """Return the virtual switches of a host: names as they are, by names in one case."""
    return {each.name.casefold(): each.name for each in host[VIRTUAL_SWITCHES]}


@dataclass(frozen=True)
class SwitchNames:
    """The virtual switches of a host, in which hosts may be equals.

    `names` are those of `switches_of`. `told` is whether it can be said who is connected to them.
    """

    names: tuple[tuple[str, str], ...]
    told: bool


def switch_names(host: FactsView) -> SwitchNames:
    """Return the virtual switches of a host as a key."""
    names = tuple(sorted(switches_of(host).items()))
    try:
        machines_of(host)
        host[VIRTUAL_PORTS]
    except BlockedError:
        return SwitchNames(names, told=False)
    return SwitchNames(names, told=True)


def connections_of(host: FactsView) -> Iterator[tuple[Connection, Machine]]:
    """Yield what each machine of a host is connected to, each thing once.

    What is connected to nothing, or to a switch that has no name, never keeps a machine from
    moving (windows-facts-2.md 10.4).

    Raises:
        BlockedError: the account may not see the machines, or something could not be read.
    """
    machines = {each.identifier: each for each in machines_of(host)}
    names = {each.identifier.upper(): each.name for each in host[VIRTUAL_SWITCHES]}
    seen: set[tuple[Connection, str]] = set()
    for port in host[VIRTUAL_PORTS]:
        machine = machines.get(port.owner)
        if machine is None or not port.connected:
            continue
        by_switch = bool(port.switch) or not port.pool
        name = names.get(port.switch.upper(), port.last_switch) if by_switch else port.pool
        means = Means.SWITCH if by_switch else Means.POOL
        found = Connection(means, name.casefold(), not machine.is_off, name)
        if name and (found, machine.identifier) not in seen:
            seen.add((found, machine.identifier))
            yield found, machine
