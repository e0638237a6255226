"""NTLM signs in to one connection: what is said where something in between does not keep it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer, _Connection, read_request
from tls_peers import Authority, session
from wsman_support import PASSWORD, Connect, failure, script

from livemigration.facts.model import FailureKind
from livemigration.wsman.challenge import Challenge, answered_challenge
from livemigration.wsman.post import Head, Headers
from livemigration.wsman.security import Security
from livemigration.wsman.tls import context

pytestmark = pytest.mark.usefixtures("each_client")

# The last of the three messages of NTLM, in base64.
LAST = "TlRMTVNTUAAD"
Closes = Callable[[bytes], bool]


class Between(NtlmServer):
    """A server behind something that speaks its own HTTP.

    Args:
        says: changes a reply.
        closes: whether the connection ends with a reply.
    """

    def __init__(
        self,
        says: Callable[[bytes], bytes],
        closes: Closes,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(script(soap.identity()), tls=tls)
        self.says = says
        self.closes = closes

    def _serve(self, connection: socket.socket) -> None:
        state = _Connection(self)
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection, connection.makefile("rb") as reader:
                while (request := read_request(reader)) is not None:
                    self.wire.append(request)
                    reply = state.handle(*request)
                    assert reply is not None
                    connection.sendall(self.says(reply))
                    if self.closes(reply):
                        return
        except OSError:
            return


def as_it_is(reply: bytes) -> bytes:
    return reply


def old(reply: bytes) -> bytes:
    return reply.replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def old_but_kept(reply: bytes) -> bytes:
    return old(reply).replace(b"\r\n", b"\r\nConnection: keep-alive\r\n", 1)


def said_to_close(reply: bytes) -> bytes:
    return reply.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def always(_: bytes) -> bool:
    return True


def never(_: bytes) -> bool:
    return False


def at_the_offer(reply: bytes) -> bool:
    return b" 401 " in reply and b"TlRMTVNTU" not in reply


def said_with_the_offer(reply: bytes) -> bytes:
    return said_to_close(reply) if at_the_offer(reply) else reply


@in_turn(
    "says, closes, told",
    [
        (old, always, "HTTP/1.0"),
        (old, never, "HTTP/1.0"),
        (said_to_close, always, "too early"),
    ],
)
def test_a_connection_that_does_not_last_is_not_told_as_a_refused_password(
    connect: Connect, says: Callable[[bytes], bytes], closes: Closes, told: str
) -> None:
    with Between(says, closes) as server:
        failed = failure(connect(server.port).identify)
    assert failed.kind is FailureKind.PROTOCOL
    assert told in failed.came_back
    assert "between this machine and the host" in failed.next_step
    assert "one connection" in failed.next_step
    assert ("HTTP/1.0" in failed.next_step) is (told == "HTTP/1.0")
    # What a host would count as a wrong password was not sent.
    assert not any(LAST in headers.get("authorization", "") for headers, _ in server.wire)


@pytest.mark.parametrize("says", [old, said_to_close])
def test_it_is_told_so_over_tls_too_where_a_sign_in_is_bound_to_the_connection(
    tmp_path: Path, says: Callable[[bytes], bytes]
) -> None:
    authority = Authority(tmp_path)
    trusting = Security(tls=context(ca=authority.file))
    with Between(says, always, authority.serving()) as server:
        failed = failure(session(server.port, trusting).identify)
    assert failed.kind is FailureKind.PROTOCOL
    assert "within the sign-in" in failed.came_back


@in_turn(
    "says, closes",
    [(old_but_kept, never), (said_with_the_offer, at_the_offer), (as_it_is, never)],
)
def test_one_that_lasts_for_the_sign_in_is_enough(
    connect: Connect, says: Callable[[bytes], bytes], closes: Closes
) -> None:
    with Between(says, closes) as server:
        connect(server.port).identify()


@in_turn("says, closes", [(said_with_the_offer, at_the_offer), (as_it_is, never)])
def test_a_password_that_is_refused_stays_one(
    connect: Connect, says: Callable[[bytes], bytes], closes: Closes
) -> None:
    with Between(says, closes) as server:
        failed = failure(connect(server.port, password=PASSWORD + "!").identify)
    assert failed.kind is FailureKind.AUTHENTICATION


@in_turn(
    "said, status, given, answers",
    [
        ("Negotiate TlRMTVNTUAACAAAA", 401, "Negotiate TlRMTVNTUAADAAAA", True),
        ("negotiate TlRMTVNTUAACAAAA", 401, "Negotiate TlRMTVNTUAADAAAA", True),
        ("Negotiate, CredSSP FgMDAAA=", 401, "CredSSP FgMDBBB=", True),
        # NTLM after a ticket that was not taken begins anew.
        ("Negotiate YIIBAAAA", 401, "Negotiate TlRMTVNTUAABAAAA", False),
        ("Negotiate, NTLM", 401, "Negotiate TlRMTVNTUAABAAAA", False),
        ("Negotiate", 401, "Negotiate YIIBAAAA", False),
        ('Basic realm="WSMAN"', 401, "Basic dXNlcjpwYXNz", False),
        ("Negotiate oYIBAAAA", 200, "Negotiate YIIBAAAA", False),
        ("Negotiate TlRMTVNTUAACAAAA", 401, "", False),
    ],
)
def test_what_answers_a_challenge(said: str, status: int, given: str, answers: bool) -> None:
    before = Head(status, Headers([("www-authenticate", said)]))
    assert answered_challenge(given, before) == (Challenge(old=False) if answers else None)
    assert answered_challenge(given, None) is None
