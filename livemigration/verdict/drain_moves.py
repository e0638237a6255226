"""Where the cluster could move the virtual machines of a node, when that node is drained. Pure.

A node takes a role where it is up, where each resource of the role may be (possible owners), and,
where the cluster enforces anti-affinity, where no group of the same class runs. The same for as
many roles of one class as there are (windows-facts-2.md 12.1 and 12.3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from livemigration.base.text import one_line
from livemigration.facts.cluster_groups import (
    GROUP_OF_A_VM,
    VIRTUAL_MACHINE,
    VM_CONFIGURATION,
    ClusterGroup,
    ClusterResource,
)
from livemigration.facts.cluster_nodes import ClusterNode
from livemigration.facts.cluster_owners import PossibleOwners
from livemigration.verdict.node_states import takes_machines

# What a drain moves live, where the cluster does not say otherwise (MoveTypeThreshold).
USUAL_THRESHOLD = 2000
HIGHEST_PRIORITY = 3000
_PRIORITIES = {3000: "high", 2000: "medium", 1000: "low", 0: "no automatic start"}
_STATE_OFFLINE, _STATE_FAILED = 1, 2
_LOCKED_MODE = 1
_OF_A_MACHINE = frozenset({VIRTUAL_MACHINE.casefold(), VM_CONFIGURATION.casefold()})


def runs(group: ClusterGroup) -> bool:
    """Whether a group runs, or may: one that is offline or has failed is known not to."""
    return group.state not in {_STATE_OFFLINE, _STATE_FAILED}


def is_locked(group: ClusterGroup) -> bool:
    """Whether a group is locked: by its property, or by a flag of its status."""
    return bool(group.locked) or bool((group.status or 0) & _LOCKED_MODE)


@dataclass(frozen=True)
class Low:
    """A role that a drain saves, for its priority."""

    name: str
    priority: int

    @property
    def shown(self) -> str:
        """The role with its priority as the cluster manager shows it, for a sentence."""
        word = _PRIORITIES.get(self.priority, str(self.priority))
        return f"{one_line(self.name, 80)} ({word})"


@dataclass(frozen=True)
class Stuck:
    """A role that no other node can take.

    `owners` are its resources whose possible owners leave nodes out; `classes` its anti-affinity
    classes that keep it from nodes.
    """

    name: str
    running: bool
    owners: tuple[PossibleOwners, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MayOwn:
    """Which nodes may own a role: of each of its resources, the nodes that may, in lower case.

    `complete`: the cluster names possible owners of each of them.
    """

    nodes: frozenset[frozenset[str]]
    complete: bool

    def takes(self, node: Collection[str]) -> bool | None:
        """Whether a node of these names may own the role; None: the cluster does not say."""
        if any(each.isdisjoint(node) for each in self.nodes):
            return False
        return True if self.complete else None


class NodeRoles:
    """The roles of one node that are virtual machines, and where they could go.

    Args:
        node: the node's names, in lower case.
        others: the other nodes.
        groups: every group of the cluster.
        resources: every resource of it.
        owners: the possible owners of its resources; None: they are not known.
        enforced: whether groups of one anti-affinity class share no node ever.
    """

    def __init__(
        self,
        node: frozenset[str],
        others: Iterable[ClusterNode],
        groups: Iterable[ClusterGroup],
        resources: Iterable[ClusterResource],
        owners: Iterable[PossibleOwners] | None,
        *,
        enforced: bool,
    ) -> None:
        self._node = node
        self._groups = tuple(groups)
        self._resources = tuple(resources)
        self._owners = None if owners is None else {each.name.casefold(): each for each in owners}
        self._enforced = enforced
        self.targets = tuple(
            each.name.casefold() for each in others if takes_machines(each) is not False
        )

    @cached_property
    def roles(self) -> tuple[ClusterGroup, ...]:
        """The node's groups that are virtual machines."""
        return tuple(
            each
            for each in self._groups
            if each.kind == GROUP_OF_A_VM and each.owner_node.casefold() in self._node
        )

    @property
    def running(self) -> tuple[ClusterGroup, ...]:
        """Those that run."""
        return tuple(each for each in self.roles if runs(each))

    @property
    def locked(self) -> tuple[ClusterGroup, ...]:
        """Those that are locked from moving."""
        return tuple(each for each in self.roles if is_locked(each))

    def below(self, threshold: int) -> tuple[Low, ...]:
        """Return the running ones that a drain saves: their priority is below the threshold."""
        return tuple(
            Low(each.name, each.priority)
            for each in self.running
            if each.priority is not None and each.priority < threshold
        )

    @cached_property
    def stuck(self) -> tuple[Stuck, ...]:
        """The roles for which no other node is left, where any is up at all."""
        found = [each for each in map(self._judged, self.roles) if each is not None]
        known = {each.name for each in found}
        return (*found, *(each for each in self._too_many() if each.name not in known))

    @property
    def without_owners(self) -> tuple[str, ...]:
        """The resources of running roles of which the cluster names no possible owner at all."""
        if self._owners is None:
            return ()
        wanted = [each for role in self.running for each in self._resources_of(role)]
        return tuple(each.name for each in wanted if each.name.casefold() not in self._owners)

    def _judged(self, role: ClusterGroup) -> Stuck | None:
        allowed, barring = self._allowed(role)
        kept = self._kept_away(role)
        left = [each for each in self.targets if each in allowed and each not in kept]
        if left or not self.targets:
            return None
        classes = role.anti_affinity if kept.intersection(self.targets) else ()
        return Stuck(role.name, runs(role), barring, tuple(classes))

    def owners_of(self, role: ClusterGroup) -> MayOwn:
        """Return which nodes may own every resource of a role of this node."""
        owners = [(self._owners or {}).get(e.name.casefold()) for e in self._resources_of(role)]
        known = [
            frozenset(name.casefold() for name in each.owner_nodes)
            for each in owners
            if each is not None
        ]
        complete = self._owners is not None and len(known) == len(owners)
        return MayOwn(frozenset(known), complete)

    def _allowed(self, role: ClusterGroup) -> tuple[set[str], tuple[PossibleOwners, ...]]:
        """Return the nodes that may own every resource of a role, and what leaves others out."""
        targets = set(self.targets)
        allowed, barring = set(targets), []
        for each in self._resources_of(role):
            owners = (self._owners or {}).get(each.name.casefold())
            if owners is None:
                continue
            nodes = {name.casefold() for name in owners.owner_nodes}
            if not targets <= nodes:
                barring.append(owners)
            allowed &= nodes
        return allowed, tuple(barring)

    def _resources_of(self, role: ClusterGroup) -> Sequence[ClusterResource]:
        return self._by_group.get(role.name.casefold(), ())

    @cached_property
    def _by_group(self) -> Mapping[str, Sequence[ClusterResource]]:
        found: dict[str, list[ClusterResource]] = defaultdict(list)
        for each in self._resources:
            if each.kind.casefold() in _OF_A_MACHINE:
                found[each.owner_group.casefold()].append(each)
        return found

    def _kept_away(self, role: ClusterGroup) -> set[str]:
        """Return the nodes on which a group of one of a role's classes runs."""
        if not self._enforced or not runs(role):
            return set()
        classes = _classes(role)
        return {node for each in classes for node in self._nodes_of_class.get(each, ())}

    @cached_property
    def _nodes_of_class(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for each in self._groups:
            owner = each.owner_node.casefold()
            if runs(each) and owner not in self._node:
                for name in _classes(each):
                    found[name].add(owner)
        return found

    def _too_many(self) -> Iterable[Stuck]:
        """Yield roles of one class of which the node has more than other nodes can take."""
        if not self._enforced or not self.targets:
            return
        of_class: dict[str, list[ClusterGroup]] = defaultdict(list)
        for role in self.running:
            for name in _classes(role):
                of_class[name].append(role)
        for name, roles in of_class.items():
            free = set(self.targets) - self._nodes_of_class.get(name, set())
            if len(roles) > len(free):
                for role in roles:
                    yield Stuck(role.name, running=True, classes=role.anti_affinity)


def _classes(group: ClusterGroup) -> frozenset[str]:
    return frozenset(each.casefold() for each in group.anti_affinity if each.strip())
