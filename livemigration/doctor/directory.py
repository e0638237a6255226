"""The directories of the inventory: whether they can be asked, and what they show of the account.

It reads what would end the suite's sign-ins before the window does: windows-facts-2.md 13,
authentication.md A.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line, sentence, some
from livemigration.doctor.machines import Machine
from livemigration.doctor.model import Level, Remark, Step
from livemigration.doctor.steps import RUNNER
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.gather.accounts import Login, login_of
from livemigration.gather.asking import failure_of
from livemigration.gather.directory_session import signed_in, whom
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.jobs import Job, Progress, run_jobs
from livemigration.gather.missing import missing
from livemigration.gather.own_account import OwnAccount, own_account
from livemigration.wsman.errors import WsmanError

DIRECTORY = "directory"
_ABOUT = "Whether the account is sensitive, in Protected Users, or about to expire"
# Of members of Protected Users, by default (authentication.md A): four hours.
_PROTECTED_TICKET = timedelta(hours=4)
_SOON = timedelta(days=1)


@dataclass(frozen=True)
class Askers:
    """Who signs in: to all machines, and to those that took the credentials."""

    every: tuple[Machine, ...]
    accepted: tuple[Machine, ...]

    @property
    def refused(self) -> frozenset[Login]:
        """The accounts that no machine took: each further try counts towards locking them."""
        taken = {login_of(each.target.access) for each in self.accepted}
        return frozenset({login_of(each.target.access) for each in self.every} - taken)

    @property
    def accounts(self) -> tuple[str, ...]:
        """The names that machines took."""
        return tuple(dict.fromkeys(each.account for each in self.accepted if each.account))


@dataclass
class Seen:
    """What became of the directories, and of the accounts that were looked for in them.

    `failures` are by the directory's endpoint; `spared` are accounts that were not tried.
    """

    configured: bool
    domains: tuple[str, ...] = ()
    accounts: dict[str, OwnAccount | None] = field(default_factory=dict)
    failures: dict[str, GatherFailure] = field(default_factory=dict)
    spared: list[str] = field(default_factory=list)

    def remarks(self, now: datetime, window_end: datetime | None) -> Iterator[Remark]:
        """Yield what is to be said, with what to do."""
        for failure in self.failures.values():
            step = Step(RUNNER, failure.next_step)
            yield Remark(
                Level.PROBLEM, DIRECTORY, sentence(failure.sentence), (step,), failure.code
            )
        for endpoint in self.spared:
            yield Remark(
                Level.PROBLEM,
                DIRECTORY,
                f"{endpoint} was not asked: its account is one that the machines refused.",
                (
                    Step(
                        RUNNER, "Mend the sign-in to the machines first, then run the doctor again."
                    ),
                ),
            )
        for name, account in self.accounts.items():
            if account is not None:
                yield from _of_account(name, account, now, window_end)

    @property
    def not_examined(self) -> tuple[str, ...]:
        """What nobody looked at, and why."""
        if not self.configured:
            return (f"{_ABOUT}: no directory is configured.",)
        if not self.domains:
            why = "no directory was asked, because no host has the name of a domain"
            return (f"{_ABOUT}: {why}. Write domain: under directory.",)
        unknown = [name for name, account in self.accounts.items() if account is None]
        if self.failures or self.spared or unknown or not self.accounts:
            who = f" ({some(unknown)})" if unknown else ""
            return (f"{_ABOUT}{who}: no directory that was asked shows it.",)
        return ()


def look_at(
    targets: Sequence[DirectoryTarget],
    askers: Askers,
    deadline: Deadline,
    watch: Callable[[Progress], None],
) -> Seen:
    """Sign in to each directory, and look for the accounts of the machines in it.

    Args:
        targets: the directories of the inventory.
        askers: who signs in to the machines.
        deadline: when everything ends.
        watch: gets the progress.
    """
    questions = list(_questions(targets, [each.name for each in askers.every]))
    seen = Seen(bool(targets), tuple(domain for _, domain in questions))
    names = list(askers.accounts)
    names += [own for target, _ in questions if (own := _account(target)) and own not in names]
    found: list[tuple[str, OwnAccount]] = []
    refused = set(askers.refused)
    for target, domain in questions:
        endpoint = f"The directory of {one_line(domain)} ({whom(target)})"
        if login_of(target.access) in refused:
            seen.spared.append(endpoint)
            continue
        failure = _asked(target, domain, names, found, deadline, watch)
        if failure is None:
            continue
        seen.failures[endpoint] = failure
        if failure.kind is FailureKind.AUTHENTICATION:
            refused.add(login_of(target.access))
    known = dict(found)
    seen.accounts = {name: known.get(name) for name in names}
    return seen


def _asked(
    target: DirectoryTarget,
    domain: str,
    names: Sequence[str],
    found: list[tuple[str, OwnAccount]],
    deadline: Deadline,
    watch: Callable[[Progress], None],
) -> GatherFailure | None:
    """Put the accounts that a directory shows into what was found; return why it shows none."""
    tried = f"Asking the directory of {one_line(domain)} ({whom(target)})"

    def ask(until: Deadline) -> None:
        with signed_in(target, domain, until) as (directory, root):
            shown = ((name, own_account(directory, root, name)) for name in names)
            found.extend((name, account) for name, account in shown if account is not None)

    job = Job(domain, target.entry.time_limit, ask)
    error = run_jobs([job], concurrency=1, deadline=deadline, watch=watch)[domain]
    if error is None:
        return None
    if isinstance(error, WsmanError):
        return failure_of(error, tried, "")
    return missing(tried, error, "").failure


def _questions(
    targets: Sequence[DirectoryTarget], machines: Sequence[str]
) -> Iterator[tuple[DirectoryTarget, str]]:
    """Yield each directory with each domain that it is asked about.

    Of one that names no domain those of the machines' names: what they say themselves, a run asks.
    """
    named = {each.entry.domain.casefold() for each in targets if each.entry.domain}
    ends = (each.partition(".")[2].casefold() for each in machines if not _is_number(each))
    others = [each for each in dict.fromkeys(ends) if each and each not in named]
    for each in targets:
        for domain in (each.entry.domain,) if each.entry.domain else others:
            yield each, domain


def _is_number(name: str) -> bool:
    """Whether a name is an address, whose end is no domain."""
    return ":" in name or name.rpartition(".")[2].isdecimal()


def _account(target: DirectoryTarget) -> str:
    """Return who signs in to a directory; empty where that is not known here."""
    own, tickets = target.access.credentials.username, target.access.security.tickets
    return own or (tickets.who.text if tickets is not None else "")


def _of_account(
    name: str, account: OwnAccount, now: datetime, window_end: datetime | None
) -> Iterator[Remark]:
    until = window_end if window_end is not None else now + _SOON
    ends = (("account", account.account_ends), ("password", account.password_ends))
    for what, moment in ends:
        if moment is not None and moment < until:
            level = Level.PROBLEM if window_end is not None or moment <= now else Level.WARNING
            when = ", before the window does" if window_end is not None else ""
            step = (
                "Have the password changed, and give the new one to the inventory's source."
                if what == "password"
                else "Have an administrator of the domain move the end of the account."
            )
            yield Remark(
                level,
                DIRECTORY,
                f"The {what} of {one_line(name)} ends {moment:%Y-%m-%d %H:%M} UTC{when}.",
                (Step(RUNNER, step),),
            )
    if account.protected:
        longer = window_end is not None and window_end - now > _PROTECTED_TICKET
        yield Remark(
            Level.WARNING if longer else Level.NOTE,
            DIRECTORY,
            f"{one_line(name)} is in Protected Users: it signs in by Kerberos alone, and its "
            "tickets end after four hours.",
            (Step(RUNNER, "Sign in anew shortly before each run: kinit, or the password."),)
            if longer
            else (),
        )
    if account.protected or account.sensitive:
        why = "is in Protected Users" if account.protected else "is sensitive"
        yield Remark(
            Level.NOTE,
            DIRECTORY,
            f"{one_line(name)} {why}, so a host cannot act on its behalf: start no live migration "
            "with it from another machine than the source host. The suite's checks need none.",
        )
