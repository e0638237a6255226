"""A machine that is too busy to wait for others says nothing of them: blocked, never failed.

Time is told, never waited for.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from test_batches import Server, address_of, probed, resolved
from test_fleet_gathering import NAMES, Session

from livemigration.base.deadline import Deadline
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.vmm import VMM_ACCESS, VMM_PROBES, VMM_WSMAN_TEST
from livemigration.gather.connect import Connector, Target
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.jobs import Job, run_jobs
from livemigration.gather.probing import judged
from livemigration.gather.stalls import Stalls
from livemigration.vmm.scripts import (
    NO_ANSWER,
    ConnectionReply,
    ProbeReply,
    ProbeRequest,
)
from livemigration.wsman.errors import timed_out
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

LIMIT = 4000


class Busy(Server):
    """A VMM server on which the connections to one host end when its script has no time for them.

    `took` are the milliseconds of its replies in turn, the last of them for ever.
    """

    def __init__(self, *took: int) -> None:
        super().__init__(4)
        self.dead = set()
        self._took = list(took)
        self.late = address_of(0)
        self.probes: list[int] = []

    def _probe(self, request: ProbeRequest) -> ProbeReply:
        reply = super()._probe(request)
        if request.listeners:
            listeners = tuple(
                replace(each, answered=False, text=NO_ANSWER, tried=True)
                if each.name == self.names[0]
                else each
                for each in reply.listeners
            )
            return ProbeReply((), listeners)
        self.probes.append(len(request.connections))
        took = self._took.pop(0) if len(self._took) > 1 else self._took[0]
        connections = tuple(
            replace(each, code=10060, milliseconds=took) if each.address == self.late else each
            for each in reply.connections
        )
        return ProbeReply(connections, ())


@in_turn("took", [0, 1200, 3900, 9600, 60_000])
def test_a_probe_that_had_no_time_is_no_time_out(took: int) -> None:
    server = Busy(took)
    view = resolved(server)
    probed(server, view)
    late = view.hosts["hv0000"]
    for group in (VMM_PROBES, VMM_WSMAN_TEST):
        outcome = late[group.name]
        assert isinstance(outcome, NotGathered), group
        assert "the vmm server was too busy" in outcome.failure.came_back.casefold()
        assert outcome.failure.kind is FailureKind.SCRIPT
    for name in server.names[1:]:
        assert isinstance(view.hosts[name][VMM_PROBES.name], Gathered)
    # Only what had no time is tried once more.
    assert len(server.probes) == 2
    assert server.probes[1] < server.probes[0]


@pytest.mark.parametrize("first", [1200, 60_000])
def test_a_probe_that_has_its_time_at_last_is_judged_by_that(first: int) -> None:
    server = Busy(first, LIMIT)
    view = resolved(server)
    probed(server, view)
    outcome = view.hosts["hv0000"][VMM_PROBES.name]
    assert isinstance(outcome, Gathered)
    assert {each.code for each in outcome.value.probes} == {10060}
    test = view.hosts["hv0000"][VMM_WSMAN_TEST.name]
    # Its port is shut, so that nobody asked.
    assert isinstance(test, Gathered)
    assert not test.value.answered


@given(
    code=st.sampled_from([0, 10060, 10061, 10051, None]),
    took=st.integers(0, 10**7),
    limit=st.integers(1, 120_000),
    together=st.integers(1, 1000),
)
def test_only_a_time_out_is_ever_doubted(
    code: int | None, took: int, limit: int, together: int
) -> None:
    reply = ConnectionReply("10.0.0.1", 6600, code, took)
    found = judged(reply, limit, together)
    if code != 10060 or limit <= took <= 2 * limit:
        assert found == reply
    else:
        assert found.code in {None, 10060}
    # Windows itself gives up after 21 seconds, whatever the script's limit.
    if code == 10060 and 21_000 <= took <= limit:
        assert found == reply


def silent() -> Identity:
    raise timed_out("the answer did not come in time")


def stalled(seconds: float) -> Stalls:
    """Return what is seen of a thread that woke so many seconds late."""
    times = iter((0.0, 0.1 + seconds))
    stalls = Stalls(lambda: next(times, 0.0))
    stalls.waits(0.1)
    stalls.woke()
    return stalls


def run(stalls: Stalls) -> Any:
    class Silent(Session):
        def counted(self) -> Counted:
            return Counted()

        def heard(self) -> None:
            return None

        def identify(self) -> Identity:
            return silent()

    def connect(target: Target, _: Deadline) -> WsmanSession:
        return cast("WsmanSession", Silent() if target.name != "hv02" else Session())

    hosts = {name: Target(name, name, 5985) for name in NAMES}
    vmms = (Target("vmm01", "vmm01", 5985),)
    fleet = FleetConnections(vmms, hosts, cast("Connector", connect), 30, 8, {})
    order = Order.of(dict.fromkeys(NAMES, (SERVICES,)), vmm=True)
    return gather(fleet, order, lambda *_: None, stalls=stalls)


@pytest.mark.parametrize(("seconds", "kind"), [(2.0, FailureKind.TIMED_OUT), (3.0, "starved")])
def test_silence_says_nothing_where_this_machine_stood_still(seconds: float, kind: object) -> None:
    facts = run(stalled(seconds))
    expected = FailureKind.STARVED if kind == "starved" else kind
    for outcome in (
        facts.hosts["hv01"].outcome(HOST_ACCESS),
        facts.hosts["hv01"].outcome(SERVICES),
        facts.vmm.outcome(VMM_ACCESS),
    ):
        assert isinstance(outcome, NotGathered)
        assert outcome.failure.kind is expected
    assert isinstance(facts.hosts["hv02"].outcome(HOST_ACCESS), Gathered)


def test_the_longest_stall_counts_and_what_every_system_does_is_none() -> None:
    now = [0.0]
    stalls = Stalls(lambda: now[0])
    for late in (0.4, 3.0, 1.0):
        stalls.waits(0.1)
        now[0] += 0.1 + late
        stalls.woke()
    assert stalls.longest == pytest.approx(3.0)
    assert not Stalls(lambda: 0.0).explain(0.001)


def test_jobs_that_ended_in_time_are_not_late_because_nobody_looked() -> None:
    """The thread that waits for them is kept until every deadline has passed."""
    ended = threading.Barrier(4)
    deadlines: list[Deadline] = []

    def work(deadline: Deadline) -> None:
        deadlines.append(deadline)
        ended.wait(10)

    def keep(_: object) -> None:
        if len(deadlines) == 3 and not ended.broken and ended.n_waiting == 3:
            ended.wait(10)
            while not all(each.passed for each in deadlines):
                threading.Event().wait(0.02)

    jobs = [Job(f"hv{number}", 0.5, work) for number in range(3)]
    errors = run_jobs(jobs, concurrency=3, deadline=Deadline.after(30), watch=keep)
    assert errors == dict.fromkeys(("hv0", "hv1", "hv2"))
