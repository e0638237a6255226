"""The machines that are looked at, and what is known of each so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from livemigration.base.deadline import Deadline
from livemigration.base.text import sentence
from livemigration.doctor.model import (
    Examined,
    Level,
    Namespace,
    Remark,
    State,
    Ticket,
    Tls,
    VmmAccount,
)
from livemigration.doctor.steps import after_failure
from livemigration.facts.model import GatherFailure, Subject
from livemigration.gather.asking import failure_of
from livemigration.gather.connect import Target
from livemigration.gather.lockout import KnockTarget
from livemigration.gather.missing import missing
from livemigration.gather.stalls import OUT_OF_TIME, starved
from livemigration.inventory.connection import Connection
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.greeting import Greeting
from livemigration.wsman.kerberos import Tickets
from livemigration.wsman.security import Security
from livemigration.wsman.session import WsmanSession

Connector = Callable[[Target, Deadline], WsmanSession]


@dataclass(frozen=True)
class Machine:
    """A machine of the inventory: where it answers, and who signs in there how."""

    subject: Subject
    target: Target

    @property
    def connection(self) -> Connection:
        """How it is reached."""
        return self.target.access.connection

    @property
    def security(self) -> Security:
        """How sessions to it sign in, and whom they believe."""
        return self.target.access.security.towards(self.name)

    @property
    def account(self) -> str:
        """Who signs in; empty where a client certificate does."""
        given, security = self.target.access.credentials.username, self.security
        if given or security.tickets is None:
            return given
        return security.tickets.who.text

    @property
    def name(self) -> str:
        """Its name in the inventory."""
        return self.target.name

    @property
    def key(self) -> str:
        """What tells it from the others: a VMM server may be a host as well."""
        return f"{self.subject.value} {self.name}"

    @property
    def knock_target(self) -> KnockTarget:
        """The machine for the guard against locking the account."""
        return KnockTarget(self.target, "", self.key)


def ticket_of(machine: Machine) -> Ticket | None:
    """Return the Kerberos ticket with which a machine is asked; None: there is none, yet.

    Of Windows' own tickets (SSPI) nothing is known here.
    """
    security = machine.security
    tickets = security.tickets
    if not isinstance(tickets, Tickets) or not security.has_tickets_for(machine.name):
        return None
    until = tickets.until
    if until is None:
        return None
    service = f"{security.service}/{machine.name}"
    return Ticket(tickets.who.text, service, until, tickets.renewable)


@dataclass
class Look:
    """What is known of a machine so far.

    `stopped`: it cannot be asked on. `late` are the failures that a busy runner may have caused.
    """

    machine: Machine
    addresses: tuple[str, ...] = ()
    greeting: Greeting | None = None
    signed_in: str = ""
    ticket: Ticket | None = None
    tls: Tls | None = None
    shown: dict[str, str] = field(default_factory=dict)
    namespaces: tuple[Namespace, ...] = ()
    vmm: VmmAccount | None = None
    remarks: list[Remark] = field(default_factory=list)
    stopped: bool = False
    late: list[tuple[Remark, GatherFailure]] = field(default_factory=list)

    def copy(self) -> Look:
        """Return it as it is now, whatever an abandoned thread still adds."""
        return replace(self, remarks=list(self.remarks), late=list(self.late))

    def failed(self, area: str, tried: str, error: BaseException | None) -> None:
        """Note that something did not come about, so that the machine cannot be asked on."""
        self.stopped = True
        if isinstance(error, WsmanError):
            failure = failure_of(error, tried, "")
        else:
            failure = missing(tried, error, "").failure
        self.add(area, failure)

    def add(self, area: str, failure: GatherFailure, told: Remark | None = None) -> None:
        """Note a failure as a problem; `told` is what to say of it, where that is more."""
        remark = told if told is not None else self.remark(area, failure)
        self.remarks.append(remark)
        if failure.kind in OUT_OF_TIME:
            self.late.append((remark, failure))

    def excuse(self) -> None:
        """Say of what ran out of time that the runner did, which says nothing of the machine."""
        for remark, failure in self.late:
            told = f"{sentence(starved(failure).sentence)} {starved(failure).next_step}"
            self.remarks[self.remarks.index(remark)] = Remark(Level.NOTE, remark.area, told)
            self.signed_in = ""
        self.late.clear()

    def remark(self, area: str, failure: GatherFailure) -> Remark:
        """Return the remark for a failure, with what to do about it on this machine."""
        machine = self.machine
        steps = after_failure(
            failure,
            machine.name,
            port=machine.target.port,
            https=machine.connection.https,
            account=machine.account,
        )
        return Remark(Level.PROBLEM, area, sentence(failure.sentence), steps, failure.code)

    def result(self) -> Examined:
        """Return all of it."""
        greeting = self.greeting
        ahead = greeting.ahead if greeting is not None else None
        return Examined(
            subject=self.machine.subject,
            name=self.machine.name,
            state=self._state,
            port=self.machine.target.port,
            addresses=self.addresses,
            answered_at=greeting.address if greeting is not None else "",
            ahead=None if ahead is None else round(ahead),
            tls=self.tls,
            account=self.machine.account,
            signed_in=self.signed_in,
            ticket=self.ticket,
            settings=self.shown,
            namespaces=self.namespaces,
            vmm=self.vmm,
            remarks=tuple(sorted(self.remarks, key=lambda each: _LEVELS.index(each.level))),
        )

    @property
    def _state(self) -> State:
        if any(each.level is Level.PROBLEM for each in self.remarks):
            return State.PROBLEM
        if not self.signed_in:
            return State.NOT_TRIED
        warned = any(each.level is Level.WARNING for each in self.remarks)
        return State.WARNING if warned else State.FINE


_LEVELS = list(Level)
