"""How a run goes on whatever its workers do: they are stand-ins behind the one connection."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from in_turn import in_turn

from livemigration import __version__
from livemigration.base.deadline import Deadline
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.executor import asking, tasks
from livemigration.executor.gathering import DaskExecutor
from livemigration.executor.telling import Event, LinkLostError
from livemigration.executor.travel import (
    Answer,
    HostReply,
    Question,
    Task,
    TaskReply,
    read,
    reply_of,
    text_of,
)
from livemigration.facts.host import HOST_ACCESS, HostAccess
from livemigration.facts.model import FailureKind, Gathered, GatherFailure, NotGathered, Vantage
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Access, Target
from livemigration.gather.executor import Course, Errors, HostQuestion
from livemigration.gather.fleet import FleetConnections
from livemigration.gather.jobs import Job, Progress
from livemigration.gather.stalls import Stalls
from livemigration.inventory.connection import Connection
from livemigration.wsman.errors import WsmanError

TAKEN: Outcomes = {HOST_ACCESS.name: Gathered(HostAccess("x", "", ""), Vantage.SUITE)}
REFUSED: Outcomes = {
    HOST_ACCESS.name: NotGathered(
        GatherFailure(FailureKind.AUTHENTICATION, "Connecting", "refused", "Check.", "LM302", 401)
    )
}


@dataclass
class Stand:
    """A cluster: `does` is what a worker makes of a task, None where it ends with it."""

    does: Callable[[Task, str], TaskReply | str | None]
    workers: dict[str, str] = field(default_factory=lambda: {"w1": "1", "w2": "2"})
    lost: str = ""
    events: queue.SimpleQueue[Event] = field(default_factory=queue.SimpleQueue)
    asked: list[str] = field(default_factory=list)
    versions: dict[str, object] = field(default_factory=dict)
    answers: Callable[[Question, str], object] = lambda *_: text_of(Answer())

    def each(self, function: Any, *_: Any, workers: list[str]) -> dict[str, object]:
        if function is tasks.version:
            return {each: self.versions.get(each, __version__) for each in workers}
        return dict.fromkeys(workers, "")

    def give(self, luggage: Secret, seconds: float) -> None:
        assert luggage.reveal()
        assert seconds > 0

    def one(self, _: Any, text: str, *, worker: str, seconds: float) -> object:
        assert seconds > 0
        return self.answers(read(Question, text), worker)

    def start(self, number: int, worker: str, text: str, seconds: float) -> None:
        assert seconds > 0
        task = read(Task, text)
        self.asked += [each.name for each in task.hosts]
        made = self.does(task, worker)
        if made is None:
            self.events.put(Event(number, None, "its worker ended"))
        elif made != "silent":
            self.events.put(Event(number, made if isinstance(made, str) else text_of(made)))


def takes(task: Task, _: str = "") -> TaskReply:
    return TaskReply(tuple(reply_of(each.name, TAKEN) for each in task.hosts))


@dataclass
class Asked:
    """What became of hosts that were asked."""

    errors: Errors
    sheets: dict[str, Outcomes]
    done: list[str]
    last: Progress

    def failure(self, host: str) -> GatherFailure:
        outcome = self.sheets[host][HOST_ACCESS.name]
        assert isinstance(outcome, NotGathered)
        return outcome.failure

    @property
    def taken(self) -> set[str]:
        return {name for name, own in self.sheets.items() if own == TAKEN}


def executor_of(stand: Stand, hosts: int = 8, concurrency: int = 4) -> DaskExecutor:
    access = Access(Connection(), Credentials("CONTOSO\\svc", Secret("x")))
    targets = {
        name: Target(name, name, 5985, access=access) for name in (f"h{n}" for n in range(hosts))
    }
    fleet = FleetConnections((), targets, cast("Any", None), 60, concurrency, {})
    made = DaskExecutor(cast("Any", stand), "tls://dask:1", "run", fleet)
    made.begin(lambda _: "")
    return made


def ask(
    executor: DaskExecutor, beside: tuple[Job, ...] = (), deadline: Deadline | None = None
) -> Asked:
    told: list[Progress] = []
    done: list[str] = []
    sheets: dict[str, Outcomes] = {name: {} for name in executor.fleet.hosts}
    hosts = executor.fleet.hosts
    errors = executor.ask(
        [HostQuestion(hosts[name], frozenset(), sheets[name]) for name in hosts],
        beside,
        Course(lambda: 4, deadline or Deadline.after(3600), told.append, done.append, Stalls()),
    )
    return Asked(errors, sheets, done, told[-1])


def test_every_host_is_asked_once_and_told_of_with_what_runs_beside_it() -> None:
    ran: list[str] = []
    stand = Stand(takes)
    executor = executor_of(stand)
    asked = ask(executor, (Job("vmm", 60, lambda _: ran.append("vmm")),))
    assert sorted(stand.asked) == sorted(executor.fleet.hosts) == sorted(asked.taken)
    assert asked.errors == dict.fromkeys([*executor.fleet.hosts, "vmm"])
    assert sorted(asked.done) == sorted(asked.errors)
    assert ran == ["vmm"]
    assert (asked.last.done, asked.last.total) == (9, 9)
    assert executor.workers == 2


@in_turn(
    "at",
    [
        None,
        datetime(2001, 1, 1, tzinfo=UTC),
        datetime(9999, 1, 1, tzinfo=UTC),
        datetime(2001, 1, 1),  # noqa: DTZ001 - a worker may say so
    ],
)
def test_facts_are_of_the_run_whatever_the_clock_of_a_worker_says(at: datetime | None) -> None:
    began = datetime.now(UTC)
    outcome = replace(cast("Gathered[Any]", TAKEN[HOST_ACCESS.name]), at=at)

    def late(task: Task, _: str) -> TaskReply:
        return TaskReply(
            tuple(reply_of(each.name, {HOST_ACCESS.name: outcome}) for each in task.hosts)
        )

    asked = ask(executor_of(Stand(late)))
    for own in asked.sheets.values():
        found = own[HOST_ACCESS.name]
        assert isinstance(found, Gathered)
        assert found.at is not None
        assert began <= found.at <= datetime.now(UTC)


def test_all_workers_together_ask_no_more_hosts_than_one_run_may() -> None:
    most: list[int] = []

    def counts(task: Task, _: str) -> TaskReply:
        most.append(task.at_once)
        return takes(task)

    ask(executor_of(Stand(counts), concurrency=5))
    assert {*most} == {2}
    executor = executor_of(Stand(counts), concurrency=1)
    assert executor.most_workers == 1
    ask(executor)
    assert most[-1] == 1


def test_a_host_that_ends_each_worker_is_told_of_and_the_others_are_asked() -> None:
    stand = Stand(
        lambda task, _: None if "h3" in {each.name for each in task.hosts} else takes(task)
    )
    asked = ask(executor_of(stand))
    assert asked.taken == {f"h{n}" for n in range(8)} - {"h3"}
    failure = asked.failure("h3")
    assert failure.kind is FailureKind.NOT_GATHERED
    assert "its worker ended, again and again" in failure.came_back
    assert stand.asked.count("h3") == 3


def test_a_lost_scheduler_blocks_what_is_not_asked_and_nothing_waits() -> None:
    def loses(task: Task, _: str) -> TaskReply | str:
        stand.lost = "the scheduler does not answer any more"
        return takes(task)

    stand = Stand(loses)
    ran: list[str] = []
    asked = ask(executor_of(stand, hosts=200), (Job("vmm", 60, lambda _: ran.append("vmm")),))
    assert len(asked.taken) == 100
    lost = [name for name in asked.sheets if name not in asked.taken]
    for name in lost:
        failure = asked.failure(name)
        assert (failure.kind, failure.root) == (FailureKind.NOT_GATHERED, "LM302")
        assert failure.came_back == "the scheduler does not answer any more"
        assert "--resume" in failure.next_step
    assert ran == ["vmm"]
    assert len(asked.errors) == 201


def test_where_no_worker_is_left_a_run_waits_for_one_and_then_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "_WITHOUT_WORKERS", 0.0)

    def ends(_: Task, worker: str) -> None:
        del stand.workers[worker]

    stand = Stand(ends)
    asked = ask(executor_of(stand))
    assert not asked.taken
    assert {asked.failure(name).came_back for name in asked.sheets} == {"no worker is left"}


def test_a_worker_that_joins_is_asked_where_it_has_this_version() -> None:
    used: set[str] = set()

    def joins(task: Task, worker: str) -> TaskReply | None:
        used.add(worker)
        if worker == "w1":
            del stand.workers[worker]
            stand.workers |= {"w3": "3", "w4": "4"}
            return None
        return takes(task)

    stand = Stand(joins, workers={"w1": "1"}, versions={"w4": "0.0.1"})
    asked = ask(executor_of(stand))
    assert len(asked.taken) == 8
    assert used == {"w1", "w3"}


def test_a_time_limit_ends_what_does_not_come_back() -> None:
    stand = Stand(lambda *_: "silent")
    asked = ask(executor_of(stand), deadline=Deadline.after(0.5))
    assert all(isinstance(each, TimeoutError) for each in asked.errors.values())
    assert len(asked.errors) == 8


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("nonsense", "what the worker answered"),
        (text_of(TaskReply((HostReply("h9", {}),))), "other hosts"),
        (text_of(TaskReply(problem="the worker holds no account")), "holds no account"),
    ],
)
def test_what_a_worker_says_beside_the_matter_blocks_its_hosts(reply: str, said: str) -> None:
    asked = ask(executor_of(Stand(lambda *_: reply)))
    for name in asked.sheets:
        assert asked.failure(name).kind is FailureKind.NOT_GATHERED
        assert said in asked.failure(name).came_back


def test_an_account_that_is_refused_on_the_way_is_spared() -> None:
    def refuses(task: Task, _: str) -> TaskReply:
        first, *rest = task.hosts
        told = (HostReply(each.name, {}, asked=False) for each in rest)
        return TaskReply((reply_of(first.name, REFUSED), *told))

    stand = Stand(refuses)
    asked = ask(executor_of(stand, hosts=100))
    kinds = [asked.failure(name).kind for name in asked.sheets]
    # Two batches were under way, and two more hosts were asked alone.
    assert kinds.count(FailureKind.AUTHENTICATION) == 4
    assert kinds.count(FailureKind.SAME_CREDENTIALS) == 96
    told = next(f for n in asked.sheets if (f := asked.failure(n)).kind is not kinds[0])
    assert "refused them (refused), so they were tried on no other machine" in told.came_back


def test_a_sign_in_is_never_repeated_and_two_lost_ones_are_the_last() -> None:
    asked: list[str] = []

    def loses(question: Question, worker: str) -> object:
        asked.append(question.host.name)
        return OSError(worker)

    executor = executor_of(Stand(takes, answers=loses))
    for name in ("h0", "h1", "h2"):
        with pytest.raises(WsmanError) as failed:
            executor.sign_in(executor.fleet.hosts[name], Deadline.after(60))
        assert failed.value.kind is FailureKind.NOT_GATHERED
    assert asked == ["h0", "h1"]


def test_what_a_host_says_to_a_worker_is_raised_here() -> None:
    def refuses(*_: Any) -> object:
        return text_of(Answer(FailureKind.AUTHENTICATION, "refused", "Check.", 401))

    executor = executor_of(Stand(takes, answers=refuses))
    with pytest.raises(WsmanError) as failed:
        executor.sign_in(executor.fleet.hosts["h0"], Deadline.after(60))
    assert (failed.value.kind, failed.value.code) == (FailureKind.AUTHENTICATION, 401)
    with pytest.raises(WsmanError):
        executor.knock(executor.fleet.hosts["h0"], Deadline.after(60))


@in_turn(
    "workers, versions, said",
    [
        ({}, {}, "no worker is there"),
        ({"w1": "1"}, {"w1": "0.0.1"}, f"has livemigration 0.0.1, and this is {__version__}"),
        ({"w1": "1"}, {"w1": ImportError()}, "cannot load livemigration"),
        ({"w1": "1"}, {"w1": OSError()}, "does not answer"),
    ],
)
def test_workers_that_cannot_be_used_are_refused_before_they_are_given_anything(
    workers: dict[str, str], versions: dict[str, object], said: str
) -> None:
    stand = Stand(takes, workers=workers, versions=versions)

    def give(*_: Any) -> None:
        pytest.fail("they were given an account")

    stand.give = give  # type: ignore[assignment, method-assign] # nothing may go there
    with pytest.raises(UsageError) as refused:
        executor_of(stand)
    assert said in str(refused.value)
    assert "--executor tls://dask:1" in str(refused.value)


def test_a_scheduler_that_is_lost_during_a_sign_in_is_told_of() -> None:
    def lost(*_: Any) -> object:
        raise LinkLostError("the scheduler does not answer any more")

    executor = executor_of(Stand(takes, answers=lost))
    with pytest.raises(WsmanError, match="does not answer any more"):
        executor.sign_in(executor.fleet.hosts["h0"], Deadline.after(60))
