"""Whether a node takes part in its cluster, and whether its kind of cluster can migrate live."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import one_line, some
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_groups import CLUSTER_GROUPS
from livemigration.facts.cluster_nodes import (
    CLUSTER_NODES,
    DRAINED,
    ClusterNode,
    NodeStatus,
    node_key,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM, SERVICES
from livemigration.facts.model import Gathered, Inapplicable, NotGathered
from livemigration.facts.vmm import VMM_RECORD
from livemigration.verdict.check import check
from livemigration.verdict.cluster_kind import kind_of, level_behind, older_than_2025
from livemigration.verdict.cluster_membership import (
    NO_NODE,
    ONE_NODE,
    REST_OF_MEMBERSHIP,
    Sighting,
    Sightings,
    membership_of,
    names_of,
    stopped_service,
)
from livemigration.verdict.compared import undecided
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.cluster_nodes import (
    clear_quarantine,
    cluster_without_live_migration,
    drain_again,
    rejoin,
    resume,
)
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.node_states import NodeState, state_of_node
from livemigration.verdict.nodes_outside import nodes_outside
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import (
    RESUME_CLUSTER_NODE,
    START_CLUSTER_NODE,
    WORKGROUP_CLUSTER,
)
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import BlockedError, FactsView, GroupView

# GroupType of the cluster's own group and of available storage; State of one that is offline.
_CORE_GROUPS = (1, 2)
_OFFLINE = 1
_UP = "The node is up, and takes virtual machines."


@check(
    "LM602",
    needs=(SERVICES,),
    may_need=(*REST_OF_MEMBERSHIP, CLUSTER_GROUPS, VMM_RECORD),
    refs=(START_CLUSTER_NODE, RESUME_CLUSTER_NODE),
)
def test_the_node_takes_part_in_its_cluster(
    host: FactsView, vmm: FactsView, group: GroupView
) -> Iterator[Finding]:
    """The host is up in its cluster, and neither paused nor drained.

    Why: the cluster moves nothing to a node that is down, kept out or paused, and each of them is
    one place fewer for the virtual machines of the others.

    Fails: the node is down, quarantined or isolated; so is one whose cluster service is disabled,
    where another node still lists it.

    Warns: it is paused, being drained or joining; or its last drain failed, with the roles that are
    still on it. So does a cluster
    service that does not run although it starts by itself, where nobody says that it is a node.

    Notes: other nodes of the cluster that the inventory does not list.

    Does not apply: a host outside clusters.
    """
    if state := stopped_service(host):
        if is_cluster_node(host[SERVICES]):
            yield _stopped(host, vmm, group, state)
            return
        yield from _disabled(host, vmm, group, state)
        return
    own, machine = membership_of(host), machine_of(host, vmm)
    yield from _judged(own.node, machine, _left_on(host, own.node))
    if outside := nodes_outside(host.name, own, group.facts):
        yield note(
            f"Nodes of {one_line(own.cluster.name or '')} that are not in this inventory: "
            f"{some(each.name for each in outside)}."
        )


def _stopped(host: FactsView, vmm: FactsView, group: GroupView, state: str) -> Finding:
    """Judge a node whose own cluster service does not run, by what others say of it.

    Raises:
        BlockedError: some who could say that it is a node were not looked at, or not read.
    """
    machine, said = machine_of(host, vmm), f"Its cluster service (ClusSvc) {state}"
    seen = _seen(host, group)
    if seen is not None:
        return _seen_down(machine, said, seen)
    repair = rejoin(machine, host.name.partition(".")[0], "down")
    gate = isinstance(host.outcome(VMM_RECORD), Inapplicable)
    cluster = None if gate else host[VMM_RECORD].cluster
    if cluster:
        return fail(f"{said}; VMM has it as a node of {one_line(cluster)}.", _UP, repair)
    _block_unless_all_were_heard(host, group)
    return warn(
        f"{said} although it starts by itself: if this host is a node, it is down.",
        f"{_UP} Or the service is disabled, as on a host outside clusters.",
        repair,
    )


def _disabled(host: FactsView, vmm: FactsView, group: GroupView, state: str) -> Iterator[Finding]:
    """Judge a host whose cluster service does not start by itself: a node only as others say it.

    Raises:
        BlockedError: some who could say it were not looked at, or not read.
    """
    seen = _seen(host, group)
    if seen is not None:
        said = f"Its cluster service (ClusSvc) {state} and does not start by itself"
        yield _seen_down(machine_of(host, vmm), said, seen, disabled=True)
        return
    _block_unless_all_were_heard(host, group)
    yield not_applicable(NO_NODE)


def _seen_down(machine: FixTarget, said: str, seen: Sighting, *, disabled: bool = False) -> Finding:
    name = seen.node.name
    return fail(
        f"{said}; {seen.by} lists {one_line(name)} as a node of {one_line(seen.cluster)}.",
        _UP,
        rejoin(machine, name, "down", disabled=disabled),
    )


def _seen(host: FactsView, group: GroupView) -> Sighting | None:
    host[DOMAIN_MEMBERSHIP]  # a node is known by its name and its domain
    sightings = group.facts.once(Sightings)
    return sightings.of(group.facts.domains.get(host.name, ""), names_of(host))


def _block_unless_all_were_heard(host: FactsView, group: GroupView) -> None:
    """Raise BlockedError where another host may be a node that lists this one."""
    if unseen := group.not_looked_at(host.name, CLUSTER, CLUSTER_NODES):
        raise undecided(unseen, "Other nodes say whether this host is one of theirs, and down")
    unread = tuple(
        name
        for name in group.peers(host.name, CLUSTER, CLUSTER_NODES)
        if any(
            isinstance(group.outcome(name, each), NotGathered) for each in (CLUSTER, CLUSTER_NODES)
        )
    )
    if unread:
        raise unread_peers(group, unread, CLUSTER, CLUSTER_NODES)


def _left_on(host: FactsView, node: ClusterNode) -> str:
    """Return which roles are on a node, for a sentence; what is not read is not named."""
    groups = host.outcome(CLUSTER_GROUPS)
    if not isinstance(groups, Gathered):
        return "roles stayed on it"
    roles = [
        each.name
        for each in groups.value
        if each.kind not in _CORE_GROUPS
        and each.state != _OFFLINE
        and node_key(each.owner_node) == node_key(node.name)
    ]
    return f"{some(roles)} stayed on it" if roles else "no role is on it now"


def _judged(node: ClusterNode, machine: FixTarget, left: str) -> Iterator[Finding]:
    """Yield what the state and the status of a node come to: one finding, and its notes.

    Args:
        node: the node.
        machine: the host, for the fixes.
        left: which roles are on it.

    Raises:
        BlockedError: the cluster does not say.
    """
    name, state = one_line(node.name), state_of_node(node)
    if state is NodeState.QUARANTINED:
        yield fail(
            f"The cluster keeps {name} in quarantine.", _UP, clear_quarantine(machine, node.name)
        )
    elif state is NodeState.ISOLATED:
        yield fail(
            f"{name} is isolated from the other nodes.", _UP, rejoin(machine, node.name, "isolated")
        )
    elif state is NodeState.DOWN:
        yield fail(f"{name} is down.", _UP, rejoin(machine, node.name, "down"))
    elif state is NodeState.DRAIN_FAILED:
        why = f" (error {node.drain_error})" if node.drain_error else ""
        yield warn(
            f"The last drain of {name} failed{why}: {left}.",
            "What kept them is mended before the next drain.",
            drain_again(machine, node.name),
        )
    elif state is NodeState.DRAINING:
        yield warn(f"{name} is being drained: it takes no virtual machine.", _UP)
    elif state is NodeState.PAUSED:
        drained = node.says(NodeStatus.DRAIN_COMPLETED) or node.drain == DRAINED
        paused = "paused and drained" if drained else "paused"
        yield warn(
            f"{name} is {paused}: it takes no virtual machine.", _UP, resume(machine, node.name)
        )
    elif state is NodeState.JOINING:
        yield warn(f"{name} is still joining its cluster.", _UP)
    elif state is NodeState.UP:
        yield ok(f"{name} is up in its cluster.")
    else:
        raise BlockedError(
            "",
            f"The cluster does not say whether {name} is up (state {node.state}).",
            "Compare with what Get-ClusterNode shows on another node.",
        )
    if node.says(NodeStatus.AVOID_PLACEMENT):
        yield note(f"The cluster places nothing on {name} where another node will do.")


@check(
    "LM606",
    needs=(SERVICES,),
    may_need=(*REST_OF_MEMBERSHIP, OPERATING_SYSTEM),
    refs=(WORKGROUP_CLUSTER,),
)
def test_this_kind_of_cluster_migrates_live(host: FactsView, vmm: FactsView) -> Iterator[Finding]:
    """The cluster is of a kind that can migrate virtual machines live.

    Why: a workgroup cluster can do so from Windows Server 2025 on, and a cluster without an account
    in Active Directory has no Kerberos for it. Every move then saves the virtual machine.

    Fails: a workgroup cluster, or one that is detached from Active Directory, with a node before
    Windows Server 2025.

    Does not apply: a host outside clusters, and a cluster of one node.
    """
    own = membership_of(host)
    if own.is_alone:
        yield not_applicable(ONE_NODE)
        return
    name, kind = one_line(own.cluster.name or ""), kind_of(host, own.cluster)
    older, unknown = older_than_2025(own.nodes, own.node, host[OPERATING_SYSTEM].build)
    if kind and older:
        yield fail(
            f"{name} is a {kind}, and {some(older)} {'runs' if len(older) == 1 else 'run'} a "
            "Windows before Server 2025.",
            "Live migration in such a cluster needs Server 2025 on every node.",
            cluster_without_live_migration(machine_of(host, vmm), kind, older),
        )
        return
    if kind and unknown:
        raise BlockedError(
            "",
            f"{name} is a {kind}, and the cluster does not say which Windows is on "
            f"{some(unknown)}.",
            "Look at the nodes' releases: each must run Server 2025.",
        )
    new = f"{name} is a {kind}, and every node runs Server 2025 or later."
    yield ok(new if kind else f"{name} is of a kind that migrates live.")
    if behind := level_behind(own.cluster, own.nodes):
        yield note(behind)
