"""Nothing outlasts its time, and nothing happens outside the guard."""

from __future__ import annotations

import builtins
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import certificates
import pytest
import requests
import wsman_replies as soap
from ntlm_server import NtlmServer, shut
from winrm.transport import Transport
from wsman_support import ANYTHING, PASSWORD, QUERY, USER, Connect, failure, fragment, script

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.model import FailureKind
from livemigration.wsman import connecting
from livemigration.wsman.clients import Client
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.guard import GuardAdapter
from livemigration.wsman.knock import knock
from livemigration.wsman.security import BY_DEFAULT, Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession
from livemigration.wsman.tls import context
from livemigration.wsman.transport import Channel

pytestmark = pytest.mark.usefixtures("each_client")

# What is measured below ends after a second on an idle machine, and without its bound after this.
PATIENCE = 8.0

Resolver = Callable[..., Any]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Resolver], None]:
    """Put a resolver in the place of the system's, for names only."""
    original = socket.getaddrinfo

    def install(look_up: Resolver) -> None:
        def resolve(host: Any, *args: Any, **options: Any) -> Any:
            if host == "hv01.lab" and not options.get("flags"):
                return look_up(host, *args, **options)
            return original(host, *args, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

    return install


@pytest.fixture
def never() -> Iterator[threading.Event]:
    """Return what something stuck waits for; the test's end lets it go."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize(("seconds", "limit"), [(30.0, 0.3), (0.3, 30.0)])
def test_a_resolver_that_is_stuck_does_not_hold_the_host(
    connect: Connect,
    resolver: Callable[[Resolver], None],
    never: threading.Event,
    seconds: float,
    limit: float,
) -> None:
    resolver(lambda *_, **__: never.wait(60))
    started = time.monotonic()
    session = connect(5985, address="hv01.lab", seconds=seconds, timeouts=Timeouts(limit, 30.0))
    failed = failure(session.identify)
    assert time.monotonic() - started < PATIENCE
    assert failed.kind is FailureKind.NAME_NOT_RESOLVED
    assert "in time" in failed.came_back


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("HV01.Contoso.COM", "hv01.contoso.com"),
        ("hv_01", "hv_01"),
        ("hv01.contoso.com.", "hv01.contoso.com."),
        ("höst.lab", "xn--hst-sna.lab"),
    ],
)
def test_a_host_is_reached_by_its_name_however_it_is_spelt(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, address: str, asked: str
) -> None:
    names: list[str] = []
    original = socket.getaddrinfo

    def resolve(host: str, *args: Any, **options: Any) -> Any:
        if options.get("flags"):
            return original(host, *args, **options)
        names.append(host)
        return original("127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with NtlmServer(script(soap.identity(), soap.page(""))) as server:
        session = connect(server.port, address=address)
        session.identify()
        session.enumerate(QUERY)
    assert names == [asked]


@contextmanager
def silent_listener() -> Iterator[tuple[str, int]]:
    """Hold a listener whose full backlog swallows every connection."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()


@contextmanager
def closed_port() -> Iterator[tuple[str, int]]:
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        yield unbound.getsockname()


@contextmanager
def open_port() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()


@contextmanager
def unknown_family() -> Iterator[tuple[str, int]]:
    """Give an address of a family that the system lacks, as IPv6 may be."""
    yield "unknown family", 0


PLACES = {
    "silent": silent_listener,
    "closed": closed_port,
    "open": open_port,
    "foreign": unknown_family,
}
_NO_FAMILY = 9_999


def addresses(*found: tuple[str, int]) -> Resolver:
    families = [socket.AF_INET if port else _NO_FAMILY for _, port in found]
    entries = [
        (family, socket.SOCK_STREAM, 0, "", each)
        for family, each in zip(families, found, strict=True)
    ]
    return lambda *_, **__: entries


@pytest.mark.long
def test_a_host_with_many_silent_addresses_has_one_message_s_time(
    connect: Connect, resolver: Callable[[Resolver], None]
) -> None:
    with silent_listener() as silent:
        resolver(addresses(*[silent] * 5))
        started = time.monotonic()
        session = connect(silent[1], address="hv01.lab", timeouts=Timeouts(2.0, 0.8))
        failed = failure(session.identify)
        assert time.monotonic() - started < PATIENCE
    assert (failed.kind, failed.code) == (FailureKind.TIMED_OUT, 10060)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("closed open", None),
        ("silent open", None),
        ("foreign open", None),
        ("foreign", OSError),
        pytest.param("foreign silent", WsmanError, marks=pytest.mark.long),
        pytest.param("silent silent silent open", None, marks=pytest.mark.long),
        pytest.param("closed silent foreign open", None, marks=pytest.mark.long),
        ("open silent", None),
        ("closed", ConnectionRefusedError),
        ("closed silent", ConnectionRefusedError),
        pytest.param("silent closed", ConnectionRefusedError, marks=pytest.mark.long),
        ("silent", WsmanError),
    ],
)
def test_every_address_is_tried_and_a_refusal_says_more_than_silence(
    resolver: Callable[[Resolver], None], places: str, expected: type[Exception] | None
) -> None:
    with ExitStack() as stack:
        found = [stack.enter_context(PLACES[each]()) for each in places.split()]
        resolver(addresses(*found))

        def attempt() -> socket.socket:
            return connecting.connect("hv01.lab", 5985, 0.2, Deadline.after(30))

        if expected is not None:
            with pytest.raises(expected):
                attempt()
            return
        with attempt() as connection:
            assert connection.getpeername() == found[places.split().index("open")]


def test_an_address_that_is_dead_does_not_take_the_time_of_one_that_answers(
    connect: Connect, resolver: Callable[[Resolver], None]
) -> None:
    """It would take all of the message, if the addresses were tried one after the other."""
    with silent_listener() as silent, NtlmServer(script(soap.identity())) as server:
        resolver(addresses(silent, silent, ("127.0.0.1", server.port)))
        limit = Timeouts(connect=3600.0, message=60.0)
        session = connect(server.port, address="hv01.lab", timeouts=limit, seconds=60.0)
        assert session.identify().product_vendor == "Microsoft Corporation"


def test_whatever_lost_the_race_is_closed(
    resolver: Callable[[Resolver], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[socket.socket] = []
    original = socket.socket

    class Kept(original):  # type: ignore[misc, valid-type]  # the system's own class
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            made.append(self)

    with ExitStack() as stack:
        found = [stack.enter_context(PLACES[each]()) for each in ("silent", "silent", "open")]
        resolver(addresses(*found))
        monkeypatch.setattr(socket, "socket", Kept)
        kept = connecting.connect("hv01.lab", 5985, 5, Deadline.after(30))
        monkeypatch.undo()
        assert kept.getblocking()
        assert [each.fileno() >= 0 for each in made] == [False, False, True]
        kept.close()


@contextmanager
def over_ipv6(answer: Callable[[bytes], tuple[int, bytes]]) -> Iterator[NtlmServer]:
    """Have a server listen on ::1 alone."""
    server = NtlmServer(answer)
    server._listener.close()
    try:
        server._listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    server.port = server._listener.getsockname()[1]
    with server:
        yield server


@pytest.mark.parametrize("address", ["::1", "hv01.lab"])
def test_a_host_with_ipv6_alone_is_reached(
    connect: Connect, resolver: Callable[[Resolver], None], address: str
) -> None:
    with over_ipv6(script(soap.identity())) as server:
        resolver(
            lambda *_, **__: [
                (socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", server.port, 0, 0))
            ]
        )
        knock(address, server.port, 5, Deadline.after(10))
        connect(server.port, address=address).identify()
    assert server.wire[-1][0]["host"] == (
        f"[::1]:{server.port}" if address == "::1" else f"hv01.lab:{server.port}"
    )


@contextmanager
def dripping_handshake() -> Iterator[int]:
    """Begin a TLS record of 16 KiB and send it byte by byte."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"\x16\x03\x03\x40\x00\x02")
                until = time.monotonic() + 30
                while time.monotonic() < until:
                    connection.sendall(b"\x00")
                    time.sleep(0.02)
        except OSError:
            return

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        shut(listener)
        thread.join(60)
        assert not thread.is_alive()


def secure(port: int, timeouts: Timeouts, security: Security = BY_DEFAULT) -> WsmanSession:
    credentials = Credentials(USER, Secret(PASSWORD))
    endpoint = Endpoint("host", "127.0.0.1", port, "https")
    return WsmanSession(
        endpoint, credentials, timeouts, Deadline.after(30), security, register=ANYTHING
    )


def test_a_tls_handshake_that_takes_its_time_is_cut_off() -> None:
    started = time.monotonic()
    with dripping_handshake() as port:
        failed = failure(secure(port, Timeouts(0.5, 0.5)).identify)
        assert time.monotonic() - started < PATIENCE
    assert (failed.kind, failed.code) == (FailureKind.TIMED_OUT, 10060)


def test_a_session_over_tls(tmp_path: Path) -> None:
    path = certificates.write(tmp_path / "host.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(path)
    answers = script(soap.identity(), soap.page(fragment("vmms")))
    security = Security(tls=context(ca=path))
    with (
        NtlmServer(answers, tls=tls) as server,
        secure(server.port, Timeouts(5, 10), security) as session,
    ):
        assert session.identify().product_vendor == "Microsoft Corporation"
        assert session.enumerate(QUERY)[0].text("Name") == "vmms"
    assert len(server.requests) == 2


def test_credentials_that_were_refused_are_not_sent_again_on_the_same_channel(
    each_client: Client,
) -> None:
    refused = Credentials(USER, Secret("wrong"))
    with NtlmServer(script(soap.identity())) as server:
        channel = Channel(
            f"http://127.0.0.1:{server.port}/wsman", refused, 5.0, Security(client=each_client)
        )
        first = failure(lambda: channel.exchange(b"<a/>", 10.0, Deadline.after(30)))
        asked = len(server.wire)
        second = failure(lambda: channel.exchange(b"<a/>", 10.0, Deadline.after(30)))
        channel.close()
    assert first.kind is FailureKind.AUTHENTICATION
    assert "not encrypted" in second.came_back
    assert len(server.wire) == asked


def test_nothing_is_opened_before_the_guard_is_mounted(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, each_client: Client
) -> None:
    events: list[object] = []

    def watched(what: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            events.append(what)
            return original(*args, **options)

        return call

    def setup(transport: Transport, session: requests.Session) -> None:
        schemes = ("http://127.0.0.1", "https://127.0.0.1")
        events.append({type(session.get_adapter(each)) for each in schemes})
        original_setup(transport, session)

    original_setup = Transport.setup_encryption
    with NtlmServer(script(soap.identity(), soap.identity())) as server:
        # The first session imports what it needs; the second shows what a session itself does.
        connect(server.port).identify()
        monkeypatch.setattr(Transport, "setup_encryption", setup)
        for owner, name in (
            (socket, "getaddrinfo"),
            (socket.socket, "connect"),
            (builtins, "open"),
        ):
            monkeypatch.setattr(owner, name, watched(name, getattr(owner, name)))
        connect(server.port).identify()
        monkeypatch.undo()
    assert (events[0] == {GuardAdapter}) is (each_client is Client.PYWINRM)
    assert events.count("connect") == 1
