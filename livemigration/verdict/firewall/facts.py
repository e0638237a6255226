"""A host's firewall and the hosts that must pass it, put together from the facts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.firewall import (
    CONNECTION_PROFILES,
    FIREWALL_PROFILES,
    FIREWALL_RULES,
)
from livemigration.facts.firewall_filters import (
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)
from livemigration.facts.model import Gathered
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.circles import Seen
from livemigration.verdict.firewall.rules import Firewall
from livemigration.verdict.views import FactsView, GroupView


def firewall_of(host: FactsView, group: GroupView) -> Firewall:
    """Return the host's firewall, as its store has it: one for all that have the same."""
    read = (
        host[FIREWALL_PROFILES],
        host[FIREWALL_RULES],
        host[FIREWALL_PORTS],
        host[FIREWALL_ADDRESSES],
        host[FIREWALL_PROGRAMS],
        host[FIREWALL_SERVICES],
        host[CONNECTION_PROFILES],
    )
    known = group.facts.once(_firewalls)
    # Facts that were read as the same value are told apart by what they are, as hashing them
    # would take longer than judging; they live as long as these facts do.
    key = tuple(map(id, read))
    if key not in known:
        profiles, rules, ports, addresses, programs, services, connections = read
        known[key] = Firewall(
            profiles=profiles,
            rules=rules,
            ports=_by_id(ports),
            addresses=_by_id(addresses),
            programs=_by_id(programs),
            services=_by_id(services),
            connections=connections,
        )
    return known[key]


def _firewalls(_facts: RunFacts) -> dict[tuple[int, ...], Firewall]:
    return {}


def _by_id(filters: Iterable[Any]) -> dict[str, Any]:
    """Return filters by their rule's ID; none of an ID that stands for different ones."""
    found: dict[str, Any] = {}
    several: set[str] = set()
    for each in filters:
        key = each.identifier.casefold()
        # Whether a rule of Group Policy may have a local one's is not known.
        if found.setdefault(key, each) != each:
            several.add(key)
    return {key: each for key, each in found.items() if key not in several}


def senders_to(host: FactsView, group: GroupView, *, in_cluster: bool) -> Seen:
    """Return the hosts that may send virtual machines to this one.

    Inside a cluster, hosts of another cluster send none.
    """
    seen = group.seen_by(host.name, LOCAL_ADDRESSES, ROUTES)
    own = host.outcome(CLUSTER) if in_cluster else None
    if not isinstance(own, Gathered) or own.value.name is None:
        return seen
    return Seen(seen.circle.in_cluster(own.value.name), host.name)
