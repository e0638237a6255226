"""The guard around every byte that is exchanged with a host.

requests' time-outs count from one received byte to the next, and nothing below bounds a reply's
size (measured.md section 6). So each message gets a moment at which its connection is shut down,
and each reply a greatest size; redirects, compression and second connections are refused.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import parse_url

from livemigration.compat import OwnSocket
from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman import codes
from livemigration.wsman.connecting import SocketOptions, connect
from livemigration.wsman.errors import (
    HTTP_FORBIDDEN,
    HTTP_UNAUTHORIZED,
    WsmanError,
    timed_out,
    unusable,
)
from livemigration.wsman.watchdog import WATCHDOG

MAXIMUM_REPLY = 8 << 20
_PROXY_AUTHENTICATION = 407


class Line:
    """The one connection of a session, and the time that the current message has on it.

    `seal` says that the connection now carries a security context: from then on a new connection
    would be of no use, and what was sealed for the old one must not travel again.
    """

    def __init__(self, connect_seconds: float) -> None:
        self._connect_seconds = connect_seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._until = Deadline(0.0)
        self._message = 0
        self.was_cut = False
        self.sealed = False

    @property
    def timeouts(self) -> tuple[float, float]:
        """How long to wait for a connection, and for the next byte, in seconds."""
        left = max(self._until.remaining, 0.001)
        return min(self._connect_seconds, left), left

    @contextlib.contextmanager
    def message(self, until: Deadline) -> Iterator[None]:
        """Bound everything inside by a moment."""
        with self._lock:
            self._until = until
            self._message += 1
            number = self._message
        alarm = WATCHDOG.at(until.at, lambda: self._cut(number))
        try:
            yield
        finally:
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
        """Raise where the connection has been lost that carried the security context."""
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
        with self._lock:
            self._socket = connected
            cut = self.was_cut
        if cut:
            _shut_down(connected)
            raise timed_out("the connection was not made in time")

    def seal(self) -> None:
        """Bind the session to this connection."""
        self.sealed = True


def _shut_down(connected: socket.socket | None) -> None:
    if connected is not None:
        # The peer or the reading thread may have closed it meanwhile.
        with contextlib.suppress(OSError, ValueError):
            connected.shutdown(socket.SHUT_RDWR)


class _GuardedConnection(OwnSocket, HTTPConnection):
    def __init__(self, host: str, port: int | None = None, *, line: Line, **options: Any) -> None:
        super().__init__(host, port, **options)
        self._name = host
        self._line = line

    def make_socket(self) -> socket.socket:
        return self._line.connect(self._name, self.port, self.socket_options or ())


class _GuardedSecureConnection(OwnSocket, HTTPSConnection):
    def __init__(self, host: str, port: int | None = None, *, line: Line, **options: Any) -> None:
        super().__init__(host, port, **options)
        self._name = host
        self._line = line

    def make_socket(self) -> socket.socket:
        return self._line.connect(self._name, self.port, self.socket_options or ())

    def connect(self) -> None:
        # Python counts the socket's time-out over the whole handshake; only then the line can cut,
        # because TLS takes the connection out of the object that was in charge.
        super().connect()
        self._line.adopt(self.sock)


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedSecurePool(HTTPSConnectionPool):
    ConnectionCls = _GuardedSecureConnection


class GuardAdapter(HTTPAdapter):
    """Sends requests over one guarded line.

    Args:
        line: the connection and its time.
        url: the only URL that requests may go to, in their spelling.
    """

    def __init__(self, line: Line, url: str | None) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1)
        self._line = line
        self._url = url
        self._pool: HTTPConnectionPool | None = None
        self._reply: requests.Response | None = None

    def get_connection_with_tls_context(self, request: Any, *_: Any, **__: Any) -> Any:
        """Return the guarded pool; proxies have no say."""
        if self._pool is None:
            parts = parse_url(request.url)
            pool = _GuardedSecurePool if parts.scheme == "https" else _GuardedPool
            self._pool = pool(parts.host or "", parts.port, maxsize=1, line=self._line)
        return self._pool

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
        response = self._reply = super().send(
            request, stream=True, timeout=self._line.timeouts, verify=verify, cert=cert, proxies={}
        )
        try:
            _refuse_unusable(response, sealed=self._line.sealed)
        except WsmanError:
            response.close()
            raise
        # requests_ntlm needs the live reply below, so the bound is laid around its reader.
        response.raw.stream = _bounded(response.raw.stream)  # type: ignore[method-assign] # as above
        return response

    def close(self) -> None:
        """Close the connection, also where a reply that was given up still holds it."""
        if self._reply is not None:
            self._reply.raw.close()
        if self._pool is not None:
            self._pool.close()
        super().close()


def _refuse_unusable(response: requests.Response, *, sealed: bool) -> None:
    status = response.status_code
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
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise unusable("the reply is compressed, which was not asked for")
    length = response.headers.get("Content-Length", "0").strip()
    if not length.isdecimal() or len(length) > 12:
        raise unusable("the reply's length is not a number")
    if int(length) > MAXIMUM_REPLY:
        _too_large()


def authentication_refused() -> WsmanError:
    """Return the error for credentials that the host does not take."""
    return WsmanError(
        FailureKind.AUTHENTICATION,
        "the host refused the credentials (HTTP 401)",
        code=HTTP_UNAUTHORIZED,
    )


def _bounded(stream: Callable[..., Iterator[bytes]]) -> Callable[..., Iterator[bytes]]:
    def read(*args: Any, **options: Any) -> Iterator[bytes]:
        size = 0
        for part in stream(*args, **options):
            size += len(part)
            if size > MAXIMUM_REPLY:
                _too_large()
            yield part

    return read


def _too_large() -> NoReturn:
    raise unusable(f"the reply is larger than {MAXIMUM_REPLY} bytes")
