"""One authenticated, encrypted connection to a host, behind the guard."""

from __future__ import annotations

import base64
import logging
from typing import Protocol
from urllib.parse import urlsplit

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials
from livemigration.base.text import one_line
from livemigration.facts.host import SIMULATED_MARK
from livemigration.facts.model import FailureKind
from livemigration.wsman.between import through_proxy
from livemigration.wsman.busy import STATUSES, retry_after
from livemigration.wsman.causes import failure_of
from livemigration.wsman.choice import is_address
from livemigration.wsman.clients import Client
from livemigration.wsman.context_transport import KerberosTransport, credssp
from livemigration.wsman.errors import WsmanError, deadline_passed, timed_out, unusable
from livemigration.wsman.guard import GuardedConnection
from livemigration.wsman.kerberos import TicketSource
from livemigration.wsman.kerberos_causes import KerberosError, needs_a_name
from livemigration.wsman.ntlm import NotTogetherError, NtlmTransport, PywinrmTransport
from livemigration.wsman.post import Poster
from livemigration.wsman.readable import ReadableTransport
from livemigration.wsman.requests_poster import RequestsPoster
from livemigration.wsman.security import BY_DEFAULT, Mechanism, Security
from livemigration.wsman.streams import StreamPoster
from livemigration.wsman.tls import speaks_tls, system_context, tls_expected
from livemigration.wsman.together import Together
from livemigration.wsman.traffic import Traffic

# pyspnego logs every token while it debugs: enough to guess the password from, at leisure.
logging.getLogger("spnego").setLevel(logging.INFO)

_SAYS_WHAT_WAS_LATE = {
    FailureKind.NAME_NOT_RESOLVED,
    FailureKind.TIMED_OUT,
    FailureKind.KERBEROS,
}
# What a request without TLS comes to where TLS is spoken.
_AS_OF_TLS = {FailureKind.UNREACHABLE, FailureKind.PROTOCOL}

_TELLS_THE_PASSWORD = {Mechanism.BASIC, Mechanism.CREDSSP}
_SHORTEST = 4

# What is left of a deadline when a time-out that was set to it fires, at most.
_SLACK = 0.05


class _SignedIn(Protocol):
    """A session that signed in, or that does so with each message."""

    def exchange(self, plain: bytes) -> bytes:
        """Send a message and return the one in the reply."""


class Channel:
    """A connection that is made, authenticated and sealed with its first message.

    After an exchange that raised, its security context and the host's no longer match: it must be
    closed and never used again. Not for several threads at once.

    Args:
        url: the endpoint's URL.
        credentials: user name and password; not used with a client certificate.
        connect_seconds: how long resolving the name may take, and then connecting to each of its
            addresses; the message's own time bounds it all.
        security: how to sign in, and whom to believe.
        name: whom the certificate must be for.
        together: what the run knows of first messages that go along with a sign-in; None: nothing.
        traffic: counts what travels; None: nobody wants to know.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        connect_seconds: float,
        security: Security = BY_DEFAULT,
        *,
        name: str = "",
        together: Together | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self._url = url
        self._name = name.rstrip(".")
        self._credentials = credentials
        self._security = security
        self._connect_seconds = connect_seconds
        self._line = GuardedConnection(connect_seconds, traffic)
        self._together = together or Together()
        self._apart = False
        self._poster: Poster | None = None
        self._signed_in: _SignedIn | None = None

    @property
    def how(self) -> str:
        """How the session signs in, what is checked, and what carries it, for reports."""
        return self._security.text(urlsplit(self._url).scheme, apart=self._apart)

    @property
    def signed_in(self) -> bool:
        """Whether the machine took the credentials, or has not answered a question with them.

        A question that went along with them may take long, or break what answers it.
        """
        return self._line.sealed or self._line.waits

    @property
    def simulated(self) -> bool:
        """Whether the last reply bears the lab's mark."""
        return SIMULATED_MARK in self._line.headers

    def exchange(
        self, plain: bytes, seconds: float, deadline: Deadline, *, reads: bool = False
    ) -> bytes:
        """Send a message and return the decrypted reply, whatever its HTTP status.

        Args:
            plain: the envelope.
            seconds: how long the whole exchange may take.
            deadline: the earlier end, which is the caller's.
            reads: whether the message changes nothing at all, so that it may be sent twice.

        Raises:
            WsmanError: with nothing of the libraries' exceptions attached to it.
        """
        try:
            # Of the account, and no part of the time that the host has for a message.
            self._get_ready(deadline)
            return self._asked(plain, deadline.earlier_of(seconds), reads=reads)
        except Exception as error:  # noqa: BLE001 - the libraries raise whatever a host provokes
            failure = failure_of(error)
        except BaseException as cut_short:  # noqa: BLE001 - it is raised again
            # Ctrl-C, or a plugin that ends a test: frames are shown with what is in them.
            cut_short.__context__ = cut_short.__cause__ = None
            raise cut_short.with_traceback(None)  # noqa: B904 - it is the same one
        if self._line.was_cut and failure.kind not in _SAYS_WHAT_WAS_LATE:
            failure = timed_out("the answer did not come in time")
        if self._asked_without_tls(failure, deadline):
            failure = tls_expected()
        failure = through_proxy(failure, self._line.headers)
        if failure.code == timed_out("").code:
            if deadline.remaining < _SLACK:
                failure = deadline_passed()
            failure.silent = self._line.met
        if self._line.answered and self._security.unchecked(self._url):
            failure = failure.with_remark("its certificate was not checked")
        if failure.code in STATUSES:
            failure.retry_after = retry_after(self._line.headers)
        # Frames of the libraries hold the password, and their exceptions hold request headers.
        failure.__context__ = failure.__cause__ = None
        raise failure.with_traceback(None)

    def told(self) -> tuple[str, ...]:
        """Return in which forms a machine was told the password, where it was told it at all.

        It may give it back in what it says of a failure. A few characters are no password that
        could be told apart there.
        """
        password = self._credentials.password.reveal()
        if self._security.mechanism not in _TELLS_THE_PASSWORD or len(password) < _SHORTEST:
            return ()
        pair = f"{self._credentials.username}:{password}".encode()
        return password, one_line(password), base64.b64encode(pair).decode("ascii")

    def _asked_without_tls(self, failure: WsmanError, deadline: Deadline) -> bool:
        """Whether a first message over http failed because the port speaks TLS."""
        if self._line.answered or self._line.was_cut or not self._line.met:
            return False
        if failure.kind not in _AS_OF_TLS:
            return False
        where = urlsplit(self._url)
        if where.scheme != "http" or not where.hostname or not where.port:
            return False
        return speaks_tls(where.hostname, where.port, self._connect_seconds, deadline)

    def close(self) -> None:
        """Close the connection."""
        if self._poster is not None:
            self._poster.close()

    def _asked(self, plain: bytes, until: Deadline, *, reads: bool) -> bytes:
        """Return the reply to a message; the first goes along with the sign-in where it may."""
        try:
            with self._line.message(until):
                return self._exchange(plain, along=reads and not self._together.apart)
        except NotTogetherError as error:
            failure = error.failure
        if not self._together.may_ask_anew or self._line.was_cut or until.passed:
            raise failure
        return self._asked_anew(plain, until)

    def _asked_anew(self, plain: bytes, until: Deadline) -> bytes:
        """Return the reply to a first message that was not taken along with the sign-in."""
        self.close()
        self._poster = None
        self._line = GuardedConnection(self._connect_seconds, self._line.traffic)
        answered = False
        try:
            with self._line.message(until):
                reply = self._exchange(plain, along=False)
            answered = self._apart = True
        finally:
            self._together.asked_anew(answered=answered)
        return reply

    def _exchange(self, plain: bytes, *, along: bool) -> bytes:
        if self._signed_in is not None:
            return self._signed_in.exchange(plain)
        if self._poster is not None:
            # Whoever could not be authenticated is not tried again: accounts get locked out.
            raise unusable("the connection is not encrypted")
        self._line.traffic.signs_in()
        opened = self._open()
        if isinstance(opened, NtlmTransport):
            if along:
                reply = opened.authenticate_with(plain)
                self._signed_in = opened
                return reply
            self._apart = self._together.apart
            opened.authenticate()
        self._signed_in = opened
        return opened.exchange(plain)

    def _get_ready(self, deadline: Deadline) -> None:
        """Have the account's ticket before the first machine is asked with it."""
        if self._security.mechanism is not Mechanism.KERBEROS or self._signed_in is not None:
            return
        if is_address(self._name):
            raise needs_a_name(self._name)
        try:
            self._tickets.ready(deadline)
        except KerberosError as failure:
            self._fall_back(failure)

    @property
    def _tickets(self) -> TicketSource:
        if self._security.tickets is None:
            raise RuntimeError("Kerberos is chosen only for an account of a realm")
        return self._security.tickets

    def _fall_back(self, failure: KerberosError) -> None:
        """Go on with NTLM where the inventory allows it for this failure, else raise it."""
        instead = self._security.after(failure)
        if instead is None:
            raise failure.again() from None
        self._security = instead

    def _open(self) -> _SignedIn:
        """Return what messages travel with; of NTLM over a poster of our own, not signed in yet."""
        secure = self._url.startswith("https:")
        tls = (self._security.tls or system_context()) if secure else None
        made = StreamPoster if self._security.client is Client.STREAMS else RequestsPoster
        # Set before the first byte, so that `close` reaches the connection after a failure.
        poster = self._poster = made(self._line, self._url, tls, self._name)
        if self._security.mechanism is Mechanism.KERBEROS:
            by_ticket = KerberosTransport(
                poster,
                self._line,
                self._tickets,
                service=self._security.service,
                machine=self._name,
            )
            try:
                by_ticket.authenticate()
            except KerberosError as failure:
                self._fall_back(failure)
            else:
                return by_ticket
        if self._security.mechanism is Mechanism.CREDSSP:
            return self._with_credssp(poster)
        if self._security.mechanism is Mechanism.NTLM:
            return self._with_ntlm(poster)
        if not secure and not self._security.unencrypted:
            raise unusable("nothing is sent that anyone on the network could read")
        return ReadableTransport(self._credentials, self._security.mechanism, poster, self._line)

    def _with_ntlm(self, poster: Poster) -> _SignedIn:
        if not isinstance(poster, RequestsPoster):
            host = urlsplit(self._url).hostname or ""
            return NtlmTransport(poster, self._line, self._credentials, host)
        signed_in = PywinrmTransport(self._url, self._credentials, poster)
        signed_in.authenticate(self._line)
        return signed_in

    def _with_credssp(self, poster: Poster) -> _SignedIn:
        if not self._url.startswith("https:") or self._security.unchecked(self._url):
            raise unusable("the password is given to nobody whose certificate was not checked")
        given = credssp(poster, self._line)
        given.authenticate(self._credentials)
        return given
