"""What a KDC says of an account is heard once, before any machine, and is one finding.

Sessions and tickets are stand-ins at the seams that make them; tests/kerberos has the real ones.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import cast

from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.model import FailureKind, Gathered, GatherFailure, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.gather.connect import Access, Target
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.wsman.choice import SignIn
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.kerberos import Context, TicketSource
from livemigration.wsman.kerberos_causes import KerberosError, account_failure, no_kdc
from livemigration.wsman.principals import Principal
from livemigration.wsman.security import Security
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

ADMIN = Principal("admin", "CONTOSO.COM")
CREDENTIALS = Credentials("admin@contoso.com", Secret("never shown"))
SIGN_IN = SignIn(False, CREDENTIALS.username, ADMIN, installed=True)
HOSTS = tuple(f"hv{number:02}.contoso.com" for number in range(1, 9))
VMM = "vmm01.contoso.com"
WRONG = account_failure(-1765328360, ADMIN)


class Tickets(TicketSource):
    """An account that has a ticket, or a reason why not; counts who asks."""

    def __init__(self, failure: KerberosError | None, *, proves: bool = True) -> None:
        self._failure = failure
        self._proves = proves
        self._lock = threading.Lock()
        self.asked = 0

    @property
    def who(self) -> Principal:
        return ADMIN

    @property
    def proves_account(self) -> bool:
        return self._proves

    def ready(self, deadline: Deadline) -> None:  # noqa: ARG002 - as it is called
        with self._lock:
            self.asked += 1
        if self._failure is not None:
            raise self._failure.again()

    def start(self, *_: object, within_tls: bool = False) -> tuple[Context, bytes]:
        assert not within_tls
        return cast("Context", None), b"token"


class Opened:
    """The sessions that were opened; those to machines in `refusing` are not taken."""

    def __init__(self, refusing: Sequence[str] = ()) -> None:
        self._refusing = refusing
        self._lock = threading.Lock()
        self.names: list[str] = []

    def connect(self, target: Target, _: Deadline) -> WsmanSession:
        with self._lock:
            self.names.append(target.name)
        return cast("WsmanSession", _Session(target.name in self._refusing))


class _Session:
    ended = False

    def __init__(self, refuses: bool) -> None:
        self._refuses = refuses

    def counted(self) -> Counted:
        return Counted()

    def heard(self) -> None:
        return None

    def identify(self) -> Identity:
        if self._refuses:
            raise WsmanError(FailureKind.AUTHENTICATION, "the host refused the credentials")
        return Identity("Microsoft Corporation", "OS: 10.0.20348", "wsman")

    def enumerate(self, _: object) -> tuple[object, ...]:
        return ()

    def close(self) -> None:
        pass


def access(
    tickets: TicketSource | None, credentials: Credentials = CREDENTIALS, *, fallback: bool = False
) -> Access:
    limits = TimeLimits(host=5, run=30)
    security = Security(sign_in=SIGN_IN, tickets=tickets, fallback=fallback)
    return Access(Connection(time_limits=limits), credentials, security)


def run(
    own: Access,
    opened: Opened,
    hosts: Sequence[str] = HOSTS,
    other: dict[str, Access] | None = None,
) -> RunFacts:
    def target(name: str) -> Target:
        return Target(name, name, 5985, access=(other or {}).get(name, own))

    fleet = FleetConnections(
        vmms=(),
        hosts={name: target(name) for name in hosts},
        connect=opened.connect,
        seconds=30,
        concurrency=8,
        managers={},
    )
    order = Order.of(dict.fromkeys(hosts, (SERVICES,)), vmm=False)
    return gather(fleet, order, lambda *_: None)


def failure(facts: RunFacts, name: str) -> GatherFailure:
    outcome = facts.hosts[name].outcome(HOST_ACCESS)
    assert isinstance(outcome, NotGathered), outcome
    return outcome.failure


@in_turn("count", [1, 2, 8])
@in_turn("error", [WRONG, no_kdc(ADMIN, 10)])
def test_an_account_without_a_ticket_is_one_finding_and_no_machine_is_asked(
    error: KerberosError, count: int
) -> None:
    tickets, opened = Tickets(error), Opened()
    facts = run(access(tickets), opened, HOSTS[:count])
    assert (tickets.asked, opened.names) == (1, [])
    first, *others = (failure(facts, name) for name in HOSTS[:count])
    assert (first.kind, first.code) == (error.kind, error.code)
    assert first.sentence == (f"Getting a Kerberos ticket for admin@CONTOSO.COM: {error.came_back}")
    assert first.next_step == error.next_step
    for each in others:
        assert each.kind is FailureKind.SAME_CREDENTIALS
        assert each.came_back == f"{error.came_back}, so no machine was asked; see {HOSTS[0]}"
        assert each.root == first.root
    assert len({each.came_back for each in others}) <= 1


def test_the_finding_is_the_servers_where_there_is_one() -> None:
    tickets, opened = Tickets(WRONG), Opened()
    own = access(tickets)
    fleet = FleetConnections(
        vmms=(Target(VMM, VMM, 5985, access=own),),
        hosts={name: Target(name, name, 5985, access=own) for name in HOSTS},
        connect=opened.connect,
        seconds=30,
        concurrency=8,
        managers={},
    )
    order = Order.of(dict.fromkeys(HOSTS, (SERVICES,)), vmm=True)
    facts = gather(fleet, order, lambda *_: None)
    access_of_vmm = facts.vmm.outcome(VMM_ACCESS)
    assert isinstance(access_of_vmm, NotGathered)
    assert access_of_vmm.failure.kind is FailureKind.AUTHENTICATION
    assert {failure(facts, name).root for name in HOSTS} == {access_of_vmm.failure.root}
    assert {failure(facts, name).kind for name in HOSTS} == {FailureKind.SAME_CREDENTIALS}
    assert not opened.names


def test_with_a_ticket_each_machine_is_asked_once() -> None:
    opened = Opened()
    facts = run(access(Tickets(None)), opened)
    assert sorted(opened.names) == sorted(HOSTS)
    for name in HOSTS:
        assert isinstance(facts.hosts[name].outcome(HOST_ACCESS), Gathered)


def test_a_machine_that_does_not_take_the_ticket_stops_no_other() -> None:
    facts = run(access(Tickets(None)), Opened(HOSTS[:3]))
    for name in HOSTS[:3]:
        assert failure(facts, name).kind is FailureKind.AUTHENTICATION
    for name in HOSTS[3:]:
        assert isinstance(facts.hosts[name].outcome(HOST_ACCESS), Gathered)


def test_a_ticket_that_proves_nothing_of_the_password_leaves_the_guard_in_place() -> None:
    opened = Opened(HOSTS)
    facts = run(access(Tickets(None, proves=False)), opened)
    assert len(opened.names) == 2
    assert failure(facts, HOSTS[5]).kind is FailureKind.SAME_CREDENTIALS


def test_a_refused_account_is_not_tried_by_ntlm_either() -> None:
    hosts = (*HOSTS[:3], "10.0.0.11", "10.0.0.12")
    opened = Opened()
    facts = run(access(Tickets(WRONG)), opened, hosts)
    assert not opened.names
    assert failure(facts, "10.0.0.11").kind is FailureKind.SAME_CREDENTIALS


def test_a_silent_kdc_keeps_nobody_from_what_needs_no_ticket() -> None:
    hosts = (*HOSTS[:3], "10.0.0.11")
    opened = Opened()
    facts = run(access(Tickets(no_kdc(ADMIN))), opened, hosts)
    assert opened.names == ["10.0.0.11"]
    assert isinstance(facts.hosts["10.0.0.11"].outcome(HOST_ACCESS), Gathered)


def test_where_ntlm_may_stand_in_machines_are_asked_with_the_guard_in_place() -> None:
    opened = Opened(HOSTS)
    facts = run(access(Tickets(no_kdc(ADMIN)), fallback=True), opened)
    assert len(opened.names) == 2
    assert failure(facts, HOSTS[0]).kind is FailureKind.AUTHENTICATION


def test_ntlm_does_not_stand_in_for_a_refused_password() -> None:
    opened = Opened()
    run(access(Tickets(WRONG), fallback=True), opened)
    assert not opened.names


def test_another_account_goes_on() -> None:
    other = access(Tickets(None), Credentials("edge@contoso.com", Secret("other")))
    opened = Opened()
    facts = run(access(Tickets(WRONG)), opened, other={HOSTS[7]: other, HOSTS[6]: other})
    assert sorted(opened.names) == sorted(HOSTS[6:])
    assert failure(facts, HOSTS[0]).kind is FailureKind.AUTHENTICATION
    assert isinstance(facts.hosts[HOSTS[7]].outcome(HOST_ACCESS), Gathered)
