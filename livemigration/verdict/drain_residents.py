"""The virtual machines that hosts run, as far as a placement asks: memory, and what they want."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

from livemigration.base.text import one_line, some
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_groups import CLUSTER_GROUPS, CLUSTER_RESOURCES, ClusterGroup
from livemigration.facts.cluster_preferences import (
    CLUSTER_AFFINITY_RULES,
    CLUSTER_PREFERRED_OWNERS,
    DIFFERENT_FAULT_DOMAIN,
    DIFFERENT_NODE,
    SAME_FAULT_DOMAIN,
    SAME_NODE,
    AffinityRule,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.virtual_memory import VIRTUAL_MACHINE_MEMORY
from livemigration.verdict.clustered_machines import (
    ClusteredMachines,
    machines_among,
    node_name,
)
from livemigration.verdict.views import BlockedError, FactsView, InapplicableError
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    Machine,
    machines_of,
)

# What machines and their wishes are read from; of each host the first decide.
OF_RESIDENTS: tuple[FactGroup[Any], ...] = (
    *MACHINE_FACTS,
    VIRTUAL_MACHINE_MEMORY,
    *MACHINE_EVIDENCE,
    DOMAIN_MEMBERSHIP,
    CLUSTER,
    CLUSTER_GROUPS,
    CLUSTER_RESOURCES,
    CLUSTER_PREFERRED_OWNERS,
    CLUSTER_AFFINITY_RULES,
)
_HIGH, _MEDIUM, _LOW = 3, 2, 1
_LONGEST_NAME = 80


@dataclass(frozen=True)
class ClusterRule:
    """An affinity rule or an anti-affinity class, by the names of its cluster and its own."""

    cluster: str
    name: str
    is_class: bool = False

    @property
    def group(self) -> str:
        """What it is called in a placement."""
        kind = "class" if self.is_class else "rule"
        return f"{self.cluster} {kind} {self.name}".casefold()

    @property
    def shown(self) -> str:
        """What it is called in a sentence."""
        name = one_line(self.name, _LONGEST_NAME)
        return f"class {name}" if self.is_class else name


_Rules = frozenset[ClusterRule]
_NO_RULES: _Rules = frozenset()


@dataclass(frozen=True)
class Wishes:
    """What a cluster wants of one of its roles: `preferred` are nodes, in lower case.

    `apart` keep it from nodes with others for certain, `rather_apart` where that can be; `together`
    keep it on one node with others. `apart_by_domain` and `together_by_domain` do so with fault
    domains. `not_weighed` are of another kind.
    """

    priority: int = _MEDIUM
    apart: _Rules = _NO_RULES
    rather_apart: _Rules = _NO_RULES
    preferred: frozenset[str] = frozenset()
    together: _Rules = _NO_RULES
    apart_by_domain: _Rules = _NO_RULES
    together_by_domain: _Rules = _NO_RULES
    not_weighed: _Rules = _NO_RULES


def groups_of(rules: Iterable[ClusterRule]) -> frozenset[str]:
    """Return what rules are called in a placement."""
    return frozenset(each.group for each in rules)


@dataclass(frozen=True)
class Resident:
    """A virtual machine that runs or is paused, so that it has memory of its host, in MB."""

    machine: Machine
    host: str
    memory: int
    wishes: Wishes

    @cached_property
    def key(self) -> str:
        """What it is called in a question: two hosts may have a machine of one GUID."""
        return f"{self.host} {self.machine.identifier}"

    @cached_property
    def name(self) -> str:
        """Its name, for a sentence."""
        return self.machine.name


def takes_memory(machine: Machine) -> bool:
    """Whether a machine has, or may have, memory of its host; a replica waits without."""
    return not (machine.is_off or machine.is_saved or machine.is_replica)


def residents_of(host: FactsView) -> tuple[Resident, ...]:
    """Return the machines that take memory of a host, in its order.

    Raises:
        BlockedError: they, or their memory, could not be read; or the host does not say how much
            memory one of them has.
    """
    machines = [each for each in machines_of(host) if takes_memory(each)]
    if not machines:
        return ()
    memory = {each.owner: each.megabytes for each in host[VIRTUAL_MACHINE_MEMORY]}
    if silent := [each.name for each in machines if not memory.get(each.identifier)]:
        raise BlockedError(
            "",
            f"{one_line(host.name)} does not say how much memory {some(silent)} "
            f"{'has' if len(silent) == 1 else 'have'}.",
            "Compare with MemoryAssigned as Get-VM shows it on the host.",
        )
    wishes = _Wishes(host)
    return tuple(
        Resident(each, host.name, memory[each.identifier], wishes.of(each.identifier))
        for each in machines
    )


class _Kept(Enum):
    """What an affinity rule does with its groups."""

    APART = "apart"
    RATHER_APART = "rather apart"
    TOGETHER = "together"
    APART_BY_DOMAIN = "apart by domain"
    TOGETHER_BY_DOMAIN = "together by domain"
    OTHERWISE = "otherwise"


class _Wishes:
    """What the cluster of a host wants of its roles; of a host in none, nothing."""

    def __init__(self, host: FactsView) -> None:
        self._host = host

    def of(self, machine: str) -> Wishes:
        """Return what is wanted of a machine, by its GUID."""
        resource = self._roles.resource(machine)
        group = self._groups.get(resource.owner_group.casefold()) if resource is not None else None
        if group is None:
            return Wishes()
        key = group.name.casefold()
        hard, soft = self._kept_apart(group)
        return Wishes(
            _priority(group),
            hard | self._rules_of(key, _Kept.APART),
            soft | self._rules_of(key, _Kept.RATHER_APART),
            self._preferred.get(key, frozenset()),
            self._rules_of(key, _Kept.TOGETHER),
            self._rules_of(key, _Kept.APART_BY_DOMAIN),
            self._rules_of(key, _Kept.TOGETHER_BY_DOMAIN),
            self._rules_of(key, _Kept.OTHERWISE),
        )

    def _kept_apart(self, group: ClusterGroup) -> tuple[_Rules, _Rules]:
        classes = frozenset(
            ClusterRule(self._cluster, each.casefold(), is_class=True)
            for each in group.anti_affinity
            if each.strip()
        )
        enforced = bool(classes) and self._host[CLUSTER].enforced_anti_affinity
        return (classes, _NO_RULES) if enforced else (_NO_RULES, classes)

    def _rules_of(self, key: str, kept: _Kept) -> _Rules:
        return frozenset(self._rules[kept].get(key, ()))

    @cached_property
    def _cluster(self) -> str:
        outcome = self._host.outcome(CLUSTER)
        return (outcome.value.name or "") if isinstance(outcome, Gathered) else ""

    @cached_property
    def _roles(self) -> ClusteredMachines:
        return machines_among(self._read(CLUSTER_RESOURCES), node_name(self._host))

    @cached_property
    def _groups(self) -> Mapping[str, ClusterGroup]:
        return {each.name.casefold(): each for each in self._read(CLUSTER_GROUPS)}

    @cached_property
    def _preferred(self) -> Mapping[str, frozenset[str]]:
        # Nothing that is only preferred stops a move.
        preferred = self._host.outcome(CLUSTER_PREFERRED_OWNERS)
        return {
            each.name.casefold(): frozenset(node.casefold() for node in each.owner_nodes)
            for each in (preferred.value if isinstance(preferred, Gathered) else ())
        }

    @cached_property
    def _rules(self) -> Mapping[_Kept, Mapping[str, list[ClusterRule]]]:
        """The rules of each group that are enabled, by what they do."""
        found: dict[_Kept, dict[str, list[ClusterRule]]] = {
            each: defaultdict(list) for each in _Kept
        }
        for rule in self._read(CLUSTER_AFFINITY_RULES):
            for name in rule.group_names if rule.enabled else ():
                of_group = found[_kept_by(rule)][name.casefold()]
                of_group.append(ClusterRule(self._cluster, rule.name))
        return found

    def _read(self, group: FactGroup[Any]) -> Iterable[Any]:
        """Return rows of the cluster; none where the host's release has no such thing.

        Raises:
            BlockedError: they could not be read, and may keep machines apart.
        """
        try:
            rows: Iterable[Any] = self._host[group]
        except InapplicableError:
            return ()
        return rows


_KEPT: Mapping[int | None, _Kept] = {
    SAME_NODE: _Kept.TOGETHER,
    DIFFERENT_FAULT_DOMAIN: _Kept.APART_BY_DOMAIN,
    SAME_FAULT_DOMAIN: _Kept.TOGETHER_BY_DOMAIN,
}


def _kept_by(rule: AffinityRule) -> _Kept:
    """Return what a rule does.

    What a release without SoftAntiAffinity does where groups cannot be apart is not known.
    """
    if rule.kind == DIFFERENT_NODE:
        return _Kept.APART if rule.soft is False else _Kept.RATHER_APART
    return _KEPT.get(rule.kind, _Kept.OTHERWISE)


def _priority(group: ClusterGroup) -> int:
    if group.priority is None:
        return _MEDIUM
    return _HIGH if group.priority >= 3000 else _MEDIUM if group.priority >= 2000 else _LOW
