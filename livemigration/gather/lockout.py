"""A wrong password is tried on two machines at most, so that it does not lock the account.

Asked on every host at once, it would count as one failed logon for each. So each account is tried
on one or two machines at a time, until two have accepted it or two have refused. A machine that
does not answer says nothing about the password: the next one is asked. Accounts are tried side by
side, and one that is refused keeps no other from its machines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, zip_longest

from livemigration.base.deadline import Deadline
from livemigration.base.text import listed
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.gather.accounts import Login, login_of
from livemigration.gather.asking import failure_of
from livemigration.gather.connect import Connector, Knock, Target
from livemigration.gather.executor import Executor
from livemigration.gather.host import ACCESS_CHECK as HOST_CHECK
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.missing import missing
from livemigration.gather.stalls import Stalls
from livemigration.wsman.errors import WsmanError, WsmanFault

REFUSALS_AT_MOST = 2
ACCEPTANCES_AT_LEAST = 2
"""On so many machines an account was taken before all others are asked, where so many answer."""
_NO_ANSWER = {FailureKind.TIMED_OUT, FailureKind.DEADLINE}

# Raises WsmanError where a machine does not answer as it should.
_Ask = Callable[[Target, Deadline], None]


@dataclass(frozen=True)
class KnockTarget:
    """A machine of the run, the check that reports why it cannot be reached, and its title.

    The title is its endpoint for a sentence; a VMM server that is a host as well has two.
    """

    target: Target
    check: str
    title: str

    @property
    def login(self) -> Login:
        """What signs in to it."""
        return login_of(self.target.access)

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
    `at_once` is how many of an account are knocked at together. `executor` asks the hosts from
    elsewhere; None: they are asked from this machine, as VMM servers are.
    """

    connect: Connector
    knock: Knock | None
    at_once: int
    deadline: Deadline
    watch: Callable[[Progress], None]
    stalls: Stalls | None = None
    executor: Executor | None = None

    def elsewhere(self, machine: KnockTarget) -> Executor | None:
        """Return who asks a machine in place of this one; None: nobody does."""
        return self.executor if machine.check == HOST_CHECK else None


@dataclass(frozen=True)
class _Question:
    """What one machine is asked next: to answer at all, or to take the credentials."""

    machine: KnockTarget
    ask: _Ask
    knocks: bool


@dataclass
class Heard:
    """What the machines said of the credentials, in the order in which they were asked.

    `took` is how many machines took a login, `refused` the machines of each account that did not
    take it. `silent` holds, by title, how each machine failed that said nothing about them, and
    `mute` the titles of those that were tried and took all their time for it.
    """

    took: Counter[Login] = field(default_factory=Counter)
    refused: dict[tuple[str, ...], list[tuple[KnockTarget, GatherFailure]]] = field(
        default_factory=dict
    )
    silent: dict[str, GatherFailure] = field(default_factory=dict)
    mute: set[str] = field(default_factory=set)

    @property
    def accepted(self) -> set[Login]:
        """The logins that a machine took."""
        return set(self.took)

    @property
    def machines(self) -> list[KnockTarget]:
        """The machines that refused their credentials."""
        return [each for refused in self.refused.values() for each, _ in refused]

    def refuses(self, machine: KnockTarget, failure: GatherFailure) -> None:
        """Note that a machine does not take its credentials."""
        self.refused.setdefault(machine.login.account, []).append((machine, failure))

    def sure(self, login: Login) -> bool:
        """Whether so many machines took a login that all others may be asked."""
        return self.took[login] >= ACCEPTANCES_AT_LEAST

    def chances(self, login: Login) -> int:
        """Return on how many machines a login may still be tried; none where that is decided."""
        if self.sure(login):
            return 0
        return REFUSALS_AT_MOST - len(self.refused.get(login.account, ()))

    def failure(self, machine: KnockTarget) -> GatherFailure:
        """Return why nothing is known of a machine whose login no machine took.

        One password that is refused is one finding, of the first machine that refused it.
        """
        if (own := self.silent.get(machine.title)) is not None:
            return own
        login = machine.login
        refused = self.refused.get(login.account, [])
        if not refused:
            return machine.failed(None)
        same = [each for each in refused if each[0].login == login]
        first, why = (same or refused)[0]
        if machine.title == first.title:
            return why
        names = listed([each.target.name for each, _ in refused])
        # The same words for every machine: one root cause reads as one.
        return GatherFailure(
            FailureKind.SAME_CREDENTIALS,
            "Trying the credentials",
            f"{names} refused them ({why.came_back}), so they were tried on no "
            "other machine: repeated wrong logons can lock the account",
            why.next_step,
            why.root,
            why.code,
        )


# What is asked of the machines of one account, step by step; gets how each of a step failed.
_Course = Generator[list[_Question], Mapping[str, BaseException | None], None]


def by_account(machines: Iterable[KnockTarget]) -> list[list[KnockTarget]]:
    """Return the machines of each account, in their order."""
    found: dict[tuple[str, ...], list[KnockTarget]] = {}
    for each in machines:
        found.setdefault(each.login.account, []).append(each)
    return list(found.values())


def ask_first(machines: Sequence[KnockTarget], asking: Asking) -> Heard:
    """Return what the machines said of the credentials, asked until that is decided.

    An account of two machines or fewer is not asked for: each of them is tried anyway.

    Args:
        machines: the VMM servers first.
        asking: how they are asked.
    """
    heard = Heard()
    accounts = [each for each in by_account(machines) if len(each) > REFUSALS_AT_MOST]
    courses = [_course(_one_of_each_login(each), asking, heard) for each in accounts]
    steps = [(course, step) for course in courses if (step := next(course, None)) is not None]
    # At first quietly: nearly always, this takes as long as one connection.
    watch: Callable[[Progress], None] = _quiet
    while steps and not asking.deadline.passed:
        failures = _ask_all([each for _, step in steps for each in step], asking, watch)
        steps = [(course, step) for course, _ in steps if (step := _next(course, failures))]
        watch = asking.watch
    return heard


def _quiet(_progress: Progress) -> None:
    """Say nothing."""


def _next(course: _Course, failures: Mapping[str, BaseException | None]) -> list[_Question] | None:
    try:
        return course.send(failures)
    except StopIteration:
        return None


def _ask_all(
    questions: Sequence[_Question], asking: Asking, watch: Callable[[Progress], None]
) -> dict[str, BaseException | None]:
    """Ask these machines together; return by title how each failed, None where it did not."""

    def job(question: _Question) -> Job:
        target = question.machine.target
        return Job(
            question.machine.title, target.limits.host, lambda until: question.ask(target, until)
        )

    tries = sum(not each.knocks for each in questions)
    return run_jobs(
        [job(each) for each in questions],
        concurrency=max(asking.at_once, tries),
        deadline=asking.deadline,
        watch=watch,
        stalls=asking.stalls,
    )


def _one_of_each_login(machines: Sequence[KnockTarget]) -> list[KnockTarget]:
    """Return the machines of an account so that each of its passwords gets its turn."""
    by_login: dict[Login, list[KnockTarget]] = {}
    for each in machines:
        by_login.setdefault(each.login, []).append(each)
    turns = chain.from_iterable(zip_longest(*by_login.values()))
    return [each for each in turns if each is not None]


def _course(machines: Sequence[KnockTarget], asking: Asking, heard: Heard) -> _Course:
    first, rest = machines[:REFUSALS_AT_MOST], machines[REFUSALS_AT_MOST:]
    yield from _try_each(first, asking, heard)
    for start in range(0, len(rest), asking.at_once):
        group = [each for each in rest[start : start + asking.at_once] if heard.chances(each.login)]
        if group and asking.knock is not None:
            group = yield from _answering(group, asking.knock, asking, heard)
        yield from _try_each(group, asking, heard)


def _answering(
    machines: Sequence[KnockTarget], knock: Knock, asking: Asking, heard: Heard
) -> Generator[list[_Question], Mapping[str, BaseException | None], list[KnockTarget]]:
    """Return the machines that answer at all; no credentials are sent."""
    failures = yield [
        _Question(each, there.knock if (there := asking.elsewhere(each)) else knock, knocks=True)
        for each in machines
    ]
    answering = []
    for machine in machines:
        if (failure := failures[machine.title]) is None:
            answering.append(machine)
        else:
            heard.silent[machine.title] = machine.failed(failure)
    return answering


def _try_each(machines: Sequence[KnockTarget], asking: Asking, heard: Heard) -> _Course:
    """Try the credentials, on no more machines at once than may still refuse them."""
    waiting = list(machines)
    here = _authenticate(asking.connect)
    while waiting := [each for each in waiting if heard.chances(each.login)]:
        several = min(heard.chances(each.login) for each in waiting)
        now, waiting = waiting[:several], waiting[several:]
        failures = yield [
            _Question(
                each, there.sign_in if (there := asking.elsewhere(each)) else here, knocks=False
            )
            for each in now
        ]
        for machine in now:
            _note(machine, failures[machine.title], heard)


def _authenticate(connect: Connector) -> _Ask:
    def ask(target: Target, deadline: Deadline) -> None:
        with closing(connect(target, deadline)) as session:
            session.identify()

    return ask


def _note(machine: KnockTarget, failure: BaseException | None, heard: Heard) -> None:
    if failure is None or isinstance(failure, WsmanFault):
        # A fault comes over the encrypted channel: the credentials were taken.
        heard.took[machine.login] += 1
    elif isinstance(failure, WsmanError) and failure.kind is FailureKind.AUTHENTICATION:
        heard.refuses(machine, machine.failed(failure))
    else:
        failed = heard.silent[machine.title] = machine.failed(failure)
        if failed.kind in _NO_ANSWER:
            heard.mute.add(machine.title)


def refusals(machines: Sequence[KnockTarget], failures: Mapping[str, GatherFailure]) -> Heard:
    """Return what was heard where the machines were asked all at once, as in a fleet of two.

    Args:
        machines: the VMM servers first.
        failures: those of the machines, by title.
    """
    heard = Heard()
    for each in machines:
        failure = failures.get(each.title)
        if failure is not None and failure.kind is FailureKind.AUTHENTICATION:
            heard.refuses(each, failure)
    return heard
