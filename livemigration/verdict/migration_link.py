"""The link over which a host sends and receives virtual machines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from livemigration.base.addresses import Address
from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS, TEAM_MEMBERS
from livemigration.facts.host import SERVICES
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import FactGroup
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.verdict.cluster_membership import REST_OF_MEMBERSHIP, membership_of
from livemigration.verdict.link_speeds import Adapters, LinkSpeed
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


def migration_link(host: FactsView) -> LinkSpeed | None:
    """Return the link of a host; None: it is not known, or there are several of other speeds."""
    try:
        adapters = Adapters(host[ADAPTER_SPEEDS], host[TEAM_MEMBERS], host[VIRTUAL_PORTS])
        found = {adapters.speed_of(each) for each in _interfaces(host)}
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
