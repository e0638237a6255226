"""Whether a host's VMs move between hosts or only inside its cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from livemigration.facts.host import CLUSTER_SERVICE, SERVICES, Services
from livemigration.inventory.policy import Policy
from livemigration.verdict.views import FactsView


@dataclass(frozen=True)
class MigrationScope:
    """The scope, and whether it was assumed from the host or set by the policy."""

    kind: Literal["cross-host", "in-cluster"]
    assumed: bool

    @property
    def in_cluster(self) -> bool:
        """Whether only moves inside the host's own cluster count."""
        return self.kind == "in-cluster"

    @property
    def reason(self) -> str:
        """Why a cross-host question does not apply to an in-cluster host."""
        origin = "a running cluster service; set migration_scope to change this"
        return (
            "VMs of this host move only inside its cluster "
            f"({'assumed from ' + origin if self.assumed else 'migration_scope: in-cluster'})."
        )


def scope_of(host: FactsView, policy: Policy) -> MigrationScope:
    """Return the scope of a host; reads SERVICES only where the policy leaves it open."""
    if policy.migration_scope != "auto":
        return MigrationScope(policy.migration_scope, assumed=False)
    node = is_cluster_node(host[SERVICES])
    return MigrationScope("in-cluster" if node else "cross-host", assumed=True)


def is_cluster_node(services: Services) -> bool:
    """Whether a host with these services is a cluster node.

    A cluster node is a host whose cluster service (ClusSvc) runs, is about to, or starts
    automatically: the service exists, disabled, wherever the feature is installed without a cluster
    (inferred).
    """
    service = services.find(CLUSTER_SERVICE)
    if service is None:
        return False
    return service.running or bool(service.changing) or service.start_mode == "Auto"
