"""The roles of a node as its own cluster lists them, with where they could go."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES
from livemigration.facts.cluster_owners import CLUSTER_POSSIBLE_OWNERS
from livemigration.verdict.cluster_membership import Membership, names_of
from livemigration.verdict.clustered_machines import no_resource
from livemigration.verdict.drain_moves import NodeRoles
from livemigration.verdict.views import BlockedError, FactsView


def roles_of_node(host: FactsView, own: Membership, *, enforced: bool) -> NodeRoles:
    """Return the roles of a node.

    Args:
        host: the node.
        own: the same in its cluster.
        enforced: whether groups of one anti-affinity class share no node ever.

    Raises:
        BlockedError: they were not read, or the cluster shows no group or resource, of which every
            one has some.
    """
    groups, resources = host[CLUSTER_GROUPS], host[CLUSTER_RESOURCES]
    cluster = own.cluster.name or ""
    if not groups:
        raise BlockedError(
            "",
            f"The cluster {one_line(cluster)} shows this account no group, and every one has some.",
            "Compare with what Get-ClusterGroup shows on the host. The account must read the "
            "cluster (Grant-ClusterAccess -User ACCOUNT -ReadOnly).",
        )
    if not resources:
        raise no_resource(cluster)
    owners = host[CLUSTER_POSSIBLE_OWNERS]
    return NodeRoles(
        names_of(host), own.others, groups, resources, owners or None, enforced=enforced
    )
