"""Messages to and from a directory over one connection, each bounded in size and in time.

sansldap keeps what is not whole, however much is announced, and takes long over it
(authentication.md C). So it is given one whole message at a time, and none that is too long.
"""

from __future__ import annotations

import socket
from typing import Any

import sansldap
import spnego.exceptions

from livemigration.base.deadline import Deadline
from livemigration.ldap.causes import broken, of_directory
from livemigration.wsman.errors import WsmanError, deadline_passed, timed_out

MOST_BYTES = 4 * 1024 * 1024
"""Of one message, and of one frame that is sealed."""

MOST_IN_ALL = 512 * 1024 * 1024
"""Of everything that a directory sends over one connection."""

_SEQUENCE = 0x30
_LONG_FORM = 0x80
_LENGTH_BYTES = 4
_AT_ONCE = 64 * 1024
# What the library raises over bytes that are no message.
_MALFORMED = (
    sansldap.LDAPError,
    ValueError,
    NotImplementedError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
)


class Wire:
    """A connection to a directory.

    Args:
        connection: the socket, TLS on it where there is any.
        seconds: how long to wait for an answer.
        until: when everything ends.
    """

    def __init__(self, connection: socket.socket, seconds: float, until: Deadline) -> None:
        self._socket = connection
        self.seconds = seconds
        self._until = until
        self._received = 0
        self._raw, self._plain = bytearray(), bytearray()
        self._context: Any = None
        self.session = sansldap.LDAPClient()

    def seal(self, context: Any) -> None:
        """Sign and seal everything from here on with a context that is complete."""
        self._context = context

    def ask(self) -> None:
        """Send what the session has to say.

        Raises:
            WsmanError: it cannot be sent.
        """
        said = self.session.data_to_send()
        if self._context is not None:
            sealed = self._context.wrap(said, encrypt=True).data
            said = len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed
        try:
            self._socket.settimeout(self._patience(self._until.earlier_of(self.seconds)))
            self._socket.sendall(said)
        except OSError as error:
            raise self._lost(error) from None

    def answer(self) -> sansldap.LDAPMessage:
        """Return the next message.

        Raises:
            WsmanError: none came in time, or what came is none.
        """
        waits = self._until.earlier_of(self.seconds)
        while (length := _length(self._plain)) is None or len(self._plain) < length:
            self._more(waits)
        message = bytes(self._plain[:length])
        del self._plain[:length]
        try:
            (found,) = self.session.receive(message)
        except _MALFORMED:
            raise broken("what it sent is no message of LDAP") from None
        return found

    def _more(self, waits: Deadline) -> None:
        if self._context is None:
            self._plain += self._read(waits)
            return
        while (length := _frame(self._raw)) is None or len(self._raw) < length:
            self._raw += self._read(waits)
        sealed = bytes(self._raw[_LENGTH_BYTES:length])
        del self._raw[:length]
        try:
            self._plain += self._context.unwrap(sealed).data
        except (spnego.exceptions.SpnegoError, *_MALFORMED):
            raise broken("a message was not sealed as agreed") from None

    def _read(self, waits: Deadline) -> bytes:
        try:
            self._socket.settimeout(self._patience(waits))
            found = self._socket.recv(_AT_ONCE)
        except OSError as error:
            raise self._lost(error) from None
        if not found:
            raise broken("it closed the connection")
        self._received += len(found)
        if self._received > MOST_IN_ALL:
            raise broken(f"it sent more than {MOST_IN_ALL >> 20} MiB")
        return found

    def _patience(self, waits: Deadline) -> float:
        if self._until.passed:
            raise of_directory(deadline_passed())
        if waits.passed:
            raise of_directory(timed_out("it did not answer in time"))
        return max(waits.remaining, 0.001)

    def _lost(self, error: OSError) -> WsmanError:
        if isinstance(error, TimeoutError):
            late = (
                deadline_passed() if self._until.passed else timed_out("it did not answer in time")
            )
            return of_directory(late)
        return broken("the connection broke")


def _frame(data: bytearray) -> int | None:
    """Return the length of the frame that begins here, with its own length; None: not known yet."""
    if len(data) < _LENGTH_BYTES:
        return None
    length = int.from_bytes(data[:_LENGTH_BYTES], "big")
    if not 0 < length <= MOST_BYTES:
        raise broken("it announces a message that is too long")
    return _LENGTH_BYTES + length


def _length(data: bytearray) -> int | None:
    """Return the length of the message that begins here, with its header; None: not known yet."""
    if len(data) < 2:
        return None
    if data[0] != _SEQUENCE:
        raise broken("what answered does not speak LDAP")
    if data[1] < _LONG_FORM:
        return 2 + data[1]
    size = data[1] - _LONG_FORM
    if not 0 < size <= _LENGTH_BYTES:
        raise broken("what answered does not speak LDAP")
    if len(data) < 2 + size:
        return None
    length = int.from_bytes(data[2 : 2 + size], "big")
    if length > MOST_BYTES:
        raise broken("it announces a message that is too long")
    return 2 + size + length
