"""What a cluster says of itself: asked of one of its nodes, and of the next one where that fails.

Every node gives the same rows (windows-facts-2.md 12), so that a cluster of 64 is asked once. Which
hosts are its nodes, they say first, each for itself: by their cluster's name, in their domain. And
the node that was asked lists them: one that it does not list is asked for itself, and so is each
node of a workgroup, where two clusters may have one name.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_nodes import CLUSTER_NODES, node_key, node_keys
from livemigration.facts.host import (
    CLUSTER_SERVICE,
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
    DomainMembership,
)
from livemigration.facts.model import Gathered, NotGathered, Vantage, gathered
from livemigration.facts.registry import GROUPS, HOST_GROUPS
from livemigration.gather.asking import Outcomes, without_asking
from livemigration.gather.connect import Target
from livemigration.gather.executor import Course, Errors, Executor, HostQuestion, Threads
from livemigration.gather.missing import missing

OF_CLUSTER = frozenset(each.name for each in HOST_GROUPS if each.of_cluster)
_GROUPS = {each.name: each for each in HOST_GROUPS}
# What says of which cluster a host is a node.
_PLACING = frozenset({SERVICES.name, CLUSTER.name, DOMAIN_MEMBERSHIP.name})
# What a visit goes by, and is known from the one before.
_KNOWN = (OPERATING_SYSTEM.name, SERVICES.name, DOMAIN_MEMBERSHIP.name)
# Where so many nodes failed to answer, every other one is asked at once.
_ONE_BY_ONE = 2

Wanted = Mapping[str, frozenset[str]]
_Key = tuple[str, str]


def asked_first(wanted: Wanted, sheets: Mapping[str, Outcomes]) -> dict[str, frozenset[str]]:
    """Return what hosts are asked first: their own, and of which cluster they are a node.

    What their sheets hold from an earlier run is left out, and so is a host that said all of it.
    """
    found = {}
    for name, groups in wanted.items():
        own = (groups - OF_CLUSTER) | _PLACING if groups & OF_CLUSTER else groups
        left = own - sheets[name].keys()
        if left or HOST_ACCESS.name not in sheets[name]:
            found[name] = left
    return found


def ask_clusters(
    executor: Executor | Threads,
    hosts: Mapping[str, Target],
    wanted: Wanted,
    sheets: Mapping[str, Outcomes],
    course: Course,
) -> Errors:
    """Fill the sheets with what clusters say of themselves, and return what kept hosts from it.

    Args:
        executor: who asks the hosts.
        hosts: where they answer.
        wanted: the groups of each host, as they were ordered.
        sheets: what became of what each was asked first, and what an earlier run knows.
        course: how they are asked.
    """
    clusters = _Clusters(wanted, sheets)
    errors: Errors = {}
    while asked := clusters.next_questions():
        answers: dict[str, Outcomes] = {}
        questions = []
        for name, groups in asked.items():
            own = sheets[name]
            answers[name] = {each: own[each] for each in _KNOWN if each in own}
            questions.append(HostQuestion(hosts[name], groups, answers[name]))
        came = executor.ask(questions, (), course)
        for name, groups in asked.items():
            if (error := came.get(name)) is not None:
                errors[name] = error
            # A visit that was abandoned may still write into its own: go on with a copy.
            clusters.take(name, groups, dict(answers[name]), error)
    return errors


class _Clusters:
    """Whom to ask next for what their clusters say, by what is on the sheets."""

    def __init__(self, wanted: Wanted, sheets: Mapping[str, Outcomes]) -> None:
        self._sheets = sheets
        self._late = {name: late for name, own in wanted.items() if (late := own & OF_CLUSTER)}
        self._asked: set[str] = set()
        self._strangers: set[str] = set()
        self._members: dict[_Key, list[str]] = defaultdict(list)
        for name in sheets:
            if (key := self._key(name)) is not None:
                self._members[key].append(name)

    def _key(self, name: str) -> _Key | None:
        """Return the cluster of a node by which it is told from others; None: it is alone."""
        membership, cluster = self._membership(name), self._sheets[name].get(CLUSTER.name)
        if membership is None or not membership.joined or not isinstance(cluster, Gathered):
            return None
        if cluster.value.name is None:
            return None
        return cluster.value.name.casefold(), membership.domain.casefold()

    def _membership(self, name: str) -> DomainMembership | None:
        outcome = self._sheets[name].get(DOMAIN_MEMBERSHIP.name)
        return outcome.value if isinstance(outcome, Gathered) else None

    def _open(self, name: str) -> frozenset[str]:
        """Return what a host, or its cluster, has still to be asked for."""
        return self._late.get(name, frozenset()) - self._sheets[name].keys()

    def next_questions(self) -> dict[str, frozenset[str]]:
        """Return whom to ask now, and for what; nothing at the end."""
        for name in self._late:
            self._without_asking(name)
        found: dict[str, frozenset[str]] = {}
        for members in self._members.values():
            self._share(members)
            found |= self._of_cluster([each for each in members if each not in self._strangers])
        inside = {each for members in self._members.values() for each in members}
        for name in self._late:
            if name not in inside or name in self._strangers:
                found |= self._itself(name)
        self._asked |= found.keys()
        return found

    def _without_asking(self, name: str) -> None:
        """Note what becomes of groups by what a host said already."""
        own = self._sheets[name]
        if not isinstance(own.get(HOST_ACCESS.name), Gathered):
            return
        cluster, services = own.get(CLUSTER.name), own.get(SERVICES.name)
        outside = isinstance(cluster, Gathered) and cluster.value.name is None
        service = services.value.find(CLUSTER_SERVICE) if isinstance(services, Gathered) else None
        for each in sorted(self._open(name)):
            known = without_asking(_GROUPS[each], own)
            if known is None and outside and (service is None or not service.running):
                # The class that says of which cluster it is a node is not there, or has no row.
                value = _GROUPS[each].when_absent
                if value is not None:
                    known = gathered(value, Vantage.HOST, time.monotonic())
            if known is not None:
                own[each] = known

    def _itself(self, name: str) -> dict[str, frozenset[str]]:
        groups = self._open(name)
        answered = isinstance(self._sheets[name].get(HOST_ACCESS.name), Gathered)
        return {name: groups} if groups and answered and name not in self._asked else {}

    def _of_cluster(self, members: list[str]) -> dict[str, frozenset[str]]:
        groups = frozenset[str]().union(*map(self._open, members))
        if not groups:
            return {}
        found: dict[str, frozenset[str]] = {}
        for each in members:
            found |= self._itself(each)
        if sum(each in self._asked for each in members) >= _ONE_BY_ONE or not found:
            return found
        first = next(iter(found))
        # Its list of nodes says for whom it speaks.
        return {first: (groups | {CLUSTER_NODES.name}) - self._sheets[first].keys()}

    def take(
        self,
        name: str,
        groups: Iterable[str],
        answers: Outcomes,
        error: BaseException | None,
    ) -> None:
        """Put what one host answered on its sheet."""
        access = answers.get(HOST_ACCESS.name)
        for each in groups:
            outcome = answers.get(each)
            if outcome is None and isinstance(access, NotGathered):
                outcome = access
            elif outcome is None:
                outcome = missing(f"Reading {GROUPS[each].title} of {name}", error, "")
            self._sheets[name][each] = outcome

    def _share(self, members: list[str]) -> None:
        """Give every node of a cluster what one of them said of it, if that one lists it."""
        for source in members:
            own = self._sheets[source]
            nodes = own.get(CLUSTER_NODES.name)
            if not isinstance(nodes, Gathered) or not nodes.value:
                continue
            listed = {node_key(each.name) for each in nodes.value}
            said = {each: own[each] for each in OF_CLUSTER & own.keys() if _is_said(own[each])}
            for member in members:
                membership = self._membership(member)
                if membership is None or not node_keys(membership) & listed:
                    self._strangers.add(member)
                elif member != source:
                    self._give(member, source, said)

    def _give(self, member: str, source: str, said: Outcomes) -> None:
        own = self._sheets[member]
        for name in self._late.get(member, frozenset()) & said.keys():
            if not _is_said(own.get(name)):
                own[name] = said[name]
                _say_who_was_asked(own, source)


def _is_said(outcome: object) -> bool:
    return isinstance(outcome, Gathered)


def _say_who_was_asked(own: Outcomes, source: str) -> None:
    access = own.get(HOST_ACCESS.name)
    if isinstance(access, Gathered):
        told = replace(access.value, cluster_by=source)
        own[HOST_ACCESS.name] = replace(access, value=told)
