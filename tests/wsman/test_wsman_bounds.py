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
from wsman_support import PASSWORD, QUERY, USER, Connect, failure, fragment, script

from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.secret import Credentials, Secret
from livemigration.wsman import connecting
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.guard import GuardAdapter
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession
from livemigration.wsman.watchdog import Watchdog

# What is measured below ends after a second at most; without its bound it takes longer than this.
PATIENCE = 3.0

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
        ("foreign silent", WsmanError),
        ("closed", ConnectionRefusedError),
        ("closed silent", ConnectionRefusedError),
        ("silent closed", ConnectionRefusedError),
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
            assert connection.getpeername() == found[-1]


@contextmanager
def dripping_handshake() -> Iterator[int]:
    """Begin a TLS record of 16 KiB and send it byte by byte."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"\x16\x03\x03\x40\x00\x02")
                until = time.monotonic() + 10
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
        thread.join(20)
        assert not thread.is_alive()


def secure(port: int, timeouts: Timeouts) -> WsmanSession:
    credentials = Credentials(USER, Secret(PASSWORD))
    endpoint = Endpoint("host", "127.0.0.1", port, "https")
    return WsmanSession(endpoint, credentials, timeouts, Deadline.after(30))


def test_a_tls_handshake_that_takes_its_time_is_cut_off() -> None:
    started = time.monotonic()
    with dripping_handshake() as port:
        failed = failure(secure(port, Timeouts(0.5, 0.5)).identify)
        assert time.monotonic() - started < PATIENCE
    assert (failed.kind, failed.code) == (FailureKind.TIMED_OUT, 10060)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_session_over_tls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, trusted: bool) -> None:
    path = certificates.write(tmp_path / "host.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(path)
    if trusted:
        monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(path))
    answers = script(soap.identity(), soap.page(fragment("vmms")))
    with NtlmServer(answers, tls=tls) as server, secure(server.port, Timeouts(5, 10)) as session:
        if trusted:
            assert session.identify().product_vendor == "Microsoft Corporation"
            assert session.enumerate(QUERY)[0].text("Name") == "vmms"
        else:
            failed = failure(session.identify)
            assert failed.kind is FailureKind.PROTOCOL
            assert "TLS" in failed.came_back
    assert len(server.requests) == (2 if trusted else 0)


def test_nothing_is_opened_before_the_guard_is_mounted(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
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
    assert events[0] == {GuardAdapter}
    assert events.count("connect") == 1


def test_a_watchdog_without_a_thread_says_so_and_tries_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    watchdog = Watchdog()
    done = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            watchdog.at(0.0, lambda: None)
    watchdog.at(0.0, done.set)
    assert done.wait(10)
