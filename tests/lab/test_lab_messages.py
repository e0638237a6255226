"""How many messages, bytes and rows one host costs: counted, never timed.

What a number here is over, a fleet of ten thousand pays ten thousand times. Headers and TLS are in
none of them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from fact_builders import CHECKS
from fleet_runs import PATIENT
from lab_clients import fleet_file

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiQuery
from livemigration.facts.host import HOST_ACCESS, HostAccess
from livemigration.facts.model import Gathered
from livemigration.facts.registry import HOST_GROUPS, simulated
from livemigration.facts.sheets import RunFacts
from livemigration.gather import beside
from livemigration.gather.beside import PAYS_FROM, Second
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection
from livemigration.lab.launch import RunningLab, start
from livemigration.run.sessions import traffic_of
from livemigration.verdict.check import AREAS
from livemigration.verdict.second_step import OF_THE_SECOND_STEP
from livemigration.wsman.manners import Manners
from livemigration.wsman.session import WsmanSession

FLEET = """\
name: plain
title: one healthy host outside clusters
domain: contoso.com
firewall_rules: {rules}
networks:
  management: {{subnet: 1.0/24}}
system: {{build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}}
vmm: {{name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}}
hosts:
  - name: hv01.contoso.com
    shows: healthy
    addresses: {{management: "1.11"}}
"""
# Beside the rule of the role and that of WinRM: none; those of Server 2022 and its roles; many.
RULES = (0, 285, 450)


@dataclass(frozen=True)
class Most:
    """What one host may cost at most; `chain` is how many requests may follow one another."""

    requests: int
    kilobytes_out: float
    kilobytes_in: float
    rows: int
    chain: int = 99


# What each later area costs beside these four: its own questions. Not measured alone: an area
# shares what others ask. A line for each.
EARLIER = frozenset({"vmm", "settings", "reachability", "staging"})
MORE = {
    "identity": Most(requests=4, kilobytes_out=6.6, kilobytes_in=6.5, rows=6),
    # And a request for each running machine where the processors of a group differ
    # (test_lab_vectors).
    "pairs": Most(requests=5, kilobytes_out=8.3, kilobytes_in=7.9, rows=6),
    "cluster": Most(requests=0, kilobytes_out=0, kilobytes_in=0, rows=0),
    "vms": Most(requests=12, kilobytes_out=19.9, kilobytes_in=19.2, rows=25),
}


def of_all(most: Most) -> Most:
    """Return the bound of every area, by that of the earlier four."""
    more = MORE.values()
    return Most(
        most.requests + sum(each.requests for each in more),
        most.kilobytes_out + sum(each.kilobytes_out for each in more),
        most.kilobytes_in + sum(each.kilobytes_in for each in more),
        most.rows + sum(each.rows for each in more),
        # Over two connections each asks about half; the second takes none of machines.
        most.chain + sum(each.requests for each in more) // 2 + 3,
    )


ALL = {
    0: Most(requests=23, kilobytes_out=35, kilobytes_in=32, rows=26),
    285: Most(requests=23, kilobytes_out=36, kilobytes_in=79, rows=213),
    450: Most(requests=23, kilobytes_out=36.5, kilobytes_in=110, rows=338),
}
# For a slow link.
FEW_BYTES = {
    0: Most(requests=23, kilobytes_out=35, kilobytes_in=32, rows=26),
    285: Most(requests=23, kilobytes_out=40, kilobytes_in=65, rows=165),
    450: Most(requests=23, kilobytes_out=42, kilobytes_in=85, rows=250),
}
SETTINGS = Most(requests=12, kilobytes_out=15.5, kilobytes_in=14.5, rows=11)
# With the suite's own client: no empty message, and the sign-in takes the first question along.
_EARLIER = Most(requests=21, kilobytes_out=36.5, kilobytes_in=110, rows=338)
_SETTINGS = Most(requests=10, kilobytes_out=15.5, kilobytes_in=14.5, rows=11)
STREAMS: tuple[tuple[frozenset[str], Most], ...] = (
    (frozenset(AREAS.values()), of_all(_EARLIER)),
    (EARLIER, _EARLIER),
    (frozenset({"settings"}), _SETTINGS),
)
# And with a second connection, which signs in once more.
_TWO = replace(_EARLIER, requests=22, kilobytes_out=38, chain=12)
TWO: tuple[tuple[frozenset[str], Most], ...] = (
    (frozenset(AREAS.values()), of_all(_TWO)),
    (EARLIER, _TWO),
    (frozenset({"settings"}), replace(_SETTINGS, requests=11, kilobytes_out=17, chain=7)),
)


@dataclass
class Costs:
    """A gathering of one host: its facts, and how many rows came back."""

    facts: RunFacts
    rows: int

    @property
    def access(self) -> HostAccess:
        (sheet,) = self.facts.hosts.values()
        outcome = sheet.outcome(HOST_ACCESS)
        assert isinstance(outcome, Gathered), outcome
        return outcome.value

    def are_within(self, most: Most) -> bool:
        found = self.access
        return (
            found.requests <= most.requests
            and found.bytes_out <= most.kilobytes_out * 1000
            and found.bytes_in <= most.kilobytes_in * 1000
            and self.rows <= most.rows
            and found.requests - found.beside <= most.chain
        )


@dataclass
class Counting:
    """A session that counts the rows it brings."""

    session: WsmanSession
    found: list[int]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enumerate(self, query: WmiQuery) -> Any:
        rows = self.session.enumerate(query)
        self.found.append(len(rows))
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


def needed(areas: Collection[str] = AREAS.values()) -> frozenset[str]:
    """Return the groups that the checks of these areas read of each host."""
    of_hosts = {each.name for each in HOST_GROUPS} - OF_THE_SECOND_STEP
    return frozenset(
        name
        for check in CHECKS.values()
        if check.opt_in is None and check.area in areas
        for name in check.declared & of_hosts
    )


def costs(lab: RunningLab, wanted: frozenset[str], **connection: Any) -> Costs:
    manners = Manners()
    rows: list[int] = []
    opened = connector(manners=manners)

    def connect(target: Target, deadline: Deadline) -> WsmanSession:
        return cast("WsmanSession", Counting(opened(target, deadline), rows))

    said = {"connections": 1, **connection}
    access = Access(Connection(time_limits=PATIENT, **said), lab.credentials)
    (host,) = lab.hosts
    hosts = {host.name: Target(host.name, host.address, host.port, access=access)}
    fleet = FleetConnections((), hosts, connect, PATIENT.run, 1, {}, manners=manners)
    order = Order({host.name: wanted}, vmm=False)
    return Costs(gather(fleet, order, lambda *_: None), sum(rows))


# As many rules as Windows brings; the others take long.
@pytest.fixture(
    scope="module",
    params=[pytest.param(each, marks=() if each == 285 else pytest.mark.long) for each in RULES],
)
def sized(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, RunningLab]]:
    text = FLEET.format(rules=request.param)
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=text)) as running:
        yield request.param, running


def test_a_host_costs_no_more_for_all_checks(sized: tuple[int, RunningLab]) -> None:
    rules, lab = sized
    for found, most in (
        (costs(lab, needed(EARLIER)), ALL[rules]),
        (costs(lab, needed()), of_all(ALL[rules])),
    ):
        assert found.are_within(most), (found.access, found.rows)
        (sheet,) = found.facts.hosts.values()
        assert all(isinstance(each, Gathered) for each in sheet.outcomes.values())


def test_a_host_behind_a_slow_link_costs_no_more(sized: tuple[int, RunningLab]) -> None:
    rules, lab = sized
    for areas, most in ((EARLIER, FEW_BYTES[rules]), (AREAS.values(), of_all(FEW_BYTES[rules]))):
        found = costs(lab, needed(areas), slow_link=True)
        assert found.are_within(most), (found.access, found.rows)


def test_a_host_costs_no_more_for_the_settings(sized: tuple[int, RunningLab]) -> None:
    found = costs(sized[1], needed({"settings"}))
    assert found.are_within(SETTINGS), (found.access, found.rows)


@pytest.mark.parametrize(("areas", "most"), STREAMS, ids=("all", "earlier", "settings"))
def test_a_host_costs_two_requests_less_over_streams(
    sized: tuple[int, RunningLab], areas: frozenset[str], most: Most
) -> None:
    found = costs(sized[1], needed(areas), client="streams")
    assert found.are_within(most), (found.access, found.rows)
    assert found.access.logons == 1


@pytest.mark.parametrize(("areas", "most"), TWO, ids=("all", "earlier", "settings"))
def test_with_a_second_connection_requests_follow_one_another_half_as_often(
    sized: tuple[int, RunningLab],
    areas: frozenset[str],
    most: Most,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What the first takes over is what time decides: how slow the second is.
    monkeypatch.setattr(Second, "taken", lambda _: [])
    found = costs(sized[1], needed(areas), client="streams", connections=2)
    assert found.are_within(most), (found.access, found.rows)
    assert found.access.logons == 2
    (told,) = traffic_of(found.facts)
    assert (told.logons, told.chain) == (2, found.access.requests - found.access.beside)
    assert told.chain > 0


def test_a_host_that_answers_late_gets_a_second_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To the lab there is no way either: what it plays is one.
    monkeypatch.setattr(beside, "_is_own", lambda _: False)
    with start(fleet_file(tmp_path, text=FLEET.format(rules=0)), latency=PAYS_FROM) as lab:
        found = costs(lab, needed({"settings"}), client="streams", connections="auto")
    assert found.access.logons == 2


def test_what_a_host_cost_is_told_of_it(sized: tuple[int, RunningLab]) -> None:
    found = costs(sized[1], needed({"settings"}))
    (told,) = traffic_of(found.facts)
    assert told.machine == "hv01.contoso.com"
    assert (told.requests, told.bytes_out, told.bytes_in) == (
        found.access.requests,
        found.access.bytes_out,
        found.access.bytes_in,
    )
    assert told.requests > 3
    assert told.bytes_out > 9 * 1000
    assert told.bytes_in > 9 * 1000


def test_without_vmm_and_without_asking_who_it_is_the_lab_is_known(
    sized: tuple[int, RunningLab],
) -> None:
    found = costs(sized[1], needed({"settings"}))
    assert found.access.product_version == ""
    assert simulated(found.facts)
