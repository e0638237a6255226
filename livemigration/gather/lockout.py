"""A wrong password is tried on two machines at most, so that it does not lock the account.

Asked on every host at once, it would count as one failed logon for each. So the credentials are
tried on one or two machines at a time, until one accepts them or two have refused. A machine that
does not answer says nothing about the password: the next one is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from livemigration.addresses import listed
from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.gather.connect import Connector, Knock, Target
from livemigration.gather.host import failure_of
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.missing import missing
from livemigration.wsman.errors import WsmanError, WsmanFault

REFUSALS_AT_MOST = 2

# Raises WsmanError where a machine does not answer as it should.
_Ask = Callable[[Target, Deadline], None]


@dataclass(frozen=True)
class Machine:
    """A machine of the run, the check that reports why it cannot be reached, and its title.

    The title is its endpoint for a sentence; a VMM server that is a host as well has two.
    """

    target: Target
    check: str
    title: str

    def failed(self, error: BaseException | None) -> GatherFailure:
        """Return a failure of this machine, as its sheet has it."""
        tried = f"Connecting to {self.title}"
        if isinstance(error, WsmanError):
            return failure_of(error, tried, self.check)
        return missing(tried, error, self.check).failure


@dataclass(frozen=True)
class Asking:
    """How the machines are asked.

    `knock` finds out without credentials which machines answer at all; None: each is tried.
    `seconds` is how long one machine has, `at_once` how many are knocked at together.
    """

    connect: Connector
    knock: Knock | None
    seconds: float
    at_once: int
    deadline: Deadline
    watch: Callable[[Progress], None]

    def run(
        self, machines: Sequence[Machine], ask: _Ask
    ) -> list[tuple[Machine, BaseException | None]]:
        """Ask these machines together; return how each failed, None where it did not."""

        def job(machine: Machine) -> Job:
            return Job(machine.title, self.seconds, lambda until: ask(machine.target, until))

        failures = run_jobs(
            [job(each) for each in machines],
            concurrency=max(len(machines), 1),
            deadline=self.deadline,
            watch=self.watch,
        )
        return [(each, failures[each.title]) for each in machines]


@dataclass
class Heard:
    """What the machines said of the credentials, by title, in the order in which they were asked.

    `silent` holds how each machine failed that said nothing about them; `names` are those of the
    machines that refused.
    """

    accepted: set[str] = field(default_factory=set)
    refused: dict[str, GatherFailure] = field(default_factory=dict)
    silent: dict[str, GatherFailure] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)

    @property
    def decided(self) -> bool:
        """Whether no further machine need be asked."""
        return bool(self.accepted) or len(self.refused) >= REFUSALS_AT_MOST

    def failure(self, machine: Machine) -> GatherFailure:
        """Return why nothing is known of a machine of a run in which none took the credentials.

        One password that is refused is one finding, of the first machine that refused it.
        """
        if (own := self.silent.get(machine.title)) is not None:
            return own
        if not self.refused:
            return machine.failed(None)
        first = next(iter(self.refused.values()))
        if self.refused.get(machine.title) is first:
            return first
        # The same words for every machine: one root cause reads as one.
        return GatherFailure(
            FailureKind.SAME_CREDENTIALS,
            "Trying the credentials",
            f"{listed(self.names)} refused them ({first.came_back}), so they were tried on no "
            "other machine: repeated wrong logons can lock the account",
            first.next_step,
            first.root,
            first.code,
        )


def ask_first(machines: Sequence[Machine], asking: Asking) -> Heard:
    """Return what the machines said of the credentials, asked until that is decided.

    Args:
        machines: the VMM servers first.
        asking: how they are asked.
    """
    heard = Heard()
    first, rest = machines[:REFUSALS_AT_MOST], machines[REFUSALS_AT_MOST:]
    _try_each(first, replace(asking, watch=_quiet), heard)
    for start in range(0, len(rest), asking.at_once):
        if heard.decided or asking.deadline.passed:
            break
        group = rest[start : start + asking.at_once]
        _try_each(_answering(group, asking, heard), asking, heard)
    return heard


def _quiet(_progress: Progress) -> None:
    """Say nothing: nearly always, this takes as long as one connection."""


def _answering(machines: Sequence[Machine], asking: Asking, heard: Heard) -> list[Machine]:
    """Return the machines that answer at all; no credentials are sent."""
    if asking.knock is None:
        return list(machines)
    answering = []
    for machine, failure in asking.run(machines, asking.knock):
        if failure is None:
            answering.append(machine)
        else:
            heard.silent[machine.title] = machine.failed(failure)
    return answering


def _try_each(machines: Sequence[Machine], asking: Asking, heard: Heard) -> None:
    """Try the credentials, on no more machines at once than may still refuse them."""
    waiting = list(machines)
    while waiting and not heard.decided and not asking.deadline.passed:
        several = REFUSALS_AT_MOST - len(heard.refused)
        now, waiting = waiting[:several], waiting[several:]
        for machine, failure in asking.run(now, _authenticate(asking.connect)):
            _note(machine, failure, heard)


def _authenticate(connect: Connector) -> _Ask:
    def ask(target: Target, deadline: Deadline) -> None:
        with connect(target, deadline) as session:
            session.identify()

    return ask


def _note(machine: Machine, failure: BaseException | None, heard: Heard) -> None:
    if failure is None or isinstance(failure, WsmanFault):
        # A fault comes over the encrypted channel: the credentials were taken.
        heard.accepted.add(machine.title)
    elif isinstance(failure, WsmanError) and failure.kind is FailureKind.AUTHENTICATION:
        heard.refused[machine.title] = machine.failed(failure)
        heard.names.append(machine.target.name)
    else:
        heard.silent[machine.title] = machine.failed(failure)


def refusals(machines: Sequence[Machine], failures: Mapping[str, GatherFailure]) -> Heard:
    """Return what was heard where the machines were asked all at once, as in a fleet of two.

    Args:
        machines: the VMM servers first.
        failures: those of the machines, by title.
    """
    heard = Heard()
    for each in machines:
        failure = failures.get(each.title)
        if failure is not None and failure.kind is FailureKind.AUTHENTICATION:
            heard.refused[each.title] = failure
            heard.names.append(each.target.name)
    return heard
