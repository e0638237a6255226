"""The guard around every byte that is exchanged with a host.

requests' time-outs count from one received byte to the next, and nothing below bounds a reply's
size (measured.md section 6). So each message gets a moment at which its connection is shut down,
and each reply a greatest size; redirects, compression and second connections are refused. What is
refused, and in which words, is decided here for both ways that requests of HTTP travel.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman import codes
from livemigration.wsman.challenge import Challenge, answered_challenge, not_kept
from livemigration.wsman.compat import SocketOptions, pool_over, speaks_http_1_0, wrap_body
from livemigration.wsman.connecting import connect
from livemigration.wsman.errors import (
    HTTP_FORBIDDEN,
    HTTP_UNAUTHORIZED,
    WsmanError,
    timed_out,
    unusable,
)
from livemigration.wsman.post import Head
from livemigration.wsman.traffic import Traffic
from livemigration.wsman.watchdog import WATCHDOG, Alarm

MAXIMUM_REPLY = 8 << 20
MAXIMUM_HEAD = 64 << 10
_PROXY_AUTHENTICATION = 407


class _Bounded:
    """Bounds a message. contextlib's own way there takes as long as the rest of it."""

    __slots__ = ("_alarm", "_line", "_until")

    def __init__(self, line: GuardedConnection, until: Deadline) -> None:
        self._line = line
        self._until = until
        self._alarm: Alarm

    def __enter__(self) -> None:
        self._alarm = self._line.begin(self._until)

    def __exit__(self, *_: object) -> None:
        self._line.end(self._alarm)


class GuardedConnection:
    """The one connection of a session, and the time that the current message has on it.

    `seal` says that the connection now carries a security context: from then on a new connection
    would be of no use, and what was sealed for the old one must not travel again. `answered` says
    that a reply of HTTP came, and `headers` are those of the last one. `challenge` is what a
    request answers that belongs to the connection on which it was asked. `ends` says that the last
    reply was one of HTTP/1.0, and the first message behind the sign-in was not answered yet.
    `traffic` counts what travels. `waits` says that a question went along with the credentials, and
    that no reply came to the two yet.
    """

    def __init__(self, connect_seconds: float, traffic: Traffic | None = None) -> None:
        self.traffic = traffic or Traffic()
        self._connect_seconds = connect_seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._certificate: bytes | None = None
        self._until = Deadline(0.0)
        self._message = 0
        self._asked = 0.0
        self.was_cut = False
        self.answered = False
        self.headers: Mapping[str, str] = {}
        self.sealed = False
        self.ends = False
        self.waits = False
        self.challenge: Challenge | None = None

    @property
    def timeouts(self) -> tuple[float, float]:
        """How long to wait for a connection, and for the next byte, in seconds."""
        left = max(self._until.remaining, 0.001)
        return min(self._connect_seconds, left), left

    @property
    def until(self) -> Deadline:
        """When the current message must be done."""
        return self._until

    @property
    def certificate(self) -> bytes | None:
        """The other side's certificate in DER; None where the connection carries no TLS."""
        return self._certificate

    @property
    def met(self) -> bool:
        """Whether a connection was made."""
        return self._socket is not None

    def message(self, until: Deadline) -> _Bounded:
        """Return what bounds everything inside by a moment."""
        return _Bounded(self, until)

    def begin(self, until: Deadline) -> Alarm:
        """Begin a message, and return what cuts it; it must be ended."""
        with self._lock:
            self._until = until
            self._message += 1
            number = self._message
        return WATCHDOG.at(until.at, lambda: self._cut(number))

    def end(self, alarm: Alarm) -> None:
        """End a message, so that it is no longer cut."""
        alarm.cancel()
        with self._lock:
            self._message += 1

    def _cut(self, number: int) -> None:
        with self._lock:
            if number != self._message:
                return
            self.was_cut = True
            _shut_down(self._socket)

    def refuse_second(self) -> None:
        """Raise where the connection has been lost that carried the security context.

        What answers a challenge says nothing on another connection: it would be told, and counted,
        as a refused password.
        """
        if self.challenge is not None:
            raise self.challenge.parted()
        if self.sealed and self.ends:
            raise not_kept()
        if self.sealed:
            raise WsmanError(FailureKind.UNREACHABLE, "the host closed the connection")

    def connect(self, host: str, port: int, options: SocketOptions) -> socket.socket:
        """Return a connection that was made within the message's time, and is in charge."""
        self.refuse_second()
        made = connect(host, port, self._connect_seconds, self._until, options)
        try:
            self.adopt(made)
        except WsmanError:
            made.close()
            raise
        return made

    def adopt(self, connected: socket.socket) -> None:
        """Take the connection's socket in charge."""
        # A connection that was closed meanwhile has none to show.
        shown = connected.getpeercert(True) if isinstance(connected, ssl.SSLSocket) else None
        with self._lock:
            self._socket, self._certificate = connected, shown
            cut = self.was_cut
        # What making it took says nothing of how fast the other side answers.
        self._asked = time.monotonic()
        if cut:
            _shut_down(connected)
            raise timed_out("the connection was not made in time")

    def sends(self, size: int) -> None:
        """Count a request with so many bytes in its body, which goes out now."""
        self.traffic.sent(size)
        self._asked = time.monotonic()

    def take(self, head: Head) -> None:
        """Note how a reply begins.

        Raises:
            WsmanError: it must not be used.
        """
        self.traffic.answered(time.monotonic() - self._asked)
        self.answered, self.headers, self.waits = True, head.headers, False
        self.ends = not self.sealed and head.old
        refuse_unusable(head, sealed=self.sealed)

    def seal(self) -> None:
        """Bind the session to this connection."""
        self.sealed = True


def _shut_down(connected: socket.socket | None) -> None:
    if connected is not None:
        # The peer or the reading thread may have closed it meanwhile.
        with contextlib.suppress(OSError, ValueError):
            connected.shutdown(socket.SHUT_RDWR)


class GuardAdapter(HTTPAdapter):
    """Sends requests over one guarded line.

    Args:
        line: the connection and its time.
        url: the only URL that requests may go to, in their spelling.
        tls: what https is spoken with.
        name: whom the certificate must be for.
    """

    def __init__(
        self, line: GuardedConnection, url: str | None, tls: ssl.SSLContext | None, name: str
    ) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._line = line
        self._url = url
        self._tls = tls
        self._name = name
        self._pool: HTTPConnectionPool | None = None
        self._reply: requests.Response | None = None
        self._before: Head | None = None

    def get_connection_with_tls_context(self, request: Any, *_: Any, **__: Any) -> Any:
        """Return the guarded pool; proxies have no say."""
        if self._pool is None:
            self._pool = pool_over(self._line, request.url, self._tls, self._name)
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Leave certificates to the pool's TLS context; requests would add a bundle of its own."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send a request under the line's time; the reply's body is read later, and bounded.

        Raises:
            WsmanError: the reply is one that must not be used.
        """
        del stream, timeout, proxies
        if request.url != self._url:
            raise unusable("a request for another address was refused")
        request.headers["Accept-Encoding"] = "identity"
        authorization = str(request.headers.get("Authorization", ""))
        self._line.challenge = answered_challenge(authorization, self._before)
        self._line.sends(len(request.body or b""))
        response = self._reply = super().send(
            request, stream=True, timeout=self._line.timeouts, verify=verify, cert=cert, proxies={}
        )
        self._before = Head(response.status_code, response.headers, speaks_http_1_0(response))
        try:
            self._line.take(self._before)
        except WsmanError:
            response.close()
            raise
        wrap_body(response, lambda stream: _bounded(stream, self._line.traffic))
        return response

    def close(self) -> None:
        """Close the connection, also where a reply that was given up still holds it."""
        if self._reply is not None:
            self._reply.raw.close()
        if self._pool is not None:
            self._pool.close()
        super().close()


def refuse_unusable(head: Head, *, sealed: bool) -> None:
    """Raise for a reply that must not be used, before its body is read.

    Args:
        head: how it begins.
        sealed: whether the connection carries a security context.

    Raises:
        WsmanError: why.
    """
    status = head.status
    if sealed and status == HTTP_UNAUTHORIZED:
        raise authentication_refused()
    if status == HTTP_FORBIDDEN:
        step = codes.STATUS_STEPS[status]
        said = "HTTP 403 (forbidden)"
        raise WsmanError(FailureKind.ACCESS_DENIED, said, code=status, next_step=step)
    if status == _PROXY_AUTHENTICATION:
        step = codes.STATUS_STEPS[status]
        said = "a proxy wants authentication (HTTP 407)"
        raise WsmanError(FailureKind.PROTOCOL, said, code=status, next_step=step)
    if 300 <= status < 400:
        raise unusable(f"a redirect to another address (HTTP {status})", code=status)
    if status < 200:
        raise unusable(f"no reply followed an interim one (HTTP {status})", code=status)
    fields = head.headers
    # A colon, a space and the end of the line.
    size = sum(map(len, fields)) + sum(map(len, fields.values())) + 4 * len(fields)
    if size > MAXIMUM_HEAD:
        raise head_too_large()
    _refuse_framing(head.headers)


def _refuse_framing(headers: Mapping[str, str]) -> None:
    encoding, transfer = headers.get("Content-Encoding"), headers.get("Transfer-Encoding")
    if encoding is not None and encoding.strip().lower() != "identity":
        raise unusable("the reply is compressed, which was not asked for")
    if transfer is not None and transfer.strip().lower() != "chunked":
        raise unusable("the reply is encoded for its way in a form that was not asked for")
    length = headers.get("Content-Length", "0").strip()
    # Two lengths stand there with a comma. Only ASCII digits are what the libraries read.
    if not (length.isascii() and length.isdecimal()) or len(length) > 12:
        raise no_length()
    refuse_large(int(length))


def no_length() -> WsmanError:
    """Return the error for a reply that says of its length what none can be, or two of them."""
    return unusable("the reply's length is not a number")


def head_too_large() -> WsmanError:
    """Return the error for a reply whose header has no end, or nearly none."""
    return unusable(f"the reply's header is larger than {MAXIMUM_HEAD} bytes")


def authentication_refused() -> WsmanError:
    """Return the error for credentials that the host does not take."""
    return WsmanError(
        FailureKind.AUTHENTICATION,
        "the host refused the credentials (HTTP 401)",
        code=HTTP_UNAUTHORIZED,
    )


def _bounded(
    stream: Callable[..., Iterator[bytes]], traffic: Traffic
) -> Callable[..., Iterator[bytes]]:
    def read(*args: Any, **options: Any) -> Iterator[bytes]:
        size = 0
        for part in stream(*args, **options):
            size += len(part)
            traffic.received(len(part))
            refuse_large(size)
            yield part

    return read


def refuse_large(size: int) -> None:
    """Raise where a reply's body has more bytes than one may have."""
    if size > MAXIMUM_REPLY:
        raise unusable(f"the reply is larger than {MAXIMUM_REPLY} bytes")
