"""The roles and the storage of a cluster of two nodes, in which a case changes one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cluster_facts import node, of_cluster
from vm_facts import guid_of

from livemigration.facts.cluster_groups import (
    CLUSTER_GROUPS,
    CLUSTER_RESOURCES,
    GROUP_OF_A_VM,
    VIRTUAL_MACHINE,
    VM_CONFIGURATION,
    ClusterGroup,
    ClusterResource,
)
from livemigration.facts.cluster_nodes import ClusterNode
from livemigration.facts.cluster_owners import (
    CLUSTER_MOVE_TYPE,
    CLUSTER_POSSIBLE_OWNERS,
    MoveType,
    PossibleOwners,
)
from livemigration.facts.cluster_quorum import CLUSTER_QUORUM, QuorumAnswer

ONLINE, OFFLINE, FAILED, PARTLY, PENDING = range(5)
BOTH = ("HV01", "HV02")


@dataclass(frozen=True)
class Vm:
    """A virtual machine as a role. `owners` and `configuration`: None where none is named."""

    name: str = "web01"
    node: str = "HV01"
    state: int = ONLINE
    priority: int | None = 2000
    classes: tuple[str, ...] = ()
    locked: int | None = 0
    status: int | None = 0
    owners: tuple[str, ...] | None = BOTH
    configuration: tuple[str, ...] | None = BOTH

    @property
    def identifier(self) -> str:
        return guid_of(self.name).casefold()

    @property
    def group(self) -> ClusterGroup:
        return ClusterGroup(
            *(self.name, GROUP_OF_A_VM, self.state, self.node, self.priority),
            *(self.classes, self.locked, self.status),
        )

    @property
    def resources(self) -> tuple[ClusterResource, ...]:
        return tuple(
            ClusterResource(f"{kind} {self.name}", kind, 2, self.name, self.node, self.identifier)
            for kind in (VIRTUAL_MACHINE, VM_CONFIGURATION)
        )

    @property
    def possible(self) -> tuple[PossibleOwners, ...]:
        both = zip(self.resources, (self.owners, self.configuration), strict=True)
        return tuple(PossibleOwners(each.name, own) for each, own in both if own is not None)


CORE = ClusterGroup("Cluster Group", 1, ONLINE, "HV02", 2000, (), 0, 0)
NAME = ClusterResource("Cluster Name", "Network Name", 2, "Cluster Group", "HV02")
OF_NAME = PossibleOwners("Cluster Name", BOTH)


def of_roles(
    *vms: Vm,
    threshold: int | None = None,
    nodes: Sequence[ClusterNode] = (node(), node("HV02")),
    also: Mapping[str, Any] = {},
    **given: Any,
) -> dict[str, Any]:
    """Return a host of `run_facts` that is the first node of a cluster with these roles."""
    facts = {
        CLUSTER_GROUPS.name: (CORE, *(each.group for each in vms)),
        CLUSTER_RESOURCES.name: (NAME, *(each for vm in vms for each in vm.resources)),
        CLUSTER_POSSIBLE_OWNERS.name: (OF_NAME, *(each for vm in vms for each in vm.possible)),
        CLUSTER_MOVE_TYPE.name: MoveType(threshold),
        CLUSTER_QUORUM.name: QuorumAnswer(False),
        **also,
    }
    return of_cluster(nodes=nodes, also=facts, **given)
