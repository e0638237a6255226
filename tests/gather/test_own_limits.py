"""Each machine has the time that its own group gives it, and VMM's probes of it do."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from test_fleet_gathering import REPLIES, Session

from livemigration.base.addresses import parse_address
from livemigration.base.deadline import Deadline
from livemigration.facts.host import SERVICES
from livemigration.facts.model import Gathered, Vantage
from livemigration.facts.vmm import (
    VMM_ACCESS,
    VMM_RATING,
    VMM_RECORD,
    VMM_RESOLUTION,
    VmmRecord,
    VmmResolution,
)
from livemigration.gather.connect import Access, Connector, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.probing import ProbePlan, plan_probes, probe_from_vmm
from livemigration.gather.server import Server
from livemigration.gather.vmm import VmmView
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.vmm.scripts import PROBE, ConnectionReply, ListenerReply, ProbeReply
from livemigration.wsman.session import WsmanSession


def target(name: str, **limits: float) -> Target:
    own = Connection(time_limits=TimeLimits.model_validate(limits))
    return Target(name, name, 5985, access=Access(own))


def test_each_machine_has_the_time_of_its_own_group() -> None:
    given_time: dict[str, list[float]] = {}
    lock = threading.Lock()

    def connect(asked: Target, deadline: Deadline) -> WsmanSession:
        with lock:
            given_time.setdefault(asked.name, []).append(deadline.remaining)
        return cast("WsmanSession", Session(replies=REPLIES))

    hosts = {"hv01": target("hv01", host=900), "hv02": target("hv02", host=300)}
    fleet = FleetConnections((target("vmm01", host=600),), hosts, connect, 3600, 8, {})
    facts = gather(fleet, Order.of(dict.fromkeys(hosts, (SERVICES,)), vmm=True), lambda *_: None)
    assert facts.vmm.outcome(VMM_ACCESS) is not None
    for name, seconds in (("hv01", 900), ("vmm01", 600), ("hv02", 300)):
        for each in given_time[name]:
            assert seconds - 200 < each <= seconds, name


def test_a_session_has_the_limits_of_its_own_target(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(
        "livemigration.gather.connect.WsmanSession", lambda *given, **_: made.append(given)
    )
    for limits in ({"connect": 7.0, "message": 70.0}, {"connect": 8.0, "message": 80.0}):
        connector()(target("hv01", **limits), Deadline.after(10))
    assert [(each[2].connect, each[2].message) for each in made] == [(7, 70), (8, 80)]


def test_vmm_rates_hosts_within_the_sum_of_their_own_times() -> None:
    hosts = {"hv01": target("hv01", rating=100), "hv02": target("hv02", rating=11)}
    server = Server(target("vmm01", rating=5), hosts, {}, cast("Connector", None))
    server.wanted = dict.fromkeys(hosts, frozenset({VMM_RATING.name}))
    for name in hosts:
        server.view.hosts[name] = {VMM_RECORD.name: Gathered(VmmRecord(True, name), Vantage.VMM)}
    job = server.rating("VM01")
    assert job is not None
    assert job.seconds == 111


class _Probed:
    """A VMM server that opens everything, and keeps what it was asked, with the time for it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.lock = threading.Lock()

    def connect(self, _target: Target, _deadline: Deadline) -> Any:
        return self

    def run_script(self, script: Any, request: Any) -> ProbeReply:
        assert script is PROBE
        with self.lock:
            self.asked += [(each.address, request.milliseconds) for each in request.connections]
            self.asked += [(each.name, request.milliseconds) for each in request.listeners]
        return ProbeReply(
            tuple(ConnectionReply(each.address, each.port, 0, 1) for each in request.connections),
            tuple(
                ListenerReply(each.name, each.port, True, None, "") for each in request.listeners
            ),
        )

    def close(self) -> None:
        """Have nothing to close."""


def plan(number: int, milliseconds: int) -> ProbePlan:
    pair = (parse_address(f"10.0.0.{number}"), 6600)
    name = f"hv{number}"
    return ProbePlan(name, (pair,), None, name, 5985, ssl=False, milliseconds=milliseconds)


@examples(60)
@given(st.lists(st.tuples(st.integers(1, 6), st.sampled_from([1000, 4000, 9000])), max_size=12))
def test_every_probe_has_its_hosts_time_and_is_made_once(given: Sequence[tuple[int, int]]) -> None:
    server = _Probed()
    longest: dict[int, int] = {}
    for number, milliseconds in given:
        longest[number] = max(milliseconds, longest.get(number, 0))
    probe_from_vmm(
        target("vmm01"),
        [plan(*each) for each in given],
        connect=server.connect,
        deadline=Deadline.after(60),
        into=VmmView(),
    )
    expected = [(f"10.0.0.{number}", most) for number, most in longest.items()]
    expected += [(f"hv{number}", most) for number, most in longest.items()]
    assert sorted(server.asked) == sorted(expected)


def test_a_hosts_plan_has_the_time_of_its_group() -> None:
    resolution = VmmResolution("hv01", (parse_address("10.0.0.1"),))
    known = {VMM_RESOLUTION.name: Gathered(resolution, Vantage.VMM)}
    made = plan_probes(target("hv01", probe=2.5), (), known)
    assert made is not None
    assert made.milliseconds == 2500
