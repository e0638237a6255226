"""A host's firewall and the hosts that must pass it, put together from the facts."""

from __future__ import annotations

from collections.abc import Mapping

from livemigration.addresses import Address
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.firewall import (
    CONNECTION_PROFILES,
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROFILES,
    FIREWALL_PROGRAMS,
    FIREWALL_RULES,
    FIREWALL_SERVICES,
)
from livemigration.facts.model import Gathered
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.firewall import Firewall, Peer
from livemigration.source_address import SourceTable
from livemigration.views import FactsView, GroupView


def firewall_of(host: FactsView) -> Firewall:
    """Return the host's firewall, as its local store has it."""
    return Firewall(
        profiles=host[FIREWALL_PROFILES],
        rules=host[FIREWALL_RULES],
        ports={each.identifier.casefold(): each for each in host[FIREWALL_PORTS]},
        addresses={each.identifier.casefold(): each for each in host[FIREWALL_ADDRESSES]},
        programs={each.identifier.casefold(): each for each in host[FIREWALL_PROGRAMS]},
        services={each.identifier.casefold(): each for each in host[FIREWALL_SERVICES]},
        connections=host[CONNECTION_PROFILES],
    )


def partners_of(
    host: FactsView, group: GroupView, *, in_cluster: bool
) -> dict[str, SourceTable | None]:
    """Return from where each host connects that sends virtual machines to this one.

    None where that could not be read. Inside a cluster, hosts of another cluster send none.
    """
    found: dict[str, SourceTable | None] = {}
    for name in group.peers(host.name, LOCAL_ADDRESSES, ROUTES):
        if in_cluster and _in_another_cluster(host, group, name):
            continue
        found[name] = group.sources.get(name)
    found.update((name, None) for name in group.unplaced(host.name))
    return found


def partners_not_looked_at(
    host: FactsView, group: GroupView, *, in_cluster: bool
) -> tuple[str, ...]:
    """Return the hosts that may send virtual machines to this one and were not looked at."""
    return tuple(
        name
        for name in group.not_looked_at(host.name, LOCAL_ADDRESSES, ROUTES)
        if not (in_cluster and name in group.sheets and _in_another_cluster(host, group, name))
    )


def _in_another_cluster(host: FactsView, group: GroupView, other: str) -> bool:
    own, its = host.outcome(CLUSTER), group.outcome(other, CLUSTER)
    if not isinstance(own, Gathered) or not isinstance(its, Gathered):
        return False
    names = [each.value.name for each in (own, its)]
    return names[0] is not None and (names[1] or "").casefold() != names[0].casefold()


def peers_towards(
    address: Address, partners: Mapping[str, SourceTable | None]
) -> tuple[tuple[Peer, ...], tuple[str, ...]]:
    """Return the partners that can connect to an address, and those of which it is not known."""
    peers: list[Peer] = []
    unread: list[str] = []
    for name, table in partners.items():
        if table is None:
            unread.append(name)
        elif table.has(address.version):
            groups = table.towards(address)
            if groups is None:
                unread.append(name)
            else:
                peers.append(Peer(name, groups))
    return tuple(peers), tuple(unread)
