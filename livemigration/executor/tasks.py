"""What a worker does: the same gathering as on the machine of the run, for some of its hosts.

Nothing raised here leaves the worker: whatever goes wrong is told as data.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing
from dataclasses import fields, replace

from livemigration import __version__
from livemigration.base.deadline import Deadline
from livemigration.executor.held import Held, held_for
from livemigration.executor.travel import (
    KNOCK,
    OUT_OF_TIME,
    Answer,
    HostReply,
    Question,
    Spent,
    Task,
    TaskReply,
    read,
    reply_of,
    text_of,
)
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, NotGathered
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Connector, Target, connector, knock_at
from livemigration.gather.host import gather_host
from livemigration.gather.jobs import Job, run_jobs
from livemigration.gather.stalls import Stalls, blame_this_machine
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.register import SUITE

NOTHING_HELD = "the worker holds no account for this run"
_STARVED = "the worker that asked it stood still meanwhile, so this says nothing of the other"
_STARVED_STEP = (
    "Run the suite again with workers that are less busy, or lower concurrent_hosts in the "
    "inventory."
)


def version() -> str:
    """Return the version of the suite on a worker."""
    return __version__


def problem_of(run: str) -> str:
    """Return why a worker cannot ask hosts for a run; empty: it can."""
    held = held_for(run)
    return NOTHING_HELD if held is None else held.problem


async def first(text: str) -> str:
    """Ask one host whether it answers, or takes the credentials; return the answer's text."""
    try:
        found = await asyncio.get_running_loop().run_in_executor(None, _first, text)
    except Exception as error:  # noqa: BLE001 - an error would travel pickled, with its frames
        found = Answer(problem=type(error).__name__)
    return text_of(found)


def gather(text: str) -> str:
    """Ask the hosts of a task; return the reply's text."""
    try:
        reply = _gather(read(Task, text))
    except Exception as error:  # noqa: BLE001 - as above
        reply = TaskReply(problem=f"the suite's own code failed: {type(error).__name__}")
    return text_of(reply)


def _first(text: str) -> Answer:
    question = read(Question, text)
    held = held_for(question.run)
    if held is None or held.problem:
        return Answer(problem=problem_of(question.run))
    target = question.host.target(held.unpacked.accesses[question.way])
    before = _spent(held, target.name)
    answer = _answer(held, target, question)
    return replace(answer, spent=_since(before, held, target.name))


def _answer(held: Held, target: Target, question: Question) -> Answer:
    deadline = Deadline.after(question.seconds)
    try:
        if question.what == KNOCK:
            knock_at(target, deadline)
        else:
            with closing(_connector(held)(target, deadline)) as session:
                session.identify()
    except WsmanFault:
        # It comes over the encrypted channel: the credentials were taken.
        return Answer()
    except WsmanError as error:
        return Answer.of(error)
    return Answer()


def _connector(held: Held) -> Connector:
    return connector(SUITE, held.manners, held.unpacked.hosts)


def _gather(task: Task) -> TaskReply:
    held = held_for(task.run)
    if held is None or held.problem:
        return TaskReply(problem=problem_of(task.run))
    access = held.unpacked.accesses[task.way]
    targets = [each.target(access) for each in task.hosts]
    sheets: dict[str, Outcomes] = {each.name: {} for each in task.hosts}
    before = {each.name: _spent(held, each.name) for each in task.hosts}
    connect, refused, left = _connector(held), threading.Event(), set[str]()

    def job(target: Target, wanted: frozenset[str]) -> Job:
        def run(deadline: Deadline) -> None:
            if refused.is_set():
                left.add(target.name)
                return
            into = sheets[target.name]
            gather_host(target, wanted, connect, deadline, into, held.absent, held.connections)
            if refuses(into):
                refused.set()

        return Job(target.name, target.limits.host, run)

    stalls = Stalls()
    errors = run_jobs(
        [job(t, frozenset(e.wanted)) for t, e in zip(targets, task.hosts, strict=True)],
        concurrency=task.at_once,
        deadline=Deadline.after(task.seconds),
        watch=lambda _: None,
        stalls=stalls,
    )
    return TaskReply(
        tuple(
            _reply(
                held, each, dict(sheets[each.name]), errors[each.name], before[each.name], stalls
            )
            if each.name not in left
            else HostReply(each.name, {}, asked=False)
            for each in targets
        )
    )


def refuses(outcomes: Outcomes) -> bool:
    """Whether a host refused the credentials."""
    access = outcomes.get(HOST_ACCESS.name)
    return isinstance(access, NotGathered) and access.failure.kind is FailureKind.AUTHENTICATION


def _spent(held: Held, name: str) -> Spent:
    counted = held.manners.traffic(name).counted
    retries = held.manners.retries(name)
    return Spent(retries, counted.requests, counted.bytes_out, counted.bytes_in, counted.logons)


def _since(before: Spent, held: Held, name: str) -> Spent:
    now = _spent(held, name)
    return Spent(*(getattr(now, f.name) - getattr(before, f.name) for f in fields(Spent)))


def _reply(
    held: Held,
    target: Target,
    outcomes: Outcomes,
    error: BaseException | None,
    before: Spent,
    stalls: Stalls,
) -> HostReply:
    seconds = target.limits.connect
    blame_this_machine(outcomes, stalls, seconds)
    for name, each in outcomes.items():
        if isinstance(each, NotGathered) and each.failure.kind is FailureKind.STARVED:
            failure = replace(each.failure, came_back=_STARVED, next_step=_STARVED_STEP)
            outcomes[name] = NotGathered(failure)
    told = ""
    if error is not None:
        told = OUT_OF_TIME if isinstance(error, TimeoutError) else type(error).__name__
    spent = _since(before, held, target.name)
    return reply_of(target.name, outcomes, error=told, spent=spent)
