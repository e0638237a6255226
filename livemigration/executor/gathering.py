"""The hosts of a run, asked by the workers of a Dask cluster; its VMM servers are asked from here.

Workers need no inventory, only the suite in the same version.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livemigration import __version__
from livemigration.base.deadline import Deadline
from livemigration.base.errors import UsageError
from livemigration.base.text import one_line, some
from livemigration.executor import tasks
from livemigration.executor.address import OPTION, Scheduler
from livemigration.executor.asking import NEXT_STEP, ON_THE_WAY, Asking, count
from livemigration.executor.luggage import packed
from livemigration.executor.near import Near
from livemigration.executor.telling import LinkLostError
from livemigration.executor.travel import (
    KNOCK,
    SIGN_IN,
    Answer,
    HostEntry,
    Question,
    Task,
    UnusableReplyError,
    limit_of,
    read,
    text_of,
)
from livemigration.executor.waves import Batch
from livemigration.facts.model import FailureKind
from livemigration.gather.connect import Access, Target
from livemigration.gather.executor import Course, Errors, HostQuestion
from livemigration.gather.fleet import FleetConnections
from livemigration.gather.jobs import Job
from livemigration.wsman.errors import WsmanError

if TYPE_CHECKING:
    from livemigration.executor.link import Link

# Sign-ins that end with their worker may have been made: so many of them, and no more are.
_SIGN_INS_LOST_AT_MOST = 2
_NAMED = 5


@contextmanager
def opened(
    scheduler: Scheduler,
    fleet: FleetConnections,
    authority: Callable[[Access], str],
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[DaskExecutor]:
    """Give what asks a fleet's hosts; what its workers hold for that is theirs until the end.

    Args:
        scheduler: of the cluster.
        fleet: the hosts, and how many may be asked side by side.
        authority: see `luggage.packed`.
        tell: gets a sentence where the cluster did not say that it has forgotten the account.

    Raises:
        UsageError: the cluster cannot be used: why, and what to do.
    """
    from livemigration.executor.link import Link  # noqa: PLC0415 - loads Dask, an extra

    run = secrets.token_hex(8)
    link = Link(scheduler, run)
    try:
        link.open()
        executor = DaskExecutor(link, scheduler.address, run, fleet)
        executor.begin(authority)
        yield executor
    except LinkLostError as error:
        raise UsageError(f"{OPTION} {scheduler.address}: {error}. {NEXT_STEP}") from None
    finally:
        if not link.close():
            tell(
                f"The account may stay in the memory of the cluster at {scheduler.address} for "
                f"{fleet.seconds + ON_THE_WAY:.0f} seconds from its start: it did not answer when "
                "it was to forget it."
            )


@dataclass
class DaskExecutor:
    """Asks a fleet's hosts by workers.

    Args:
        link: to their scheduler.
        address: of that, for sentences.
        run: the run's own name.
        fleet: the hosts.
        used: the workers that have answered for a host.
        batches: how many batches of hosts were handed out so far.
    """

    link: Link
    address: str
    run: str
    fleet: FleetConnections
    used: set[str] = field(default_factory=set)
    batches: int = 0
    _ready: dict[str, str] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _ways: list[Access] = field(default_factory=list)
    _turn: int = 0
    _lost_sign_ins: int = 0

    def begin(self, authority: Callable[[Access], str]) -> None:
        """Have every worker hold what it needs.

        Raises:
            UsageError: there is none, or one cannot be used.
            LinkLostError: the scheduler does not answer any more.
        """
        self._ways = list(
            {id(each.access): each.access for each in self.fleet.hosts.values()}.values()
        )
        self._refuse_others(tasks.version)
        luggage = packed(self._ways, len(self.fleet.hosts), authority)
        self.link.give(luggage, self.fleet.seconds + ON_THE_WAY)
        self._refuse_others(tasks.problem_of, self.run)

    def _refuse_others(self, function: Callable[..., str], *given: str) -> None:
        workers = dict(self.link.workers)
        if not workers:
            raise UsageError(f"{OPTION} {self.address}: no worker is there. Start some.")
        said = self.link.each(function, *given, workers=list(workers))
        told = {each: _unfit(said.get(each), bool(given)) for each in workers}
        if wrong := [each for each, reason in told.items() if reason]:
            raise UsageError(
                f"{OPTION} {self.address}: the worker at {some(wrong, _NAMED)} "
                f"{told[wrong[0]]}. Install livemigration {__version__} there, and restart it."
            )
        if given:
            self._ready = workers

    @property
    def workers(self) -> int:
        """How many workers have answered for a host."""
        return len(self.used)

    def knock(self, target: Target, deadline: Deadline) -> None:
        """Find out by a worker whether a host answers at all; see `Executor.knock`."""
        self._first(target, KNOCK, deadline)

    def sign_in(self, target: Target, deadline: Deadline) -> None:
        """Find out by a worker whether a host takes its credentials; see `Executor.sign_in`."""
        if self._lost_sign_ins >= _SIGN_INS_LOST_AT_MOST:
            raise self._failed("workers ended while they signed in, so no more is tried")
        self._first(target, SIGN_IN, deadline)

    def _first(self, target: Target, what: str, deadline: Deadline) -> None:
        seconds = limit_of(deadline, target.limits.host)
        entry = HostEntry(target.name, target.address, target.port)
        question = Question(self.run, self.way_of(target), entry, what, seconds)
        worker = self._some_worker()
        try:
            said = self.link.one(
                tasks.first, text_of(question), worker=worker, seconds=seconds + ON_THE_WAY
            )
            answer = read(Answer, said)
        except (LinkLostError, TimeoutError, UnusableReplyError, KeyError) as error:
            self._lost_sign_ins += what == SIGN_IN
            raise self._failed(_why(error)) from None
        if answer.problem:
            raise self._failed(f"the worker: {one_line(answer.problem)[:200]}")
        self.used.add(worker)
        count(self.fleet.manners, target.name, answer.spent)
        if (failure := answer.failure) is not None:
            raise failure

    def _some_worker(self) -> str:
        known = self.link.workers
        there = [each for each, own in self._ready.items() if known.get(each) == own]
        if not there:
            raise self._failed("no worker is left")
        self._turn += 1
        return there[self._turn % len(there)]

    def way_of(self, target: Target) -> int:
        """Return the number of the way in which a host is reached."""
        return next(n for n, each in enumerate(self._ways) if each is target.access)

    def _failed(self, why: str) -> WsmanError:
        return WsmanError(FailureKind.NOT_GATHERED, f"{self.address}: {why}", next_step=NEXT_STEP)

    def ask(self, hosts: Sequence[HostQuestion], beside: Sequence[Job], course: Course) -> Errors:
        """Ask all hosts by workers, and run the jobs beside them here; see `Executor.ask`."""
        asking = Asking(self, hosts, course)
        near = Near(beside, course)
        near.start()
        while not (asking.is_over and near.is_over):
            asking.turn()
            near.turn()
            near.watch(asking.progress)
        return {**asking.errors, **near.errors}

    def idle(self, busy: set[str]) -> list[str]:
        """Return the workers that ask nobody now; one that has joined is looked at first."""
        known = self.link.workers
        for each, own in known.items():
            if self._ready.get(each) != own and self._refused.get(each) != own:
                self._look_at(each, own)
        return [each for each in known if self._ready.get(each) == known[each] and each not in busy]

    def _look_at(self, worker: str, identity: str) -> None:
        reason = "it does not answer"
        with suppress(LinkLostError):
            said = self.link.each(tasks.version, workers=[worker])
            reason = _unfit(said.get(worker), held=False)
            if not reason:
                said = self.link.each(tasks.problem_of, self.run, workers=[worker])
                reason = _unfit(said.get(worker), held=True)
        (self._refused if reason else self._ready)[worker] = identity

    def task(self, batch: Batch, hosts: Mapping[str, HostQuestion], seconds: float) -> Task:
        """Return what a worker is asked for a batch."""
        entries = tuple(
            HostEntry(name, own.target.address, own.target.port, tuple(sorted(own.wanted)))
            for name, own in ((name, hosts[name]) for name in batch.hosts)
        )
        return Task(self.run, batch.way, entries, self.at_once, seconds)

    @property
    def at_once(self) -> int:
        """How many hosts a worker asks side by side: all workers together as many as one run."""
        return max(1, self.fleet.concurrency // max(len(self._ready), 1))

    @property
    def most_workers(self) -> int:
        """How many workers ask at once."""
        return max(1, self.fleet.concurrency // self.at_once)


def _unfit(said: object, held: bool) -> str:
    """Return why a worker cannot be used, by what it said of itself; empty: it can."""
    if isinstance(said, OSError):
        return "does not answer"
    if not isinstance(said, str):
        return "cannot load livemigration"
    if held:
        return said
    return (
        "" if said == __version__ else f"has livemigration {said[:40]}, and this is {__version__}"
    )


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "the worker did not answer in time"
    if isinstance(error, KeyError):
        return "the worker ended"
    if isinstance(error, UnusableReplyError):
        return "the worker answered something else than it was asked"
    return str(error)
