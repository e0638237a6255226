"""Clocks, certificates, offers and addresses, before anybody signs in."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from tls_peers import NAME, Authority, peer

from livemigration.base.deadline import Deadline
from livemigration.doctor import inside, reaching
from livemigration.doctor.inside import judge_tickets
from livemigration.doctor.machines import Look, Machine
from livemigration.doctor.model import Level, Remark, State, Ticket
from livemigration.doctor.reaching import judge_clocks, judge_tls, reach
from livemigration.facts.model import FailureKind, Subject
from livemigration.gather.connect import Access, Target
from livemigration.inventory.connection import Connection
from livemigration.wsman.certificates import Shown
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.greeting import Greeting
from livemigration.wsman.security import Mechanism, Security
from livemigration.wsman.tls import context

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HELLO = Greeting("10.0.0.1", 401, ("Negotiate",), 0.0)


def look(name: str = "hv01", **said: object) -> Look:
    """Return a machine that answered so."""
    found = Look(Machine(Subject.HOST, Target(name, name, 5985)))
    found.greeting = replace(HELLO, **said)  # type: ignore[arg-type] # fields of a greeting
    return found


def levels(remarks: list[Remark]) -> list[str]:
    return [each.level.value for each in remarks]


@pytest.mark.parametrize(("ahead", "words"), [(61, "61 seconds ahead"), (-90, "90 seconds behind")])
def test_a_clock_that_is_off_is_a_warning(ahead: float, words: str) -> None:
    one = look(ahead=float(ahead))
    assert judge_clocks([one, look("hv02")]) == ()
    assert levels(one.remarks) == ["warning"]
    assert words in one.remarks[0].told
    assert "Kerberos" not in one.remarks[0].told


def test_more_than_kerberos_takes_is_said() -> None:
    one = look(ahead=301.0)
    judge_clocks([one])
    assert "Kerberos refuses more than 5 minutes" in one.remarks[0].told


def test_a_clock_that_all_machines_differ_from_is_the_runners() -> None:
    machines = [look(f"hv{number}", ahead=600.0 + number) for number in range(4)]
    odd = look("odd", ahead=0.0)
    (remark,) = judge_clocks([*machines, odd])
    assert "this machine is 10 minutes behind" in remark.told
    assert all(each.remarks == [] for each in machines)
    assert "10 minutes behind those of the other machines" in odd.remarks[0].told


def test_two_machines_do_not_outvote_the_runner() -> None:
    machines = [look("hv01", ahead=600.0), look("hv02", ahead=600.0)]
    assert judge_clocks(machines) == ()
    assert all(levels(each.remarks) == ["warning"] for each in machines)


def test_a_machine_that_does_not_say_the_time_is_not_called_late() -> None:
    one = look(ahead=None)
    judge_clocks([one])
    assert levels(one.remarks) == ["note"]


@given(st.lists(st.floats(-1e9, 1e9) | st.none(), max_size=8))
def test_clocks_of_any_kind_have_one_remark_each_at_most(ahead: list[float | None]) -> None:
    machines = [look(f"hv{number}", ahead=each) for number, each in enumerate(ahead)]
    assert len(judge_clocks(machines)) <= 1
    assert all(len(each.remarks) <= 1 for each in machines)


def with_chain(*ends: datetime, checked: bool = True) -> Look:
    chain = tuple(Shown(f"CN=c{number}", (), each) for number, each in enumerate(ends))
    found = look(version="TLSv1.3", chain=chain)
    access = Access(Connection(https=True), security=Security(tls=context(checked=checked)))
    found.machine = Machine(Subject.HOST, Target("hv01", "hv01", 5986, access=access))
    return found


@in_turn(
    "ends, window_end, level",
    [
        (NOW + 100 * DAY, None, []),
        (NOW + 13 * DAY, None, ["warning"]),
        (NOW + HOUR, NOW + 2 * HOUR, ["problem"]),
        (NOW + 100 * DAY, NOW + 101 * DAY, ["problem"]),
        (NOW + 100 * DAY, NOW + 99 * DAY, []),
    ],
)
def test_a_certificate_is_held_against_the_window(
    ends: datetime, window_end: datetime | None, level: list[str]
) -> None:
    one = with_chain(ends, NOW + 1000 * DAY)
    judge_tls(one, NOW, window_end)
    assert levels(one.remarks) == level
    assert one.tls is not None
    assert one.tls.days == (ends - NOW) // DAY
    assert not one.stopped, "it can still be asked now"


def test_a_ca_that_ends_first_counts() -> None:
    one = with_chain(NOW + 100 * DAY, NOW + DAY)
    judge_tls(one, NOW, None)
    assert "CN=c1 ends" in one.remarks[0].told


def test_a_certificate_that_nobody_checks_is_said_loudly() -> None:
    one = with_chain(NOW + 100 * DAY, checked=False)
    judge_tls(one, NOW, None)
    assert "NOT checked" in one.remarks[0].told
    assert one.tls is not None
    assert one.tls.checked is False


@in_turn(
    "ends, renewable, window_end, level",
    [
        (NOW + 10 * HOUR, False, None, []),
        (NOW + 30 * MINUTE, False, None, ["warning"]),
        (NOW + 10 * HOUR, False, NOW + 11 * HOUR, ["problem"]),
        (NOW + MINUTE, True, NOW + 11 * HOUR, []),
    ],
)
def test_a_ticket_is_held_against_the_window(
    ends: datetime, renewable: bool, window_end: datetime | None, level: list[str]
) -> None:
    machines = [look("hv01"), look("hv02")]
    ticket = Ticket("admin@CONTOSO.TEST", "HTTP/hv01", ends, renewable)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inside, "ticket_of", lambda _: ticket)
        remarks = list(judge_tickets(machines, NOW, window_end))
    assert levels(remarks) == level, "once for all machines"
    assert all((each.ticket, each.remarks) == (ticket, []) for each in machines)


def reached(mechanism: Mechanism = Mechanism.NTLM, **said: object) -> Look:
    """Return a machine that was reached and answered so, as far as its greeting is judged."""
    found = Look(Machine(Subject.HOST, Target("hv01", "10.0.0.1", 5985)))
    found.machine = Machine(
        Subject.HOST, Target("hv01", "10.0.0.1", 5985, access=Access(security=Security(mechanism)))
    )
    with pytest.MonkeyPatch.context() as patch:
        answer = replace(HELLO, **said)  # type: ignore[arg-type] # fields of a greeting
        patch.setattr(reaching, "greet", lambda *_: answer)
        reach(found, Deadline.after(10))
    return found


def test_a_way_to_sign_in_that_is_not_offered_is_not_tried() -> None:
    found = reached(Mechanism.BASIC, offers=("Negotiate",))
    assert found.stopped
    (remark,) = found.remarks
    assert "offers Negotiate" in remark.told
    assert "No password was sent" in remark.told
    assert remark.steps[0].undo.endswith("$false -Force")


@in_turn("status", [200, 302, 403, 404, 503])
def test_what_does_not_ask_for_a_sign_in_gets_no_password(status: int) -> None:
    found = reached(status=status)
    assert found.stopped
    assert f"HTTP {status}" in found.remarks[0].told
    assert found.result().state is State.PROBLEM


def test_an_address_of_several_that_is_dead_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(host: str, *_: object) -> object:
        if host == "10.0.0.2":
            raise WsmanError(FailureKind.TIMED_OUT, "the connection was not made in time")
        raise AssertionError(host)

    monkeypatch.setattr(reaching, "addresses_of", lambda *_: ("10.0.0.1", "10.0.0.2"))
    monkeypatch.setattr(reaching, "connect", connect)
    monkeypatch.setattr(reaching, "greet", lambda *_: HELLO)
    found = look("hv01.contoso.com")
    reach(found, Deadline.after(10))
    (remark,) = found.remarks
    assert remark.level is Level.WARNING
    assert "stands for 2 addresses, and of these 10.0.0.2 does not answer" in remark.told
    assert not found.stopped


def test_a_certificate_that_is_not_accepted_is_a_problem_and_nothing_is_asked(
    tmp_path: Path,
) -> None:
    expired = Authority(tmp_path).serving(begins=-3, ends=-1)

    def serve(connection: socket.socket) -> None:
        with expired.wrap_socket(connection, server_side=True):
            pass

    with peer(serve) as (port, _):
        security = Security(tls=context(ca=tmp_path / "ca.pem"))
        access = Access(Connection(https=True), security=security)
        found = Look(Machine(Subject.HOST, Target(NAME, "127.0.0.1", port, access=access)))
        reach(found, Deadline.after(10))
    assert found.stopped
    (remark,) = found.remarks
    assert "has expired" in remark.told
    assert any("winrm enumerate" in step.command for step in remark.steps)
