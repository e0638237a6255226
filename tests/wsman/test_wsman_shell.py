"""Scripts through WinRS, from typed request to typed reply, and what is left behind."""

from __future__ import annotations

import json
import threading
import time
from types import SimpleNamespace

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer, action
from sampling import sampled
from shells_played import (
    ECHO,
    TIMED_OUT,
    Echo,
    Nothing,
    WinRs,
    received,
    stream,
)
from wsman_support import Connect, failure

from livemigration.base import deadline as deadlines
from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman import conversation, envelope, shell


def test_a_script_from_typed_request_to_typed_reply(connect: Connect) -> None:
    document = json.dumps({"text": "zażółć 😀"}, ensure_ascii=False).encode()
    cut = document.index("ó".encode()) + 1
    host = WinRs(
        TIMED_OUT,
        received(stream(document[:cut])),
        TIMED_OUT,
        received(stream(document[cut:]), stream(b"#< CLIXML", "stderr")),
        received(exit_code=0),
    )
    with NtlmServer(host) as server:
        assert connect(server.port).run_script(ECHO, Nothing()) == Echo("zażółć 😀")
    assert host.stdin == ECHO.standard_input(Nothing())
    assert host.ended == [False, False, False, True]
    assert host.actions == [
        "Create",
        "Command",
        *["Send"] * 4,
        *["Receive"] * 5,
        "Signal",
        "Delete",
    ]


def test_a_failed_script_tells_its_error_in_plain_text(connect: Connect) -> None:
    errors = (
        b'#< CLIXML\r\n<Objs Version="1.1.0.1" '
        b'xmlns="http://schemas.microsoft.com/powershell/2004/04"><S S="Error">kaputt_x000D__x000A_'
        b'</S><S S="Error">at line 1</S></Objs>'
    )
    host = WinRs(received(stream(errors, "stderr"), exit_code=1))
    with NtlmServer(host) as server:
        session = connect(server.port)
        failed = failure(lambda: session.run_script(ECHO, Nothing()))
    assert failed.kind is FailureKind.SCRIPT
    assert failed.came_back == "echo.ps1 ended with code 1: kaputt at line 1"
    assert host.actions[-2:] == ["Signal", "Delete"]


def test_errors_cut_anywhere_between_streams_and_replies_come_together(connect: Connect) -> None:
    errors = (
        '#< CLIXML\r\n<Objs Version="1.1.0.1" '
        'xmlns="http://schemas.microsoft.com/powershell/2004/04">'
        '<Obj S="progress" RefId="0"><MS><S N="Activity">モジュール</S></MS></Obj>'
        '<S S="Error">Zugriff verweigert: ü_x005F_x000D__x000A_</S>'
        '<S S="Error">権限がありません。_x000D__x000A_</S></Objs>'
    ).encode()
    parts = [errors[at : at + 7] for at in range(0, len(errors), 7)]
    half = len(parts) // 2
    first = "".join(stream(each, "stderr") + stream(b"o") for each in parts[:half])
    second = "".join(stream(each, "stderr") for each in parts[half:])
    ends = '<rsp:Stream Name="stdout" CommandId="C-1" End="true"/>' * 2
    host = WinRs(received(first), received(), received(second, ends, exit_code=1))
    with NtlmServer(host) as server:
        failed = failure(lambda: connect(server.port).run_script(ECHO, Nothing()))
    assert failed.came_back == (
        "echo.ps1 ended with code 1: Zugriff verweigert: ü_x000D_ 権限がありません。"
    )


@in_turn("output", [b"", b"hello", b"{}", b"\xff", b"[" * 100_000])
def test_output_that_is_not_the_contract(connect: Connect, output: bytes) -> None:
    host = WinRs(received(stream(output), exit_code=0))
    with NtlmServer(host) as server:
        failed = failure(lambda: connect(server.port).run_script(ECHO, Nothing()))
    assert failed.kind is FailureKind.SCRIPT


@in_turn(
    "reply",
    [
        received(exit_code="x"),
        received(exit_code=""),
        received(exit_code=0).replace("<rsp:ExitCode>0</rsp:ExitCode>", ""),
        received(stream(b"x", command="C-2"), exit_code=0),
        '<rsp:ReceiveResponse><rsp:Stream Name="stdout">%%%</rsp:Stream></rsp:ReceiveResponse>',
        "<rsp:Other/>",
    ],
)
def test_a_damaged_receive_reply(connect: Connect, reply: str) -> None:
    host = WinRs(reply)
    with NtlmServer(host) as server:
        failed = failure(lambda: connect(server.port).run_script(ECHO, Nothing()))
    assert failed.kind is FailureKind.PROTOCOL
    assert host.actions[-2:] == ["Signal", "Delete"]


def test_too_much_output(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "MAXIMUM_OUTPUT", 10)
    host = WinRs(received(stream(b"12345678")), received(stream(b"123", "stderr")))
    with NtlmServer(host) as server:
        failed = failure(lambda: connect(server.port).run_script(ECHO, Nothing()))
    assert failed.kind is FailureKind.PROTOCOL
    assert host.actions[-2:] == ["Signal", "Delete"]


def test_a_script_without_end_stops_in_time_to_clean_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = WinRs(*[TIMED_OUT] * 1000)
    skipped = [0.0]

    # A minute goes by with each question: after the fourth, only the time to clean up is left.
    def answer(request: bytes) -> tuple[int, bytes]:
        skipped[0] += 60.0 * (action(request) == "Receive")
        return host(request)

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + skipped[0])
    monkeypatch.setattr(deadlines, "time", clock)
    monkeypatch.setattr(shell, "_FIRST_PAUSE", 0.0)
    deadline = Deadline.after(244.5)
    with NtlmServer(answer) as server:
        session = connect(server.port, seconds=deadline.remaining)
        failed = failure(lambda: session.run_script(ECHO, Nothing()))
        assert not deadline.passed
    assert failed.kind is FailureKind.DEADLINE
    assert host.actions[-6:] == [*["Receive"] * 4, "Signal", "Delete"]


@pytest.mark.parametrize("stuck_at", sampled(["Receive", "Signal", "Delete"], every=3))
def test_cleaning_up_ends_with_the_deadline(connect: Connect, stuck_at: str) -> None:
    host = WinRs(received(exit_code=0))
    never = threading.Event()

    def answer(request: bytes) -> tuple[int, bytes]:
        if action(request) == stuck_at:
            never.wait(60)
        return host(request)

    deadline = Deadline.after(1.0)
    with NtlmServer(answer) as server:
        session = connect(server.port, seconds=deadline.remaining)
        failure(lambda: session.run_script(ECHO, Nothing()))
        late = Deadline(deadline.at + 30.0).passed
        never.set()
    assert not late


def test_a_broken_session_is_cleaned_up_over_a_fresh_one(connect: Connect) -> None:
    host = WinRs(received())

    def drop(_: int, message: bytes) -> bytes | None:
        return None if host.actions[-1] == "Receive" else message

    with NtlmServer(host, drop) as server:
        session = connect(server.port)
        failed = failure(lambda: session.run_script(ECHO, Nothing()))
        again = failure(session.identify)
    assert failed.kind is FailureKind.UNREACHABLE
    assert (again.kind, again.code) == (failed.kind, failed.code)
    assert host.actions[-3:] == ["Receive", "Signal", "Delete"]


def test_an_interrupted_script_is_cleaned_up(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = WinRs(received())
    original = envelope.read_reply

    def read(data: bytes, relates_to: str | None) -> object:
        if host.actions[-1] == "Receive":
            raise KeyboardInterrupt
        return original(data, relates_to)

    monkeypatch.setattr(conversation, "read_reply", read)
    with NtlmServer(host) as server:
        session = connect(server.port)
        with pytest.raises(KeyboardInterrupt):
            session.run_script(ECHO, Nothing())
    assert host.actions[-3:] == ["Receive", "Signal", "Delete"]
    assert server.connections == 3


SILENT = [("Signal",), ("Delete",), ("Signal", "Delete")]


@pytest.mark.parametrize("silent", sampled(SILENT, every=3))
def test_a_clean_up_without_an_answer_ends_neither_the_session_nor_the_result(
    connect: Connect, silent: tuple[str, ...]
) -> None:
    host = WinRs(*[received(stream(b'{"text": "a"}'), exit_code=0)] * 2)
    never = threading.Event()

    def answer(request: bytes) -> tuple[int, bytes]:
        if action(request) == "Identify":
            return 200, soap.identity()
        reply = host(request)
        if action(request) in silent:
            never.wait(60)
        return reply

    with NtlmServer(answer) as server:
        session = connect(server.port)
        assert session.run_script(ECHO, Nothing()) == Echo("a")
        assert not session.ended
        session.identify()
        never.set()
    # Where the Signal is not answered, the shell is deleted all the same, over a fresh connection.
    assert host.actions[-2:] == ["Signal", "Delete"]
