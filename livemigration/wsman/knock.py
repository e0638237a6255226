"""Whether anything speaks HTTP at an endpoint, found out without credentials."""

from __future__ import annotations

import contextlib
import socket

from livemigration.deadline import Deadline
from livemigration.wsman.causes import failure_of
from livemigration.wsman.connecting import connect
from livemigration.wsman.errors import WsmanError, timed_out, unusable

# What a client sends before it authenticates: an empty message, to which WinRM says 401.
_REQUEST = (
    "POST /wsman HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/soap+xml\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n"
)
_BEGINNING = b"HTTP/1."


def knock(address: str, port: int, seconds: float, deadline: Deadline) -> None:
    """Return where an endpoint begins an HTTP reply; no user name or password is sent.

    Args:
        address: a name or an IP address.
        port: the WS-Management port, in plain HTTP.
        seconds: how long connecting, and then the reply, may take.
        deadline: when everything ends.

    Raises:
        WsmanError: no connection, no reply in time, or a reply of something else.
    """
    try:
        with contextlib.closing(connect(address, port, seconds, deadline)) as connection:
            _ask(connection, address, port, deadline.earlier_of(seconds))
    except WsmanError:
        raise
    except (OSError, UnicodeError) as error:
        raise failure_of(error) from None


def _ask(connection: socket.socket, address: str, port: int, until: Deadline) -> None:
    host = f"[{address}]" if ":" in address else address
    connection.settimeout(max(until.remaining, 0.001))
    connection.sendall(_REQUEST.format(host=host, port=port).encode("ascii", "replace"))
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
