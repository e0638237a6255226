"""Many requests to one script on the VMM server: in batches, a few side by side.

A dead machine holds a thread of the script's process until its deadline. So no batch has more items
than its process has threads, each has a process, a session and a deadline of its own, and one that
fails takes no other with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TypeVar

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind, NotGathered
from livemigration.gather.asking import failure_of
from livemigration.gather.at_once import AtOnce
from livemigration.gather.connect import Connector, Target
from livemigration.gather.jobs import Job, run_jobs
from livemigration.gather.missing import missing
from livemigration.vmm.scripts import Script
from livemigration.wsman.busy import is_busy
from livemigration.wsman.errors import WsmanError

T = TypeVar("T")
Request = TypeVar("Request")
Reply = TypeVar("Reply")

MOST_ITEMS = 200
"""How many names or listeners one process gets: measured, all of them may be dead."""

SIDE_BY_SIDE = 3


def in_batches(items: Sequence[T], most: int = MOST_ITEMS) -> list[tuple[T, ...]]:
    """Return the items in batches of at most so many, in their order."""
    return [tuple(items[start : start + most]) for start in range(0, len(items), most)]


@dataclass(frozen=True)
class VmmScripts:
    """Where the scripts run, how to get there, and when everything must be done.

    `root` is the check that reports what fails on the way as its own finding.
    """

    target: Target
    connect: Connector
    deadline: Deadline
    root: str
    at_once: AtOnce = field(default_factory=lambda: AtOnce(SIDE_BY_SIDE, refusals=1))

    def run(
        self, script: Script[Request, Reply], requests: Sequence[Request], tried: str
    ) -> list[Reply | NotGathered]:
        """Return the reply to each request, or why there is none, in their order.

        `tried` says what a request was about, for the failure.

        Raises:
            Exception: a defect of the suite, whichever request showed it.
        """
        replies: dict[str, Reply] = {}
        rounds = -(-len(requests) // SIDE_BY_SIDE)
        seconds = self.deadline.remaining / max(1, rounds)

        def job(name: str, request: Request) -> Job:
            def ask(until: Deadline) -> None:
                replies[name] = self._ask(script, request, until)

            return Job(name, seconds, ask)

        names = [f"{script.name} {number}" for number in range(1, len(requests) + 1)]
        errors = run_jobs(
            [job(*each) for each in zip(names, requests, strict=True)],
            concurrency=lambda: self.at_once.limit,
            deadline=self.deadline,
            watch=lambda _: None,
        )
        # A job that was abandoned may still answer: its failure stays.
        return [
            replies[name] if error is None else self._failure(error, tried)
            for name, error in ((name, errors[name]) for name in names)
        ]

    def _ask(self, script: Script[Request, Reply], request: Request, until: Deadline) -> Reply:
        try:
            return self._once(script, request, until)
        except WsmanError as error:
            if is_busy(error):
                # One server has all of these sessions.
                self.at_once.ended(refused=True)
            # The scripts change nothing: what lost its connection is asked again, once.
            if error.kind is not FailureKind.UNREACHABLE or until.passed:
                raise
        return self._once(script, request, until)

    def _once(self, script: Script[Request, Reply], request: Request, until: Deadline) -> Reply:
        with closing(self.connect(self.target, until)) as session:
            return session.run_script(script, request)

    def _failure(self, error: BaseException, tried: str) -> NotGathered:
        if isinstance(error, WsmanError):
            return NotGathered(failure_of(error, tried, self.root))
        if isinstance(error, TimeoutError):
            return missing(tried, error, self.root)
        raise error
