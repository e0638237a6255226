"""Who is believed over TLS, what is said of others, and that they learn nothing."""

from __future__ import annotations

import logging
import socket
import ssl
import traceback
from collections.abc import Iterator
from pathlib import Path

import certificates
import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer
from tls_peers import NAME, Authority, peer, session
from wsman_support import PASSWORD, USER, carried, failure, script

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.clients import Client
from livemigration.wsman.compat import nt_hash
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.knock import knock
from livemigration.wsman.security import Mechanism, Security
from livemigration.wsman.session import Timeouts
from livemigration.wsman.tls import TlsFileError, context

pytestmark = pytest.mark.usefixtures("each_client")

SECRETS = (PASSWORD, nt_hash(PASSWORD), "TlRMTVNTU", USER)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def trusting(authority: Authority) -> Security:
    return Security(tls=context(ca=authority.file))


@pytest.fixture(autouse=True)
def _nothing_is_told(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for secret in SECRETS:
        assert secret not in caplog.text


def self_signed(folder: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(certificates.write(folder / "own.pem"))
    return made


def test_a_host_of_the_named_ca_is_believed_by_its_name(
    authority: Authority, trusting: Security, each_client: Client
) -> None:
    with NtlmServer(script(soap.identity()), tls=authority.serving()) as server:
        with session(server.port, trusting) as host:
            assert host.identify().signed_in == carried(
                "NTLM over HTTPS, certificate checked", each_client
            )
        knock("127.0.0.1", server.port, 5, Deadline.after(10), (context(ca=authority.file), NAME))


def test_without_a_file_those_are_believed_that_the_system_trusts(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    with (
        NtlmServer(script(soap.identity()), tls=authority.serving()) as server,
        session(server.port, Security(tls=context())) as host,
    ):
        assert host.identify().product_vendor


BAD = {
    "expired": (10, "the certificate has expired: it is for hv01.contoso.com, signed by "),
    "not yet": (9, "the certificate is not valid yet"),
    "other name": (62, "the certificate is not for hv01.contoso.com: it is for hv02.contoso.com"),
    "address only": (62, "the certificate is not for hv01.contoso.com: it is for 127.0.0.1"),
    "unknown CA": (20, "this machine does not know who signed the certificate"),
    "self-signed": (18, "the certificate is self-signed: it is for host, 127.0.0.1"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_a_certificate_that_is_not_accepted_is_named_and_nobody_is_asked_twice(
    authority: Authority, trusting: Security, tmp_path: Path, case: str
) -> None:
    serving = {
        "expired": lambda: authority.serving(begins=-9, ends=-2),
        "not yet": lambda: authority.serving(begins=2, ends=9),
        "other name": lambda: authority.serving("hv02.contoso.com"),
        "address only": lambda: authority.serving("127.0.0.1"),
        "unknown CA": lambda: Authority(tmp_path).serving(),
        "self-signed": lambda: self_signed(tmp_path),
    }[case]()
    code, words = BAD[case]
    with NtlmServer(script(soap.identity()), tls=serving) as server:
        failed = failure(session(server.port, trusting).identify)
        met = server.connections
        with pytest.raises(WsmanError) as knocked:
            knock("127.0.0.1", server.port, 5, Deadline.after(10), (trusting_tls(trusting), NAME))
    assert (failed.kind, failed.code) == (FailureKind.CERTIFICATE, code)
    assert words in failed.came_back
    assert "valid 20" in failed.came_back
    assert knocked.value.came_back == failed.came_back
    assert (met, server.wire) == (1, [])


def trusting_tls(security: Security) -> ssl.SSLContext:
    assert security.tls is not None
    return security.tls


def test_a_host_that_speaks_old_tls_only_is_named(authority: Authority, trusting: Security) -> None:
    old = authority.serving()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1 is deprecated"):
        old.maximum_version = ssl.TLSVersion.TLSv1
    with NtlmServer(script(), tls=old) as server:
        failed = failure(session(server.port, trusting).identify)
    assert failed.kind is FailureKind.TLS
    assert "neither 1.2 nor 1.3" in failed.came_back
    assert (server.connections, server.wire) == (1, [])


def test_a_handshake_that_stalls_is_told_from_a_host_that_is_silent(trusting: Security) -> None:
    with peer(stalled) as (port, met):
        failed = failure(session(port, trusting, timeouts=Timeouts(5, 0.3)).identify)
    assert (failed.kind, failed.code) == (FailureKind.TIMED_OUT, 10060)
    assert failed.came_back == "the TLS handshake did not end in time"
    assert len(met) == 1


def closing(connection: socket.socket) -> None:
    connection.close()


def stalled(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


def test_plain_http_on_the_tls_port_is_named(trusting: Security) -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with peer(answer) as (port, met):
        failed = failure(session(port, trusting).identify)
    assert failed.kind is FailureKind.TLS
    assert failed.came_back == "what answered does not speak TLS"
    assert len(met) == 1


def test_a_host_that_ends_the_handshake_is_named(trusting: Security) -> None:
    with peer(closing) as (port, _):
        failed = failure(session(port, trusting).identify)
    assert (failed.kind, failed.came_back) == (FailureKind.TLS, "the host ended the TLS handshake")


def test_tls_on_the_http_port_is_named(authority: Authority) -> None:
    with NtlmServer(script(), tls=authority.serving()) as server:
        failed = failure(session(server.port, scheme="http").identify)
    assert failed.kind is FailureKind.TLS
    assert failed.came_back == "the port speaks TLS, and was asked without"
    assert server.wire == []


def test_a_host_that_only_closes_is_not_said_to_speak_tls() -> None:
    with peer(closing) as (port, _):
        failed = failure(session(port, scheme="http").identify)
    assert failed.kind is FailureKind.UNREACHABLE


def test_whoever_answers_is_believed_only_where_that_is_said_and_it_is_told(
    tmp_path: Path, each_client: Client
) -> None:
    with (
        NtlmServer(script(soap.identity()), tls=self_signed(tmp_path)) as server,
        session(server.port, Security(tls=context(checked=False))) as host,
    ):
        assert host.identify().signed_in == carried(
            "NTLM over HTTPS, certificate NOT checked", each_client
        )


@in_turn("mechanism", [Mechanism.BASIC, Mechanism.CERTIFICATE])
def test_a_session_without_encryption_sends_nothing_over_http(mechanism: Mechanism) -> None:
    with NtlmServer(script()) as server:
        failed = failure(session(server.port, Security(mechanism), scheme="http").identify)
    assert "anyone on the network could read" in failed.came_back
    assert server.connections == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), ("", "no usable PEM file"), ("-----BEGIN X-----", "no usable PEM")],
)
def test_a_ca_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: str | None, words: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, encoding="ascii")
    with pytest.raises(TlsFileError, match=words) as raised:
        context(ca=path)
    assert str(path) in str(raised.value)


def test_no_frame_of_a_failure_keeps_a_secret(authority: Authority, trusting: Security) -> None:
    with NtlmServer(script(), tls=authority.serving("hv02.contoso.com")) as server:
        failed = failure(session(server.port, trusting).identify)
    shown = "".join(
        traceback.TracebackException.from_exception(failed, capture_locals=True).format()
    )
    for secret in SECRETS[:3]:
        assert secret not in shown
    assert failed.__cause__ is failed.__context__ is None
