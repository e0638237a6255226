"""Of which kind a cluster is, and which releases its nodes run."""

from __future__ import annotations

from collections.abc import Iterable

from livemigration.base.text import one_line
from livemigration.facts.cluster import Cluster
from livemigration.facts.cluster_nodes import ClusterNode
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.verdict.views import FactsView

_SERVER_2025 = 26100
# CLUSTER_MGMT_POINT_TYPE_DNS_ONLY of clusapi.h.
_DNS_ONLY = 2
# The first build of each release, and the functional level of a cluster of it (windows-facts-2.md
# 12.1; those from 2019 on are from memory, so that nothing but a note goes by them).
_LEVELS = ((26100, 12, "2025"), (20348, 11, "2022"), (17763, 10, "2019"), (14393, 9, "2016"))


def kind_of(host: FactsView, cluster: Cluster) -> str:
    """Return the kind of a cluster that needs Server 2025 for live migration; empty: none of them.

    In a workgroup no source names a way before it. A cluster that is detached from Active Directory
    has none because of Kerberos ("Deploy an Active Directory-Detached Cluster").
    """
    if not host[DOMAIN_MEMBERSHIP].joined:
        return "workgroup cluster"
    if cluster.access_point == _DNS_ONLY:
        return "cluster detached from the directory"
    return ""


def older_than_2025(
    nodes: Iterable[ClusterNode], own: ClusterNode, build: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the nodes before Server 2025, and those of which the cluster does not say.

    Args:
        nodes: every node.
        own: the one that is known to run `build`, whatever the cluster says of it.
        build: its build.
    """
    builds = {each.name: build if each is own else each.build for each in nodes}
    older = tuple(one_line(name) for name, each in builds.items() if each and each < _SERVER_2025)
    return older, tuple(one_line(name) for name, each in builds.items() if not each)


def level_behind(cluster: Cluster, nodes: Iterable[ClusterNode]) -> str:
    """Return that a cluster's functional level is below what its nodes allow; empty: it is not."""
    builds = [each.build for each in nodes]
    known = [each for each in builds if each]
    if cluster.functional_level is None or len(known) < len(builds):
        return ""
    found = next((each for each in _LEVELS if each[0] <= min(known)), None)
    if found is None or cluster.functional_level >= found[1]:
        return ""
    return (
        f"The functional level of {one_line(cluster.name or '')} is {cluster.functional_level}, "
        f"below that of Server {found[2]}, which every node runs or is newer than. Raising it "
        "(Update-ClusterFunctionalLevel) cannot be undone."
    )
