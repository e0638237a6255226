"""What a WS-Management endpoint says before anybody signs in: its time, its TLS, and its offers.

No user name and no password is sent, and nothing is asked for.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from livemigration.base.deadline import Deadline
from livemigration.wsman.certificates import Shown, shown_chain
from livemigration.wsman.compat import verified_chain
from livemigration.wsman.errors import timed_out, unusable
from livemigration.wsman.knock import REQUEST, TlsFor, opened

_LONGEST_HEAD = 16 << 10
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r\n)")
_SCHEMES = ("Negotiate", "Kerberos", "NTLM", "Basic", "CredSSP")


@dataclass(frozen=True)
class Greeting:
    """What an endpoint said.

    `address` is the one that answered; `status` that of HTTP; `offers` the ways of signing in that
    it names. `ahead` is by how many seconds its clock is ahead of this machine's, to the second
    that HTTP has; None: it does not say the time. `version` is that of TLS and `chain` the
    certificates, the host's own first; empty without TLS.
    """

    address: str
    status: int
    offers: tuple[str, ...]
    ahead: float | None
    version: str = ""
    chain: tuple[Shown, ...] = ()


def greet(
    host: str, port: int, seconds: float, deadline: Deadline, tls: TlsFor | None = None
) -> Greeting:
    """Return what an endpoint says to a message without credentials.

    Args: as of `opened`.

    Raises:
        WsmanError: no connection, no TLS, no reply in time, or a reply of something else.
    """
    with opened(host, port, seconds, deadline, tls) as (connection, until):
        return _ask(connection, port, until)


def _ask(connection: socket.socket, port: int, until: Deadline) -> Greeting:
    address = str(connection.getpeername()[0])
    shown = f"[{address}]" if ":" in address else address
    asked = datetime.now(UTC)
    connection.sendall(REQUEST.format(host=shown, port=port).encode("ascii"))
    head = _head(connection, until)
    # Its clock was read somewhere between the two moments.
    asked += (datetime.now(UTC) - asked) / 2
    match = _STATUS.match(head)
    if match is None:
        raise unusable("what answered does not speak HTTP")
    fields = list(_fields(head))
    said = Greeting(address, int(match[1]), _offers(fields), _ahead(fields, asked))
    if not isinstance(connection, ssl.SSLSocket):
        return said
    chain = shown_chain(verified_chain(connection))
    return replace(said, version=connection.version() or "", chain=chain)


def _head(connection: socket.socket, until: Deadline) -> bytes:
    seen = b""
    while b"\r\n\r\n" not in seen:
        if until.passed:
            raise timed_out("the answer did not come in time")
        if len(seen) > _LONGEST_HEAD:
            raise unusable("the reply's header has no end")
        connection.settimeout(max(until.remaining, 0.001))
        part = connection.recv(4096)
        if not part:
            raise unusable("the reply ended early")
        seen += part
        if len(seen) >= len(b"HTTP/1.") and not seen.startswith(b"HTTP/1."):
            raise unusable("what answered does not speak HTTP")
    return seen.partition(b"\r\n\r\n")[0] + b"\r\n"


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    for line in head.decode("latin-1").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            yield name.strip().casefold(), value.strip()


def _offers(fields: list[tuple[str, str]]) -> tuple[str, ...]:
    said = {
        word.casefold()
        for name, value in fields
        if name == "www-authenticate"
        for word in re.split(r"[\s,]+", value)
    }
    return tuple(each for each in _SCHEMES if each.casefold() in said)


def _ahead(fields: list[tuple[str, str]], asked: datetime) -> float | None:
    for name, value in fields:
        if name == "date":
            try:
                told = parsedate_to_datetime(value[:100])
            except (TypeError, ValueError, OverflowError):
                return None
            if told.tzinfo is None:
                return None
            # The second that has begun, of which half has passed on average.
            return (told - asked).total_seconds() + 0.5
    return None
