"""What an endpoint says before anybody signs in, whatever it is that answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from tls_peers import NAME, Authority, peer
from wsman_support import PASSWORD, USER, failure

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.connecting import addresses_of
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.greeting import Greeting, greet
from livemigration.wsman.tls import context

Reply = Callable[[], bytes]
# Of a busy machine; what is told apart is minutes.
SLACK = 30.0


def head(*lines: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 401 ", *lines, "Content-Length: 0", "", "")).encode("latin-1")


def told(reply: Reply, seconds: float = 5.0) -> Greeting:
    """Return the greeting of a host that sends these bytes, and see that it got no credentials."""
    got: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        got.append(connection.recv(65536))
        connection.sendall(reply())

    with peer(serve) as (port, met):
        said = greet("127.0.0.1", port, seconds, Deadline.after(30))
    assert len(met) == 1
    assert not any(word.encode() in got[0] for word in (PASSWORD, USER, "Authorization"))
    return said


@in_turn("ahead", [0, 600, -600, 400_000_000])
def test_the_clock_of_the_host_is_compared_with_this_ones(ahead: int) -> None:
    def reply() -> bytes:
        return head(f"Date: {format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), True)}")

    said = told(reply)
    assert said.ahead is not None
    assert abs(said.ahead - ahead) < SLACK
    assert (said.address, said.status, said.version) == ("127.0.0.1", 401, "")


@in_turn(
    "date",
    ["", "yesterday", "Thu, 32 Nov 2026 00:00:00 GMT", "Thu, 26 Nov 2026 00:00:00", "9" * 90],
)
def test_a_host_that_does_not_say_the_time_usably_says_none(date: str) -> None:
    assert told(lambda: head(f"Date: {date}")).ahead is None
    assert told(lambda: head("Server: x")).ahead is None


def test_the_ways_of_signing_in_are_those_that_the_host_names() -> None:
    lines = ("WWW-Authenticate: Negotiate", "www-authenticate: Basic realm=WSMAN, Kerberos")
    assert told(lambda: head(*lines)).offers == ("Negotiate", "Kerberos", "Basic")
    assert told(head).offers == ()


@in_turn(
    "reply, words",
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
        (b"HTTP/1.x yes\r\n\r\n", "does not speak HTTP"),
        (b"HTTP/1.1 401 \r\nDate: ", "ended early"),
        (b"HTTP/1.1 401 \r\n" + b"A: b\r\n" * 9000, "has no end"),
    ],
)
def test_what_is_no_greeting_is_named(reply: bytes, words: str) -> None:
    failed = failure(lambda: told(lambda: reply))
    assert failed.kind is FailureKind.PROTOCOL
    assert words in failed.came_back


def test_a_host_that_drips_is_given_up() -> None:
    def serve(connection: socket.socket) -> None:
        for _ in range(600):
            connection.sendall(b"H" if _ == 0 else b"T")
            time.sleep(0.02)

    with peer(serve) as (port, _):
        failed = failure(lambda: greet("127.0.0.1", port, 0.3, Deadline.after(30)))
    assert failed.kind in {FailureKind.PROTOCOL, FailureKind.TIMED_OUT}


@given(st.binary(max_size=300))
def test_no_bytes_of_a_host_break_it(data: bytes) -> None:
    try:
        said = told(lambda: b"HTTP/1.1 401 \r\n" + data + b"\r\n\r\n")
    except WsmanError:
        return
    assert said.status == 401


def test_the_certificates_of_a_host_and_the_version_of_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    serving = authority.serving(ends=20)

    def serve(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as hidden:
            hidden.recv(65536)
            hidden.sendall(head())

    with peer(serve) as (port, _):
        tls = (context(ca=authority.file), NAME)
        said = greet("127.0.0.1", port, 5, Deadline.after(30), tls)
        unchecked = (context(checked=False), NAME)
        believed = greet("127.0.0.1", port, 5, Deadline.after(30), unchecked)
    assert said.version in {"TLSv1.2", "TLSv1.3"}
    own, root = said.chain
    assert own.names == (NAME,)
    assert "Contoso" in root.subject
    assert timedelta(19) < own.ends - datetime.now(UTC) <= timedelta(20)
    assert [each.names for each in believed.chain] == [(NAME,)]


def test_a_certificate_that_is_not_accepted_is_named_and_nothing_is_asked(tmp_path: Path) -> None:
    expired = Authority(tmp_path).serving(begins=-3, ends=-1)
    asked: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with expired.wrap_socket(connection, server_side=True) as hidden:
            asked.append(hidden.recv(65536))

    with peer(serve) as (port, _):
        tls = (context(ca=tmp_path / "ca.pem"), NAME)
        failed = failure(lambda: greet("127.0.0.1", port, 5, Deadline.after(30), tls))
    assert failed.kind is FailureKind.CERTIFICATE
    assert "has expired" in failed.came_back
    assert asked == []


def test_a_name_that_does_not_exist_is_named() -> None:
    failed = failure(lambda: addresses_of("host.invalid", 5985, 10))
    assert failed.kind is FailureKind.NAME_NOT_RESOLVED
    assert addresses_of("127.0.0.1", 5985, 1) == ("127.0.0.1",)
