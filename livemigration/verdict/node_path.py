"""The networks on which a node of a cluster moves virtual machines to the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from livemigration.base.text import one_line, some
from livemigration.facts.cluster import CLUSTER_MIGRATION_NETWORKS, CLUSTER_NETWORKS
from livemigration.facts.cluster_interfaces import CLUSTER_INTERFACES
from livemigration.facts.cluster_nodes import DOWN, JOINING, PAUSED, UP, ClusterNode, NodeStatus
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.model import FactGroup
from livemigration.verdict.cluster_membership import Membership
from livemigration.verdict.cluster_path import SELECTS_OTHERWISE, ClusterPath, path_of
from livemigration.verdict.views import BlockedError, FactsView

# What the path is read from, beside what says whose node the host is.
OF_THE_PATH: tuple[FactGroup[Any], ...] = (
    CLUSTER_NETWORKS,
    CLUSTER_INTERFACES,
    CLUSTER_MIGRATION_NETWORKS,
    OPERATING_SYSTEM,
)


def block_unless_it_takes_part(host: FactsView, own: Membership) -> None:
    """Raise BlockedError where a node takes no part in its cluster: its interfaces show that."""
    kept_out = own.node.says(NodeStatus.ISOLATED) or own.node.says(NodeStatus.QUARANTINED)
    if own.node.state in {DOWN, JOINING} or kept_out:
        raise BlockedError(
            "LM602",
            f"{host.name} takes no part in its cluster, so none of its networks is up.",
            "Bring the node back into its cluster first.",
        )


def path_of_node(host: FactsView, own: Membership) -> ClusterPath:
    """Return the migration path of the cluster.

    Raises:
        BlockedError: the cluster shows no network, or no interface of this node.
    """
    networks, interfaces = host[CLUSTER_NETWORKS], host[CLUSTER_INTERFACES]
    builds = [each.build for each in own.nodes if each.build is not None]
    newest = max((*builds, host[OPERATING_SYSTEM].build))
    path = path_of(networks, interfaces, host[CLUSTER_MIGRATION_NETWORKS], newest)
    every = (*path.networks, *path.excluded, *path.unoffered)
    if not any(each.has_interface_of(own.node.name) for each in every):
        missing = f"no interface of {host.name}" if networks else "no network"
        raise BlockedError(
            "",
            f"The cluster shows this account {missing}, and every node has one.",
            "Compare with what Get-ClusterNetworkInterface shows on the host.",
        )
    return path


def block_where_not_known(own: Membership, path: ClusterPath) -> None:
    """Raise BlockedError where no network is known to be up on a node, and one may be."""
    node = own.node.name
    unknown = [each.name for each in path.networks if each.is_unknown_on(node)]
    if unknown and not path.up_on(node):
        raise BlockedError(
            "",
            f"The cluster does not say whether the interface of {one_line(node)} to "
            f"{some(unknown)} is up, and no other network that live migration may use is.",
            "Compare with what Get-ClusterNetworkInterface shows on the host.",
        )


def taking_part(own: Membership) -> tuple[ClusterNode, ...]:
    """Return the nodes that take part in their cluster, paused ones too."""
    return tuple(each for each in own.nodes if each.state in {UP, PAUSED})


def apart_from(own: Membership, path: ClusterPath) -> Iterator[ClusterNode]:
    """Yield the other nodes that take part and share no network for live migration.

    One that can use none at all is a failure of its own.
    """
    for each in own.others:
        takes_part = each.state in {UP, PAUSED} and path.up_on(each.name)
        if takes_part and not path.shared(own.node.name, each.name):
            yield each


@dataclass(frozen=True)
class Reachable:
    """The networks of a cluster as one node has them, by their names.

    `up` are those on which it can move machines, `near` all to which it has an interface.
    `only_unoffered`: all that is not excluded has no role in the cluster. `site` is empty where
    none is declared; `by_network`: it needs a network in common with another node at its site,
    as nodes before Server 2025 do.
    """

    up: frozenset[str]
    near: frozenset[str]
    only_unoffered: bool
    site: str
    by_network: bool

    def lacks_common_network_with(self, other: Reachable) -> bool:
        """Whether the two share no network, and need one: older ones at one site.

        Their site is what is declared of both; else it is one where they share any network.
        """
        if self.up & other.up or not (self.by_network and other.by_network):
            return False
        if self.site and other.site:
            return self.site.casefold() == other.site.casefold()
        return bool(self.near & other.near)


def lacking_common_network(own: Membership, path: ClusterPath) -> Iterator[ClusterNode]:
    """Yield the other nodes that take part, and with which a node needs a network in common."""
    here = reachable_of(own.node, path)
    for each in apart_from(own, path):
        if here.lacks_common_network_with(reachable_of(each, path)):
            yield each


def reachable_of(node: ClusterNode, path: ClusterPath) -> Reachable:
    """Return the networks of a cluster's path as a node has them."""
    every = (*path.networks, *path.excluded, *path.unoffered)
    return Reachable(
        up=frozenset(each.name for each in path.up_on(node.name)),
        near=frozenset(each.name for each in every if each.has_interface_of(node.name)),
        only_unoffered=not path.networks and bool(path.unoffered),
        site=node.site,
        by_network=node.build is None or node.build < SELECTS_OTHERWISE,
    )
