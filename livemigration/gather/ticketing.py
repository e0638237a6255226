"""Tickets before machines: an account that a KDC refuses is one finding, and no machine is asked.

A KDC is asked once for an account (`wsman/kerberos.py`), whatever the number of its machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.gather.connect import Target
from livemigration.gather.jobs import Job, run_jobs
from livemigration.gather.lockout import KnockTarget
from livemigration.wsman.kerberos import TicketSource
from livemigration.wsman.kerberos_causes import KerberosError


@dataclass
class Held:
    """What became of the accounts' tickets: machines by title.

    `sure` are those whose account has a ticket, so that no password can be wrong; `failures` those
    that are not asked.
    """

    sure: set[str] = field(default_factory=set)
    failures: dict[str, GatherFailure] = field(default_factory=dict)

    def failure(self, machine: KnockTarget) -> GatherFailure:
        """Return why a machine is not asked that is among `failures`."""
        return self.failures[machine.title]


def ask_for_tickets(machines: Sequence[KnockTarget], deadline: Deadline) -> Held:
    """Return what became of the tickets of these machines' accounts, asked for side by side.

    Args:
        machines: the VMM servers first.
        deadline: when everything ends.
    """
    held = Held()
    same = _by_tickets(machines)
    errors = run_jobs(
        # Each has a limit of its own: that of one exchange with a KDC.
        [
            Job(str(number), deadline.remaining, _ask(each, own[0].target))
            for number, (each, own) in enumerate(same)
        ],
        concurrency=max(len(same), 1),
        deadline=deadline,
        watch=lambda _: None,
    )
    for number, (tickets, own) in enumerate(same):
        _note(held, tickets, own, machines, errors[str(number)])
    return held


def _ask(tickets: TicketSource, first: Target) -> Callable[[Deadline], None]:
    """Return what finds out whether an account's tickets are of any use.

    A ticket that was got before this run says nothing of this machine's clock: only the KDC does,
    once it is asked for one more, which the first machine needs anyway.
    """

    def ask(deadline: Deadline) -> None:
        tickets.ready(deadline)
        try:
            tickets.start(first.access.security.service, first.name, None, deadline)
        except KerberosError as error:
            # What is wrong with the machine's own ticket is said of the machine.
            if error.account:
                raise

    return ask


def _by_tickets(
    machines: Iterable[KnockTarget],
) -> list[tuple[TicketSource, list[KnockTarget]]]:
    """Return the machines that are signed in to by Kerberos, by where their tickets are from."""
    found: dict[int, tuple[TicketSource, list[KnockTarget]]] = {}
    for each in machines:
        security = each.target.access.security
        if security.tickets is not None and security.has_tickets_for(each.target.name):
            found.setdefault(id(security.tickets), (security.tickets, []))[1].append(each)
    return list(found.values())


def _note(
    held: Held,
    tickets: TicketSource,
    own: Sequence[KnockTarget],
    machines: Iterable[KnockTarget],
    error: BaseException | None,
) -> None:
    if error is None:
        if tickets.proves_account:
            logins = {each.login for each in own}
            held.sure |= {each.title for each in machines if each.login in logins}
        return
    if not isinstance(error, KerberosError):
        # Whoever asks next hears it as well: the time of the run is over.
        return
    concerned = [
        each for each in own if error.instead is None or not each.target.access.security.fallback
    ]
    if error.kind is FailureKind.AUTHENTICATION:
        # NTLM would try the same account once more.
        accounts = {each.login.account for each in own}
        concerned += [
            each for each in machines if each.login.account in accounts and each not in own
        ]
    _blame(held, concerned, error)


def _blame(held: Held, machines: Sequence[KnockTarget], error: KerberosError) -> None:
    if not machines:
        return
    first, *others = machines
    tried = f"Getting a Kerberos ticket for {error.account}"
    why = GatherFailure(
        error.kind, tried, error.came_back, error.next_step, first.check, error.code
    )
    held.failures[first.title] = why
    for each in others:
        # The same words for every machine: one root cause reads as one.
        held.failures[each.title] = GatherFailure(
            FailureKind.SAME_CREDENTIALS,
            tried,
            f"{error.came_back}, so no machine was asked; see {first.target.name}",
            error.next_step,
            first.check,
            error.code,
        )
