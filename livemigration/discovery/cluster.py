"""The nodes of a failover cluster, as WMI under the cluster's own name lists them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line, sentence
from livemigration.discovery.found import Found, FoundHost, NotFoundError, Scope
from livemigration.discovery.group_names import name_from
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_nodes import (
    CLUSTER_NODES,
    DOWN,
    JOINING,
    NETBIOS_LENGTH,
    PAUSED,
    ClusterNode,
    node_key,
)
from livemigration.facts.host import (
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    SIMULATED_VENDOR,
    DomainMembership,
)
from livemigration.facts.model import FactGroup, Gathered, NotGathered
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Connector, Target
from livemigration.gather.host import gather_host
from livemigration.gather.missing import missing
from livemigration.gather.properties import AbsentProperties

T = TypeVar("T")

_ASKED = (CLUSTER.name, CLUSTER_NODES.name, DOMAIN_MEMBERSHIP.name)
_STATES = {DOWN: "its cluster service is down", PAUSED: "paused in the cluster", JOINING: "joining"}


def ask_cluster(target: Target, connect: Connector, deadline: Deadline) -> Found:
    """Return the nodes of a cluster; whichever node has the cluster's name answers.

    Raises:
        NotFoundError: it does not answer, does not take the account, or is no cluster.
    """
    told: Outcomes = {}
    gather_host(target, _ASKED, connect, deadline, told, AbsentProperties())
    access = _known(told, HOST_ACCESS, target)
    member: DomainMembership = _known(told, DOMAIN_MEMBERSHIP, target)
    nodes: tuple[ClusterNode, ...] = _known(told, CLUSTER_NODES, target)
    own = _known(told, CLUSTER, target).name
    if own is None or not nodes:
        raise NotFoundError(
            f"{target.name} answers, and is no node of a cluster. Name the cluster as Failover "
            "Cluster Manager does."
        )
    domain = member.domain if member.joined else ""
    named = own if "." in own or not domain else f"{own}.{domain}"
    group = name_from(named)
    return Found(
        title=f"The cluster {one_line(named, 80)}",
        hosts=tuple(
            _host(each, domain, group) for each in sorted(nodes, key=lambda each: each.name)
        ),
        scope=Scope(group=group) if group else Scope(),
        notes=tuple(_notes(target, own)),
        simulated=access.product_vendor == SIMULATED_VENDOR,
    )


def _known(told: Outcomes, group: FactGroup[T], target: Target) -> T:
    outcome: Any = told.get(group.name)
    if isinstance(outcome, Gathered):
        value: T = outcome.value
        return value
    if not isinstance(outcome, NotGathered):
        outcome = missing(f"Reading {group.title} of {target.name}", None, "")
    failure = outcome.failure
    raise NotFoundError(f"{failure.tried}: {sentence(failure.came_back)} {failure.next_step}")


def _host(node: ClusterNode, domain: str, group: str | None) -> FoundHost:
    label = node.name.partition(".")[0]
    whole = node.name if "." in node.name or not domain else f"{label}.{domain}"
    said = _STATES.get(node.state)
    cut = len(label) == NETBIOS_LENGTH
    notes = (
        *((said,) if said else ()),
        *(("its name has 15 letters, so it may be cut short: compare",) if cut else ()),
    )
    return FoundHost(
        name=whole.lower() if label.isupper() else whole,
        groups=(group,) if group else (),
        notes=notes,
        cut=cut,
    )


def _notes(target: Target, own: str) -> Iterator[str]:
    if node_key(target.name) != own.casefold():
        yield f"{target.name} answers as the cluster {one_line(own, 60)}"
