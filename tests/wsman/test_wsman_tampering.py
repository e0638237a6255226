"""An authenticated peer, or someone between, that sends what it should not."""

from __future__ import annotations

import traceback

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import CONTENT_TYPE, NtlmServer, Tamper, http
from wsman_support import PASSWORD, QUERY, Connect, failure, script

from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WsmanError

pytestmark = pytest.mark.usefixtures("each_client")


def plain(_: int, __: bytes) -> bytes:
    return http(200, soap.identity(), "Content-Type: application/soap+xml;charset=UTF-8")


def flipped(_: int, message: bytes) -> bytes:
    return message[:-60] + bytes([message[-60] ^ 1]) + message[-59:]


def shortened(_: int, message: bytes) -> bytes:
    body = message.partition(b"\r\n\r\n")[2]
    return http(200, body[:200], f"Content-Type: {CONTENT_TYPE}")


def closed(_: int, __: bytes) -> None:
    return None


def status(code: int, body: bytes = b"", *headers: str) -> Tamper:
    return lambda *_: http(code, body, *headers)


@in_turn(
    "tamper, kind",
    [
        (plain, FailureKind.PROTOCOL),
        (flipped, FailureKind.PROTOCOL),
        (shortened, FailureKind.PROTOCOL),
        (closed, FailureKind.UNREACHABLE),
        (status(401, b"", "WWW-Authenticate: Negotiate"), FailureKind.AUTHENTICATION),
        (status(401, b"", "WWW-Authenticate: NTLM"), FailureKind.AUTHENTICATION),
        (status(403), FailureKind.ACCESS_DENIED),
        (status(407, b"", "Proxy-Authenticate: NTLM"), FailureKind.PROTOCOL),
        (status(500, b"<html>Unavailable</html>"), FailureKind.PROTOCOL),
        (status(302, b"", "Location: http://127.0.0.1:1/wsman"), FailureKind.PROTOCOL),
        (status(200), FailureKind.PROTOCOL),
        (status(200, b"", f"Content-Type: {CONTENT_TYPE}"), FailureKind.PROTOCOL),
        (status(200, b"x" * 99, f"Content-Type: {CONTENT_TYPE}"), FailureKind.PROTOCOL),
        (lambda *_: b"SSH-2.0-x\r\n", FailureKind.PROTOCOL),
        (lambda _, message: message.replace(b"Length=", b"Length=x", 1), FailureKind.PROTOCOL),
    ],
)
def test_a_tampered_reply_ends_the_session(
    connect: Connect, tamper: Tamper, kind: FailureKind
) -> None:
    def second(number: int, message: bytes) -> bytes | None:
        return tamper(number, message) if number else message

    with NtlmServer(lambda _: (200, soap.identity()), second) as server:
        session = connect(server.port)
        session.identify()
        failed = failure(session.identify)
        again = failure(session.identify)
    assert failed.kind is kind
    assert again.kind is kind
    assert server.connections == 1
    assert len(server.requests) == 2


def test_a_closed_connection_is_never_replaced(connect: Connect) -> None:
    def close(_: int, message: bytes) -> bytes:
        return message.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)

    with NtlmServer(script(soap.identity(), soap.identity()), close) as server:
        session = connect(server.port)
        session.identify()
        failed = failure(session.identify)
    assert failed.kind is FailureKind.UNREACHABLE
    assert server.connections == 1


def test_a_fault_of_something_in_between_is_told_in_an_open_session_too(connect: Connect) -> None:
    fault = soap.envelope(soap.fault(1, "Backend down"))

    def between(number: int, message: bytes) -> bytes:
        return http(503, fault) if number else message

    with NtlmServer(lambda _: (200, soap.identity()), between) as server:
        session = connect(server.port)
        session.identify()
        failed = failure(session.identify)
    assert (failed.kind, failed.code) == (FailureKind.PROTOCOL, 503)
    assert "Backend down" in failed.came_back


@in_turn("relates_to", ["", "uuid:0", "x"])
def test_the_reply_to_another_message(connect: Connect, relates_to: str) -> None:
    with NtlmServer(lambda _: (200, soap.envelope(soap.page(""), relates_to))) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL


@in_turn(
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


@in_turn("tamper", [plain, flipped, closed])
def test_credentials_stay_out_of_errors(connect: Connect, tamper: Tamper) -> None:
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
