"""Where a cluster would rather have its roles, which of them it keeps together or apart.

Windows-facts-2.md 10.4 and 12.1.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.cluster import CLUSTER_NAMESPACE
from livemigration.facts.host import CLUSTER_SERVICE
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import (
    WINDOWS_SERVER_23H2,
    WINDOWS_SERVER_2016,
    WINDOWS_SERVER_2019,
)

_NOT_A_NODE = "the host is in no cluster"


@dataclass(frozen=True)
class PreferredOwners:
    """MSCluster_ResourceGroupToPreferredNode: the nodes that a group prefers, in the rows' order.

    `name` is that of the group, `owner_nodes` are NetBIOS names. A group that has none is not here.
    """

    name: str
    owner_nodes: tuple[str, ...]


def _preferred_owners(rows: Sequence[WmiRow]) -> tuple[PreferredOwners, ...]:
    nodes: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        nodes[row.referred("GroupComponent", "Name")].append(row.referred("PartComponent", "Name"))
    return tuple(PreferredOwners(name, tuple(each)) for name, each in nodes.items())


_NO_OWNERS: tuple[PreferredOwners, ...] = ()

CLUSTER_PREFERRED_OWNERS = WmiGroup(
    "cluster-preferred-owners",
    "the preferred owners of the cluster's groups",
    Subject.HOST,
    Vantage.HOST,
    tuple[PreferredOwners, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_ResourceGroupToPreferredNode",
            (
                WmiProperty("GroupComponent", CimType.REFERENCE, members=("Name",)),
                WmiProperty("PartComponent", CimType.REFERENCE, members=("Name",)),
            ),
        )
    ),
    parse=_preferred_owners,
    may_be_empty="no group prefers a node, or the host is in no cluster",
    when_absent=_NO_OWNERS,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)

SAME_FAULT_DOMAIN, SAME_NODE, DIFFERENT_FAULT_DOMAIN, DIFFERENT_NODE = 1, 2, 3, 4


@dataclass(frozen=True)
class AffinityRule:
    """MSCluster_AffinityRule: groups that a cluster keeps together or apart.

    `kind`: 1 in the same fault domain, 2 on the same node, 3 in different fault domains, 4 on
    different nodes (clusapi's CLUS_AFFINITY_RULE_TYPE). `group_names` are those of its groups.
    `soft`: SoftAntiAffinity, whether the rule gives way; None: the release has no such property.
    """

    name: str
    kind: int | None
    group_names: tuple[str, ...]
    enabled: bool
    soft: bool | None = None


def _affinity_rules(rows: Sequence[WmiRow]) -> tuple[AffinityRule, ...]:
    return tuple(
        AffinityRule(
            row.text("Name"),
            row.integer_or_none("RuleType"),
            row.texts("Groups"),
            row.integer_or_none("Enabled") != 0,
            None if (soft := row.integer_or_none("SoftAntiAffinity")) is None else soft != 0,
        )
        for row in rows
    )


_NO_RULES: tuple[AffinityRule, ...] = ()

# In the schema of 2019, with cmdlets since 2022; SoftAntiAffinity in none before that of 23H2.
CLUSTER_AFFINITY_RULES = WmiGroup(
    "cluster-affinity-rules",
    "the cluster's affinity rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[AffinityRule, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_AffinityRule",
            (
                WmiProperty("Enabled", CimType.UINT32),
                WmiProperty("Groups", CimType.STRING, array=True),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("RuleType", CimType.UINT32),
                WmiProperty(
                    "SoftAntiAffinity", CimType.UINT32, optional=True, since=WINDOWS_SERVER_23H2
                ),
            ),
        )
    ),
    parse=_affinity_rules,
    may_be_empty="the cluster has no affinity rule, or the host is in no cluster",
    when_absent=_NO_RULES,
    minimum_build=WINDOWS_SERVER_2019,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)


@dataclass(frozen=True)
class ClusterMemoryReserve:
    """RootMemoryReserved of MSCluster_Cluster: what each node keeps for itself, in MB.

    None: the cluster leaves it to Windows, or does not have the property. Which release brought it
    is not known (windows-facts-2.md 10.4).
    """

    megabytes: int | None


_AUTOMATIC = 2**32 - 1
_NO_RESERVE = ClusterMemoryReserve(None)


def _memory_reserve(rows: Sequence[WmiRow]) -> ClusterMemoryReserve:
    if len(rows) > 1:
        raise ValueError(f"expected one cluster; the host sent {len(rows)}")
    found = [row.integer_or_none("RootMemoryReserved") for row in rows]
    return ClusterMemoryReserve(next((each for each in found if each != _AUTOMATIC), None))


CLUSTER_MEMORY_RESERVE = WmiGroup(
    "cluster-memory-reserve",
    "the memory that the cluster's nodes keep",
    Subject.HOST,
    Vantage.HOST,
    ClusterMemoryReserve,
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_Cluster",
            (
                WmiProperty("Name", CimType.STRING),
                WmiProperty(
                    "RootMemoryReserved",
                    CimType.UINT32,
                    optional=True,
                    since=WINDOWS_SERVER_2016,
                    sample=_AUTOMATIC,
                ),
            ),
        )
    ),
    parse=_memory_reserve,
    may_be_empty=_NOT_A_NODE,
    when_absent=_NO_RESERVE,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)
