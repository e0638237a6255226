"""A TCP connection that is made within a bound, the name's resolution included.

The system's resolver has no time-out of its own, and a name can have several addresses that all
stay silent; urllib3 bounds each attempt only.
"""

from __future__ import annotations

import errno
import os
import queue
import selectors
import socket
import threading
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WINSOCK_HOST_NOT_FOUND, WsmanError, timed_out

if TYPE_CHECKING:
    # It loads requests, which a run that asks nobody does without.
    from livemigration.wsman.compat import SocketOptions

_Addresses = Sequence[tuple[Any, ...]]

# How long after one address the next is tried (RFC 8305).
_STAGGER = 0.25
# How a system says that a connection is under way; Windows has its own number.
_BEGUN = {errno.EINPROGRESS, errno.EWOULDBLOCK, 10035}


def connect(
    host: str, port: int, seconds: float, until: Deadline, options: SocketOptions = ()
) -> socket.socket:
    """Return a connection to the first address of a host that takes one.

    Several addresses are tried side by side, each a moment after the one before it, so that one
    that is dead keeps no other from its time (RFC 8305). The connection's time-out is what is left
    for TLS, whose whole handshake Python bounds by it.

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
    found = _resolve(host, port, min(seconds, until.remaining))
    if len(found) == 1:
        made, failures = _open(found[0], seconds, until, options)
    else:
        with _Race(seconds, until, options) as race:
            made, failures = race.run(found)
    if made is not None:
        made.settimeout(_at_most(seconds, until))
        return made
    refusals = [each for each in failures if isinstance(each, ConnectionRefusedError)]
    others = [each for each in failures if not isinstance(each, TimeoutError)]
    if refusals or (others and len(others) == len(failures)):
        raise (refusals or others)[0]
    raise timed_out("the connection was not made in time")


_Made = tuple[socket.socket | None, list[OSError]]


def _open(found: tuple[Any, ...], seconds: float, until: Deadline, options: SocketOptions) -> _Made:
    try:
        connection = _new(found, options)
    except OSError as error:
        return None, [error]
    try:
        connection.settimeout(_at_most(seconds, until))
        connection.connect(found[4])
    except OSError as error:
        connection.close()
        return None, [error]
    except BaseException:
        connection.close()
        raise
    return connection, []


def _new(found: tuple[Any, ...], options: SocketOptions) -> socket.socket:
    family, kind, protocol, _, _ = found
    connection = socket.socket(family, kind, protocol)
    try:
        for option in options:
            connection.setsockopt(*option)
    except BaseException:
        connection.close()
        raise
    return connection


class _Race:
    """Connections to several addresses, of which the first that is made is kept."""

    def __init__(self, seconds: float, until: Deadline, options: SocketOptions) -> None:
        self._seconds = seconds
        self._until = until
        self._options = options
        self._selector = selectors.DefaultSelector()
        self._failures: list[OSError] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Close whatever lost."""
        for key in list(self._selector.get_map().values()):
            self._drop(key.fileobj)
        self._selector.close()

    def run(self, found: _Addresses) -> _Made:
        """Return the connection that was made first; else what became of each address."""
        waiting = deque(found)
        following = Deadline.after(0.0)
        while not self._until.passed and (waiting or self._selector.get_map()):
            if waiting and (following.passed or not self._selector.get_map()):
                self._begin(waiting.popleft())
                following = Deadline.after(_STAGGER)
                continue
            made = self._wait(following.remaining if waiting else self._until.remaining)
            if made is not None:
                return made, self._failures
        return None, [*self._failures, *(TimeoutError() for _ in self._selector.get_map())]

    def _begin(self, found: tuple[Any, ...]) -> None:
        try:
            connection = _new(found, self._options)
        except OSError as error:
            self._failures.append(error)
            return
        connection.setblocking(False)
        number = connection.connect_ex(found[4])
        if number not in {0, *_BEGUN}:
            connection.close()
            self._failures.append(_error(number))
            return
        self._selector.register(
            connection, selectors.EVENT_WRITE, self._until.earlier_of(self._seconds)
        )

    def _wait(self, seconds: float) -> socket.socket | None:
        """Wait until one is made or fails, or for so long."""
        ends = [key.data.remaining for key in self._selector.get_map().values()]
        for key, _ in self._selector.select(max(0.001, min(seconds, *ends))):
            connection = key.fileobj
            if not isinstance(connection, socket.socket):
                continue
            number = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number == 0:
                self._selector.unregister(connection)
                return connection
            self._failures.append(_error(number))
            self._drop(connection)
        for key in list(self._selector.get_map().values()):
            if key.data.passed:
                self._failures.append(TimeoutError())
                self._drop(key.fileobj)
        return None

    def _drop(self, connection: Any) -> None:
        self._selector.unregister(connection)
        connection.close()


def _error(number: int) -> OSError:
    """Return the system's error of that number, as its own kind: refused, unreachable."""
    return OSError(number, os.strerror(number))


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


def addresses_of(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """Return the addresses that a name stands for on this machine, in the system's order.

    Raises:
        WsmanError: NAME_NOT_RESOLVED.
    """
    return tuple(dict.fromkeys(str(found[4][0]) for found in _resolve(host, port, seconds)))
