"""Whole conversations with a server that does real NTLM and sealing."""

from __future__ import annotations

import base64
import json
import os
import re
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import soap
from ntlm_server import NtlmServer, action, http, message_id

from conftest import PASSWORD, Connect
from livemigration.cim import CimType, WmiClass, WmiProperty, WmiQuery
from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.secret import Credentials, Secret
from livemigration.vmm.scripts import POWERSHELL_ARGUMENTS, Nothing, Script
from livemigration.wsman import conversation, enumeration, guard, shell
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.session import Endpoint, Identity, Timeouts, WsmanSession

SERVICE = WmiClass(
    "root/cimv2",
    "Win32_Service",
    (WmiProperty("Name", CimType.STRING), WmiProperty("ProcessId", CimType.UINT32)),
)
QUERY = WmiQuery(SERVICE, "Name = 'vmms' OR Name > '<&>'")


def fragment(name: str, process: object = 4) -> str:
    return f"<w:XmlFragment><Name>{name}</Name><ProcessId>{process}</ProcessId></w:XmlFragment>"


def script(*bodies: str | bytes) -> Callable[[bytes], tuple[int, bytes]]:
    """Answer with these bodies in turn; faults with 500."""
    waiting = list(bodies)

    def answer(request: bytes) -> tuple[int, bytes]:
        body = waiting.pop(0)
        if isinstance(body, bytes):
            return 200, body
        status = 500 if "<s:Fault>" in body else 200
        return status, soap.envelope(body, message_id(request))

    return answer


def failure(call: Callable[[], object]) -> WsmanError:
    with pytest.raises(WsmanError) as caught:
        call()
    assert caught.value.came_back
    assert caught.value.next_step.endswith(".")
    return caught.value


def test_identify_is_authenticated_and_encrypted(connect: Connect) -> None:
    with NtlmServer(script(soap.identity())) as server:
        identity = connect(server.port).identify()
    assert identity == Identity(
        "Microsoft Corporation",
        "OS: 6.2.9200 SP: 0.0 Stack: 3.0",
        "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
    )
    assert b"<wsmid:Identify/>" in server.requests[0]
    assert server.connections == 1
    assert [len(body) > 0 for _, body in server.wire] == [False, False, False, True]
    assert all(headers["accept-encoding"] == "identity" for headers, _ in server.wire)
    assert not any(b"Identify" in body for _, body in server.wire)


def test_nothing_is_sent_before_the_first_message(connect: Connect) -> None:
    with NtlmServer(script()) as server:
        session = connect(server.port)
        session.close()
        failed = failure(session.identify)
    assert server.connections == 0
    assert failed.kind is FailureKind.PROTOCOL


def test_every_byte_goes_through_the_guard(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    original = guard.GuardAdapter.send

    def send(self: guard.GuardAdapter, request: Any, **options: Any) -> Any:
        seen.append(request.headers.get("Authorization", "")[:9])
        return original(self, request, **options)

    monkeypatch.setattr(guard.GuardAdapter, "send", send)
    with NtlmServer(script(soap.identity())) as server:
        connect(server.port).identify()
        assert len(server.wire) == len(seen)
    assert seen == ["", "Negotiate", "Negotiate", ""]


def test_the_environment_has_no_say(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/does/not/exist")
    monkeypatch.delenv("no_proxy", raising=False)
    with NtlmServer(script(soap.identity())) as server:
        connect(server.port).identify()
    assert "no_proxy" not in os.environ


def test_the_same_session_carries_many_messages(connect: Connect) -> None:
    with NtlmServer(script(soap.identity(), *[soap.page(fragment("vmms"))] * 20)) as server:
        session = connect(server.port)
        session.identify()
        for _ in range(20):
            assert session.enumerate(QUERY)[0].text("Name") == "vmms"
    assert server.connections == 1
    assert len({message_id(each) for each in server.requests}) == 21


def test_enumerate_follows_the_latest_context_to_the_end(connect: Connect) -> None:
    pages = (
        soap.page(fragment("a"), context="uuid:1", ended=False),
        soap.page("", context="uuid:2", first=False, ended=False),
        soap.page(fragment("b") + fragment("c"), context="uuid:3", first=False, ended=False),
        soap.page(fragment("d"), first=False, ended=False),
        soap.page(fragment("e"), first=False),
    )
    with NtlmServer(script(*pages)) as server:
        rows = connect(server.port).enumerate(QUERY)
    assert [row.text("Name") for row in rows] == ["a", "b", "c", "d", "e"]
    contexts = [re.findall(rb"Context>([^<]+)<", each) for each in server.requests]
    assert contexts == [[], [b"uuid:1"], [b"uuid:2"], [b"uuid:3"], [b"uuid:3"]]
    request = server.requests[0].decode()
    assert "wmi/root/cimv2/*</w:ResourceURI>" in request
    assert "Name > '<&>'".replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in request
    assert "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>" in request
    assert "<n:MaxElements>32000</n:MaxElements>" in server.requests[1].decode()


def test_enumerate_of_nothing(connect: Connect) -> None:
    with NtlmServer(script(soap.page(""))) as server:
        assert connect(server.port).enumerate(QUERY) == ()


def test_an_endless_enumeration_is_released(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enumeration, "MAXIMUM_PULLS", 5)
    pages = [soap.page("", context=f"uuid:{n}", first=n == 0, ended=False) for n in range(6)]
    with NtlmServer(script(*pages, "")) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL
    assert action(server.requests[-1]) == "Release"
    assert b"uuid:5" in server.requests[-1]


def test_too_many_rows_are_released(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "MAXIMUM_ROWS", 2)
    many = soap.page(fragment("a") * 3, context="uuid:1", ended=False)
    with NtlmServer(script(many, "")) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL
    assert action(server.requests[-1]) == "Release"


def test_no_end_and_no_context(connect: Connect) -> None:
    with NtlmServer(script(soap.page(fragment("a"), ended=False))) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL


def test_a_value_out_of_range_names_class_and_property(connect: Connect) -> None:
    pages = (soap.page(fragment("a", -1)), soap.page(fragment("b")))
    with NtlmServer(script(*pages)) as server:
        session = connect(server.port)
        failed = failure(lambda: session.enumerate(QUERY))
        assert len(session.enumerate(QUERY)) == 1
    assert failed.kind is FailureKind.PROTOCOL
    assert "Win32_Service.ProcessId" in failed.came_back


def test_a_fault_leaves_the_session_usable(connect: Connect) -> None:
    answers = script(soap.fault(0x8033801A, "Keine Klasse."), soap.fault(5), soap.page(""))
    with NtlmServer(answers) as server:
        session = connect(server.port)
        missing = failure(lambda: session.enumerate(QUERY))
        denied = failure(lambda: session.enumerate(QUERY))
        session.enumerate(QUERY)
    assert isinstance(missing, WsmanFault)
    assert (missing.kind, missing.code) == (FailureKind.FAULT, 2150858778)
    assert "ENUMERATE_CANNOT_PROCESS_FILTER" in missing.came_back
    assert "Keine Klasse." in missing.came_back
    assert (denied.kind, denied.code) == (FailureKind.ACCESS_DENIED, 5)


@pytest.mark.parametrize("status", [200, 400, 500, 503])
def test_a_fault_is_one_in_any_http_status(connect: Connect, status: int) -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        return status, soap.envelope(soap.fault(87), message_id(request))

    with NtlmServer(answer) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert (failed.kind, failed.code) == (FailureKind.FAULT, 87)


def test_invoke(connect: Connect) -> None:
    registry = WmiClass("root/default", "StdRegProv", ())
    uri = registry.resource_uri
    output = (
        f'<p:GetStringValue_OUTPUT xmlns:p="{uri}"><p:sValue>3.1</p:sValue>'
        "<p:ReturnValue>0</p:ReturnValue></p:GetStringValue_OUTPUT>"
    )
    with NtlmServer(script(output)) as server:
        result = connect(server.port).invoke(
            registry, "GetStringValue", {"Name": "<x>"}, {"sSubKeyName": r"SOFTWARE\A&B"}
        )
    assert result.return_value == 0
    assert result.properties["sValue"][0].text == "3.1"
    request = server.requests[0].decode()
    assert f"{uri}/GetStringValue</a:Action>" in request
    assert r"<m:sSubKeyName>SOFTWARE\A&amp;B</m:sSubKeyName></m:GetStringValue_INPUT>" in request
    assert '<w:Selector Name="Name">&lt;x&gt;</w:Selector>' in request


def test_invoke_refuses_what_xml_cannot_carry(connect: Connect) -> None:
    with NtlmServer(script()) as server:
        session = connect(server.port)
        failed = failure(lambda: session.invoke(SERVICE, "Change", None, {"Name": "a\x01"}))
        assert failed.kind is FailureKind.PROTOCOL
        failure(lambda: session.invoke(SERVICE, "Change", None, {"a b": "x"}))
    assert server.connections == 0


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


@pytest.mark.parametrize("output", [b"", b"hello", b"{}", b"\xff", b"[" * 100_000])
def test_output_that_is_not_the_contract(connect: Connect, output: bytes) -> None:
    host = WinRs(received(stream(output), exit_code=0))
    with NtlmServer(host) as server:
        failed = failure(lambda: connect(server.port).run_script(ECHO, Nothing()))
    assert failed.kind is FailureKind.SCRIPT


@pytest.mark.parametrize(
    "reply",
    [
        received(exit_code="x"),
        received(exit_code=""),
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


def test_a_script_without_end_stops_at_the_deadline(connect: Connect) -> None:
    host = WinRs(*[TIMED_OUT] * 1000)
    with NtlmServer(host) as server:
        failed = failure(lambda: connect(server.port, seconds=1.0).run_script(ECHO, Nothing()))
    assert failed.kind is FailureKind.DEADLINE
    assert host.actions.count("Receive") < 20
    assert host.actions[-2:] == ["Signal", "Delete"]


def test_a_broken_session_is_cleaned_up_over_a_fresh_one(connect: Connect) -> None:
    host = WinRs(received())

    def drop(number: int, message: bytes) -> bytes | None:
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
    original = conversation.read_reply

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


def test_wrong_password(connect: Connect) -> None:
    with NtlmServer(script(soap.identity())) as server:
        failed = failure(connect(server.port, password="wrong").identify)
    assert (failed.kind, failed.code) == (FailureKind.AUTHENTICATION, 401)
    assert server.requests == []


def test_a_passed_deadline_sends_nothing(connect: Connect) -> None:
    with NtlmServer(script(soap.identity())) as server:
        failed = failure(connect(server.port, seconds=0.0).identify)
    assert failed.kind is FailureKind.DEADLINE
    assert server.connections == 0


def plain(number: int, message: bytes) -> bytes:
    return http(200, soap.identity(), "Content-Type: application/soap+xml;charset=UTF-8")


def flipped(number: int, message: bytes) -> bytes:
    return message[:-60] + bytes([message[-60] ^ 1]) + message[-59:]


def truncated(number: int, message: bytes) -> bytes:
    head, _, body = message.partition(b"\r\n\r\n")
    return http(
        200, body[:200], head.split(b"Content-Type: ")[1].join([b"Content-Type: ", b""]).decode()
    )


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (plain, FailureKind.PROTOCOL),
        (flipped, FailureKind.PROTOCOL),
        (truncated, FailureKind.PROTOCOL),
        (lambda _, message: message[:400], FailureKind.UNREACHABLE),
        (lambda *_: None, FailureKind.UNREACHABLE),
        (lambda *_: http(401, b"", "WWW-Authenticate: Negotiate"), FailureKind.AUTHENTICATION),
        (lambda *_: http(403), FailureKind.ACCESS_DENIED),
        (lambda *_: http(503, b"<html>Unavailable</html>"), FailureKind.PROTOCOL),
        (lambda *_: http(200), FailureKind.PROTOCOL),
        (lambda *_: b"SSH-2.0-x\r\n", FailureKind.PROTOCOL),
        (lambda _, message: message.replace(b"Length=", b"Length=x", 1), FailureKind.PROTOCOL),
    ],
)
def test_a_tampered_reply_ends_the_session(
    connect: Connect, tamper: Callable[[int, bytes], bytes | None], kind: FailureKind
) -> None:
    def second(number: int, message: bytes) -> bytes | None:
        if number == 0:
            return message
        changed = tamper(number, message)
        if kind is FailureKind.UNREACHABLE and changed is not None:
            changed = None
        return changed

    with NtlmServer(script(soap.identity(), soap.identity(), soap.identity()), second) as server:
        session = connect(server.port)
        session.identify()
        failed = failure(session.identify)
        again = failure(session.identify)
    assert failed.kind is kind
    assert again.kind is kind
    assert server.connections == 1
    assert len(server.requests) == 2


def test_a_closed_connection_is_never_replaced(connect: Connect) -> None:
    def close(number: int, message: bytes) -> bytes:
        return message.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)

    with NtlmServer(script(soap.identity(), soap.identity()), close) as server:
        session = connect(server.port)
        session.identify()
        failed = failure(session.identify)
    assert failed.kind is FailureKind.UNREACHABLE
    assert server.connections == 1


@pytest.mark.parametrize("relates_to", ["", "uuid:0", "x"])
def test_the_reply_to_another_message(connect: Connect, relates_to: str) -> None:
    with NtlmServer(lambda _: (200, soap.envelope(soap.page(""), relates_to))) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"hello",
        b"<html><body>Welcome</body></html>",
        b"<!DOCTYPE x><s:Envelope/>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>',
        b"<a>" * 1000,
        b"\xff\xfe<\x00",
        b"<x/>" * 2,
    ],
)
def test_an_unusable_reply_inside_the_encryption(connect: Connect, reply: bytes) -> None:
    with NtlmServer(lambda _: (200, reply)) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL


def test_a_fault_code_that_is_no_number(connect: Connect) -> None:
    with NtlmServer(script(soap.fault("0x5", "Odd."))) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert (failed.kind, failed.code) == (FailureKind.FAULT, None)


def test_sessions_side_by_side(connect: Connect) -> None:
    with NtlmServer(lambda _: (200, soap.identity())) as server:
        sessions = [connect(server.port) for _ in range(8)]
        seen: list[str] = []
        threads = [
            threading.Thread(target=lambda each=each: seen.append(each.identify().product_vendor))
            for each in sessions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert seen == ["Microsoft Corporation"] * 8


@pytest.mark.parametrize("tamper", [plain, flipped, lambda *_: None])
def test_credentials_stay_out_of_errors(
    connect: Connect, tamper: Callable[[int, bytes], bytes | None]
) -> None:
    with NtlmServer(lambda _: (200, soap.identity()), tamper) as server:
        session = connect(server.port)
        with pytest.raises(WsmanError) as caught:
            session.identify()
    error = caught.value
    assert error.__context__ is None
    assert error.__cause__ is None
    report = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown = "".join(report.format()) + repr(error) + str(error) + repr(vars(error)) + repr(session)
    equivalent = "0" * 31 + "1:"
    for secret in (PASSWORD, equivalent, "TlRMTVNTU"):
        assert secret not in shown


def test_endpoints() -> None:
    assert Endpoint("h", "h.lab", 5985).url == "http://h.lab:5985/wsman"
    assert Endpoint("h", "fd00::1", 5986, "https").url == "https://[fd00::1]:5986/wsman"


def test_an_empty_user_name_is_a_wsman_error() -> None:
    session = WsmanSession(
        Endpoint("h", "127.0.0.1", 9),
        Credentials("", Secret("")),
        Timeouts(),
        Deadline.after(5),
    )
    assert failure(session.identify).kind is FailureKind.AUTHENTICATION
