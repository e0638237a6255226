"""A TCP connection that is made within a bound, the name's resolution included.

The system's resolver has no time-out of its own, and a name can have several addresses that all
stay silent; urllib3 bounds each attempt only.
"""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Sequence
from typing import Any

from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WINSOCK_HOST_NOT_FOUND, WsmanError, timed_out

SocketOptions = Sequence[tuple[int, int, int | bytes]]
_Addresses = Sequence[tuple[Any, ...]]


def connect(
    host: str, port: int, seconds: float, until: Deadline, options: SocketOptions = ()
) -> socket.socket:
    """Return a connection to the first address of a host that takes one.

    Its time-out is what is left for TLS, whose whole handshake Python bounds by it.

    Args:
        host: a name or an IP address.
        port: where to.
        seconds: how long the resolution, and then each address, may take.
        until: when everything must be done.
        options: socket options, as urllib3 gives them.

    Raises:
        WsmanError: NAME_NOT_RESOLVED; TIMED_OUT.
        OSError: what the system says otherwise; a refusal before anything else.
    """
    failures: list[OSError] = []
    for found in _resolve(host, port, min(seconds, until.remaining)):
        if until.passed:
            break
        try:
            return _open(found, seconds, until, options)
        except OSError as error:
            failures.append(error)
    refusals = [each for each in failures if isinstance(each, ConnectionRefusedError)]
    others = [each for each in failures if not isinstance(each, TimeoutError)]
    if refusals or (others and len(others) == len(failures)):
        raise (refusals or others)[0]
    raise timed_out("the connection was not made in time")


def _open(
    found: tuple[Any, ...], seconds: float, until: Deadline, options: SocketOptions
) -> socket.socket:
    family, kind, protocol, _, address = found
    connection = socket.socket(family, kind, protocol)
    try:
        for option in options:
            connection.setsockopt(*option)
        connection.settimeout(_at_most(seconds, until))
        connection.connect(address)
        connection.settimeout(_at_most(seconds, until))
    except BaseException:
        connection.close()
        raise
    return connection


def _at_most(seconds: float, until: Deadline) -> float:
    """Return a time-out; zero would mean not to wait at all, which is another thing."""
    return max(min(seconds, until.remaining), 0.001)


def _resolve(host: str, port: int, seconds: float) -> _Addresses:
    """Return the addresses of a host, in the system's order."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        # A name: only the system's resolver can tell, and it takes its own time.
        pass
    answers: queue.SimpleQueue[_Addresses] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            answers.put(())

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except queue.Empty:
        failure = WsmanError(
            FailureKind.NAME_NOT_RESOLVED,
            "the name was not resolved in time",
            next_step="Check the DNS servers of this machine, or give the host's address in the "
            "inventory.",
        )
    else:
        if found:
            return found
        failure = WsmanError(
            FailureKind.NAME_NOT_RESOLVED,
            "the name could not be resolved",
            code=WINSOCK_HOST_NOT_FOUND,
        )
    raise failure
