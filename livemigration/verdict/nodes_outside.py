"""The nodes of a cluster that are no hosts of the inventory: nothing of them is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from livemigration.facts.cluster_nodes import ClusterNode, keys_of_name, node_keys
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.cluster_membership import Membership
from livemigration.verdict.node_states import takes_machines


class _Known:
    """The keys of the inventory's hosts as nodes, by their domains: made once for all hosts."""

    def __init__(self, facts: RunFacts) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for name in facts.not_looked_at:
            found[""] |= keys_of_name(name)
        for name, sheet in facts.hosts.items():
            member = sheet.outcome(DOMAIN_MEMBERSHIP)
            if isinstance(member, Gathered):
                found[facts.domains[name]] |= node_keys(member.value)
            else:
                found[""] |= keys_of_name(name)
        self._by_domain: Mapping[str, set[str]] = found

    def has(self, node: str, domain: str) -> bool:
        """Whether a node may be a host of the inventory."""
        keys = keys_of_name(node)
        return any(not keys.isdisjoint(self._by_domain.get(each, ())) for each in (domain, ""))


def nodes_outside(name: str, own: Membership, facts: RunFacts) -> tuple[ClusterNode, ...]:
    """Return the other nodes that may take machines, and that the inventory does not list.

    Args:
        name: the host, by its name in the inventory.
        own: the host as a node of its cluster.
        facts: of the run.
    """
    known, domain = facts.once(_Known), facts.domains.get(name, "")
    return tuple(
        each
        for each in own.others
        if takes_machines(each) is not False and not known.has(each.name, domain)
    )
