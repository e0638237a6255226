"""What decides of moves between the nodes of one cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES
from livemigration.facts.cluster_nodes import node_key
from livemigration.facts.cluster_owners import CLUSTER_POSSIBLE_OWNERS
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM, SERVICES
from livemigration.facts.model import Gathered
from livemigration.verdict.cluster_kind import kind_of, older_than_2025
from livemigration.verdict.cluster_membership import (
    REST_OF_MEMBERSHIP,
    membership_of,
    names_of,
)
from livemigration.verdict.clustered_machines import CLUSTERED_MACHINES, clustered_machines
from livemigration.verdict.drain_moves import MayOwn, is_locked
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    End,
    MachineQuestion,
    Moving,
    Pair,
    PairQuestion,
    Said,
    Standing,
    worst,
)
from livemigration.verdict.node_path import (
    OF_THE_PATH,
    Reachable,
    block_unless_it_takes_part,
    block_where_not_known,
    path_of_node,
    reachable_of,
)
from livemigration.verdict.node_roles import roles_of_node
from livemigration.verdict.node_states import NodeState, state_of_node, takes_machines
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError
from livemigration.verdict.virtual_machines import MACHINE_EVIDENCE, MACHINE_FACTS, machines_of

_MEMBERSHIP = (SERVICES, *REST_OF_MEMBERSHIP)


class Nodes(PairQuestion):
    """Whether both nodes take part in their cluster, and the destination takes machines."""

    check = "LM602"
    groups = _MEMBERSHIP
    inside = True

    def source(self, end: End) -> NodeState:
        """Return the state of the node."""
        return state_of_node(membership_of(end.host).node)

    def destination(self, end: End) -> tuple[NodeState, bool | None]:
        """Return the state of the node, and whether it takes machines."""
        node = membership_of(end.host).node
        return state_of_node(node), takes_machines(node)

    def between(self, pair: Pair[NodeState, tuple[NodeState, bool | None]]) -> Said:
        """Return what the states of the nodes come to."""
        state, takes = pair.destination
        if pair.source.is_out:
            return self.said(Standing.REFUSED, f"the source is {pair.source.value}")
        if takes is False:
            return self.said(Standing.REFUSED, f"the destination is {state.value}")
        if takes is None:
            return self.said(Standing.UNKNOWN, f"the destination is {state.value}")
        return NOTHING_SAID


def state_seen_by(node: FactsView, host: FactsView) -> str:
    """Return how a host is out of the cluster that a node is of, by the node's word; else nothing.

    Only of a host in a domain that is not known to be another one.
    """
    try:
        own, domain = membership_of(node), node[DOMAIN_MEMBERSHIP].domain
    except (BlockedError, InapplicableError):
        return ""
    said = host.outcome(DOMAIN_MEMBERSHIP)
    if isinstance(said, Gathered) and said.value.domain.casefold() != domain.casefold():
        return ""
    names = names_of(host)
    found = next((each for each in own.others if node_key(each.name) in names), None)
    state = state_of_node(found) if found is not None else NodeState.UP
    return state.value if state.is_out else ""


class Networks(PairQuestion):
    """Whether the nodes have networks on which the cluster moves virtual machines."""

    check = "LM601"
    groups = (*_MEMBERSHIP, *OF_THE_PATH)
    inside = True

    def source(self, end: End) -> Reachable:
        """Return the networks that the node can use."""
        own = membership_of(end.host)
        block_unless_it_takes_part(end.host, own)
        path = path_of_node(end.host, own)
        block_where_not_known(own, path)
        return reachable_of(own.node, path)

    def destination(self, end: End) -> Reachable:
        """Return the networks that the node can use."""
        return self.source(end)

    def between(self, pair: Pair[Reachable, Reachable]) -> Said:
        """Return that one has none, or that they have none in common."""
        for each, which in ((pair.source, "the source"), (pair.destination, "the destination")):
            if not each.up:
                # That networks without a role are not offered is inferred.
                standing = Standing.WARNED if each.only_unoffered else Standing.REFUSED
                return self.said(standing, f"no network for live migration is up on {which}")
        if pair.source.lacks_common_network_with(pair.destination):
            return self.said(Standing.WARNED, "the two share no network for live migration")
        return NOTHING_SAID


class Kind(PairQuestion):
    """Whether a cluster of this kind migrates live."""

    check = "LM606"
    groups = (*_MEMBERSHIP, OPERATING_SYSTEM)
    inside = True

    def source(self, end: End) -> Said:
        """Return what the kind of the cluster comes to."""
        own = membership_of(end.host)
        kind = kind_of(end.host, own.cluster)
        build = end.host[OPERATING_SYSTEM].build
        older, unknown = older_than_2025(own.nodes, own.node, build)
        if kind and older:
            return self.said(Standing.REFUSED, f"a {kind} with a node before Server 2025")
        if kind and unknown:
            return self.said(Standing.UNKNOWN, f"a {kind}, and which Windows its nodes run")
        return NOTHING_SAID

    def destination(self, end: End) -> Said:
        """Return what the kind of the cluster comes to, by its other node."""
        return self.source(end)

    def between(self, pair: Pair[Said, Said]) -> Said:
        """Return what the kind of the cluster comes to, by either node."""
        return worst((pair.source, pair.destination))


@dataclass(frozen=True)
class _Role:
    """What the cluster says of where a machine may go."""

    locked: bool
    owners: MayOwn


class Owners(MachineQuestion):
    """Whether the cluster lets a machine go to the destination.

    What enforced anti-affinity comes to depends on what else has moved by then: it is no part of
    this.
    """

    check = "LM605"
    groups = (
        *_MEMBERSHIP,
        *CLUSTERED_MACHINES,
        *MACHINE_FACTS,
        *MACHINE_EVIDENCE,
        CLUSTER_GROUPS,
        CLUSTER_RESOURCES,
        CLUSTER_POSSIBLE_OWNERS,
        CLUSTER,
    )
    inside = True
    of_pair = False

    def destination(self, end: End) -> frozenset[str]:
        """Return the names by which the cluster may list the node."""
        return names_of(end.host)

    def needs(self, end: End) -> Mapping[str, _Role]:
        """Return what the cluster says of each machine that is a role of it."""
        own, known = membership_of(end.host), clustered_machines(end.host)
        moves = roles_of_node(end.host, own, enforced=False)
        roles = {each.name.casefold(): each for each in moves.roles}
        found = {}
        for machine in machines_of(end.host):
            resource = known.resource(machine.identifier)
            role = roles.get(resource.owner_group.casefold()) if resource is not None else None
            if role is not None:
                found[machine.identifier] = _Role(is_locked(role), moves.owners_of(role))
        return found

    def of_machine(self, moving: Moving[_Role, frozenset[str]]) -> Said:
        """Return that the machine is locked, or that the destination may not own it."""
        if moving.need.locked:
            return self.said(Standing.REFUSED, "the cluster has locked it")
        may = moving.need.owners.takes(moving.destination)
        if may is False:
            return self.said(Standing.REFUSED, "the destination is no possible owner")
        if may is None:
            return self.said(Standing.UNKNOWN, "its possible owners are not known")
        return NOTHING_SAID
