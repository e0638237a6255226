"""Which node of which cluster a host is, by its own word, or by what other nodes say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.cluster_nodes import (
    CLUSTER_NODES,
    ClusterNode,
    keys_of_name,
    node_key,
    node_keys,
)
from livemigration.facts.host import CLUSTER_SERVICE, DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.model import FactGroup, Gathered, Inapplicable
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError

# What a check of a cluster declares, to say whose node the host is: it needs SERVICES, and may need
# these.
REST_OF_MEMBERSHIP: tuple[FactGroup[object], ...] = (CLUSTER, CLUSTER_NODES, DOMAIN_MEMBERSHIP)

NO_NODE = "The host is in no cluster."
ONE_NODE = "The cluster has one node: nothing moves inside it."


@dataclass(frozen=True)
class Membership:
    """A node in its cluster. `others` are the other nodes, in the cluster's order."""

    cluster: Cluster
    node: ClusterNode
    others: tuple[ClusterNode, ...]

    @property
    def nodes(self) -> tuple[ClusterNode, ...]:
        """Every node, this one first."""
        return (self.node, *self.others)

    @property
    def is_alone(self) -> bool:
        """Whether the cluster has no other node, so that nothing moves inside it."""
        return not self.others


def block_unless_a_node(host: FactsView) -> None:
    """Raise where a host is no node, or its cluster service does not run.

    Raises:
        InapplicableError: it is in no cluster, or its release is not checked.
        BlockedError: the service does not run, which LM602 reports.
    """
    outcome = host.outcome(CLUSTER_NODES)
    if isinstance(outcome, Inapplicable):
        raise InapplicableError(outcome.reason)
    services = host[SERVICES]
    if not is_cluster_node(services):
        raise InapplicableError(NO_NODE)
    if stopped_service(host):
        raise BlockedError(
            "LM602",
            f"The cluster service of {host.name} does not run, so its cluster answers nothing.",
            "Bring the node back into its cluster first.",
        )


def stopped_service(host: FactsView) -> str:
    """Return that a node's cluster service does not run, for a sentence; empty where it does."""
    service = host[SERVICES].find(CLUSTER_SERVICE)
    if service is None or service.running:
        return ""
    return service.changing or f"is {service.state.casefold()}"


def cluster_of(host: FactsView) -> Cluster:
    """Return the cluster of a node.

    Raises:
        BlockedError: its cluster service runs and shows no cluster, so what it says is not known.
    """
    cluster = host[CLUSTER]
    if cluster.name is None and not stopped_service(host):
        raise BlockedError(
            "",
            f"The cluster service of {host.name} runs, and the host shows no cluster.",
            "Compare with what Get-Cluster shows on the host: its limit counts for every node.",
        )
    return cluster


def membership_of(host: FactsView) -> Membership:
    """Return a host as a node of its cluster.

    Raises:
        InapplicableError: it is in no cluster.
        BlockedError: the cluster does not answer, or shows no such node.
    """
    block_unless_a_node(host)
    cluster, nodes = cluster_of(host), host[CLUSTER_NODES]
    own = names_of(host)
    found = next((each for each in nodes if node_key(each.name) in own), None)
    if found is None:
        shown = f"does not list it among its {len(nodes)} nodes"
        raise BlockedError(
            "",
            f"The cluster service of {host.name} runs, and its cluster "
            f"{shown if nodes else 'shows this account no node'}.",
            "Compare with what Get-ClusterNode shows on the host.",
        )
    return Membership(cluster, found, tuple(each for each in nodes if each is not found))


def names_of(host: FactsView) -> frozenset[str]:
    """Return the names by which a cluster may list a host, in lower case."""
    outcome = host.outcome(DOMAIN_MEMBERSHIP)
    if not isinstance(outcome, Gathered):
        return keys_of_name(host.name)
    return node_keys(outcome.value)


@dataclass(frozen=True)
class Sighting:
    """A node as another host of its cluster sees it."""

    node: ClusterNode
    cluster: str
    by: str


class Sightings:
    """Every node of every cluster, as the hosts of a run say: made once for all of them."""

    def __init__(self, facts: RunFacts) -> None:
        self._found: dict[tuple[str, str], list[Sighting]] = {}
        for name, sheet in facts.hosts.items():
            nodes, cluster = sheet.outcome(CLUSTER_NODES), sheet.outcome(CLUSTER)
            if not isinstance(nodes, Gathered) or not isinstance(cluster, Gathered):
                continue
            for each in nodes.value:
                key = facts.domains.get(name, ""), node_key(each.name)
                found = Sighting(each, cluster.value.name or "", name)
                self._found.setdefault(key, []).append(found)

    def of(self, domain: str, names: Sequence[str] | frozenset[str]) -> Sighting | None:
        """Return how another host sees the node of these names, the first of a domain."""
        for name in sorted(names):
            for found in self._found.get((domain, name), ()):
                return found
        return None
