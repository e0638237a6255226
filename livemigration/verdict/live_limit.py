"""How many live migrations a host allows at once: by its own number, or by that of its cluster."""

from __future__ import annotations

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import SERVICES
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.verdict.cluster_membership import cluster_of
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import FactsView

# What a check or a question declares, to ask for it.
LIVE_LIMIT = (MIGRATION_SETTINGS, SERVICES, CLUSTER)


def limiting_cluster(host: FactsView) -> Cluster | None:
    """Return the cluster whose limit counts for a node; None: the host's own number does.

    Raises:
        BlockedError: its cluster service runs and shows no cluster, so its limit is not known.
    """
    if not is_cluster_node(host[SERVICES]):
        return None
    cluster = cluster_of(host)
    return cluster if cluster.maximum_parallel_migrations is not None else None


def live_limit(host: FactsView) -> int:
    """Return the number; below one, nothing moves to the host or from it.

    Raises:
        BlockedError: as `limiting_cluster` does, or it could not be read.
    """
    cluster = limiting_cluster(host)
    limit = cluster.maximum_parallel_migrations if cluster is not None else None
    return host[MIGRATION_SETTINGS].maximum_migrations if limit is None else limit
