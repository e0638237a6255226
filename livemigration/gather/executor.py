"""Who asks the hosts of a run: threads of this machine, or workers elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from livemigration.base.deadline import Deadline
from livemigration.gather.asking import Outcomes
from livemigration.gather.beside import Connections
from livemigration.gather.connect import Connector, Target
from livemigration.gather.host import gather_host
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.properties import AbsentProperties
from livemigration.gather.stalls import Stalls


@dataclass(frozen=True)
class HostQuestion:
    """What one host is to be asked, and where its answers go."""

    target: Target
    wanted: frozenset[str]
    into: Outcomes


@dataclass(frozen=True)
class Course:
    """How all hosts are asked.

    `concurrency` says how many side by side on this machine, the jobs beside them among them: now,
    as it changes on the way. `deadline` is when everything ends. `watch` is told of the progress,
    and `done` the name of each host and job that came to its end, on the calling thread. `stalls`
    is told how that thread waits.
    """

    concurrency: Callable[[], int]
    deadline: Deadline
    watch: Callable[[Progress], None]
    done: Callable[[str], None]
    stalls: Stalls


Errors = dict[str, BaseException | None]


class Executor(Protocol):
    """Asks hosts from elsewhere. VMM servers are asked from this machine in any case."""

    @property
    def workers(self) -> int:
        """How many workers have answered for a host."""

    def knock(self, target: Target, deadline: Deadline) -> None:
        """Find out from there, without credentials, whether a host answers at all.

        Raises:
            WsmanError: it does not.
        """

    def sign_in(self, target: Target, deadline: Deadline) -> None:
        """Find out from there whether a host takes its credentials; it is asked once at most.

        Raises:
            WsmanError: it does not, or nothing is known of it.
        """

    def ask(self, hosts: Sequence[HostQuestion], beside: Sequence[Job], course: Course) -> Errors:
        """Ask all hosts, and run the jobs beside them on threads of this machine.

        Returns: by name, None or what kept a host or a job from its end. `TimeoutError`: the time.
        """


@dataclass(frozen=True)
class Threads:
    """Asks hosts by threads of this machine.

    `absent` is what its hosts found out of the properties that a build lacks.
    """

    connect: Connector
    absent: AbsentProperties = field(default_factory=AbsentProperties, compare=False)

    def ask(self, hosts: Sequence[HostQuestion], beside: Sequence[Job], course: Course) -> Errors:
        """Ask all hosts, and run the jobs beside them; see `Executor.ask`."""
        absent, connections = self.absent, Connections(len(hosts))

        def job(host: HostQuestion) -> Job:
            target = host.target

            def run(deadline: Deadline) -> None:
                gather_host(
                    target, host.wanted, self.connect, deadline, host.into, absent, connections
                )

            return Job(target.name, target.limits.host, run)

        return run_jobs(
            [*beside, *map(job, hosts)],
            concurrency=course.concurrency,
            deadline=course.deadline,
            watch=course.watch,
            done=course.done,
            stalls=course.stalls,
        )
