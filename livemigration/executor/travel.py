"""What travels between a run and the workers: JSON both ways, held against its form on arrival.

A worker's answer is data like a facts file, and is read as one. No word of it is believed because
of where it comes from: it may only speak of the hosts and the groups that it was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import Field

from livemigration.base import codec
from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.collector.snapshot import SavedOutcome, outcome_of, saved_outcome
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Access, Target
from livemigration.wsman.errors import WsmanError

T = TypeVar("T")

# Of one host: a thousand firewall rules take a tenth of it.
_MOST_OF_A_HOST = 16 << 20
_NAME = re.compile(r"[A-Za-z_]\w{0,59}")
_Count = Annotated[int, Field(ge=0, le=1 << 40)]
_OWN_GROUPS = frozenset({HOST_ACCESS.name, *(group.name for group in HOST_GROUPS)})

KNOCK, SIGN_IN = "knock", "sign in"
# What kept a host from its end, beside the names of errors of the suite's own code.
OUT_OF_TIME = "time"


class UnusableReplyError(Exception):
    """What a worker answered is not what it was asked for; the text is the reason."""


@dataclass(frozen=True)
class HostEntry:
    """One host of a task: where it answers and which fact groups it is asked for."""

    name: str
    address: str
    port: int
    wanted: tuple[str, ...] = ()

    def target(self, access: Access) -> Target:
        """Return the host as gathering knows it."""
        return Target(self.name, self.address, self.port, access=access)


@dataclass(frozen=True)
class Task:
    """Hosts that are reached alike, and asked by one worker.

    `run` names the run, `way` is how they are reached, by its number in what the worker holds for
    it. `at_once` is how many are asked side by side, `seconds` how long all of them may take.
    """

    run: str
    way: int
    hosts: tuple[HostEntry, ...]
    at_once: int
    seconds: float


@dataclass(frozen=True)
class Spent:
    """What it took to ask a host this time: requests made again, what travelled, and sign-ins."""

    retries: _Count = 0
    requests: _Count = 0
    bytes_out: _Count = 0
    bytes_in: _Count = 0
    logons: _Count = 0


@dataclass(frozen=True)
class HostReply:
    """What became of one host.

    `error` is what kept it from its end; empty where nothing did. `asked` is false where another
    host of the task refused the credentials before.
    """

    name: str
    outcomes: dict[str, SavedOutcome]
    error: str = ""
    asked: bool = True
    spent: Spent = field(default_factory=Spent)


@dataclass(frozen=True)
class TaskReply:
    """What became of a task. `problem` says why nothing did."""

    hosts: tuple[HostReply, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Question:
    """What one host is asked before any other: whether it answers, or takes the credentials."""

    run: str
    way: int
    host: HostEntry
    what: str
    seconds: float


@dataclass(frozen=True)
class Answer:
    """How that ended; `kind` is None where the host answered, or took the credentials."""

    kind: FailureKind | None = None
    came_back: str = ""
    next_step: str = ""
    code: int | None = None
    problem: str = ""
    spent: Spent = field(default_factory=Spent)

    @classmethod
    def of(cls, error: WsmanError) -> Answer:
        """Return what is told of a failure."""
        return cls(error.kind, error.came_back, error.next_step, error.code)

    @property
    def failure(self) -> WsmanError | None:
        """The failure as it is known where hosts are asked from this machine."""
        if self.kind is None:
            return None
        return WsmanError(self.kind, self.came_back, code=self.code, next_step=self.next_step)


def text_of(value: Any) -> str:
    """Return the text of something that travels."""
    return json.dumps(codec.to_json(value), separators=(",", ":"))


def read(kind: type[T], text: object, hosts: int = 1) -> T:
    """Return what a text holds that arrived, of an answer for so many hosts.

    Raises:
        UnusableReplyError: it is none of this kind.
    """
    if not isinstance(text, str) or len(text) > _MOST_OF_A_HOST * hosts:
        raise UnusableReplyError("it is no text of a usable size")
    try:
        found: T = codec.from_json(kind, json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnusableReplyError(one_line(str(error))[:200]) from None
    return found


def reply_of(name: str, outcomes: Outcomes, **rest: Any) -> HostReply:
    """Return what is told of a host."""
    saved = {group: saved_outcome(group, each) for group, each in outcomes.items()}
    return HostReply(name, saved, **rest)


def outcomes_in(reply: HostReply) -> Outcomes:
    """Return what became of a host's groups.

    Raises:
        UnusableReplyError: a group is not one that a host can be asked for, or not its value.
    """
    alien = reply.outcomes.keys() - _OWN_GROUPS
    if alien:
        raise UnusableReplyError(f"{min(alien)[:60]!a} is no group of a host")
    try:
        return {name: outcome_of(name, each, reply.name) for name, each in reply.outcomes.items()}
    except ValueError as error:
        raise UnusableReplyError(one_line(str(error))[:200]) from None


def replies_in(text: object, hosts: Mapping[str, frozenset[str]]) -> TaskReply:
    """Return the reply to a task about these hosts, each of which it tells once.

    Raises:
        UnusableReplyError: it is none.
    """
    reply = read(TaskReply, text, len(hosts))
    names = [each.name for each in reply.hosts]
    if not reply.problem and (len(names) != len(hosts) or set(names) != hosts.keys()):
        raise UnusableReplyError("it tells of other hosts than it was asked about")
    return reply


def error_of(text: str) -> BaseException | None:
    """Return what kept a host from its end, as it is known where this machine asks."""
    if not text:
        return None
    if text == OUT_OF_TIME:
        return TimeoutError()
    # A name alone: nothing that a worker pickled is made into an error here.
    name = text if _NAME.fullmatch(text) else "Error"
    made: BaseException = type(name, (Exception,), {})()
    return made


def limit_of(deadline: Deadline, seconds: float) -> float:
    """Return the seconds for something that may take so long, within a deadline."""
    return min(seconds, deadline.remaining)
