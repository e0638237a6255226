"""Fewer machines are asked at once where they refuse or sign-ins take longer; never none."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import CimValue, WmiQuery, WmiRow
from livemigration.facts.host import HOST_ACCESS, SERVICES, HostAccess, Slowed
from livemigration.facts.model import FactSheet, Gathered, Subject, Vantage
from livemigration.gather.at_once import AtOnce, with_slowed
from livemigration.gather.connect import Target
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.jobs import Job, run_jobs
from livemigration.gather.missing import missing
from livemigration.gather.session import Session
from livemigration.run.sessions import slowed_of
from livemigration.wsman.manners import Manners, Pace
from livemigration.wsman.session import Identity
from livemigration.wsman.traffic import Counted

MOST = 64
ACCESS = HostAccess("hv01, port 5985", "", "")


class Fleet:
    """A fleet with a clock in hand: a controller that takes longer the more sign in at once.

    `capacity` is how many sign-ins it does at once, a second each; what is more waits. `refuses`:
    in place of waiting, who is too many is refused, once, and comes back when there is room.
    """

    def __init__(
        self, hosts: int, capacity: Callable[[int], int], *, refuses: bool = False
    ) -> None:
        self.hosts = hosts
        self.capacity = capacity
        self.refuses = refuses
        self.at_once = AtOnce(MOST)
        self.most_running: list[int] = []

    def run(self) -> float:
        """Ask every host; return the time that it took."""
        now, begun, ended = 0.0, 0, 0
        running: list[tuple[float, float, bool]] = []
        while ended < self.hosts:
            while begun < self.hosts and len(running) < self.at_once.limit:
                capacity = self.capacity(begun)
                waiting = len(running) // capacity
                seconds = 1.0 + waiting
                refused = self.refuses and waiting > 0
                heapq.heappush(running, (now + seconds, seconds, refused))
                begun += 1
            self.most_running.append(len(running))
            now, seconds, refused = heapq.heappop(running)
            self.at_once.ended(refused=refused, seconds=None if self.refuses else seconds)
            ended += 1
        return now


def test_a_fleet_that_answers_is_asked_as_it_is_configured() -> None:
    fleet = Fleet(1000, lambda _: 1000)
    fleet.run()
    assert fleet.at_once.slowed is None
    assert fleet.at_once.limit == MOST


def test_where_sign_ins_begin_to_take_longer_fewer_are_asked_at_once() -> None:
    fleet = Fleet(2000, lambda begun: 1000 if begun < 200 else 8)
    fleet.run()
    slowed = fleet.at_once.slowed
    assert slowed is not None
    assert slowed.lateness
    assert not slowed.refusals
    assert slowed.at_once <= 32
    # No stampede: behind the first rounds, what waits is a few times what is served.
    assert max(fleet.most_running[600:]) <= 48


def test_where_machines_refuse_fewer_are_asked_at_once_and_later_more() -> None:
    fleet = Fleet(2000, lambda begun: 8 if 200 < begun < 1000 else 1000, refuses=True)
    fleet.run()
    slowed = fleet.at_once.slowed
    assert slowed is not None
    assert (slowed.refusals, slowed.lateness) == (True, False)
    assert slowed.at_once <= 16
    assert fleet.at_once.limit == MOST


def test_one_machine_that_refuses_is_its_own_matter() -> None:
    at_once = AtOnce(MOST)
    for number in range(10 * MOST):
        at_once.ended(refused=number % (2 * MOST) == 0)
    assert at_once.slowed is None


def test_one_round_lowers_it_once() -> None:
    at_once = AtOnce(MOST)
    for _ in range(MOST // 2):
        at_once.ended(refused=True)
    assert at_once.limit == MOST // 2


def test_of_a_server_with_all_sessions_one_refusal_is_enough() -> None:
    at_once = AtOnce(3, refusals=1)
    at_once.ended(refused=True)
    assert at_once.limit == 1


@in_turn("most, least", [(MOST, MOST // 16), (512, 32), (15, 1), (1, 1)])
def test_fleets_that_refuse_everybody_still_come_to_their_end(most: int, least: int) -> None:
    at_once = AtOnce(most)
    for _ in range(1000):
        at_once.ended(refused=True)
    assert at_once.limit == least
    assert at_once.slowed == (Slowed(least, refusals=True, lateness=False) if most > 1 else None)


@examples(100)
@given(
    st.integers(1, 512),
    st.lists(st.tuples(st.booleans(), st.none() | st.floats(0, 100)), max_size=300),
)
def test_it_stays_within_its_bounds(most: int, told: list[tuple[bool, float | None]]) -> None:
    at_once = AtOnce(most)
    for refused, seconds in told:
        at_once.ended(refused=refused, seconds=seconds)
        assert 1 <= at_once.limit <= most
    slowed = at_once.slowed
    assert slowed is None or (1 <= slowed.at_once < most and (slowed.refusals or slowed.lateness))


def test_hosts_of_a_far_site_are_not_late() -> None:
    at_once, manners = AtOnce(4), Manners()
    for number in range(64):
        name, quickest = f"hv{number:02}", 0.01 if number < 32 else 2.0
        manners.traffic(name).answered(quickest)
        access = Gathered(ACCESS, Vantage.SUITE, 0.05 + 5 * quickest)
        at_once.host_ended(name, {HOST_ACCESS.name: access}, manners)
    assert at_once.slowed is None


def test_what_a_host_said_is_what_counts() -> None:
    at_once, manners = AtOnce(8), Manners(Pace(lambda _: False, lambda: 1.0))
    for name in ("hv01", "hv02"):
        manners.patience(name).was_refused()
        at_once.host_ended(name, {HOST_ACCESS.name: missing("x", None, "")}, manners)
    assert at_once.limit == 4


def test_jobs_are_as_many_as_may_be_when_each_is_begun() -> None:
    lock = threading.Lock()
    running, seen, limit = [0], [0], [8]

    def work(_: Deadline) -> None:
        with lock:
            running[0] += 1
            seen.append(running[0])
        with lock:
            running[0] -= 1

    def ended(_: str) -> None:
        limit[0] = 1

    jobs = [Job(str(number), 60.0, work) for number in range(40)]
    errors = run_jobs(
        jobs,
        concurrency=lambda: limit[0],
        deadline=Deadline.after(60),
        watch=lambda _: None,
        done=ended,
    )
    assert set(errors.values()) == {None}
    assert max(seen) <= 8
    assert set(seen[-20:]) == {1}


def sheet(name: str, *, answered: bool) -> FactSheet:
    found = Gathered(ACCESS, Vantage.SUITE) if answered else missing("x", None, "")
    return FactSheet(Subject.HOST, name, {HOST_ACCESS.name: found})


def test_one_host_says_it_for_the_run() -> None:
    hosts = {name: sheet(name, answered=name != "hv01") for name in ("hv01", "hv02", "hv03")}
    slowed = Slowed(4, refusals=True, lateness=False)
    told = with_slowed(hosts, slowed)
    found = [each.outcomes[HOST_ACCESS.name] for each in told.values()]
    assert [each.value.slowed for each in found if isinstance(each, Gathered)] == [slowed, None]
    assert with_slowed(hosts, None) == hosts
    assert replace(ACCESS, slowed=slowed) == ACCESS


def test_a_fleet_whose_hosts_refuse_says_so() -> None:
    names = [f"hv{number:02}" for number in range(8)]
    manners = Manners()

    class Refusing:
        ended = False

        def __init__(self, name: str) -> None:
            self.name = name

        def counted(self) -> Counted:
            return Counted()

        def heard(self) -> Identity:
            return Identity("", "", "")

        identify = heard

        def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
            manners.patience(self.name).was_refused()
            row: dict[str, CimValue] = {
                "Name": "WinRM",
                "ProcessId": 4,
                "StartMode": "Auto",
                "State": "Running",
            }
            return (WmiRow(query.wmi_class.name, row),)

        def close(self) -> None:
            """Have nothing to close."""

    fleet = FleetConnections(
        (),
        {name: Target(name, name, 5985) for name in names},
        lambda target, _: cast("Session", Refusing(target.name)),
        60,
        concurrency=8,
        managers={},
        manners=manners,
    )
    order = Order(dict.fromkeys(names, frozenset({SERVICES.name})), vmm=False)
    slowed = slowed_of(gather(fleet, order, lambda *_: None))
    assert slowed == Slowed(4, refusals=True, lateness=False)
