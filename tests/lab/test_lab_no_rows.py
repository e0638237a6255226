"""A host that answers a query with no rows: it could not be read, where rows must be.

The verdicts of the other hosts stay as they are, whichever table of one host is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, cast

import pytest
from fleet_runs import LIMITS, Judged, ask, judged
from lab_clients import fleet_file
from sampling import sampled

from livemigration.base.deadline import Deadline
from livemigration.collector import snapshot
from livemigration.facts.cim import WmiQuery
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    NotGathered,
    Outcome,
    Subject,
    WmiGroup,
)
from livemigration.facts.registry import HOST_GROUPS, HOST_WMI_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.inventory.connection import Connection
from livemigration.lab.launch import RunningLab, start
from livemigration.run.result import Result
from livemigration.verdict.findings import Level
from livemigration.wsman.session import WsmanSession

FLEET = """\
name: rows
title: hosts that exchange virtual machines, and one that is in no domain
domain: contoso.com
networks:
  management: {subnet: 1.0/24}
  migration: {subnet: 50.0/24, dropped: true}
  storage: {subnet: 60.0/24, dropped: true}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
hosts:
  - name: hv01.contoso.com
    shows: it lets in only the others
    addresses: {management: "1.11", migration: "50.11"}
    networks: [migration]
    firewall: {scope: [migration]}
  - name: hv02.contoso.com
    shows: the same
    addresses: {management: "1.12", migration: "50.12"}
    networks: [migration]
    firewall: {scope: [migration]}
  - name: hv03.contoso.com
    shows: the same
    addresses: {management: "1.13", migration: "50.13"}
    networks: [migration]
    firewall: {scope: [migration]}
  - name: dmz01.contoso.com
    shows: in a workgroup, with no way to the others
    addresses: {management: "1.14", storage: "60.14"}
    networks: [storage]
    workgroup: true
    authentication: 0
    gateway: none
    record: {perimeter: true, name: DMZ01}
    ssl: true
"""

# A host without a row of these is a host, as far as any document says.
MAY_BE_EMPTY = {each.name: each.may_be_empty for each in HOST_WMI_GROUPS if each.may_be_empty}
MUST_HAVE_ROWS = sorted({each.name for each in HOST_WMI_GROUPS} - MAY_BE_EMPTY.keys())


class Emptied:
    """A session that finds no rows of some classes."""

    def __init__(self, session: WsmanSession, classes: frozenset[str]) -> None:
        self._session, self._classes = session, classes

    def enumerate(self, query: WmiQuery) -> object:
        if query.wmi_class.name in self._classes:
            return ()
        return self._session.enumerate(query)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=FLEET)) as running:
        yield running


@pytest.fixture(scope="module")
def facts(lab: RunningLab) -> RunFacts:
    return ask(lab)


@pytest.fixture(scope="module")
def before(facts: RunFacts) -> Judged:
    return judged(facts)


Without = Callable[..., RunFacts]


@pytest.fixture(scope="module")
def without(lab: RunningLab, facts: RunFacts) -> Without:
    """Return the facts of a run in which a host found no rows for these groups, asked once."""

    @cache
    def found(host: str, *groups: str) -> RunFacts:
        return asked(lab, facts, host, [each for each in HOST_WMI_GROUPS if each.name in groups])

    return found


def asked(lab: RunningLab, facts: RunFacts, host: str, groups: list[WmiGroup[Any]]) -> RunFacts:
    classes = frozenset(each.query.wmi_class.name for each in groups)
    opens = connector()

    def connect(target: Target, deadline: Deadline) -> WsmanSession:
        return cast("WsmanSession", Emptied(opens(target, deadline), classes))

    machine = next(each for each in lab.hosts if each.name == host)
    into: dict[str, Outcome[Any]] = {}
    wanted = [each.name for each in HOST_GROUPS]
    access = Access(Connection(time_limits=LIMITS), lab.credentials)
    target = Target(machine.name, machine.address, machine.port, access=access)
    gather_host(target, wanted, connect, Deadline.after(20), into, AbsentProperties())
    sheet = FactSheet(Subject.HOST, host, {**facts.hosts[host].outcomes, **into})
    return replace(facts, hosts={**facts.hosts, host: sheet})


def said(result: Result) -> tuple[object, ...]:
    """Return what a result decides; notes may say what was not compared."""
    kept = [each for each in result.findings if each.level in {Level.FAIL, Level.WARNING}]
    return (result.state, [(each.level, each.observed) for each in kept], result.reason)


def test_each_group_is_said_to_be_one_that_may_be_empty_or_one_that_may_not() -> None:
    names = {each.name for each in HOST_WMI_GROUPS}
    assert MAY_BE_EMPTY.keys() < names


@pytest.mark.parametrize(
    "group", sampled(HOST_WMI_GROUPS, every=len(HOST_WMI_GROUPS)), ids=lambda each: each.name
)
def test_no_rows_of_one_host_change_no_verdict_of_another(
    without: Without, before: Judged, group: WmiGroup[Any]
) -> None:
    for host in ("hv02.contoso.com", "dmz01.contoso.com"):
        after = judged(without(host, group.name))
        for (check, target), result in after.items():
            if target != host:
                assert said(result) == said(before[check, target]), (check, target)


def test_no_rows_of_anything_change_no_verdict_of_another_host(
    without: Without, before: Judged
) -> None:
    after = judged(without("hv02.contoso.com", *(each.name for each in HOST_WMI_GROUPS)))
    for (check, target), result in after.items():
        if target != "hv02.contoso.com":
            assert said(result) == said(before[check, target]), (check, target)


@pytest.mark.parametrize("name", sampled(MUST_HAVE_ROWS, every=len(MUST_HAVE_ROWS)))
def test_a_table_that_no_host_is_without_could_not_be_read(without: Without, name: str) -> None:
    group = next(each for each in HOST_WMI_GROUPS if each.name == name)
    host = "hv02.contoso.com"
    outcome = without(host, name).hosts[host].outcome(group)
    assert isinstance(outcome, NotGathered)
    assert outcome.failure.kind is FailureKind.MISSING
    assert f"of {host} ({group.source})" in outcome.failure.tried


@pytest.mark.parametrize("name", sampled(sorted(MAY_BE_EMPTY), every=len(MAY_BE_EMPTY)))
def test_a_table_that_may_be_empty_was_read(without: Without, name: str) -> None:
    group = next(each for each in HOST_WMI_GROUPS if each.name == name)
    host = "hv02.contoso.com"
    outcome = without(host, name).hosts[host].outcome(group)
    assert isinstance(outcome, Gathered)


@pytest.mark.parametrize("name", ["local-addresses", "routes", "processors", "firewall-profiles"])
def test_an_empty_table_in_a_facts_file_could_not_be_read_either(
    facts: RunFacts, name: str
) -> None:
    group = next(each for each in HOST_WMI_GROUPS if each.name == name)
    outcome = facts.hosts["hv02.contoso.com"].outcome(group)
    assert isinstance(outcome, Gathered)
    saved = replace(snapshot.saved_outcome(name, outcome), value=[])
    assert isinstance(snapshot.outcome_of(name, saved, "hv02.contoso.com"), NotGathered)
