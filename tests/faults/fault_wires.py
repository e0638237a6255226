"""Faults of what answers in place of HTTP, or in place of one of its replies."""

from __future__ import annotations

import asyncio
import base64
import ssl
import zlib
from functools import cache

import trustme
from fault_plays import (
    MOST,
    Kind,
    Moment,
    Trap,
    Wire,
    closing,
    drip,
    flood,
    naming_the_trap,
    reset_after,
    resetting,
    say,
    silent,
    to_every_request,
)

from livemigration.facts.model import FailureKind as Fails
from livemigration.lab.front import Answer, Headers

_UNUSABLE = frozenset({Fails.PROTOCOL})
_LATE = frozenset({Fails.TIMED_OUT, Fails.DEADLINE})
_CLOSED = frozenset({Fails.UNREACHABLE})
_REFUSED = frozenset({Fails.AUTHENTICATION})
_DENIED = frozenset({Fails.ACCESS_DENIED})
# Told as the quota that it is, or as the reply that it is not.
_BUSY = frozenset({Fails.FAULT, Fails.PROTOCOL})
_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"
_PAGE = b"<html><body>It works!</body></html>"
_BLOCK = b"x" * 65536


def http(status: int, body: bytes = b"", *more: str) -> bytes:
    """Return a whole reply of HTTP."""
    head = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


@cache
def bomb() -> bytes:
    """Return eighty kilobytes that would be eighty megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"\0" * (1 << 20)
    return b"".join(packer.compress(zeros) for _ in range(80)) + packer.flush()


async def explode(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trap: Trap) -> None:
    """Be a wire that sends it: made when it is sent, as the kinds of fault are only listed."""
    await say(http(200, bomb(), "Content-Encoding: gzip"))(reader, writer, trap)


_OFFERS = "WWW-Authenticate: Negotiate"
_BY_STATUS = {
    403: _DENIED,
    404: _UNUSABLE,
    407: _UNUSABLE,
    413: _UNUSABLE,
    429: _BUSY,
    500: _UNUSABLE,
    502: _UNUSABLE,
    503: _BUSY,
}
_REDIRECT = (
    "HTTP/1.1 {status} Moved\r\nLocation: http://{{trap}}/wsman\r\nContent-Length: 0\r\n\r\n"
)

_AT_A_MOMENT: dict[str, tuple[Wire, frozenset[Fails]]] = {
    "10 GB Content-Length": (
        flood(_OK + b"Content-Length: 10737418240\r\n\r\n", _BLOCK),
        _UNUSABLE,
    ),
    "200 with HTML": (say(http(200, _PAGE, "Content-Type: text/html")), _UNUSABLE),
    "401 without end": (to_every_request(http(401, b"", _OFFERS)), _REFUSED),
    **{
        f"HTTP {status}": (to_every_request(http(status, _PAGE)), finds)
        for status, finds in _BY_STATUS.items()
    },
    "chunked garbage": (
        say(_OK + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n\xff\xfe\r\n"),
        _UNUSABLE,
    ),
    "closed mid body": (say(_OK + b"Content-Length: 5000\r\n\r\n<s:Env"), _UNUSABLE | _CLOSED),
    # Nothing keeps them, so that only time ends it: it has to last longer than that.
    "endless 100-continue": (
        flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 500, 20 * MOST),
        _LATE | _UNUSABLE,
    ),
    "endless body": (flood(_OK + b"\r\n", _BLOCK), _UNUSABLE),
    "endless chunked body": (
        flood(_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + _BLOCK + b"\r\n"),
        _UNUSABLE,
    ),
    "endless header": (flood(_OK + b"X-Long: ", _BLOCK), _UNUSABLE),
    "gzip bomb": (explode, _UNUSABLE),
    "one byte per second body": (drip(_OK + b"Content-Length: 9999\r\n\r\n", b"x"), _LATE),
    "one byte per second header": (drip(_OK + b"X-Slow: ", b"x"), _LATE | _UNUSABLE),
    "redirect 301 to another host": (naming_the_trap(_REDIRECT.format(status=301)), _UNUSABLE),
    "redirect 307 to another host": (naming_the_trap(_REDIRECT.format(status=307)), _UNUSABLE),
    "reset mid body": (
        reset_after(_OK + b"Content-Length: 5000\r\n\r\n<s:Env"),
        _UNUSABLE | _CLOSED,
    ),
    "silence": (silent, _LATE),
}

WHEN = {
    Moment.BEFORE_AUTHENTICATION: "before authentication",
    Moment.FIRST_SEALED: "at the first sealed message",
    Moment.FOURTH_SEALED: "at the fourth",
}

AT_THREE_MOMENTS = tuple(
    Kind(
        f"{name}, {when}",
        finds,
        wire=wire,
        moment=moment,
        may_pass=finds is _BUSY and moment is Moment.FOURTH_SEALED,
        also_from_vmm=finds is _REFUSED and moment is Moment.BEFORE_AUTHENTICATION,
    )
    for moment, when in WHEN.items()
    for name, (wire, finds) in _AT_A_MOMENT.items()
)


def _challenge(token: bytes) -> Wire:
    broken = base64.b64encode(token).decode()
    return to_every_request(http(401, b"", f"WWW-Authenticate: Negotiate {broken}"))


def _basic_only(status: int, headers: Headers, body: bytes) -> Answer:
    if status != 401:
        return status, headers, body
    return status, [("WWW-Authenticate", 'Basic realm="WSMAN"')], b""


_IDENTITY = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><i:IdentifyResponse '
    b'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body>'
    b"</s:Envelope>"
)


async def _speaking_tls(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trap: Trap
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("hv.contoso.com").configure_cert(context)
    await writer.start_tls(context)
    await silent(reader, writer, trap)


def _flipped(sealed: bytes) -> bytes:
    where = sealed.rindex(b"--Encrypted Boundary--") - 9
    return sealed[:where] + bytes([sealed[where] ^ 1]) + sealed[where + 1 :]


OF_THE_LINE = (
    Kind("refused", frozenset({Fails.REFUSED}), down="refused"),
    Kind("black-holed", frozenset({Fails.TIMED_OUT}), down="silent"),
    Kind("accepts and never answers", _LATE, greet=silent),
    Kind("accepts and closes", _CLOSED, greet=closing),
    Kind("reset on first request", _CLOSED, greet=resetting),
    # Its connections end with each reply, and a sign-in takes three messages on one.
    Kind("HTTP/1.0 all the way", _UNUSABLE, version=b"HTTP/1.0", says="HTTP/1.0"),
    Kind(
        "HTTP/1.0, closes after each reply",
        _UNUSABLE,
        version=b"HTTP/1.0",
        closes=True,
        says="HTTP/1.0",
    ),
    Kind("offers Basic only", _REFUSED, offer=_basic_only),
    Kind("asks for no authentication", _UNUSABLE, wire=to_every_request(http(200, _IDENTITY))),
    Kind("broken NTLM challenge", _UNUSABLE, wire=_challenge(b"NTLMSSP\0\x02\0\0\0broken")),
    Kind("speaks TLS on the http port", frozenset({Fails.TLS}), greet=_speaking_tls),
    Kind("an SSH server on the port", _UNUSABLE, greet=say(b"SSH-2.0-OpenSSH_9.2\r\n")),
    Kind("plain reply in an encrypted session", _UNUSABLE, plain=True),
    Kind("bit flipped in a sealed reply", _UNUSABLE, wrap=_flipped),
    Kind("first sealed reply replayed for ever", _UNUSABLE | {Fails.FAULT}, replays=True),
)
