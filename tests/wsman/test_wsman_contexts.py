"""Sessions by a ticket and by CredSSP, and machines that do not keep to either.

Tickets are stand-ins here, which need no library: tests/kerberos has real ones.
"""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import spnego
import wsman_replies as soap
from context_server import ContextServer
from in_turn import in_turn
from ntlm_server import http, message_id, shut
from tls_peers import NAME, Authority
from turned import Turned
from wsman_support import ANYTHING, PASSWORD, QUERY, SERVICE, USER, carried, failure, fragment

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.cim import WmiQuery
from livemigration.facts.model import FailureKind
from livemigration.wsman.certificates import binding_data
from livemigration.wsman.clients import Client
from livemigration.wsman.kerberos import Context, TicketSource
from livemigration.wsman.kerberos_causes import KerberosError
from livemigration.wsman.principals import Principal
from livemigration.wsman.security import Mechanism, Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession
from livemigration.wsman.tls import context as tls_context

pytestmark = pytest.mark.usefixtures("each_client")

SPNEGO, CREDSSP = "HTTP-SPNEGO-session-encrypted", "HTTP-CredSSP-session-encrypted"


class Shown(Turned):
    """Either side of a sign-in of two tokens: the ticket, and the proof that it could be read."""

    def __init__(self, *, client: bool) -> None:
        self._client = client
        self.complete = False

    def step(self, token: bytes | None = None) -> bytes | None:
        if token is None:
            return b"ticket"
        if self._client and token != b"proof":
            raise OSError(token)
        if not self._client and token != b"ticket":
            raise OSError(token)
        self.complete = True
        return None if self._client else b"proof"


class Tickets(TicketSource):
    """An account that always has a ticket; notes for whom, and bound to what."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.bound: list[bytes] = []

    @property
    def who(self) -> Principal:
        return Principal("admin", "CONTOSO.COM")

    @property
    def proves_account(self) -> bool:
        return True

    def ready(self, deadline: Deadline) -> None:
        """Have one."""

    def start(
        self,
        service: str,
        machine: str,
        bindings: Any,
        deadline: Deadline,  # noqa: ARG002 - as sessions call it
        *,
        within_tls: bool = False,
    ) -> tuple[Context, bytes]:
        assert not within_tls
        self.asked.append(f"{service}/{machine}")
        self.bound.append(b"" if bindings is None else bindings.application_data)
        made = Shown(client=True)
        return made, made.step() or b""


def session(port: int, security: Security, scheme: str = "http") -> WsmanSession:
    return WsmanSession(
        Endpoint(NAME, "127.0.0.1", port, scheme),
        Credentials(USER, Secret(PASSWORD)),
        Timeouts(connect=5.0, message=10.0),
        Deadline.after(30),
        security,
        register=ANYTHING,
    )


def by_ticket(tickets: TicketSource, tls: ssl.SSLContext | None = None) -> Security:
    return Security(Mechanism.KERBEROS, tls, tickets=tickets, service="WSMAN")


def answering(_: bytes) -> bytes:
    return soap.identity()


def server(
    refuse: Callable[[int, bytes], bytes] = lambda _, reply: reply,
    tls: ssl.SSLContext | None = None,
) -> ContextServer:
    return ContextServer(
        "Negotiate",
        SPNEGO,
        lambda: Shown(client=False),
        answering,
        tls=tls,
        refuse=refuse,
    )


def test_a_ticket_is_for_the_service_and_the_machines_name_and_messages_are_sealed(
    each_client: Client,
) -> None:
    tickets = Tickets()
    with server() as peer, session(peer.port, by_ticket(tickets)) as asked:
        assert asked.identify().signed_in == carried(
            "Kerberos over HTTP, messages encrypted", each_client
        )
        asked.identify()
        assert len(peer.requests) == 2
        assert b"Identify" in peer.requests[0]
        assert b"Identify" not in peer.wire
    assert tickets.asked == [f"WSMAN/{NAME}"]


def test_over_tls_the_ticket_is_bound_to_the_certificate(
    tmp_path: Path, each_client: Client
) -> None:
    authority = Authority(tmp_path)
    tickets = Tickets()
    secured = by_ticket(tickets, tls_context(ca=authority.file))
    with server(tls=authority.serving()) as peer, session(peer.port, secured, "https") as asked:
        assert asked.identify().signed_in == carried(
            "Kerberos over HTTPS, certificate checked", each_client
        )
        shown = ssl.get_server_certificate(("127.0.0.1", peer.port))
    assert tickets.bound == [binding_data(ssl.PEM_cert_to_DER_cert(shown))]


def test_a_long_request_and_a_long_reply_travel_sealed() -> None:
    items = soap.page("".join(fragment(f"service {number}") for number in range(2000)))

    def answer(request: bytes) -> bytes:
        return soap.envelope(items, message_id(request))

    peer = ContextServer("Negotiate", SPNEGO, lambda: Shown(client=False), answer)
    with peer, session(peer.port, by_ticket(Tickets())) as asked:
        assert len(asked.enumerate(QUERY)) == 2000


def reply(leg: int, *given: object) -> Callable[[int, bytes], bytes]:
    """Answer one leg of a sign-in otherwise."""
    return lambda number, usual: http(*given) if number == leg else usual  # type: ignore[arg-type] # what http takes


def token(text: bytes, scheme: str = "Negotiate") -> str:
    return f"WWW-Authenticate: {scheme} {base64.b64encode(text).decode()}"


# What a machine answers → the kind, and what is said of it.
HOSTILE = {
    "asks for nothing": (reply(0, 200), FailureKind.PROTOCOL, "did not ask for authentication"),
    "offers only Basic": (
        reply(0, 401, b"", 'WWW-Authenticate: Basic realm="x"'),
        FailureKind.AUTHENTICATION,
        "the host offers no Negotiate authentication",
    ),
    "offers nothing": (reply(0, 401), FailureKind.AUTHENTICATION, "offers no Negotiate"),
    "proves nothing": (reply(1, 200), FailureKind.PROTOCOL, "did not show that it is the machine"),
    "proves something else": (
        reply(1, 200, b"", token(b"another")),
        FailureKind.KERBEROS,
        f"answered the ticket for WSMAN/{NAME} with what does not prove that it is this machine",
    ),
    "answers with NTLM": (
        reply(1, 401, b"", token(b"NTLMSSP\0\2")),
        FailureKind.KERBEROS,
        f"answered the ticket for WSMAN/{NAME} with NTLM",
    ),
    "says no token": (
        reply(1, 200, b"", "WWW-Authenticate: Negotiate %%%"),
        FailureKind.PROTOCOL,
        "the reply's token is not one",
    ),
    "refuses and says no more": (
        reply(1, 401, b"", "WWW-Authenticate: Negotiate"),
        FailureKind.KERBEROS,
        f"did not take the ticket for WSMAN/{NAME} (HTTP 401)",
    ),
    "refuses though it proves itself": (
        reply(1, 401, b"", token(b"proof")),
        FailureKind.KERBEROS,
        "did not take the ticket",
    ),
    "forbids": (reply(1, 403), FailureKind.ACCESS_DENIED, "HTTP 403"),
    "fails": (reply(1, 500), FailureKind.PROTOCOL, "did not show that it is the machine"),
    "sends elsewhere": (
        reply(1, 302, b"", "Location: http://127.0.0.1:1/wsman"),
        FailureKind.PROTOCOL,
        "a redirect to another address",
    ),
}


@in_turn("name", HOSTILE)
def test_a_machine_that_does_not_keep_to_it_gets_no_message(name: str) -> None:
    refuse, kind, said = HOSTILE[name]
    with server(refuse) as peer, session(peer.port, by_ticket(Tickets())) as asked:
        found = failure(asked.identify)
        again = failure(asked.identify)
    assert found.kind is kind
    assert said in found.came_back
    assert again.kind is kind
    assert not peer.requests
    assert b"Identify" not in peer.wire


@in_turn(
    "version, kind, said",
    [
        (b"HTTP/1.0", FailureKind.PROTOCOL, "after the sign-in, with HTTP/1.0"),
        (b"HTTP/1.1", FailureKind.UNREACHABLE, "closed the connection"),
    ],
)
def test_a_connection_that_ends_with_the_sign_in_is_told_as_what_it_is(
    version: bytes, kind: FailureKind, said: str
) -> None:
    def ends(_: int, usual: bytes) -> bytes:
        said_to_end = usual.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        return said_to_end.replace(b"HTTP/1.1", version, 1)

    with server(ends) as peer, session(peer.port, by_ticket(Tickets())) as asked:
        found = failure(asked.identify)
    assert (found.kind, said in found.came_back) == (kind, True), found.came_back
    assert ("speaks HTTP/1.0" in found.next_step) is (version == b"HTTP/1.0")
    assert not peer.requests


def test_http_1_0_that_keeps_its_connection_is_enough_and_its_loss_is_one_that_passes() -> None:
    def kept(_: int, usual: bytes) -> bytes:
        old = usual.replace(b"HTTP/1.1", b"HTTP/1.0", 1)
        return old.replace(b"\r\n", b"\r\nConnection: keep-alive\r\n", 1)

    with server(kept) as peer, session(peer.port, by_ticket(Tickets())) as asked:
        asked.identify()
        sealed = peer.reply
        peer.reply = lambda *given: kept(0, sealed(*given))  # type: ignore[method-assign] # as it is
        asked.identify()
        shut(peer._open[0])
        assert failure(asked.identify).kind is FailureKind.UNREACHABLE


def test_a_reply_in_clear_is_not_taken() -> None:
    with server() as peer, session(peer.port, by_ticket(Tickets())) as asked:
        asked.identify()
        peer.reply = lambda *_: http(  # type: ignore[method-assign] # for the rest of the test
            200, soap.identity(), "Content-Type: application/soap+xml;charset=UTF-8"
        )
        assert "the reply is not encrypted" in failure(asked.identify).came_back


def test_a_machine_with_an_address_for_a_name_is_not_even_connected_to() -> None:
    with server() as peer:
        asked = WsmanSession(
            Endpoint("127.0.0.1", "127.0.0.1", peer.port),
            Credentials(USER, Secret(PASSWORD)),
            Timeouts(),
            Deadline.after(30),
            by_ticket(Tickets()),
        )
        found = failure(asked.identify)
    assert isinstance(found, KerberosError)
    assert not peer.contexts


def credssp(serving: ssl.SSLContext) -> ContextServer:
    return ContextServer(
        "CredSSP",
        CREDSSP,
        lambda: spnego.server(protocol="credssp", options=spnego.NegotiateOptions.use_ntlm),
        lambda request: (
            soap.envelope(soap.page(fragment("x" * 40)), message_id(request))
            if b"Enumerate" in request
            else soap.identity()
        ),
        tls=serving,
    )


def test_credssp_signs_in_over_tls_hands_over_the_password_and_says_so(
    tmp_path: Path, each_client: Client
) -> None:
    authority = Authority(tmp_path)
    secured = Security(Mechanism.CREDSSP, tls_context(ca=authority.file))
    with credssp(authority.serving()) as peer, session(peer.port, secured, "https") as asked:
        assert asked.identify().signed_in == carried(
            "CredSSP over HTTPS, certificate checked, PASSWORD GIVEN to the machine", each_client
        )
        long = WmiQuery(SERVICE, "Name = '" + "x" * 20_000 + "'")
        assert len(asked.enumerate(long)) == 1
        given = peer.contexts[0].get_extra_info("client_credential")
    assert given.password == PASSWORD
    assert peer.kinds == ["multipart/encrypted", "multipart/x-multi-encrypted"]


def test_credssp_with_a_wrong_password_is_refused(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    secured = Security(Mechanism.CREDSSP, tls_context(ca=authority.file))
    with credssp(authority.serving()) as peer:
        asked = WsmanSession(
            Endpoint(NAME, "127.0.0.1", peer.port, "https"),
            Credentials(USER, Secret("another")),
            Timeouts(),
            Deadline.after(30),
            secured,
        )
        found = failure(asked.identify)
        asked.close()
    assert found.kind is FailureKind.AUTHENTICATION
    assert not peer.requests


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_credssp_gives_nobody_a_password_who_was_not_checked(tmp_path: Path, scheme: str) -> None:
    authority = Authority(tmp_path)
    tls = tls_context(checked=False) if scheme == "https" else None
    secured = Security(Mechanism.CREDSSP, tls)
    with credssp(authority.serving()) as peer, session(peer.port, secured, scheme) as asked:
        found = failure(asked.identify)
    assert "the password is given to nobody" in found.came_back
    assert not peer.contexts
