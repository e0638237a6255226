"""One gathering by workers: hosts are handed out, and what comes back is looked at and kept.

All decisions are made here: who is asked when, by whom, and whether an account is tried any more.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from livemigration.base.text import listed, one_line
from livemigration.executor import tasks
from livemigration.executor.telling import Event
from livemigration.executor.travel import (
    HostReply,
    Spent,
    UnusableReplyError,
    error_of,
    limit_of,
    outcomes_in,
    replies_in,
    text_of,
)
from livemigration.executor.waves import Told, Waves, size_for
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, Gathered, GatherFailure, NotGathered, Outcome
from livemigration.gather.accounts import login_of
from livemigration.gather.asking import Outcomes
from livemigration.gather.executor import Course, Errors, HostQuestion
from livemigration.gather.host import ACCESS_CHECK
from livemigration.gather.jobs import Progress
from livemigration.wsman.manners import Manners
from livemigration.wsman.traffic import Counted

if TYPE_CHECKING:
    from livemigration.executor.gathering import DaskExecutor

POLL_SECONDS = 0.1
# How long a task may be under way beside what its hosts may take.
ON_THE_WAY = 30.0
NEXT_STEP = "Look at the cluster's logs, then go on with --resume, or without --executor."
# How long a run waits for a worker where none is left: a nanny has one again in a few seconds.
_WITHOUT_WORKERS = 60.0


class Asking:
    """All hosts of one gathering, asked by workers."""

    def __init__(
        self, executor: DaskExecutor, hosts: Sequence[HostQuestion], course: Course
    ) -> None:
        self.errors: Errors = {}
        self._executor = executor
        self._link = executor.link
        self._hosts = {each.target.name: each for each in hosts}
        self._course = course
        self._busy: dict[int, tuple[str, datetime]] = {}
        self._started = time.monotonic()
        self._alone_since: float | None = None
        accounts: dict[tuple[str, ...], dict[int, list[str]]] = {}
        for name, each in self._hosts.items():
            account = login_of(each.target.access).account
            way = executor.way_of(each.target)
            accounts.setdefault(account, {}).setdefault(way, []).append(name)
        size = size_for(len(hosts), len(executor.idle(set())))
        self._waves = Waves(tuple(accounts.values()), size, executor.batches)

    @property
    def is_over(self) -> bool:
        """Whether it is known of every host what became of it."""
        return len(self.errors) == len(self._hosts)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        slow = tuple(name for each in self._waves.under_way for name in each.hosts)
        past = time.monotonic() - self._started
        return Progress(len(self.errors), len(self._hosts), slow, past)

    def turn(self) -> None:
        """Hand out what can be, and wait a moment for what comes back."""
        if self.is_over:
            time.sleep(POLL_SECONDS)
            return
        if self._course.deadline.passed:
            self._end_all(TimeoutError())
            return
        if self._link.lost or self._nobody_is_left():
            # What has come already counts.
            self._take(None)
            why = self._link.lost or "no worker is left"
            self._refuse([each for each in self._hosts if each not in self.errors], why)
            return
        self._hand_out()
        self._take(POLL_SECONDS)
        for hosts, refused in self._waves.refused():
            self._same_credentials(hosts, refused)

    def _nobody_is_left(self) -> bool:
        if self._busy or self._executor.idle(set()):
            self._alone_since = None
            return False
        if self._alone_since is None:
            self._alone_since = time.monotonic()
        return time.monotonic() - self._alone_since > _WITHOUT_WORKERS

    def _hand_out(self) -> None:
        for worker in self._executor.idle({each for each, _ in self._busy.values()}):
            if len(self._busy) >= self._executor.most_workers:
                return
            batch = self._waves.next()
            if batch is None:
                return
            self._executor.batches = self._waves.last
            limits = self._hosts[batch.hosts[0]].target.limits
            rounds = -(-len(batch.hosts) // self._executor.at_once)
            seconds = limit_of(self._course.deadline, limits.host * rounds)
            task = self._executor.task(batch, self._hosts, seconds)
            self._busy[batch.number] = worker, datetime.now(UTC)
            self._link.start(batch.number, worker, text_of(task), seconds + ON_THE_WAY)

    def _take(self, seconds: float | None) -> None:
        """Take what has come back; wait so long for the first."""
        while True:
            try:
                events = self._link.events
                event = events.get(timeout=seconds) if seconds else events.get_nowait()
            except queue.Empty:
                return
            seconds = None
            if event.number in self._busy:
                self._came(event)

    def _came(self, event: Event) -> None:
        worker, began = self._busy.pop(event.number)
        batch = next(each for each in self._waves.under_way if each.number == event.number)
        if event.text is None:
            self._refuse(self._waves.lost(event.number), f"{event.reason}, again and again")
            return
        wanted = {name: self._hosts[name].wanted for name in batch.hosts}
        try:
            reply = replies_in(event.text, wanted)
            read_ = {each.name: _timely(outcomes_in(each), began) for each in reply.hosts}
        except UnusableReplyError as error:
            self._refuse(self._waves.late(event.number), f"what the worker answered: {error}")
            return
        if reply.problem:
            self._refuse(
                self._waves.late(event.number), f"the worker: {one_line(reply.problem)[:200]}"
            )
            return
        self._executor.used.add(worker)
        self._waves.came(
            event.number,
            {each.name: _told(each, read_[each.name]) for each in reply.hosts},
        )
        for each in reply.hosts:
            if each.asked:
                self._hosts[each.name].into.update(read_[each.name])
                count(self._executor.fleet.manners, each.name, each.spent)
                self._end(each.name, error_of(each.error))

    def _end(self, name: str, error: BaseException | None) -> None:
        self.errors[name] = error
        self._course.done(name)

    def _end_all(self, error: BaseException) -> None:
        for name in self._hosts:
            if name not in self.errors:
                self._end(name, error)

    def _refuse(self, names: Sequence[str], why: str) -> None:
        """Say of hosts that nobody was asked for them, and why."""
        for name in names:
            own = self._hosts[name]
            failure = GatherFailure(
                FailureKind.NOT_GATHERED,
                f"Asking {own.target.endpoint} through {self._executor.address}",
                why,
                NEXT_STEP,
                ACCESS_CHECK,
            )
            own.into[HOST_ACCESS.name] = NotGathered(failure)
            self._end(name, None)

    def _same_credentials(self, hosts: Sequence[str], refused: Sequence[str]) -> None:
        first = self._hosts[refused[0]].into.get(HOST_ACCESS.name)
        why = first.failure if isinstance(first, NotGathered) else None
        came_back = f" ({why.came_back})" if why is not None else ""
        for name in hosts:
            failure = GatherFailure(
                FailureKind.SAME_CREDENTIALS,
                "Trying the credentials",
                f"{listed(list(refused))} refused them{came_back}, so they were tried on no "
                "other machine: repeated wrong logons can lock the account",
                why.next_step if why is not None else NEXT_STEP,
                ACCESS_CHECK,
                why.code if why is not None else None,
            )
            self._hosts[name].into[HOST_ACCESS.name] = NotGathered(failure)
            self._end(name, None)


def _timely(outcomes: Outcomes, began: datetime) -> Outcomes:
    """Return outcomes that came since then: the clock of this machine is the one of the run."""
    now = datetime.now(UTC)

    def within(at: datetime | None) -> datetime:
        return now if at is None or at.tzinfo is None else min(max(at, began), now)

    return {
        name: replace(each, at=within(each.at)) if isinstance(each, Gathered) else each
        for name, each in outcomes.items()
    }


def _told(reply: HostReply, outcomes: Mapping[str, Outcome[object]]) -> Told:
    if not reply.asked:
        return Told.NOT_ASKED
    if tasks.refuses(dict(outcomes)):
        return Told.REFUSED
    access = outcomes.get(HOST_ACCESS.name)
    return Told.TAKEN if isinstance(access, Gathered) else Told.NOTHING


def count(manners: Manners, machine: str, spent: Spent) -> None:
    """Count what a worker exchanged with a host as what this machine does."""
    manners.traffic(machine).more(
        Counted(spent.requests, spent.bytes_out, spent.bytes_in, spent.logons)
    )
    manners.patience(machine).retries += spent.retries
