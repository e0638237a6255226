"""The nodes of a host's failover cluster, as the cluster lists them (windows-facts-2.md 12.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Flag

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.cluster import CLUSTER_NAMESPACE, state_of
from livemigration.facts.host import CLUSTER_SERVICE, DomainMembership
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import WINDOWS_SERVER_2012, WINDOWS_SERVER_2016

# MSCluster_Node.State; -1 where it is not known.
UP, DOWN, PAUSED, JOINING = 0, 1, 2, 3
# NodeDrainStatus.
DRAINING, DRAINED, DRAIN_FAILED = 1, 2, 3
# The first build that says why a drain failed lies behind Server 2022's.
_SAYS_WHY_A_DRAIN_FAILED = 25398
_SITE = "site:"


class NodeStatus(Flag):
    """StatusInformation, flags since 2016."""

    ISOLATED = 0x1
    QUARANTINED = 0x2
    DRAIN_IN_PROGRESS = 0x4
    DRAIN_COMPLETED = 0x8
    DRAIN_FAILED = 0x10
    AVOID_PLACEMENT = 0x20


@dataclass(frozen=True)
class ClusterNode:
    """MSCluster_Node. `name` is the NetBIOS name, in the case in which the cluster keeps it.

    `state`: 0 up, 1 down, 2 paused, 3 joining, -1 not known. `drain` is NodeDrainStatus: 0 never
    begun, 1 in progress, 2 completed, 3 failed. `status` are the flags of `NodeStatus`, None before
    2016. `weight` is the vote that the node was given, `dynamic_weight` the one that counts now.
    `drain_error` is why a drain failed, an error of Windows, None where the release does not say.
    `build` is the build of its Windows; `fault_domains` are such as `Site:Lyon` (from memory).
    """

    name: str
    state: int
    drain: int | None = None
    status: int | None = None
    weight: int | None = None
    dynamic_weight: int | None = None
    drain_error: int | None = None
    build: int | None = None
    fault_domains: tuple[str, ...] = ()

    def says(self, flag: NodeStatus) -> bool:
        """Whether StatusInformation holds a flag; false where it is not known."""
        return self.status is not None and self.status > 0 and bool(self.status & flag.value)

    @property
    def site(self) -> str:
        """The site that the cluster has it in; empty: in none."""
        found = (each for each in self.fault_domains if each.casefold().startswith(_SITE))
        return next((each[len(_SITE) :].strip() for each in found), "")


NETBIOS_LENGTH = 15


def node_key(name: str) -> str:
    """Return how a node is looked up: by the first label of its name, in lower case."""
    return name.partition(".")[0].casefold()


def node_keys(membership: DomainMembership) -> frozenset[str]:
    """Return the keys under which a cluster may list a host."""
    return keys_of_name(membership.name) | keys_of_name(membership.dns_name or "")


def keys_of_name(name: str) -> frozenset[str]:
    """Return the keys of a host of this name: a cluster lists it by its NetBIOS name, cut short."""
    key = node_key(name)
    return frozenset({key, key[:NETBIOS_LENGTH]} - {""})


def _nodes(rows: Sequence[WmiRow]) -> tuple[ClusterNode, ...]:
    # Votes are counted, so that a row sent twice must not count twice.
    return tuple(dict.fromkeys(map(_node, rows)))


def _node(row: WmiRow) -> ClusterNode:
    return ClusterNode(
        name=row.text("Name"),
        state=state_of(row, "State"),
        drain=row.integer_or_none("NodeDrainStatus"),
        status=row.integer_or_none("StatusInformation"),
        weight=row.integer_or_none("NodeWeight"),
        dynamic_weight=row.integer_or_none("DynamicWeight"),
        drain_error=row.integer_or_none("DrainErrorCode"),
        build=row.integer_or_none("BuildNumber"),
        fault_domains=row.texts("FaultDomain"),
    )


def _number(name: str, *, optional: bool = True, since: int = 0) -> WmiProperty:
    # Documented as uint32; the value -1 fits whichever way it travels.
    return WmiProperty(name, CimType.SINT64, optional=optional, since=since)


_NO_NODES: tuple[ClusterNode, ...] = ()

CLUSTER_NODES = WmiGroup(
    "cluster-nodes",
    "the cluster's nodes",
    Subject.HOST,
    Vantage.HOST,
    tuple[ClusterNode, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_Node",
            (
                _number("BuildNumber"),
                _number("DrainErrorCode", since=_SAYS_WHY_A_DRAIN_FAILED),
                _number("DynamicWeight"),
                WmiProperty(
                    "FaultDomain",
                    CimType.STRING,
                    array=True,
                    optional=True,
                    since=WINDOWS_SERVER_2016,
                ),
                WmiProperty("Name", CimType.STRING),
                _number("NodeDrainStatus"),
                _number("NodeWeight"),
                _number("State", optional=False),
                _number("StatusInformation", since=WINDOWS_SERVER_2016),
            ),
        )
    ),
    parse=_nodes,
    may_be_empty="the host is in no cluster",
    when_absent=_NO_NODES,
    minimum_build=WINDOWS_SERVER_2012,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)
