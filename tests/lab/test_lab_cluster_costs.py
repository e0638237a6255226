"""What a cluster says of itself costs one node's questions, whatever the number of its nodes."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from fleet_runs import PATIENT
from lab_clients import fleet_file

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiQuery
from livemigration.facts.cluster import CLUSTER_MIGRATION_NETWORKS, CLUSTER_NETWORKS
from livemigration.facts.cluster_nodes import CLUSTER_NODES
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_security import VIRTUAL_SECURITY
from livemigration.gather.clusters import OF_CLUSTER
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection
from livemigration.lab.launch import RunningLab, start
from livemigration.verdict.second_step import OF_THE_SECOND_STEP
from livemigration.wsman.manners import Manners
from livemigration.wsman.session import WsmanSession

# Whole clusters are asked; what a node is asked is in tests/gather/test_cluster_questions.py.
pytestmark = pytest.mark.long

NODES = 5
FLEET = (
    """\
name: nodes
title: a cluster, of which the first node does not show the interfaces, and a host beside it
domain: contoso.com
firewall_rules: 0
networks:
  management: {subnet: 1.0/24}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
clusters:
  cl: {}
hosts:
"""
    + "".join(
        f"  - name: n{number}.contoso.com\n"
        "    shows: a node\n"
        f'    addresses: {{management: "1.{10 + number}"}}\n'
        "    cluster: cl\n"
        + ("    unreadable: [MSCluster_NetworkInterface]\n" if number == 1 else "")
        for number in range(1, NODES + 1)
    )
    + (
        "  - name: alone.contoso.com\n"
        "    shows: a host outside clusters\n"
        '    addresses: {management: "1.50"}\n'
    )
)


@dataclass
class Asking:
    """Opens sessions, and keeps which class each host was asked for."""

    lab: RunningLab
    asked: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    manners: Manners = field(default_factory=Manners)

    def connect(self, target: Target, deadline: Deadline) -> WsmanSession:
        return cast(
            "WsmanSession",
            _Session(self, target.name, connector(manners=self.manners)(target, deadline)),
        )

    def gather(self, names: tuple[str, ...], known: RunFacts | None = None) -> RunFacts:
        access = Access(Connection(time_limits=PATIENT), self.lab.credentials)
        hosts = {
            each.name: Target(each.name, each.address, each.port, access=access)
            for each in self.lab.hosts
            if each.name.partition(".")[0] in names
        }
        fleet = FleetConnections((), hosts, self.connect, PATIENT.run, 4, {}, manners=self.manners)
        wanted = frozenset(each.name for each in HOST_GROUPS) - OF_THE_SECOND_STEP
        order = Order(dict.fromkeys(hosts, wanted), vmm=False)
        return gather(fleet, order, lambda *_: None, known=known)

    def of(self, class_name: str) -> Counter[str]:
        return Counter(host.partition(".")[0] for host, each in self.asked if each == class_name)


class _Session:
    def __init__(self, asking: Asking, name: str, session: WsmanSession) -> None:
        self._asking, self._name, self._session = asking, name, session

    def enumerate(self, query: WmiQuery) -> object:
        with self._asking.lock:
            self._asking.asked.append((self._name, query.wmi_class.name))
        return self._session.enumerate(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=FLEET)) as running:
        yield running


EVERY = (*(f"n{number}" for number in range(1, NODES + 1)), "alone")


@pytest.fixture(scope="module")
def whole(lab: RunningLab) -> tuple[Asking, RunFacts]:
    asking = Asking(lab)
    return asking, asking.gather(EVERY)


def value(facts: RunFacts, name: str, group: FactGroup[Any]) -> Any:
    outcome = facts.hosts[f"{name}.contoso.com"].outcome(group)
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


def test_a_node_is_asked_for_what_is_the_clusters_and_every_node_for_its_own(
    whole: tuple[Asking, RunFacts],
) -> None:
    asking, _ = whole
    assert asking.of("MSCluster_Network") == {"n1": 1}
    assert set(asking.of("MSCluster_ResourceGroup")) == {"n1"}
    assert set(asking.of("MSCluster_Cluster")) == set(EVERY) - {"alone"}
    # What the first node failed to answer, the second was asked for.
    assert set(asking.of("MSCluster_NetworkInterface")) == {"n1", "n2"}


def test_every_sheet_holds_what_the_cluster_said(whole: tuple[Asking, RunFacts]) -> None:
    _, facts = whole
    nodes = EVERY[:NODES]
    for name in OF_CLUSTER:
        (group,) = (each for each in HOST_GROUPS if each.name == name)
        assert len({repr(value(facts, each, group)) for each in nodes}) == 1, name
    assert len(value(facts, "n5", CLUSTER_NODES)) == NODES
    assert value(facts, "alone", CLUSTER_NETWORKS) == ()
    assert value(facts, "alone", CLUSTER_MIGRATION_NETWORKS).excluded == ()
    assert {value(facts, each, HOST_ACCESS).cluster_by for each in nodes} >= {"n1.contoso.com"}


def test_a_node_alone_is_asked_itself(lab: RunningLab) -> None:
    asking = Asking(lab)
    facts = asking.gather(("n3",))
    assert asking.of("MSCluster_Network") == {"n3": 1}
    assert len(value(facts, "n3", CLUSTER_NODES)) == NODES


def test_a_run_that_is_taken_up_again_asks_no_cluster_that_it_knows(
    lab: RunningLab, whole: tuple[Asking, RunFacts]
) -> None:
    _, facts = whole
    kept = {name: each for name, each in facts.hosts.items() if not name.startswith(("n4", "n5"))}
    asking = Asking(lab)
    found = asking.gather(EVERY, RunFacts(kept, {}))
    assert asking.of("MSCluster_Network") == {}
    assert set(asking.of("MSCluster_Cluster")) == {"n4", "n5"}
    assert value(found, "n5", CLUSTER_NETWORKS) == value(facts, "n1", CLUSTER_NETWORKS)


def test_each_node_beside_the_asked_one_costs_less_by_what_it_is_not_asked(
    whole: tuple[Asking, RunFacts],
) -> None:
    asking, facts = whole
    requests = {each: value(facts, each, HOST_ACCESS).requests for each in EVERY}
    # The first of an account is tried before it is asked, and the asked one signs in once more.
    assert value(facts, "n1", HOST_ACCESS).logons == 3
    assert value(facts, "n3", HOST_ACCESS).logons == 1
    assert requests["n1"] >= requests["n3"] + len(OF_CLUSTER) - 1
    # Which properties the build lacks is found out once: by those that ask before it is known.
    often = asking.of(VIRTUAL_SECURITY.query.wmi_class.name)
    alike = {requests[each] - often[each] for each in ("n3", "n4", "n5")}
    assert len(alike) == 1, (requests, often)
