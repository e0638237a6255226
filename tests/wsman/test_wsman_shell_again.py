"""A script whose steps a busy host refuses: what is run again, and what never is."""

from __future__ import annotations

import itertools
import threading

import wsman_replies as soap
from ntlm_server import NtlmServer, action, message_id
from shells_played import (
    AT_ONCE,
    ECHO,
    Echo,
    Nothing,
    WinRs,
    received,
    stream,
)
from wsman_support import Connect, failure

from livemigration.facts.model import FailureKind
from livemigration.wsman.manners import Manners, Pace
from livemigration.wsman.session import Timeouts


def test_what_is_busy_runs_a_script_again_in_a_fresh_shell(connect: Connect) -> None:
    """Whatever it refused first: a Send may have been delivered."""
    for refused, code in itertools.product(("Create", "Command", "Send"), (2150859174, 2150858793)):
        host = WinRs(received(stream(b'{"text": "a"}'), exit_code=0))
        faults = [soap.fault(code)]

        def answer(
            request: bytes,
            host: WinRs = host,
            faults: list[str] = faults,
            refused: str = refused,
        ) -> tuple[int, bytes]:
            if action(request) == refused and faults:
                host.actions.append(f"{refused} refused")
                return 500, soap.envelope(faults.pop(), message_id(request))
            return host(request)

        with NtlmServer(answer) as server:
            session = connect(server.port, manners=AT_ONCE)
            assert session.run_script(ECHO, Nothing()) == Echo("a")
        assert host.stdin == ECHO.standard_input(Nothing())
        began = host.actions.index(f"{refused} refused")
        if refused == "Create":
            assert host.actions[began + 1] == "Create"
            continue
        # Nothing more of the input follows on that command: it is ended with its shell.
        after = host.actions[began + 1 :]
        expected = ["Signal"] if refused == "Send" else []
        assert after[: len(expected) + 2] == [*expected, "Delete", "Create"]


def test_each_step_of_a_script_may_be_refused_in_turn(connect: Connect) -> None:
    host = WinRs(received(stream(b'{"text": "a"}'), exit_code=0))
    refused = ["Send", "Command", "Create"]

    def answer(request: bytes) -> tuple[int, bytes]:
        if refused and action(request) == refused[-1]:
            refused.pop()
            return 500, soap.envelope(soap.fault(2150859174), message_id(request))
        return host(request)

    with NtlmServer(answer) as server:
        session = connect(server.port, manners=AT_ONCE)
        assert session.run_script(ECHO, Nothing()) == Echo("a")
    assert not refused
    assert host.stdin == ECHO.standard_input(Nothing())
    assert host.actions.count("Create") == host.actions.count("Delete") == 3


def test_a_script_that_is_refused_for_good_ends_with_its_reason(connect: Connect) -> None:
    host = WinRs()

    def answer(request: bytes) -> tuple[int, bytes]:
        if action(request) == "Command":
            return 500, soap.envelope(soap.fault(2150859174), message_id(request))
        return host(request)

    with NtlmServer(answer) as server:
        session = connect(server.port, manners=Manners(Pace(lambda _: False, lambda: 1.0)))
        failed = failure(lambda: session.run_script(ECHO, Nothing()))
    assert failed.code == 2150859174
    # Half a second, one, two and four are what there is of a message's ten seconds.
    assert host.actions == ["Create", "Delete"] * 5


def test_a_quota_while_output_is_read_loses_none_of_it(connect: Connect) -> None:
    quota = soap.fault(2150859174)
    host = WinRs(
        quota,
        received(stream(b'{"text": ')),
        quota,
        received(stream(b'"a"}'), exit_code=0),
    )
    with NtlmServer(host) as server:
        assert connect(server.port).run_script(ECHO, Nothing()) == Echo("a")
    assert host.actions.count("Create") == 1


def test_a_send_without_an_answer_is_never_sent_again(connect: Connect) -> None:
    host = WinRs()
    never = threading.Event()

    def answer(request: bytes) -> tuple[int, bytes]:
        reply = host(request)
        if action(request) == "Send":
            never.wait(60)
        return reply

    with NtlmServer(answer) as server:
        session = connect(server.port, timeouts=Timeouts(5.0, 0.5))
        failed = failure(lambda: session.run_script(ECHO, Nothing()))
        never.set()
    assert failed.kind is FailureKind.TIMED_OUT
    assert host.actions == ["Create", "Command", "Send", "Signal", "Delete"]


def test_a_program_that_may_change_something_is_not_run_again(connect: Connect) -> None:
    host = WinRs()

    def answer(request: bytes) -> tuple[int, bytes]:
        if action(request) == "Command":
            host.actions.append("Command")
            return 500, soap.envelope(soap.fault(2150858793), message_id(request))
        return host(request)

    with NtlmServer(answer) as server:
        session = connect(server.port, manners=AT_ONCE)
        failure(lambda: session.run_program("reboot"))
    assert host.actions == ["Create", "Command", "Delete"]
