"""Scripts through WinRS, from typed request to typed reply, and what is left behind."""

from __future__ import annotations

import base64
import itertools
import json
import re
import threading
import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer, action, message_id
from sampling import sampled
from wsman_support import Connect, failure

from livemigration.base import deadline as deadlines
from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.vmm.scripts import POWERSHELL_ARGUMENTS, Script
from livemigration.wsman import conversation, envelope, shell
from livemigration.wsman.manners import Manners, Pace
from livemigration.wsman.session import Timeouts


@dataclass(frozen=True)
class Nothing:
    """The empty request."""


@dataclass(frozen=True)
class Echo:
    text: str


class FakeScript(Script[Any, Echo]):
    @property
    def text(self) -> str:
        return "# " + "x" * 100_000


ECHO = FakeScript("echo.ps1", Nothing, Echo)


class WinRs:
    """The server's side of one shell. `replies` are the bodies of the ReceiveResponses."""

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.actions: list[str] = []
        self.stdin = b""
        self.ended: list[bool] = []

    def __call__(self, request: bytes) -> tuple[int, bytes]:
        name = action(request)
        self.actions.append(name)
        body = getattr(self, name.lower())(request.decode())
        status = 500 if "<s:Fault>" in body else 200
        return status, soap.envelope(body, message_id(request))

    def create(self, request: str) -> str:
        assert '<w:Option Name="WINRS_NOPROFILE">TRUE<' in request
        assert '<w:Option Name="WINRS_CODEPAGE">65001<' in request
        return (
            "<x:ResourceCreated><a:ReferenceParameters><w:SelectorSet>"
            '<w:Selector Name="ShellId">S-1</w:Selector>'
            "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
        )

    def command(self, request: str) -> str:
        assert re.findall("<rsp:Arguments>([^<]*)<", request) == list(POWERSHELL_ARGUMENTS)
        assert '<w:Option Name="WINRS_CONSOLEMODE_STDIN">FALSE<' in request
        return "<rsp:CommandResponse><rsp:CommandId>C-1</rsp:CommandId></rsp:CommandResponse>"

    def send(self, request: str) -> str:
        assert len(request) * 2 < 153_600
        found = re.search("<rsp:Stream ([^>]*)>([^<]*)<", request)
        assert found is not None
        self.stdin += base64.b64decode(found[2])
        self.ended.append('End="true"' in found[1])
        return "<rsp:SendResponse/>"

    def receive(self, request: str) -> str:
        assert '<w:Selector Name="ShellId">S-1</w:Selector>' in request
        return self.replies.pop(0)

    def signal(self, request: str) -> str:
        assert 'CommandId="C-1"' in request
        return "<rsp:SignalResponse/>"

    def delete(self, request: str) -> str:
        assert ">S-1<" in request
        return ""


def stream(data: bytes, name: str = "stdout", command: str = "C-1") -> str:
    text = base64.b64encode(data).decode()
    return f'<rsp:Stream Name="{name}" CommandId="{command}">{text}</rsp:Stream>'


def received(*streams: str, exit_code: object = None) -> str:
    state = "Running" if exit_code is None else "Done"
    code = "" if exit_code is None else f"<rsp:ExitCode>{exit_code}</rsp:ExitCode>"
    return (
        f"<rsp:ReceiveResponse>{''.join(streams)}"
        '<rsp:CommandState CommandId="C-1" State="http://schemas.microsoft.com/wbem/wsman/1/'
        f'windows/shell/CommandState/{state}">{code}</rsp:CommandState></rsp:ReceiveResponse>'
    )


AT_ONCE = Manners(Pace(lambda _: False, lambda: 1.0))
TIMED_OUT = soap.fault(2150858793, "The operation timed out.", "w:TimedOut")


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
