"""How fast the link is over which a host sends and receives virtual machines, as a range.

An adapter on a virtual switch, and a team, state a speed of their own making: those below have the
true one. Several adapters together carry all of theirs at best, and one machine that of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from livemigration.base.addresses import Address
from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS, TEAM_MEMBERS, AdapterSpeed
from livemigration.facts.host import SERVICES
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import FactGroup
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.verdict.cluster_membership import REST_OF_MEMBERSHIP, membership_of
from livemigration.verdict.node_path import OF_THE_PATH, path_of_node
from livemigration.verdict.readings import listeners_of
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError

# What the link of a host is read from.
OF_MIGRATION_LINK: tuple[FactGroup[Any], ...] = (
    ADAPTER_SPEEDS,
    TEAM_MEMBERS,
    VIRTUAL_PORTS,
    LOCAL_ADDRESSES,
    LISTENERS,
    SERVICES,
    *REST_OF_MEMBERSHIP,
    *OF_THE_PATH,
)


@dataclass(frozen=True)
class LinkSpeed:
    """What a link carries one way, in bit/s: at least, and at most."""

    least: int
    most: int


def migration_link(host: FactsView) -> LinkSpeed | None:
    """Return the link of a host; None: it is not known, or there are several of other speeds."""
    try:
        speeds = _Speeds(host)
        found = {speeds.of(each) for each in _interfaces(host)}
    except (BlockedError, InapplicableError):
        return None
    return found.pop() if len(found) == 1 else None


def _interfaces(host: FactsView) -> frozenset[str]:
    """Return the aliases of the interfaces that carry migrations, in lower case."""
    addresses = set(_addresses(host))
    return frozenset(
        each.interface.casefold() for each in host[LOCAL_ADDRESSES] if each.address in addresses
    )


def _addresses(host: FactsView) -> Iterable[Address]:
    """Return where migrations arrive: on a node by the network that its cluster uses first."""
    if not is_cluster_node(host[SERVICES]):
        return listeners_of(host)
    own = membership_of(host)
    networks = path_of_node(host, own).up_on(own.node.name)
    if not networks:
        return ()
    key = own.node.name.casefold()
    return next((a for node, a in networks[0].addresses.items() if node.casefold() == key), ())


class _Speeds:
    """The speeds of the adapters of a host."""

    def __init__(self, host: FactsView) -> None:
        self._host = host
        self._adapters = {each.interface.casefold(): each for each in host[ADAPTER_SPEEDS]}

    def of(self, interface: str) -> LinkSpeed | None:
        """Return the speed of an interface, by its alias in lower case; None: it is not known."""
        adapter = self._adapters.get(interface)
        if adapter is None:
            return None
        if members := self._members.get(interface):
            return _together(self.of(each) for each in members)
        if adapter.virtual:
            return self._of_switches()
        return _stated(adapter)

    @cached_property
    def _members(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in self._host[TEAM_MEMBERS]:
            found.setdefault(each.team.casefold(), []).append(each.interface.casefold())
        return found

    def _of_switches(self) -> LinkSpeed | None:
        """Return the speed of what lies under the virtual switches; of several, if it is one."""
        found = set(self._each_switch())
        return found.pop() if len(found) == 1 else None

    def _each_switch(self) -> Iterator[LinkSpeed | None]:
        by_guid = {each.identifier: each for each in self._adapters.values() if each.identifier}
        for port in self._host[VIRTUAL_PORTS]:
            if port.adapters:
                below = [by_guid.get(each) for each in port.adapters]
                yield _together(self._below(each) for each in below)

    def _below(self, adapter: AdapterSpeed | None) -> LinkSpeed | None:
        if adapter is None:
            return None
        if members := self._members.get(adapter.interface.casefold()):
            # A team of Windows' own under the switch; its members are adapters of the machine.
            return _together(
                _stated(found)
                for each in members
                if (found := self._adapters.get(each)) is not None
            )
        return _stated(adapter)


def _stated(adapter: AdapterSpeed) -> LinkSpeed | None:
    if adapter.virtual or adapter.transmit is None or adapter.receive is None:
        return None
    speed = min(adapter.transmit, adapter.receive)
    return LinkSpeed(speed, speed)


def _together(speeds: Iterator[LinkSpeed | None]) -> LinkSpeed | None:
    """Return what adapters carry together; one without a cable carries nothing."""
    known = [each for each in speeds if each is not None]
    if not known:
        return None
    return LinkSpeed(min(e.least for e in known), sum(e.most for e in known))
