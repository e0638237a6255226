"""A whole fleet is asked by name for what its classes have: how often, and what comes of it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from fleet_runs import PATIENT
from lab_clients import fleet_file

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiQuery
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.firewall_filters import FIREWALL_PROGRAMS
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FactSheet, Gathered, WmiGroup
from livemigration.facts.registry import HOST_GROUPS, HOST_WMI_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather import properties
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection
from livemigration.lab.launch import RunningLab, start
from livemigration.verdict.second_step import OF_THE_SECOND_STEP
from livemigration.wsman.session import WsmanSession

# Over the wire; in the quick tests, tests/gather/test_absent_properties.py asks the same.
pytestmark = pytest.mark.long

HEAD = """\
name: absent
title: two builds, clusters with and without a patch, and a host without rules
domain: contoso.com
networks:
  management: {subnet: 1.0/24}
system: {build: 9200, version: 6.2.9200, caption: Microsoft Windows Server 2012 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 3.1.6011.0}
clusters:
  patched: {maximum_parallel_migrations: 3}
  unpatched: {}
hosts:
"""
OLD, NEW = [f"old{number}" for number in range(1, 6)], [f"new{number}" for number in range(1, 6)]
OLD_BUILD = 9200
NODES = {NEW[0]: "unpatched", NEW[1]: "patched", NEW[2]: "unpatched"}
ASKED_AGAIN = {
    # The host whose filter found no row that was named is asked for every row as well.
    FIREWALL_PROGRAMS.name: 1,
    # A node is asked what it is called in its cluster, for its own word on the quorum.
    DOMAIN_MEMBERSHIP.name: len(NODES),
}
SYSTEM = "{build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}"


def _host(number: int, name: str) -> str:
    text = (
        f"  - name: {name}.contoso.com\n"
        "    shows: what its release has\n"
        f'    addresses: {{management: "1.{10 + number}"}}\n'
        "    networks: [management]\n"
    )
    if name == OLD[0]:
        text += "    empty: [MSFT_NetApplicationFilter]\n"
    if name in NEW:
        text += f"    system: {SYSTEM}\n"
        cluster = NODES.get(name)
        text += f"    cluster: {cluster}\n" if cluster else ""
    return text


FLEET = HEAD + "".join(_host(number, name) for number, name in enumerate((*OLD, *NEW)))


@dataclass
class Asked:
    """Opens sessions and keeps what each host is asked."""

    lab: RunningLab
    queries: list[tuple[str, WmiQuery]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def connect(self, target: Target, deadline: Deadline) -> WsmanSession:
        return cast("WsmanSession", _Counting(self, target.name, connector()(target, deadline)))

    def gather(self, at_once: int, known: RunFacts | None = None) -> RunFacts:
        access = Access(Connection(time_limits=PATIENT), self.lab.credentials)
        hosts = {
            each.name: Target(each.name, each.address, each.port, access=access)
            for each in self.lab.hosts
        }
        fleet = FleetConnections((), hosts, self.connect, PATIENT.run, at_once, {})
        wanted = frozenset(each.name for each in HOST_GROUPS) - OF_THE_SECOND_STEP
        order = Order(dict.fromkeys(hosts, wanted), vmm=False)
        return gather(fleet, order, lambda *_: None, known=known)

    def of(self, group: WmiGroup[Any], hosts: list[str]) -> list[str]:
        """Return what these hosts were asked of a group."""
        return [
            query.wql
            for name, query in self.queries
            if replace(query, absent=frozenset(), instances=()) in {group.query, *group.narrow}
            and name.split(".")[0] in hosts
        ]


class _Counting:
    def __init__(self, asked: Asked, name: str, session: WsmanSession) -> None:
        self._asked, self._name, self._session = asked, name, session

    def enumerate(self, query: WmiQuery) -> object:
        with self._asked.lock:
            self._asked.queries.append((self._name, query))
        return self._session.enumerate(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


Run = tuple[Asked, RunFacts, int]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=FLEET)) as running:
        yield running


@pytest.fixture(scope="module")
def serial(lab: RunningLab) -> Run:
    asked = Asked(lab)
    return asked, asked.gather(1), 1


@pytest.fixture(scope="module")
def parallel(lab: RunningLab) -> Run:
    asked = Asked(lab)
    with pytest.MonkeyPatch.context() as patch:
        # On a busy machine nobody loses patience: the counts are what is tested.
        patch.setattr(properties, "_PATIENCE_SECONDS", 60)
        return asked, asked.gather(10), 10


@pytest.fixture(params=["parallel", "serial"])
def run(request: pytest.FixtureRequest) -> Run:
    found: Run = request.getfixturevalue(request.param)
    return found


def value(facts: RunFacts, host: str, group: WmiGroup[Any]) -> Any:
    outcome = facts.hosts[f"{host}.contoso.com"].outcome(group)
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


def test_nothing_is_asked_for_by_a_star_and_nothing_fails(run: Run) -> None:
    asked, facts, _ = run
    assert not [query.wql for _, query in asked.queries if "*" in query.wql]
    for name in (*OLD, *NEW):
        for group in HOST_WMI_GROUPS:
            value(facts, name, group)


def test_a_class_that_has_everything_takes_one_request_a_host(run: Run) -> None:
    asked, _, _ = run
    for group in HOST_WMI_GROUPS:
        # No host here has a virtual machine: nothing is asked of any.
        if not (group.query.wmi_class.optional or group.only_with or group.of_machines):
            more = ASKED_AGAIN.get(group.name, 0)
            # An old host is not asked for what came later.
            hosts = [*OLD, *NEW] if group.minimum_build <= OLD_BUILD else NEW
            assert len(asked.of(group, [*OLD, *NEW])) == len(hosts) + more, group.name
    assert len(asked.of(MIGRATION_SETTINGS, NEW)) == len(NEW)


def test_a_build_is_found_out_about_once(run: Run) -> None:
    asked, facts, at_once = run
    refused = min(at_once, len(OLD))
    assert len(asked.of(MIGRATION_SETTINGS, OLD)) <= len(OLD) + refused + 2
    for name in OLD:
        assert value(facts, name, MIGRATION_SETTINGS).compression is None
        assert value(facts, name, MIGRATION_SETTINGS).smb is None
    for name in NEW:
        assert value(facts, name, MIGRATION_SETTINGS).compression is True


def test_one_after_another_the_first_host_pays_for_all(serial: Run) -> None:
    asked, _, _ = serial
    assert len(asked.of(MIGRATION_SETTINGS, OLD)) == len(OLD) + 3
    counted = Counter(asked.of(MIGRATION_SETTINGS, OLD))
    assert sorted(counted.values()) == [1, 1, 1, len(OLD)]
    ((text, _),) = counted.most_common(1)
    assert "EnableCompression" not in text
    assert "EnableSmbTransport" not in text


def test_a_host_without_rows_takes_no_property_from_the_others(run: Run) -> None:
    _, facts, _ = run
    assert value(facts, OLD[0], FIREWALL_PROGRAMS) == ()
    for name in OLD[1:]:
        programs = {each.program for each in value(facts, name, FIREWALL_PROGRAMS)}
        assert any(each.endswith("vmms.exe") for each in programs)


def test_a_patch_is_found_out_about_host_by_host(run: Run) -> None:
    asked, facts, _ = run
    for name, cluster, limit in zip(
        NEW, ("unpatched", "patched", "unpatched", None), (None, 3, None, None), strict=False
    ):
        found = value(facts, name, CLUSTER)
        assert (found.name, found.maximum_parallel_migrations) == (cluster, limit)
    # A host without the cluster service is not asked.
    assert [len(asked.of(CLUSTER, [name])) for name in NEW] == [2, 1, 2, 0, 0]


def test_a_run_that_is_taken_up_again_says_the_same_of_what_it_still_asks(
    lab: RunningLab, serial: Run
) -> None:
    _, facts, _ = serial
    kept = [f"{name}.contoso.com" for name in (OLD[0], NEW[0])]
    again = Asked(lab)
    known = RunFacts({name: facts.hosts[name] for name in kept}, {})
    found = again.gather(1, known)
    assert not {name for name, _ in again.queries} & set(kept)
    for name in (*OLD, *NEW):
        for group in (MIGRATION_SETTINGS, FIREWALL_PROGRAMS, CLUSTER):
            assert value(found, name, group) == value(facts, name, group)
    # Nothing is remembered of the run before: the first of the rest asks what its build lacks.
    assert len(again.of(MIGRATION_SETTINGS, OLD)) == len(OLD) - 1 + 3


def test_a_host_that_is_taken_up_in_the_middle_is_asked_by_its_build(
    lab: RunningLab, serial: Run
) -> None:
    _, facts, _ = serial
    left = {MIGRATION_SETTINGS.name, FIREWALL_PROGRAMS.name}
    hosts = {
        name: FactSheet(
            sheet.subject,
            name,
            {group: each for group, each in sheet.outcomes.items() if group not in left},
        )
        for name, sheet in facts.hosts.items()
    }
    again = Asked(lab)
    found = again.gather(1, RunFacts(hosts, {}))
    assert len(again.of(MIGRATION_SETTINGS, OLD)) == len(OLD) + 3
    assert len(again.of(MIGRATION_SETTINGS, NEW)) == len(NEW)
    for name in (*OLD, *NEW):
        assert value(found, name, MIGRATION_SETTINGS) == value(facts, name, MIGRATION_SETTINGS)
