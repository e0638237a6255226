"""With a client certificate: what is a refusal of it, and what is none."""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from ntlm_server import read_request
from tls_peers import Authority, peer, session
from wsman_support import failure

from livemigration.facts.model import FailureKind
from livemigration.wsman import framing
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.security import Mechanism, Security
from livemigration.wsman.tls import ClientCertificate, context

pytestmark = pytest.mark.usefixtures("each_client")

Plays = Callable[[ssl.SSLSocket], None]


def says(data: bytes) -> Plays:
    """Return what reads a request and answers with these bytes."""

    def play(hidden: ssl.SSLSocket) -> None:
        with hidden.makefile("rb") as reader:
            read_request(reader)
        hidden.sendall(data)

    return play


def closes(_: ssl.SSLSocket) -> None:
    """Close after the handshake."""


def resets(hidden: ssl.SSLSocket) -> None:
    with hidden.makefile("rb") as reader:
        read_request(reader)
    hidden.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def failed(folder: Path, play: Plays) -> WsmanError:
    """Return what signing in with a certificate comes to where the host plays this."""
    authority = Authority(folder)
    certificate, key = authority.client(folder)
    serving = authority.serving()
    tls = context(ca=authority.file, client=ClientCertificate(certificate, key))

    def serve(connection: socket.socket) -> None:
        with serving.wrap_socket(connection, server_side=True) as hidden:
            play(hidden)

    with (
        peer(serve) as (port, _),
        session(port, Security(Mechanism.CERTIFICATE, tls)) as host,
    ):
        return failure(host.identify)


@pytest.mark.parametrize("play", [closes, resets, says(b"")])
def test_a_connection_that_ends_is_no_refusal_but_may_be_one(tmp_path: Path, play: Plays) -> None:
    found = failed(tmp_path, play)
    assert found.kind is FailureKind.UNREACHABLE
    assert "closed the connection" in found.came_back
    assert "client certificate" in found.next_step
    assert "WinRM service" in found.next_step


@pytest.mark.parametrize(
    "data",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * (1 << 17)],
    ids=["no HTTP", "endless header"],
)
def test_what_cannot_be_read_is_no_refusal_of_the_certificate(tmp_path: Path, data: bytes) -> None:
    found = failed(tmp_path, says(data))
    assert found.kind is FailureKind.PROTOCOL
    assert "certificate" not in found.came_back


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", FailureKind.AUTHENTICATION),
        ("TLSV1_ALERT_UNKNOWN_CA", FailureKind.AUTHENTICATION),
        ("TLSV1_ALERT_INTERNAL_ERROR", FailureKind.TLS),
    ],
)
def test_an_alert_about_the_certificate_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str, kind: FailureKind
) -> None:
    # When the other side's alert arrives is up to the network, so that it is put here.
    alert = ssl.SSLError(1, f"[SSL: {reason}]")
    alert.reason = reason

    def alerted(*_: object, **__: object) -> None:
        raise alert

    # Where either client first looks for a reply.
    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", alerted)
    monkeypatch.setattr(framing.Reading, "reply", alerted)
    assert failed(tmp_path, says(b"")).kind is kind
