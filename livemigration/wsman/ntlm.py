"""Sessions that sign in by NTLM: with pywinrm's transport, and with a context of pyspnego's.

pywinrm asks with an empty message first, and signs in once a challenge was offered. With the other
one, an NTLM message opens the conversation, and the last of them takes the first question along, as
Windows' own client has it (scale-wire.md 1): two requests less for each machine.
"""

from __future__ import annotations

import base64
import threading
from typing import Any
from weakref import WeakKeyDictionary

import spnego

from livemigration.base.secret import Credentials, Secret
from livemigration.facts.model import FailureKind
from livemigration.wsman.causes import fault_text, plain_reply, status_failure
from livemigration.wsman.challenge import challenges
from livemigration.wsman.compat import SealedTransport, nt_hash
from livemigration.wsman.context_transport import ContextTransport, headers_of
from livemigration.wsman.errors import HTTP_UNAUTHORIZED, WsmanError, unusable
from livemigration.wsman.guard import GuardedConnection, authentication_refused
from livemigration.wsman.post import HttpReply, Poster
from livemigration.wsman.requests_poster import RequestsPoster, reply_of
from livemigration.wsman.sealing import SPNEGO, is_sealed, seal, unseal

_BAD_REQUEST = 400
# What carries NTLM; every WinRM has the first.
_SCHEMES = {"negotiate", "ntlm"}


class NotTogetherError(Exception):
    """A machine did not take its first message with the sign-in; `failure` is what came back.

    The password was not refused: that is an `authentication_refused`, and final.
    """

    def __init__(self, failure: WsmanError) -> None:
        super().__init__(failure.came_back)
        self.failure = failure


class PywinrmTransport:
    """A session over pywinrm's transport.

    Args:
        url: the endpoint's URL.
        credentials: user name and password.
        poster: what it sends with.
    """

    def __init__(self, url: str, credentials: Credentials, poster: RequestsPoster) -> None:
        secret = password_equivalent(credentials).reveal()
        self._sealed = SealedTransport(url, credentials.username, secret, poster.session)

    def authenticate(self, line: GuardedConnection) -> None:
        """Sign in.

        Raises:
            WsmanError: what answered asked for nothing.
            Exception: whatever pywinrm raises where the machine did not take the password.
        """
        if not self._sealed.authenticate():
            raise unusable("what answered did not ask for authentication")
        line.seal()

    def exchange(self, plain: bytes) -> bytes:
        """Send a message, sealed, and return the one in the reply."""
        response = self._sealed.send(plain)
        if not self._sealed.is_sealed(response):
            raise plain_reply(reply_of(response))
        return self._sealed.unseal(response)


class NtlmTransport(ContextTransport):
    """A session that signs in with a context of its own, over whatever posts.

    Args:
        poster: what it sends with.
        line: the connection under it.
        credentials: user name and password.
        host: the machine's name in the endpoint's URL.

    Raises:
        WsmanError: there is no user name; Windows would take that of whoever runs the suite.
    """

    def __init__(
        self, poster: Poster, line: GuardedConnection, credentials: Credentials, host: str
    ) -> None:
        super().__init__(poster, line, SPNEGO)
        if not credentials.username:
            raise authentication_refused()
        self._credentials = credentials
        self._host = host

    def authenticate(self) -> None:
        """Sign in.

        Raises:
            WsmanError: the machine did not take user name and password, or asked for nothing.
        """
        reply = self._post(self._answer())
        if reply.status == HTTP_UNAUTHORIZED:
            raise authentication_refused()
        if not reply.ok:
            raise status_failure(reply.status, fault_text(reply.content))
        self._line.seal()

    def authenticate_with(self, plain: bytes) -> bytes:
        """Sign in and send a message along with it; return the one in the reply.

        Args:
            plain: a message that may be sent twice.

        Raises:
            WsmanError: the machine did not take user name and password, or asked for nothing, or
                refuses every message alike.
            NotTogetherError: it may take the same message after the sign-in.
        """
        authorization = self._answer()
        kind, body = seal(self._context, self._form, plain)
        self._line.waits = True
        reply = self._poster.post(body, {**headers_of(kind), "Authorization": authorization})
        if reply.status == HTTP_UNAUTHORIZED:
            # What a directory counts as a wrong password; in no form is it tried again.
            raise authentication_refused()
        sealed = is_sealed(reply.headers.get("Content-Type", ""), self._form)
        if not sealed:
            failure = plain_reply(reply)
            if reply.ok or reply.status == _BAD_REQUEST:
                raise NotTogetherError(failure)
            raise failure
        self._line.seal()
        try:
            return unseal(self._context, reply.content)
        except WsmanError as failure:
            raise NotTogetherError(failure) from None

    def _answer(self) -> str:
        """Return what answers the machine's challenge, for the header."""
        spelt, reply = "Negotiate", self._begin("Negotiate")
        if not _token(reply, spelt) and "ntlm" in _offered(reply):
            # It has not seen the password: the first message holds none of it.
            spelt = "NTLM"
            reply = self._begin(spelt)
        token = _token(reply, spelt)
        if not token:
            raise _no_challenge(reply)
        answer = self._context.step(base64.b64decode(token), channel_bindings=self._bindings())
        return f"{spelt} {base64.b64encode(answer or b'').decode('ascii')}"

    def _begin(self, scheme: str) -> HttpReply:
        self._context = _context(self._credentials, self._host)
        first = self._context.step()
        return self._post(f"{scheme} {base64.b64encode(first or b'').decode('ascii')}")


def _context(credentials: Credentials, host: str) -> Any:
    """Return a context that signs in by NTLM, and by nothing that Windows would choose itself."""
    return spnego.client(
        credentials.username,
        password_equivalent(credentials).reveal(),
        hostname=host,
        service="http",
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
    )


def _offered(reply: HttpReply) -> set[str]:
    if reply.status != HTTP_UNAUTHORIZED:
        return set()
    return {scheme for scheme, _ in challenges(reply.headers)}


def _token(reply: HttpReply, spelt: str) -> str:
    """Return the token with which a machine answers one of its schemes; empty: it has none."""
    if reply.status != HTTP_UNAUTHORIZED:
        return ""
    said = (token for scheme, token in challenges(reply.headers) if scheme == spelt.lower())
    return next((token for token in said if token), "")


def _no_challenge(reply: HttpReply) -> WsmanError:
    if reply.status != HTTP_UNAUTHORIZED:
        if reply.ok:
            return unusable("what answered did not ask for authentication")
        return status_failure(reply.status, fault_text(reply.content))
    if not _offered(reply) & _SCHEMES:
        return authentication_refused()
    return WsmanError(
        FailureKind.AUTHENTICATION,
        "the host did not answer NTLM authentication",
        code=HTTP_UNAUTHORIZED,
    )


_equivalents: WeakKeyDictionary[Credentials, Secret] = WeakKeyDictionary()
_equivalents_lock = threading.Lock()


def password_equivalent(credentials: Credentials) -> Secret:
    """Return the password as the `LM:NT` hash pair that pyspnego takes in its place.

    From a plain password pyspnego computes the obsolete LM hash in pure Python for each session,
    30 % of the client's time (measured.md 2.2); NTLMv2 does not use it. The form also keeps an
    empty password from selecting the account that runs the suite.
    """
    with _equivalents_lock:
        found = _equivalents.get(credentials)
        if found is None:
            found = Secret("0" * 31 + "1:" + nt_hash(credentials.password.reveal()))
            _equivalents[credentials] = found
        return found
