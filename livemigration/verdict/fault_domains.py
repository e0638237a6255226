"""In which fault domain of its cluster a node is, as far as the cluster says.

Microsoft's page on affinity rules speaks of sites where it means fault domains; whether a rule also
means racks and chassis is not known. `FaultDomain`, such as `Site:Lyon`, is written from memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_nodes import CLUSTER_NODES, node_key
from livemigration.facts.model import Gathered
from livemigration.verdict.cluster_membership import REST_OF_MEMBERSHIP, names_of
from livemigration.verdict.views import FactsView

# What it is read from.
OF_FAULT_DOMAINS = REST_OF_MEMBERSHIP


@dataclass(frozen=True)
class FaultDomain:
    """Where a node is: the tags that its cluster has on it, such as its site and its rack.

    No tags: it has none, or they are not known, or the host is no node.
    """

    cluster: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """What it is called in a placement: by its site, where it is in one; empty: not known."""
        if not self.tags:
            return ""
        sites = sorted(each for each in self.tags if each.startswith("site:"))
        return " ".join((self.cluster, *(sites or sorted(self.tags))))

    def is_same(self, other: FaultDomain) -> bool | None:
        """Whether two nodes are in one fault domain, of whatever kind; None: not known."""
        if not self.tags or not other.tags:
            return None
        if self == other:
            return True
        # In one site, say, and in two racks: which of them a rule means is not known.
        apart = self.cluster != other.cluster or self.tags.isdisjoint(other.tags)
        return False if apart else None


NO_DOMAIN = FaultDomain()


def fault_domain_of(host: FactsView) -> FaultDomain:
    """Return in which fault domain a host is, by the word of its own cluster."""
    nodes, cluster = host.outcome(CLUSTER_NODES), host.outcome(CLUSTER)
    if not isinstance(nodes, Gathered) or not isinstance(cluster, Gathered):
        return NO_DOMAIN
    names = names_of(host)
    node = next((each for each in nodes.value if node_key(each.name) in names), None)
    if node is None or cluster.value.name is None:
        return NO_DOMAIN
    tags = frozenset(each.strip().casefold() for each in node.fault_domains if each.strip())
    return FaultDomain(cluster.value.name.casefold(), tags)
