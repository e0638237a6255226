"""Whether anything speaks HTTP at an endpoint, found out without credentials."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

from livemigration.base.deadline import Deadline
from livemigration.wsman.connecting import connect
from livemigration.wsman.errors import WsmanError, timed_out, unusable

# What a client sends before it authenticates: an empty message, to which WinRM says 401.
REQUEST = (
    "POST /wsman HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/soap+xml\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
)
_BEGINNING = b"HTTP/1."


TlsFor = tuple[ssl.SSLContext, str]


@contextlib.contextmanager
def opened(
    host: str, port: int, seconds: float, deadline: Deadline, tls: TlsFor | None
) -> Iterator[tuple[socket.socket, Deadline]]:
    """Give a connection to an endpoint, and until when its reply is waited for.

    Args:
        host: a name or an IP address.
        port: the WS-Management port.
        seconds: how long connecting, and then the reply, may take.
        deadline: when everything ends.
        tls: where the port speaks HTTPS, what with, and whom its certificate must be for.

    Raises:
        WsmanError: no connection, no TLS, or what came of it while it was open.
    """
    try:
        with contextlib.closing(connect(host, port, seconds, deadline)) as connection:
            until = deadline.earlier_of(seconds)
            connection.settimeout(max(until.remaining, 0.001))
            if tls is None:
                yield connection, until
                return
            secure, name = tls
            with secure.wrap_socket(connection, server_hostname=name) as hidden:
                # The handshake took of the same time.
                hidden.settimeout(max(until.remaining, 0.001))
                yield hidden, until
    except WsmanError:
        raise
    except (OSError, UnicodeError) as error:
        from livemigration.wsman.causes import failure_of  # noqa: PLC0415 - loads requests

        raise failure_of(error) from None


def knock(
    address: str, port: int, seconds: float, deadline: Deadline, tls: TlsFor | None = None
) -> None:
    """Return where an endpoint begins an HTTP reply; no user name or password is sent.

    Args: as of `opened`.

    Raises:
        WsmanError: no connection, no TLS, no reply in time, or a reply of something else.
    """
    with opened(address, port, seconds, deadline, tls) as (connection, until):
        _ask(connection, address, port, until)


def _ask(connection: socket.socket, address: str, port: int, until: Deadline) -> None:
    host = f"[{address}]" if ":" in address else address
    connection.sendall(REQUEST.format(host=host, port=port).encode("ascii", "replace"))
    seen = b""
    while len(seen) < len(_BEGINNING):
        if until.passed:
            raise timed_out("the answer did not come in time")
        connection.settimeout(max(until.remaining, 0.001))
        part = connection.recv(len(_BEGINNING) - len(seen))
        if not part:
            raise unusable("the reply ended early")
        seen += part
    if seen != _BEGINNING:
        raise unusable("what answered does not speak HTTP")
