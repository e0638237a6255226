"""One session that signs in with a context of pyspnego: Kerberos, and CredSSP."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import spnego

from livemigration.base.secret import Credentials
from livemigration.wsman.causes import plain_reply
from livemigration.wsman.certificates import binding_data
from livemigration.wsman.challenge import challenges
from livemigration.wsman.compat import channel_bindings
from livemigration.wsman.errors import HTTP_UNAUTHORIZED, WsmanError, unusable
from livemigration.wsman.guard import GuardedConnection, authentication_refused
from livemigration.wsman.kerberos import TicketSource, code_of
from livemigration.wsman.kerberos_causes import answer_failure, not_taken
from livemigration.wsman.post import USER_AGENT, HttpReply, Poster
from livemigration.wsman.sealing import CREDSSP, SPNEGO, Form, is_sealed, seal, unseal

# Legs that a sign-in takes at most: five were seen (authentication.md B).
_LEGS_AT_MOST = 12
SOAP = "application/soap+xml;charset=UTF-8"
_SPELT = {"negotiate": "Negotiate", "credssp": "CredSSP"}


class ContextTransport:
    """Messages over one connection, sealed with a context.

    Args:
        poster: what they travel with, the guard in place.
        line: the connection under it.
        form: how they are sealed.
    """

    def __init__(self, poster: Poster, line: GuardedConnection, form: Form) -> None:
        self._poster = poster
        self._line = line
        self._form = form
        self._context: Any = None

    def exchange(self, plain: bytes) -> bytes:
        """Send a message, sealed, and return the one in the reply.

        Raises:
            WsmanError: the reply is not sealed, or not as it says.
        """
        kind, body = seal(self._context, self._form, plain)
        return self._unsealed(self._poster.post(body, headers_of(kind)))

    def _unsealed(self, reply: HttpReply) -> bytes:
        if not is_sealed(reply.headers.get("Content-Type", ""), self._form):
            raise plain_reply(reply)
        return unseal(self._context, reply.content)

    def _post(self, authorization: str = "") -> HttpReply:
        given = {"Authorization": authorization} if authorization else {}
        return self._poster.post(b"", {**headers_of(SOAP), **given})

    def _bindings(self) -> Any:
        """Return what the sign-in is bound to; None where there is no TLS."""
        der = self._line.certificate
        return channel_bindings(binding_data(der)) if der is not None else None


class KerberosTransport(ContextTransport):
    """A session that shows a ticket.

    Args beyond those of a session:
        tickets: the account's.
        service: the class of the SPN for which the ticket is, such as HTTP.
        machine: its name.
    """

    def __init__(
        self,
        poster: Poster,
        line: GuardedConnection,
        tickets: TicketSource,
        *,
        service: str,
        machine: str,
    ) -> None:
        super().__init__(poster, line, SPNEGO)
        self._tickets = tickets
        self._service = service
        self._machine = machine

    def authenticate(self) -> None:
        """Show the ticket, and let the machine show that it could read it.

        Raises:
            WsmanError: there is no ticket, or the machine did not take it.
        """
        _must_offer(self._post(), "negotiate", "kerberos")
        context, token = self._tickets.start(
            self._service, self._machine, self._bindings(), self._line.until
        )
        response = self._post(f"Negotiate {base64.b64encode(token).decode('ascii')}")
        answer = _token(response, "negotiate", "kerberos")
        refused = response.status == HTTP_UNAUTHORIZED
        if answer:
            try:
                context.step(answer)
            except Exception as error:  # noqa: BLE001 - any of two libraries
                raise answer_failure(
                    code_of(error), self._tickets.who, self._service, self._machine, answer
                ) from None
        if refused:
            raise not_taken(self._service, self._machine)
        if not response.ok or not context.complete:
            raise unusable("what answered did not show that it is the machine")
        self._context = context
        self._line.seal()


class CredSspTransport(ContextTransport):
    """A session that hands the user name and password to the machine."""

    def authenticate(self, credentials: Credentials) -> None:
        """Sign in.

        Raises:
            WsmanError: the machine did not take user name and password.
        """
        response = self._post()
        _must_offer(response, "credssp")
        context, answer = _credssp_context(credentials), None
        for _ in range(_LEGS_AT_MOST):
            try:
                token = context.step(answer)
            except Exception:  # noqa: BLE001 - any of two libraries
                raise authentication_refused() from None
            if token:
                response = self._post(f"CredSSP {base64.b64encode(token).decode('ascii')}")
                answer = _token(response, "credssp")
            if context.complete:
                break
            if not token or not answer:
                raise authentication_refused()
        if not context.complete or not response.ok:
            raise authentication_refused()
        self._context = context
        self._line.seal()


def credssp(poster: Poster, line: GuardedConnection) -> CredSspTransport:
    """Return a session that has not signed in yet."""
    return CredSspTransport(poster, line, CREDSSP)


def _credssp_context(credentials: Credentials) -> Any:
    """Return a context that signs in by NTLM inside: else pyspnego chooses, without a word."""
    return spnego.client(
        credentials.username,
        credentials.password.reveal(),
        protocol="credssp",
        options=spnego.NegotiateOptions.use_ntlm,
    )


def headers_of(kind: str) -> dict[str, str]:
    """Return the headers of a request whose body is of this type."""
    return {"Content-Type": kind, "Connection": "Keep-Alive", "User-Agent": USER_AGENT}


def _must_offer(response: HttpReply, *schemes: str) -> None:
    if response.status != HTTP_UNAUTHORIZED:
        raise unusable("what answered did not ask for authentication")
    offered = {scheme for scheme, _ in challenges(response.headers)}
    if not offered & set(schemes):
        raise WsmanError(
            authentication_refused().kind,
            f"the host offers no {_SPELT[schemes[0]]} authentication",
            code=HTTP_UNAUTHORIZED,
            next_step="Allow it in the host's WinRM service (winrm get winrm/config/service/auth).",
        )


def _token(response: HttpReply, *schemes: str) -> bytes | None:
    """Return the token that came back; None: there is none."""
    for scheme, token in challenges(response.headers):
        if scheme in schemes and token:
            try:
                return base64.b64decode(token, validate=True) or None
            except binascii.Error:
                raise unusable("the reply's token is not one") from None
    return None
