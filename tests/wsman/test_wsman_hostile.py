"""What answers on the port is no WS-Management service, or one that means harm."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from in_turn import in_turn
from ntlm_server import http, read_request, shut
from wsman_support import Connect, failure

from livemigration.facts.model import FailureKind
from livemigration.wsman import guard
from livemigration.wsman.codes import STATUS_STEPS
from livemigration.wsman.session import Timeouts

pytestmark = pytest.mark.usefixtures("each_client")

Talk = Callable[[socket.socket], None]

# Generous: the messages below are cut after half a second.
PATIENCE = 10.0
QUICK = Timeouts(connect=0.5, message=0.5)
TLS_HANDSHAKE = b"\x16"


@contextmanager
def talker(talk: Talk) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """Answer every request with `talk`, and end a connection that begins TLS.

    Yields the port and the requests' headers.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[dict[str, str]] = []
    threads: list[threading.Thread] = []

    def serve(connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        try:
            with connection, connection.makefile("rb") as reader:
                if connection.recv(1, socket.MSG_PEEK) == TLS_HANDSHAKE:
                    return
                while (request := read_request(reader)) is not None:
                    seen.append(request[0])
                    talk(connection)
        except OSError:
            return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,)))
            threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        shut(listener)
        for thread in (accepting, *threads):
            thread.join(PATIENCE)
            assert not thread.is_alive()


def say(data: bytes) -> Talk:
    return lambda connection: connection.sendall(data)


def drip(start: bytes, drop: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            connection.sendall(drop)
            time.sleep(0.02)

    return talk


def flood(start: bytes, block: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(start)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            connection.sendall(block)

    return talk


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(lambda _: None, id="silent"),
        pytest.param(drip(OK + b"Content-Length: 9999\r\n\r\n", b"x"), id="slow body"),
        pytest.param(
            drip(OK + b"\r\n", b"x"), id="slow body until it closes", marks=pytest.mark.long
        ),
        pytest.param(drip(OK, b"x"), id="slow header"),
        pytest.param(
            drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), id="endless 100", marks=pytest.mark.long
        ),
        pytest.param(
            drip(b"HTTP/1.1 401 x\r\nContent-Length: 9999\r\n\r\n", b"x"),
            id="slow 401",
            marks=pytest.mark.long,
        ),
        pytest.param(
            drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
            id="slow chunks",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_host_that_takes_its_time_is_cut_off(connect: Connect, talk: Talk) -> None:
    started = time.monotonic()
    with talker(talk) as (port, _):
        failed = failure(connect(port, timeouts=QUICK).identify)
        assert time.monotonic() - started < PATIENCE
    assert (failed.kind, failed.code) == (FailureKind.TIMED_OUT, 10060)


def test_the_host_deadline_cuts_off_too(connect: Connect) -> None:
    with talker(drip(OK + b"Content-Length: 9999\r\n\r\n", b"x")) as (port, _):
        failed = failure(connect(port, seconds=0.5).identify)
    assert failed.kind is FailureKind.DEADLINE


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(flood(OK + b"Content-Length: 999999999\r\n\r\n", b"x" * 65536), id="declared"),
        pytest.param(
            flood(
                OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"
            ),
            id="chunked",
        ),
        pytest.param(flood(OK + b"\r\n", b"x" * 65536), id="until it closes"),
        pytest.param(flood(OK + b"X: ", b"x" * 65536), id="header"),
        pytest.param(flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536), id="a chunk"),
    ],
)
def test_a_huge_reply_is_refused(connect: Connect, talk: Talk) -> None:
    with talker(talk) as (port, _):
        failed = failure(connect(port).identify)
    assert failed.kind is FailureKind.PROTOCOL


@in_turn(
    "reply, kind",
    [
        (http(200, b"x", "Content-Encoding: gzip"), FailureKind.PROTOCOL),
        (http(200, b"<html></html>", "Content-Type: text/html"), FailureKind.PROTOCOL),
        (http(200, b""), FailureKind.PROTOCOL),
        (http(404, b"<html></html>"), FailureKind.PROTOCOL),
        (http(500, b"\xff\xfe\x80"), FailureKind.PROTOCOL),
        (http(503, b"Service Unavailable"), FailureKind.PROTOCOL),
        (http(403), FailureKind.ACCESS_DENIED),
        (http(401), FailureKind.AUTHENTICATION),
        (http(401, b"", "WWW-Authenticate: Basic realm=x"), FailureKind.AUTHENTICATION),
        (http(401, b"", "WWW-Authenticate: Negotiate"), FailureKind.AUTHENTICATION),
        (http(401, b"", "WWW-Authenticate: NTLM AAAA"), FailureKind.PROTOCOL),
        (http(401, b"", "WWW-Authenticate: NTLM %%%"), FailureKind.PROTOCOL),
        (http(407, b"", "Proxy-Authenticate: NTLM"), FailureKind.PROTOCOL),
        (b"SSH-2.0-OpenSSH_9.2\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", FailureKind.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n", FailureKind.PROTOCOL),
    ],
)
def test_what_answers_is_not_a_usable_service(
    connect: Connect, reply: bytes, kind: FailureKind
) -> None:
    with talker(say(reply)) as (port, _):
        assert failure(connect(port).identify).kind is kind


@in_turn("status", STATUS_STEPS)
def test_an_http_status_tells_what_to_do_about_it(connect: Connect, status: int) -> None:
    with talker(say(http(status, b"no"))) as (port, _):
        failed = failure(connect(port).identify)
    assert (failed.code, failed.next_step) == (status, STATUS_STEPS[status])
    assert f"HTTP {status}" in failed.came_back


def test_a_fault_of_something_in_between_is_told(connect: Connect) -> None:
    fault = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
        b"<faultcode>e:Server</faultcode><faultstring>Backend down</faultstring>"
        b"</e:Fault></e:Body></e:Envelope>"
    )
    with talker(say(http(503, fault))) as (port, _):
        failed = failure(connect(port).identify)
    assert (failed.kind, failed.code) == (FailureKind.PROTOCOL, 503)
    assert "Backend down" in failed.came_back


@in_turn(
    "reply, kind, named",
    [
        (http(502, b"", "Via: 1.1 squid01 (squid/5.7)"), FailureKind.PROTOCOL, True),
        (http(200, b"<html>", "Via: 1.1 squid01 (squid/5.7)"), FailureKind.PROTOCOL, True),
        (http(401, b"", "Via: 1.1 squid01 (squid/5.7)"), FailureKind.AUTHENTICATION, True),
        (http(502, b"", "Via: "), FailureKind.PROTOCOL, False),
        (http(502), FailureKind.PROTOCOL, False),
    ],
)
def test_a_proxy_in_between_is_named_where_it_names_itself(
    connect: Connect, reply: bytes, kind: FailureKind, named: bool
) -> None:
    with talker(say(reply)) as (port, _):
        failed = failure(connect(port).identify)
    assert failed.kind is kind
    assert ("a proxy (Via: 1.1 squid01 (squid/5.7))" in failed.came_back) is named
    assert ("without the proxy" in failed.next_step) is named


def test_what_a_proxy_calls_itself_is_shown_as_text(connect: Connect) -> None:
    via = "Via: 1.1 \x1b[31m" + "x" * 500
    with talker(say(http(502, b"", via))) as (port, _):
        failed = failure(connect(port).identify)
    assert "\x1b" not in failed.came_back
    assert len(failed.came_back) < 250


def test_a_redirect_reaches_nobody_else(connect: Connect) -> None:
    with talker(say(http(200))) as (other, seen):
        target = f"Location: http://127.0.0.1:{other}/wsman"
        with talker(say(http(307, b"", target))) as (port, _):
            failed = failure(connect(port).identify)
        assert seen == []
    assert (failed.kind, failed.code) == (FailureKind.PROTOCOL, 307)


def test_a_connection_that_closes(connect: Connect) -> None:
    with talker(hang_up) as (port, _):
        failed = failure(connect(port).identify)
    assert failed.kind is FailureKind.UNREACHABLE


@in_turn("address", ["127.0.0.1", "localhost"])
def test_a_refused_port(connect: Connect, address: str) -> None:
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        failed = failure(connect(unbound.getsockname()[1], address=address).identify)
    assert (failed.kind, failed.code) == (FailureKind.REFUSED, 10061)


def test_a_connection_that_is_never_made(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        timeouts = Timeouts(connect=0.5, message=5.0)
        failed = failure(connect(address[1], timeouts=timeouts).identify)
        for each in waiting:
            each.close()
    assert (failed.kind, failed.code) == (FailureKind.TIMED_OUT, 10060)


@pytest.mark.parametrize("address", ["no-such-host.invalid", "a" * 64 + ".invalid", "a..b"])
def test_a_name_that_does_not_resolve(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def unknown(host: str, *_: object, **__: object) -> object:
        assert host == address
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    failed = failure(connect(5985, address=address).identify)
    assert (failed.kind, failed.code) == (FailureKind.NAME_NOT_RESOLVED, 11001)


def test_an_unreachable_network(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect_to(*_: object) -> None:
        raise OSError(101, "Network is unreachable")

    with talker(say(http(200))) as (port, _):
        monkeypatch.setattr(socket.socket, "connect", connect_to)
        failed = failure(connect(port).identify)
        monkeypatch.undo()
    assert failed.kind is FailureKind.UNREACHABLE


def test_a_bound_below_what_was_read_is_kept(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "MAXIMUM_REPLY", 10)
    with talker(say(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"6\r\nabcdef\r\n" * 2)) as (
        port,
        _,
    ):
        failed = failure(connect(port).identify)
    assert "larger than" in failed.came_back
