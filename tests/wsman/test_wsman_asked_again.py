"""A host that has read a request and begins TLS again: for a client certificate, or for nothing.

HTTP.sys may ask for a client certificate only when a request needs one (from memory: real hosts may
ask at once): by a second handshake in TLS 1.2, by an authentication after the handshake in 1.3
(RFC 8446 4.6.2). OpenSSL's own server plays the first, which Python's cannot.
"""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from ntlm_server import read_request
from sampling import sampled
from tls_peers import NAME, Authority, peer, session
from wsman_support import failure

from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.security import Mechanism, Security
from livemigration.wsman.session import Timeouts
from livemigration.wsman.tls import ClientCertificate, context

pytestmark = pytest.mark.usefixtures("each_client")

FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
# Commands of OpenSSL's server: one handshake more, and one that asks for a client certificate.
AGAIN, WITH_CERTIFICATE = b"r\n", b"R\n"
# What it says of messages that came: the end of a second handshake, and a client's certificate.
SECOND_END = re.compile(rb"(?s)(<<< [^\n]*, Finished\n.*){2}")
SHOWN = re.compile(rb"<<< [^\n]*\[length ([0-9a-f]+)\], Certificate\n")
# So long for a message where it is waited for to its end, and where it is answered.
SHORT, LONG = Timeouts(5, 2), Timeouts(5, 20)
# A list of none (RFC 5246 7.4.6), behind its head.
NO_CERTIFICATE = bytes((11, 0, 0, 3, 0, 0, 0))


def secured(authority: Authority, folder: Path, *, certificate: bool) -> Security:
    if not certificate:
        return Security(Mechanism.BASIC, context(ca=authority.file))
    own = ClientCertificate(*authority.client(folder))
    return Security(Mechanism.CERTIFICATE, context(ca=authority.file, client=own))


def asking_after_the_handshake(
    serving: ssl.SSLContext, shown: list[bool], *, answers: bool
) -> Callable[[socket.socket], None]:
    """Return a host of TLS 1.3 that asks for a certificate once it has read a request."""

    def serve(connection: socket.socket) -> None:
        hidden = serving.wrap_socket(connection, server_side=True)
        with hidden, hidden.makefile("rb") as reader:
            read_request(reader)
            try:
                hidden.verify_client_post_handshake()
            except ssl.SSLError:
                # The client did not say that it may be asked.
                shown.append(False)
                hidden.sendall(FORBIDDEN)
                return
            # What is written next carries the question; what is read next, the answer.
            hidden.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            hidden.settimeout(0.05)
            for _ in range(100):
                with suppress(TimeoutError):
                    hidden.read(1)
                if hidden.getpeercert():
                    break
            shown.append(bool(hidden.getpeercert()))
            hidden.settimeout(10)
            if answers:
                hidden.sendall(FORBIDDEN)
            else:
                reader.read(1)

    return serve


@pytest.mark.parametrize("answers", sampled([True, False], every=2), ids=["answers", "is silent"])
@pytest.mark.parametrize("certificate", [True, False], ids=["certificate", "none"])
def test_a_certificate_that_is_asked_for_after_the_handshake_is_shown(
    tmp_path: Path, certificate: bool, answers: bool
) -> None:
    authority = Authority(tmp_path)
    serving = authority.serving()
    serving.minimum_version = ssl.TLSVersion.TLSv1_3
    serving.post_handshake_auth = True
    serving.verify_mode = ssl.CERT_OPTIONAL
    serving.load_verify_locations(authority.file)
    shown: list[bool] = []
    security = secured(authority, tmp_path, certificate=certificate)
    with (
        peer(asking_after_the_handshake(serving, shown, answers=answers)) as (port, _),
        session(port, security, timeouts=LONG if answers else SHORT) as host,
    ):
        found = failure(host.identify)
    assert shown == [certificate]
    expected = FailureKind.ACCESS_DENIED if answers or not certificate else FailureKind.TIMED_OUT
    assert found.kind is expected


class Openssl:
    """OpenSSL's own server; what is written to it goes to the client, but for its commands."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        issued = authority.own.issue_cert(NAME)
        pem = folder / "server.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(pem)
        found = shutil.which("openssl")
        if found is None:
            pytest.skip("openssl is not installed")
        self._log = folder / "openssl.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *(found, "s_server", "-tls1_2", "-no_resumption_on_reneg", "-msg"),
                    *("-accept", "127.0.0.1:0", "-cert", str(pem), "-CAfile", str(authority.file)),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self.port = int(self.until(re.compile(rb"ACCEPT 127\.0\.0\.1:(\d+)"))[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def said(self) -> bytes:
        """All that it has said: the messages of TLS, and what it was sent."""
        return self._log.read_bytes()

    def until(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Wait until it has said this."""
        for _ in range(2000):
            if (found := pattern.search(self.said)) is not None:
                return found
            time.sleep(0.01)
        raise AssertionError(self.said)

    def say(self, data: bytes) -> None:
        """Write to it: a command, or what the client gets."""
        given = self._process.stdin
        assert given is not None
        given.write(data)
        given.flush()


def played(
    folder: Path, play: Callable[[Openssl], None], *, certificate: bool
) -> tuple[WsmanError, bytes]:
    """Return what a session comes to where this is played at its request; and the peer's log."""
    authority = Authority(folder)
    security = secured(authority, folder, certificate=certificate)
    seconds = LONG if play is asks_and_answers else SHORT
    with Openssl(folder, authority) as server:

        def act() -> None:
            server.until(re.compile(b"POST /wsman"))
            with suppress(OSError):
                play(server)

        thread = threading.Thread(target=act)
        thread.start()
        with session(server.port, security, timeouts=seconds) as host:
            found = failure(host.identify)
        thread.join(60)
        assert not thread.is_alive()
    return found, server.said


def asks_and_answers(server: Openssl) -> None:
    server.say(WITH_CERTIFICATE)
    server.until(SECOND_END)
    server.say(FORBIDDEN)


def asks_and_is_silent(server: Openssl) -> None:
    server.say(WITH_CERTIFICATE)


def begins_again_for_ever(server: Openssl) -> None:
    # Until the client has left.
    for _ in range(100_000):
        server.say(AGAIN)


@pytest.mark.peer
@pytest.mark.parametrize("certificate", [True, False], ids=["certificate", "none"])
@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (asks_and_answers, FailureKind.ACCESS_DENIED),
        (asks_and_is_silent, FailureKind.TIMED_OUT),
        (begins_again_for_ever, FailureKind.TIMED_OUT),
    ],
)
def test_a_handshake_that_begins_again_is_gone_through_and_has_its_limit(
    tmp_path: Path, play: Callable[[Openssl], None], kind: FailureKind, certificate: bool
) -> None:
    found, said = played(tmp_path, play, certificate=certificate)
    assert found.kind is kind, said
    if play is asks_and_answers:
        (length,) = SHOWN.findall(said)
        assert (int(length, 16) > len(NO_CERTIFICATE)) is certificate
