"""How a drain moves the virtual machines of a node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.text import counted, one_line, some
from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES, ClusterGroup
from livemigration.facts.cluster_owners import (
    CLUSTER_MOVE_TYPE,
    CLUSTER_POSSIBLE_OWNERS,
    MOVE_TYPE_THRESHOLD,
    PossibleOwners,
)
from livemigration.facts.host import SERVICES
from livemigration.verdict.check import check
from livemigration.verdict.cluster_membership import (
    REST_OF_MEMBERSHIP,
    Membership,
    membership_of,
)
from livemigration.verdict.drain_moves import (
    HIGHEST_PRIORITY,
    USUAL_THRESHOLD,
    NodeRoles,
    Stuck,
    runs,
)
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.cluster_moves import apart, more_owners, move_type, unlock
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.node_roles import roles_of_node
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import CLUSTER_AFFINITY, DRAIN_MOVES, OWNER_NODES
from livemigration.verdict.views import BlockedError, FactsView

_LIVE = "A drain moves every virtual machine of the node live."
_ANOTHER_NODE = "Another node that is up may take it."


@check(
    "LM605",
    needs=(SERVICES,),
    may_need=(
        *REST_OF_MEMBERSHIP,
        CLUSTER_GROUPS,
        CLUSTER_RESOURCES,
        CLUSTER_POSSIBLE_OWNERS,
        CLUSTER_MOVE_TYPE,
    ),
    refs=(DRAIN_MOVES, OWNER_NODES, CLUSTER_AFFINITY),
)
def test_a_drain_moves_every_virtual_machine_of_the_node_live(
    host: FactsView, vmm: FactsView
) -> Iterator[Finding]:
    """A drain of the node moves each of its virtual machines, and moves it live.

    Why: a drain saves machines of a low priority in place of moving them live, saves every machine
    where a work-around was left behind, and fails over one that no other node may take.

    Fails: MoveTypeThreshold above its default, so that machines of a medium priority are saved too;
    a running machine that is locked, or that no other node which is up may own; one for which
    enforced anti-affinity leaves no node.

    Warns: running machines of a priority below MoveTypeThreshold: a drain saves them. No other node
    of the cluster is up. What holds for VMM's maintenance mode is VMM's own choice.

    Does not apply: a host outside clusters, and a cluster of one node.
    """
    own = membership_of(host)
    if own.is_alone:
        yield not_applicable("The cluster has one node: a drain has nowhere to move anything.")
        return
    drain = _Drain(host, own, machine_of(host, vmm))
    weighs, blocked = False, None
    for part in (drain.threshold, drain.nodes, drain.locks, drain.places):
        try:
            for finding in part():
                weighs = weighs or bool(finding.expected)
                yield finding
        except BlockedError as error:
            blocked = blocked or error
    if blocked is not None:
        raise blocked
    if not weighs:
        number = len(drain.moves.running)
        yield ok(
            f"A drain moves {counted(number, 'virtual machine')} of this node live."
            if number
            else "No virtual machine of the cluster runs on this node."
        )


class _Drain:
    """A drain of one node, in parts that each may not be known."""

    def __init__(self, host: FactsView, own: Membership, machine: FixTarget) -> None:
        self._host, self._own, self._machine = host, own, machine
        self._cluster = own.cluster.name or ""
        self._read: NodeRoles | None = None

    @property
    def moves(self) -> NodeRoles:
        """The node's roles, and where they could go."""
        if self._read is None:
            enforced = self._own.cluster.enforced_anti_affinity is True
            self._read = roles_of_node(self._host, self._own, enforced=enforced)
        return self._read

    def threshold(self) -> Iterator[Finding]:
        """Yield what is said of machines that a drain saves."""
        stated = self._host[CLUSTER_MOVE_TYPE].threshold
        now = USUAL_THRESHOLD if stated is None else stated
        name = one_line(self._cluster)
        if now > USUAL_THRESHOLD:
            every = now > HIGHEST_PRIORITY
            saved = "every machine" if every else f"machines of a priority below {now}"
            yield fail(
                f"{MOVE_TYPE_THRESHOLD} of {name} is {now}: a drain saves {saved}"
                f"{'' if every else ', medium ones included'}, and moves none of them live.",
                f"{USUAL_THRESHOLD}, its default, or less.",
                move_type(self._machine, self._cluster, stated, USUAL_THRESHOLD, saved),
            )
            return
        if saved_roles := self.moves.below(now):
            wanted = min(each.priority for each in saved_roles)
            low = "machines of a low priority"
            yield warn(
                f"A drain saves {some(each.shown for each in saved_roles)} and does not move "
                f"{'it' if len(saved_roles) == 1 else 'them'} live: a priority below {now}, the "
                f"{MOVE_TYPE_THRESHOLD} of {name}.",
                _LIVE,
                move_type(self._machine, self._cluster, stated, wanted, low),
            )

    def nodes(self) -> Iterator[Finding]:
        """Yield that there is no node to move anything to."""
        if not self.moves.targets and self.moves.running:
            yield warn(
                f"No other node of {one_line(self._cluster)} is up: a drain has nowhere to move "
                f"{counted(len(self.moves.running), 'virtual machine')}.",
                "Another node is up, and not paused.",
            )

    def locks(self) -> Iterator[Finding]:
        """Yield what is said of roles that are locked."""
        locked = self.moves.locked
        if names := _names(each for each in locked if runs(each)):
            yield fail(
                f"The cluster has locked {some(names)}: a drain cannot move "
                f"{'it' if len(names) == 1 else 'them'}.",
                "No virtual machine of the node is locked.",
                unlock(self._machine, names),
            )
        if names := _names(each for each in locked if not runs(each)):
            yield note(f"Locked from moving, and not running: {some(names)}.")

    def places(self) -> Iterator[Finding]:
        """Yield what is said of roles that no other node can take.

        Raises:
            BlockedError: the cluster names possible owners of nothing, or not of each role.
        """
        stuck = self.moves.stuck
        running = [each for each in stuck if each.running]
        yield from self._by_owners([each for each in running if each.owners and not each.classes])
        yield from self._by_classes([each for each in running if each.classes])
        if names := [each.name for each in stuck if not each.running]:
            yield note(f"No other node may take what does not run: {some(names)}.")
        self._block_where_owners_are_not_known()

    def _by_owners(self, stuck: Sequence[Stuck]) -> Iterator[Finding]:
        if not stuck:
            return
        resources = [owners for each in stuck for owners in each.owners]
        yield fail(
            f"No other node that is up may own {some([each.name for each in stuck])}: possible "
            f"owners of {some(map(_owned, resources))}.",
            _ANOTHER_NODE,
            self._more_owners(resources),
        )

    def _by_classes(self, stuck: Sequence[Stuck]) -> Iterator[Finding]:
        if not stuck:
            return
        names = [each.name for each in stuck]
        classes = dict.fromkeys(name for each in stuck for name in each.classes)
        owners = [owners for each in stuck for owners in each.owners]
        also = f" Possible owners of {some(map(_owned, owners))}." if owners else ""
        yield fail(
            f"{one_line(self._cluster)} enforces anti-affinity, and the other nodes that are up "
            f"cannot take {some(names)} (class {some(classes)}).{also}",
            _ANOTHER_NODE,
            apart(self._machine, self._cluster, names),
        )

    def _more_owners(self, resources: Sequence[PossibleOwners]) -> Fix:
        nodes = [each.name for each in self._own.nodes]
        return more_owners(self._machine, self._cluster, resources, nodes)

    def _block_where_owners_are_not_known(self) -> None:
        silent = self.moves.without_owners
        if not self.moves.running or not self.moves.targets:
            return
        if not self._host[CLUSTER_POSSIBLE_OWNERS]:
            raise BlockedError(
                "",
                f"The cluster {one_line(self._cluster)} names possible owners of no resource.",
                "Compare with what Get-ClusterOwnerNode shows of a virtual machine's resource.",
            )
        if silent:
            raise BlockedError(
                "",
                f"The cluster names no possible owner of {some(silent)}: whether another node may "
                "take it is not known.",
                "Compare with what Get-ClusterOwnerNode -Resource shows of it.",
            )


def _names(groups: Iterator[ClusterGroup]) -> list[str]:
    return [each.name for each in groups]


def _owned(owners: PossibleOwners) -> str:
    return f"{one_line(owners.name, 80)} ({some(owners.owner_nodes, 4)})"
