"""Which virtual machines of a node a drain leaves where they are, as they are no roles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from livemigration.inventory.policy import Policy
from livemigration.verdict.cluster_membership import stopped_service
from livemigration.verdict.clustered_machines import (
    ClusteredMachines,
    Standing,
    clustered_machines,
)
from livemigration.verdict.machine_states import rests
from livemigration.verdict.views import BlockedError, FactsView
from livemigration.verdict.virtual_machines import Machine, is_to_stay, machines_of

_NODE_FIRST = "Bring the node back into its cluster first."


@dataclass(frozen=True)
class NodeMachines:
    """The virtual machines of a node.

    `left` are no roles of the cluster, and have to be: a drain leaves them. Of `unknown` that is
    not known, as the cluster does not say whose the resources `silent` are. `staying` and `resting`
    are known to be none, and need not be: the policy names them, or they are off or replicas.
    """

    left: tuple[Machine, ...] = ()
    unknown: tuple[Machine, ...] = ()
    staying: tuple[Machine, ...] = ()
    resting: tuple[Machine, ...] = ()
    silent: tuple[str, ...] = ()


def machines_of_node(host: FactsView, policy: Policy) -> NodeMachines:
    """Return the virtual machines of a host that is a node; reads SERVICES and what these read.

    Raises:
        BlockedError: they could not be read; or what their cluster says of them could not, and at
            least one of them has to be a role.
    """
    machines = machines_of(host)
    bound = [each for each in machines if not _is_free(each, policy)]
    try:
        known = _roles_of(host)
    except BlockedError:
        if bound:
            raise
        return NodeMachines()
    judged = defaultdict(list)
    for each in bound:
        judged[known.standing(each.identifier)].append(each)
    free = (each for each in machines if _is_free(each, policy))
    outside = [each for each in free if known.standing(each.identifier) is Standing.OUTSIDE]
    return NodeMachines(
        tuple(judged[Standing.OUTSIDE]),
        tuple(judged[Standing.UNKNOWN]),
        tuple(each for each in outside if is_to_stay(each, policy)),
        tuple(each for each in outside if not is_to_stay(each, policy)),
        known.silent,
    )


def _is_free(machine: Machine, policy: Policy) -> bool:
    """Whether a drain may leave a machine where it is."""
    return rests(machine) or is_to_stay(machine, policy)


def _roles_of(host: FactsView) -> ClusteredMachines:
    if stopped := stopped_service(host):
        raise BlockedError("LM602", f"The cluster service of {host.name} {stopped}.", _NODE_FIRST)
    return clustered_machines(host)
