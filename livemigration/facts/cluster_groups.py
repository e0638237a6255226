"""The roles of a failover cluster: its groups and resources (windows-facts-2.md 12.1).

Each node shows those of the whole cluster. A highly available virtual machine is a group of its own
with two resources, the machine's and its configuration's, which both hold its identifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.cluster import CLUSTER_NAMESPACE, state_of
from livemigration.facts.host import CLUSTER_SERVICE
from livemigration.facts.model import Singly, Subject, Vantage, WmiGroup
from livemigration.facts.windows import WINDOWS_SERVER_23H2

VIRTUAL_MACHINE, VM_CONFIGURATION = "Virtual Machine", "Virtual Machine Configuration"
GROUP_OF_A_VM = 111
_NOT_A_NODE = "the host is in no cluster"
# One request each, about 20 ms of the cluster service.
MOST_ASKED_SINGLY = 100


@dataclass(frozen=True)
class ClusterGroup:
    """MSCluster_ResourceGroup.

    `kind`: 111 a virtual machine, 1 the cluster's own, 2 available storage, others. `state`:
    0 online, 1 offline, 2 failed, 3 partly online, 4 pending; -1: unknown. `priority`: 3000 high,
    2000 medium, 1000 low, 0 does not start by itself. `locked` is LockedFromMoving; None: the
    release has no such property. `status`: the flags of StatusInformation.
    """

    name: str
    kind: int
    state: int
    owner_node: str
    priority: int | None
    anti_affinity: tuple[str, ...] = ()
    locked: int | None = None
    status: int | None = None


def _groups(rows: Sequence[WmiRow]) -> tuple[ClusterGroup, ...]:
    # Of a class that is to be apart, a role sent twice would stand in its own way.
    return tuple(dict.fromkeys(map(_group, rows)))


def _group(row: WmiRow) -> ClusterGroup:
    return ClusterGroup(
        row.text("Name"),
        state_of(row, "GroupType"),
        state_of(row, "State"),
        row.text_or_none("OwnerNode") or "",
        row.integer_or_none("Priority"),
        row.texts("AntiAffinityClassNames"),
        row.integer_or_none("LockedFromMoving"),
        row.integer_or_none("StatusInformation"),
    )


_NO_GROUPS: tuple[ClusterGroup, ...] = ()

CLUSTER_GROUPS = WmiGroup(
    "cluster-groups",
    "the cluster's groups",
    Subject.HOST,
    Vantage.HOST,
    tuple[ClusterGroup, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_ResourceGroup",
            (
                WmiProperty("AntiAffinityClassNames", CimType.STRING, array=True),
                WmiProperty("GroupType", CimType.SINT64),
                WmiProperty(
                    "LockedFromMoving", CimType.SINT64, optional=True, since=WINDOWS_SERVER_23H2
                ),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("OwnerNode", CimType.STRING),
                WmiProperty("Priority", CimType.SINT64),
                WmiProperty("State", CimType.SINT64),
                WmiProperty("StatusInformation", CimType.UINT64),
            ),
        )
    ),
    parse=_groups,
    may_be_empty=_NOT_A_NODE,
    when_absent=_NO_GROUPS,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)


@dataclass(frozen=True)
class ClusterResource:
    """MSCluster_Resource.

    `state`: 2 online, 3 offline, 4 failed, 129 coming online, 130 going offline, others; -1:
    unknown. `vm` is the GUID of the virtual machine that it stands for, in lower case and without
    braces; None where it stands for none, or the host does not say.
    """

    name: str
    kind: str
    state: int
    owner_group: str
    owner_node: str
    vm: str | None = None
    shared_volume: bool = False


def _resources(rows: Sequence[WmiRow]) -> tuple[ClusterResource, ...]:
    return tuple(
        ClusterResource(
            row.text("Name"),
            row.text_or_none("Type") or "",
            state_of(row, "State"),
            row.text_or_none("OwnerGroup") or "",
            row.text_or_none("OwnerNode") or "",
            _machine(row),
            row.boolean_or_none("IsClusterSharedVolume") is True,
        )
        for row in rows
    )


def _machine(row: WmiRow) -> str | None:
    found = row.embedded_text("PrivateProperties", "VmId")
    return (found or "").strip().strip("{}").casefold() or None


_NO_RESOURCES: tuple[ClusterResource, ...] = ()

CLUSTER_RESOURCES = WmiGroup(
    "cluster-resources",
    "the cluster's resources",
    Subject.HOST,
    Vantage.HOST,
    tuple[ClusterResource, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_Resource",
            (
                WmiProperty("IsClusterSharedVolume", CimType.BOOLEAN),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("OwnerGroup", CimType.STRING),
                WmiProperty("OwnerNode", CimType.STRING),
                WmiProperty("PrivateProperties", CimType.OBJECT, members=("VmId",)),
                WmiProperty("State", CimType.SINT64),
                WmiProperty("Type", CimType.STRING),
            ),
        )
    ),
    parse=_resources,
    may_be_empty=_NOT_A_NODE,
    when_absent=_NO_RESOURCES,
    only_with=CLUSTER_SERVICE,
    singly=Singly(
        "PrivateProperties", "Name", ("Type", VIRTUAL_MACHINE), "OwnerNode", MOST_ASKED_SINGLY
    ),
)
