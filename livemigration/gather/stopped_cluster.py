"""A failure of the cluster's provider, attributed to a cluster service that does not run."""

from __future__ import annotations

from livemigration.facts.host import CLUSTER_SERVICE, SERVICES, Services
from livemigration.facts.model import FailureKind, Gathered, GatherFailure, NotGathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather.asking import Outcomes

NODE_CHECK = "LM602"


def explain_stopped_cluster(outcomes: Outcomes) -> None:
    """Attribute failures of the cluster's provider to a service that does not run, in place.

    The provider of root/MSCluster lives in it (windows-facts-2.md 12). A host on which the service
    does not start by itself is no node, and nothing is said of it.
    """
    services = outcomes.get(SERVICES.name)
    if not isinstance(services, Gathered):
        return
    found: Services = services.value
    service = found.find(CLUSTER_SERVICE)
    if service is None or service.running:
        return
    if service.start_mode != "Auto" and not service.changing:
        return
    for group in HOST_GROUPS:
        outcome = outcomes.get(group.name)
        if group.only_with == CLUSTER_SERVICE and isinstance(outcome, NotGathered):
            failure = outcome.failure
            if failure.root:
                continue
            state = service.changing or "does not run"
            outcomes[group.name] = NotGathered(
                GatherFailure(
                    kind=FailureKind.MISSING,
                    tried=failure.tried,
                    came_back=f"the cluster service, which provides them, {state}",
                    next_step="Bring the node back into its cluster, then run the suite again.",
                    root=NODE_CHECK,
                    code=failure.code,
                )
            )
