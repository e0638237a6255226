"""The lab over HTTPS: what its listeners take, and what they refuse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from in_turn import in_turn
from lab_clients import fleet_file
from tls_peers import Authority

from livemigration.base.deadline import Deadline
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.model import FailureKind
from livemigration.gather.connect import Access, Target, connector, knock_at, security_of
from livemigration.inventory.connection import UNENCRYPTED, Connection, ConnectionFiles
from livemigration.lab.launch import RunningLab, start
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import WsmanSession


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet")), https=True) as running:
        yield running


@pytest.fixture
def client(lab: RunningLab, tmp_path: Path) -> ConnectionFiles:
    """The certificate that the lab issued, and its key."""
    path = tmp_path / "client.pem"
    path.touch(mode=0o600)
    path.write_text(lab.client, encoding="ascii")
    return ConnectionFiles(client_certificate=path, client_key=path)


def session(
    lab: RunningLab,
    connection: Connection,
    files: ConnectionFiles | None = None,
    credentials: Credentials | None = None,
) -> WsmanSession:
    security = security_of(connection, files or ConnectionFiles(), lab.authority)
    host = lab.hosts[0]
    port = host.https_port if connection.https else host.port
    access = Access(connection, credentials or lab.credentials, security)
    target = Target(host.name, host.address, port, access=access)
    return connector()(target, Deadline.after(20))


def refused(asked: WsmanSession) -> WsmanError:
    with asked, pytest.raises(WsmanError) as raised:
        asked.identify()
    return raised.value


CERTIFICATE = Connection(
    https=True, transport="certificate", client_certificate="c", client_key="k"
)


@in_turn(
    "connection, how",
    [
        (Connection(https=True), "NTLM over HTTPS, certificate checked"),
        (Connection(https=True, transport="negotiate"), "NTLM over HTTPS, certificate checked"),
        (Connection(https=True, transport="basic"), "Basic over HTTPS, certificate checked"),
        (CERTIFICATE, "client certificate over HTTPS, certificate checked"),
        (
            Connection(https=True, server_certificate="ignore"),
            "NTLM over HTTPS, certificate NOT checked",
        ),
        (Connection(), "NTLM over HTTP, messages encrypted"),
        (
            Connection(transport="basic", send_password_unencrypted=UNENCRYPTED),
            "Basic over HTTP, UNENCRYPTED",
        ),
    ],
)
def test_each_way_to_sign_in_is_taken_and_says_what_it_is(
    lab: RunningLab, client: ConnectionFiles, connection: Connection, how: str
) -> None:
    files = client if connection.transport == "certificate" else None
    with session(lab, connection, files) as asked:
        assert asked.identify().signed_in == how


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_a_wrong_password_is_refused_over_https(lab: RunningLab, transport: str) -> None:
    wrong = Credentials(lab.credentials.username, Secret("wrong"))
    connection = Connection.model_validate({"https": True, "transport": transport})
    failed = refused(session(lab, connection, credentials=wrong))
    assert failed.kind is FailureKind.AUTHENTICATION
    assert ("Basic" in failed.next_step) is (transport == "basic")


def test_a_password_beyond_latin_1_reaches_basic_as_it_is(lab: RunningLab) -> None:
    other = Credentials(lab.credentials.username, Secret("pä€ß"))
    failed = refused(session(lab, Connection(https=True, transport="basic"), credentials=other))
    assert failed.kind is FailureKind.AUTHENTICATION


def test_a_client_certificate_of_another_ca_is_refused(lab: RunningLab, tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).client(tmp_path)
    foreign = ConnectionFiles(client_certificate=certificate, client_key=key)
    failed = refused(session(lab, CERTIFICATE, foreign))
    # With TLS 1.3 a reset may overtake the alert, and then nobody knows what it was about.
    assert failed.kind in {FailureKind.AUTHENTICATION, FailureKind.UNREACHABLE}
    assert "client certificate" in f"{failed.came_back} {failed.next_step}"
    assert "certmapping" in failed.next_step


def test_no_client_certificate_is_refused(lab: RunningLab) -> None:
    failed = refused(session(lab, CERTIFICATE))
    assert failed.kind is FailureKind.AUTHENTICATION


def test_a_lab_is_trusted_by_the_run_that_started_it_alone(lab: RunningLab) -> None:
    stranger = replace(lab, authority="")
    assert refused(session(stranger, Connection(https=True))).kind is FailureKind.CERTIFICATE


def test_a_knock_speaks_tls_too(lab: RunningLab) -> None:
    connection, host = Connection(https=True), lab.hosts[0]

    def target(authority: str) -> Target:
        security = security_of(connection, ConnectionFiles(), authority)
        access = Access(connection, security=security)
        return Target(host.name, host.address, host.https_port, access=access)

    knock_at(target(lab.authority), Deadline.after(10))
    with pytest.raises(WsmanError) as raised:
        knock_at(target(""), Deadline.after(10))
    assert raised.value.kind is FailureKind.CERTIFICATE


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such bits")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(client: ConnectionFiles, mode: int) -> None:
    assert client.client_key is not None
    client.client_key.chmod(mode)
    with pytest.raises(UsageError) as raised:
        security_of(CERTIFICATE, client)
    said = str(raised.value)
    assert said.startswith(f"connection.client_key: {client.client_key}: others than its owner")
    assert f"(mode {mode:04o}). Run: chmod 600 " in said


@pytest.mark.parametrize("missing", ["client_certificate", "client_key"])
def test_a_pair_that_cannot_be_used_is_named(
    client: ConnectionFiles, tmp_path: Path, missing: str
) -> None:
    gone = tmp_path / "gone.pem"
    with pytest.raises(UsageError, match=r"connection: .*gone\.pem.*No such file"):
        security_of(CERTIFICATE, replace(client, **{missing: gone}))


def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    certificate, key = Authority(tmp_path).client(tmp_path)
    opened = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        opened.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(UsageError, match="the key is encrypted"):
        security_of(CERTIFICATE, ConnectionFiles(None, certificate, key))


def test_the_key_of_a_lab_is_not_shown(lab: RunningLab) -> None:
    assert "PRIVATE KEY" in lab.client
    assert "PRIVATE KEY" not in repr(lab)
