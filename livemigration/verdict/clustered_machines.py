"""Which virtual machines are roles of their cluster: highly available, so that a drain moves them.

A virtual machine is one where a resource of the type "Virtual Machine" has its identifier
(windows-facts-2.md 11 and 12.1). Where the cluster leaves identifiers of this node's resources out,
no machine can be told to be none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from livemigration.base.text import one_line, some
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_groups import (
    CLUSTER_RESOURCES,
    MOST_ASKED_SINGLY,
    VIRTUAL_MACHINE,
    ClusterResource,
)
from livemigration.facts.cluster_nodes import NETBIOS_LENGTH
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import Gathered
from livemigration.verdict.views import BlockedError, FactsView

# What a check that calls `clustered_machines` has to declare.
CLUSTERED_MACHINES = (CLUSTER, CLUSTER_RESOURCES, DOMAIN_MEMBERSHIP)


class Standing(Enum):
    """What a cluster says of a virtual machine."""

    CLUSTERED = "a role of the cluster"
    OUTSIDE = "no role of the cluster"
    UNKNOWN = "not known"


@dataclass(frozen=True)
class ClusteredMachines:
    """The virtual machines of a cluster, as one of its nodes needs them.

    Args:
        by_machine: the resources, by the identifiers of their machines.
        silent: the node's resources of which the cluster does not say whose they are.
    """

    by_machine: dict[str, ClusterResource]
    silent: tuple[str, ...] = ()

    def resource(self, vm: str) -> ClusterResource | None:
        """Return the resource of a virtual machine, whose GUID may have any case and braces."""
        return self.by_machine.get(vm.strip().strip("{}").casefold())

    def standing(self, vm: str) -> Standing:
        """Return what the cluster says of a virtual machine of this node."""
        if self.resource(vm) is not None:
            return Standing.CLUSTERED
        return Standing.UNKNOWN if self.silent else Standing.OUTSIDE

    @property
    def reason(self) -> str:
        """Why a machine's standing is not known; empty where it is."""
        if not self.silent:
            return ""
        return (
            f"The cluster does not say which virtual machine belongs to {some(self.silent)}: "
            "Windows leaves it out of its list, and the suite asks for "
            f"{MOST_ASKED_SINGLY} of them one by one at most."
        )


def clustered_machines(host: FactsView) -> ClusteredMachines:
    """Return the virtual machines of a host's cluster; of a host in none, none.

    Raises:
        BlockedError: the resources were not read, or the cluster shows none, which every one has.
    """
    resources = host[CLUSTER_RESOURCES]
    if not resources and (name := host[CLUSTER].name) is not None:
        raise no_resource(name)
    return machines_among(resources, node_name(host))


def no_resource(cluster: str) -> BlockedError:
    """Return that a cluster shows no resource."""
    return BlockedError(
        "",
        f"The cluster {one_line(cluster)} shows this account no resource, and every one has some.",
        "Compare with what Get-ClusterResource shows on the host. The account must read the "
        "cluster (Grant-ClusterAccess -User ACCOUNT -ReadOnly).",
    )


def machines_among(resources: Iterable[ClusterResource], node: str) -> ClusteredMachines:
    """Return the virtual machines of these resources, for the node of a NetBIOS name."""
    found: dict[str, ClusterResource] = {}
    silent = []
    for each in resources:
        if each.kind.casefold() != VIRTUAL_MACHINE.casefold():
            continue
        if each.vm is not None:
            found[each.vm] = each
        elif each.owner_node.casefold() in {"", node.casefold()}:
            silent.append(each.name)
    return ClusteredMachines(found, tuple(silent))


def node_name(host: FactsView) -> str:
    """Return the name under which a host is a node of its cluster: its NetBIOS name."""
    said = host.outcome(DOMAIN_MEMBERSHIP)
    if isinstance(said, Gathered):
        return said.value.name
    return host.name.partition(".")[0][:NETBIOS_LENGTH].upper()
