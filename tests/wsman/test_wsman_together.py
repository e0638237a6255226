"""The first question travels with the last message of NTLM: what becomes of it where it may not."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable

import pytest
import wsman_replies as soap
from logons import counted
from ntlm_server import NtlmServer, _Connection, action, http, message_id
from wsman_support import (
    ANYTHING,
    PASSWORD,
    QUERY,
    USER,
    carried,
    failure,
    fragment,
    script,
)

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.model import FailureKind
from livemigration.wsman.clients import SIGNED_IN_APART, Client
from livemigration.wsman.manners import Manners
from livemigration.wsman.security import Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

HOW = carried("NTLM over HTTP, messages encrypted", Client.STREAMS)
APART = f"{HOW}, {SIGNED_IN_APART}"


@pytest.fixture(autouse=True)
def logons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return counted(monkeypatch)


def streams(port: int, manners: Manners | None = None, password: str = PASSWORD) -> WsmanSession:
    return session_of(Client.STREAMS, port, password=password, manners=manners)


def session_of(
    client: Client,
    port: int,
    *,
    password: str = PASSWORD,
    seconds: float = 10,
    manners: Manners | None = None,
) -> WsmanSession:
    return WsmanSession(
        Endpoint("host", "127.0.0.1", port),
        Credentials(USER, Secret(password)),
        Timeouts(5, seconds),
        Deadline.after(30),
        Security(client=client),
        register=ANYTHING,
        manners=manners,
    )


class Odd(NtlmServer):
    """Answers a message that comes with the sign-in in its own way.

    Args:
        says: gets what it would answer; gives what it does.
        always: whether it answers all sealed messages so.
    """

    def __init__(self, says: Callable[[bytes], bytes], *, always: bool = False) -> None:
        super().__init__(lambda _: (200, soap.identity()))
        self.says, self.always = says, always


class OddConnection(_Connection):
    def handle(self, headers: dict[str, str], body: bytes) -> bytes | None:
        reply = super().handle(headers, body)
        server = self._server
        if isinstance(server, Odd) and body and reply is not None:
            along = "authorization" in headers
            return server.says(reply) if along or server.always else reply
        return reply


@pytest.fixture(autouse=True)
def _odd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ntlm_server._Connection", OddConnection)


def types_of(server: NtlmServer) -> list[tuple[int, bool]]:
    """Return the number of each message of NTLM that came, and whether something came with it."""
    found = []
    for headers, body in server.wire:
        token = base64.b64decode(headers.get("authorization", "").rpartition(" ")[2])
        found.append((token[8] if token else 0, bool(body)))
    return found


def test_a_session_begins_with_two_requests(logons: list[str]) -> None:
    with NtlmServer(script(soap.identity(), soap.page(fragment("vmms")))) as server:
        session = streams(server.port)
        assert session.identify().signed_in == HOW
        assert len(session.enumerate(QUERY)) == 1
        session.close()
    assert types_of(server) == [(1, False), (3, True), (0, True)]
    assert (server.connections, len(logons)) == (1, 1)


def test_a_message_that_changes_something_does_not_travel_with_the_sign_in() -> None:
    replies = script(*["<x:Any/>"] * 9)
    with NtlmServer(replies) as server:
        session = streams(server.port)
        failure(lambda: session.run_program("whoami"))
        session.close()
    assert action(server.requests[0]) == "Create"
    assert types_of(server)[:3] == [(1, False), (3, False), (0, True)]


def bad_request(_: bytes) -> bytes:
    return http(400, b"<html>Bad Request</html>")


def nothing(_: bytes) -> bytes:
    return http(200)


def readable(_: bytes) -> bytes:
    return http(200, soap.identity(), "Content-Type: application/soap+xml;charset=UTF-8")


def changed(reply: bytes) -> bytes:
    return reply[:-60] + bytes([reply[-60] ^ 1]) + reply[-59:]


NOT_TAKEN = [bad_request, nothing, readable, changed]


@pytest.mark.parametrize("says", NOT_TAKEN)
def test_a_machine_that_does_not_take_both_is_asked_anew_and_the_run_remembers(
    logons: list[str], says: Callable[[bytes], bytes]
) -> None:
    manners = Manners()
    with Odd(says) as server:
        session = streams(server.port, manners)
        assert session.identify().signed_in == APART
        session.identify()
        session.close()
        assert types_of(server) == [
            *[(1, False), (3, True)],
            *[(1, False), (3, False), (0, True), (0, True)],
        ]
        assert (server.connections, len(logons)) == (2, 2)
        del server.wire[:]
        again = streams(server.port, manners)
        assert again.identify().signed_in == APART
        again.close()
        assert types_of(server) == [(1, False), (3, False), (0, True)]
    assert len(logons) == 3


@pytest.mark.parametrize("says", NOT_TAKEN)
def test_what_is_not_cured_by_it_is_told_and_only_two_machines_are_asked_anew(
    logons: list[str], says: Callable[[bytes], bytes]
) -> None:
    manners, asked = Manners(), []
    for _ in range(4):
        with Odd(says, always=True) as server:
            session = streams(server.port, manners)
            failed = failure(session.identify)
            session.close()
        assert failed.kind is FailureKind.PROTOCOL
        asked.append(server.connections)
    assert asked == [2, 2, 1, 1]
    assert len(logons) == sum(asked)
    assert not manners.together.apart


@pytest.mark.parametrize("form", ["together", "apart"])
def test_a_refused_password_is_final_in_either_form(logons: list[str], form: str) -> None:
    manners = Manners()
    manners.together.apart = form == "apart"
    with NtlmServer(script(soap.identity())) as server:
        session = streams(server.port, manners, password="wrong")
        failed = failure(session.identify)
        again = failure(session.identify)
        session.close()
    assert failed.kind is again.kind is FailureKind.AUTHENTICATION
    assert (server.connections, len(logons)) == (1, 1)
    assert not server.requests


@pytest.mark.parametrize("status", [403, 404, 500, pytest.param(503, marks=pytest.mark.long)])
def test_another_status_is_no_reason_to_sign_in_again(logons: list[str], status: int) -> None:
    with Odd(lambda _: http(status, b"no"), always=True) as server:
        session = streams(server.port, Manners())
        failed = failure(session.identify)
        session.close()
    assert failed.code == status
    # A service that takes nothing for now is asked again, each time over a fresh connection.
    assert server.connections == len(logons) if status == 503 else len(logons) == 1


def test_a_fault_that_comes_with_the_sign_in_is_a_fault(logons: list[str]) -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        return 500, soap.envelope(soap.fault(5, "Denied."), message_id(request))

    with NtlmServer(answer) as server:
        session = streams(server.port)
        failed = failure(lambda: session.enumerate(QUERY))
        assert not session.ended
        session.close()
    assert failed.kind is FailureKind.ACCESS_DENIED
    assert (server.connections, len(logons)) == (1, 1)


class OnlyNtlm(_Connection):
    """Knows NTLM by its own name alone."""

    def handle(self, headers: dict[str, str], body: bytes) -> bytes | None:
        if headers.get("authorization", "").startswith("Negotiate"):
            return http(401, b"", "WWW-Authenticate: NTLM")
        return super().handle(headers, body)


def test_a_machine_that_offers_ntlm_by_its_name_alone_is_signed_in_to(
    logons: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ntlm_server._Connection", OnlyNtlm)
    with NtlmServer(script(soap.identity())) as server:
        session = streams(server.port)
        session.identify()
        session.close()
    assert types_of(server) == [(1, False), (1, False), (3, True)]
    assert len(logons) == 1


IDS = re.compile(rb"uuid:[0-9A-F-]{36}|127.0.0.1:[0-9]+|PT[0-9]+S")


def messages_over(client: Client) -> list[bytes]:
    """Return the messages of a conversation before they are sealed, without what is always new."""
    replies = script(
        soap.identity(),
        soap.page(fragment("a"), context="c1", ended=False),
        soap.page(fragment("b"), first=False),
        *["<x:Any/>"] * 9,
    )
    with NtlmServer(replies) as server:
        session = session_of(client, server.port)
        session.identify()
        session.enumerate(QUERY)
        failure(lambda: session.run_program("whoami", ["/all"], b"in"))
        session.close()
    assert len(server.requests) > 3
    return [IDS.sub(b"", each) for each in server.requests]


def test_both_clients_send_the_same_messages() -> None:
    assert messages_over(Client.STREAMS) == messages_over(Client.PYWINRM)


@pytest.mark.parametrize("client", Client)
def test_a_first_question_that_takes_long_is_no_host_that_refused_the_credentials(
    client: Client,
) -> None:
    """Whether the host is there is asked then: a query may be slow, and so may its provider."""
    waiting = threading.Event()

    def slow(_: bytes) -> tuple[int, bytes]:
        waiting.wait(10)
        return 200, soap.identity()

    with NtlmServer(slow) as server:
        session = session_of(client, server.port, seconds=0.5)
        failed = failure(lambda: session.enumerate(QUERY))
        heard = session.heard()
        waiting.set()
        session.close()
    assert failed.kind is FailureKind.TIMED_OUT
    assert heard is not None
    with NtlmServer(slow) as server:
        refused = streams(server.port, password="wrong")
        failure(lambda: refused.enumerate(QUERY))
        assert refused.heard() is None
        refused.close()
