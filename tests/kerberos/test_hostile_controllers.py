"""What answers in a KDC's place: each is one failure of the account, within the KDC's limit."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from directory_accounts import OPERATOR
from directory_keeper import write_krb5_conf
from realm import Realm

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Secret
from livemigration.facts.model import FailureKind
from livemigration.wsman.first_tickets import ByPassword
from livemigration.wsman.kerberos import Tickets
from livemigration.wsman.kerberos_causes import KerberosError
from livemigration.wsman.principals import Principal

pytestmark = pytest.mark.usefixtures("at_home")

LIMIT = 2.0
MEGABYTES = 100
Answer = Callable[[socket.socket], None]


def says(data: bytes) -> Answer:
    return lambda connection: connection.sendall(data)


def framed(data: bytes) -> Answer:
    """Return what answers with these bytes as a message (RFC 4120 7.2.2)."""
    return says(struct.pack(">I", len(data)) + data)


def floods(connection: socket.socket) -> None:
    """Announce as much as fits into the number, and send until the client leaves."""
    connection.sendall(b"\x7f\xff\xff\xff")
    for _ in range(4096):
        connection.sendall(bytes(1 << 16))


def drips(connection: socket.socket) -> None:
    connection.sendall(struct.pack(">I", 4096))
    for _ in range(40):
        connection.sendall(b"\x7e")
        time.sleep(0.1)


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


KINDS: dict[str, Answer] = {
    "closes": says(b""),
    "resets": resets,
    "is an SSH server": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "speaks HTTP": says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"),
    "sends nothing in a message": framed(b""),
    "sends rubbish in a message": framed(os.urandom(600)),
    "ends within a message": says(struct.pack(">I", 600) + b"\x7e"),
    "nests a million deep": framed(b"\x30\x80" * 500_000),
    "floods": floods,
    "drips": drips,
}


@contextlib.contextmanager
def controller(answer: Answer) -> Iterator[str]:
    """Give the address and the port of what answers each request of TCP so; none comes by UDP."""
    listener = socket.create_server(("127.88.0.11", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(10)
                connection.recv(65536)
                answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield "{}:{}".format(*listener.getsockname())
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.parametrize("kind", KINDS)
def test_what_answers_in_the_place_of_a_kdc_is_one_failure_within_its_limit(
    realm: Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    own = Tickets(
        Principal(OPERATOR, realm.name), ByPassword(Secret(realm.password(OPERATOR))), LIMIT
    )
    with controller(KINDS[kind]) as kdc:
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(tmp_path / "krb5.conf", kdc)))
        began = time.monotonic()
        with pytest.raises(KerberosError) as raised:
            own.ready(Deadline.after(60))
        # The limit is one of a thread that waits for nothing else; far off is what hangs.
        assert time.monotonic() - began < LIMIT + 10
        with pytest.raises(KerberosError) as again:
            own.ready(Deadline.after(60))
    error = raised.value
    assert error.kind is FailureKind.KERBEROS
    assert (error.account, str(error)) == (f"{OPERATOR}@{realm.name}", str(again.value))
    assert error.came_back.isprintable()
    assert error.next_step.endswith(".")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEGABYTES << 10
