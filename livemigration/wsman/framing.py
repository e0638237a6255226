"""Replies of HTTP, read from a socket by h11, and the usual ones without its help.

What WinRM sends has one Content-Length and a plain head. Of such a reply h11 would compute most of
what a message costs; it reads every other one: chunks, interim replies, one that lasts until its
connection ends, a head that comes in pieces. A reply is read more strictly than by Python's
http.client, and never more leniently.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache

import h11

from livemigration.wsman.errors import WsmanError, unusable
from livemigration.wsman.guard import (
    MAXIMUM_HEAD,
    GuardedConnection,
    head_too_large,
    refuse_large,
    refuse_unusable,
)
from livemigration.wsman.post import Head, Headers, HttpReply

_PIECE = 64 << 10
# As many as http.client takes.
_MOST_HEADERS = 100
_BEGINNING = b"HTTP/1."
_FIRST_LINE = re.compile(rb"HTTP/1\.[01] [1-9][0-9]{2}(?: [^\r\n]*)?\r?")
_LENGTHS = re.compile(rb"(?im)^content-length[ \t]*:([^\r\n]*)")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_CONTINUE = 100
_LENGTH = "content-length"
_SOME_POST = h11.Request(method="POST", target="/", headers=[("Host", ""), ("Content-Length", "0")])
_ITS_END = h11.EndOfMessage()
_NOT_HTTP = "what answered does not speak HTTP"
# A head that leaves nothing to be decided: printable ASCII, and a body unless its status has none.
_USUAL = re.compile(
    rb"HTTP/1\.1 (?!204|304)([2-5][0-9]{2}) [ -~]*"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*)+"
)


class Reading:
    """Reads the reply to one request."""

    def __init__(self, connected: socket.socket, line: GuardedConnection) -> None:
        self._socket = connected
        self._line = line
        # What came of the head that is not whole yet.
        self._raw = b""
        self._head: Head | None = None
        self._framing: h11.Connection

    def reply(self) -> tuple[HttpReply, bool]:
        """Return the reply, and whether the connection may carry another request.

        Raises:
            WsmanError: it must not be used.
            OSError: what the system says of the connection.
        """
        data = self._socket.recv(_PIECE)
        begun = _usual(data)
        return self._rest(*begun) if begun is not None else self._by_h11(data)

    def _rest(self, head: Head, length: int, body: bytes) -> tuple[HttpReply, bool]:
        """Return a usual reply, of whose body some has come."""
        self._line.take(head)
        parts = [body]
        missing = length - len(body)
        while missing > 0:
            data = self._socket.recv(_PIECE)
            if not data:
                raise unusable("the reply ended early")
            parts.append(data)
            missing -= len(data)
        whole = b"".join(parts)
        kept = "close" not in head.headers.get("Connection", "").lower() and not missing
        return HttpReply(head.status, head.headers, head.old, whole[:length]), kept

    def _by_h11(self, data: bytes) -> tuple[HttpReply, bool]:
        self._framing = _framing()
        self._take(data)
        parts: list[bytes] = []
        size = 0
        while True:
            event = self._next()
            if isinstance(event, h11.InformationalResponse):
                self._passed_over(event)
            elif isinstance(event, h11.Response):
                head = self._head = self._begun(event)
            elif isinstance(event, h11.Data):
                size += len(event.data)
                refuse_large(size)
                parts.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                raise unusable(_NOT_HTTP)
        reply = HttpReply(head.status, head.headers, head.old, b"".join(parts))
        return reply, self._is_kept(head)

    def _next(self) -> object:
        """Return the next event of the reply, as soon as it is whole."""
        while True:
            try:
                event = self._framing.next_event()
            except h11.RemoteProtocolError:
                raise self._broken() from None
            if event is not h11.NEED_DATA:
                return event
            self._take(self._socket.recv(_PIECE))

    def _take(self, data: bytes) -> None:
        if self._head is None:
            if not data:
                raise _ended_before(self._raw)
            self._raw += data
            _refuse_other_protocol(self._raw)
        self._framing.receive_data(data)

    def _passed_over(self, event: h11.InformationalResponse) -> None:
        if event.status_code != _CONTINUE:
            refuse_unusable(Head(event.status_code, {}), sealed=self._line.sealed)
        self._raw = _END_OF_HEAD.split(self._raw, maxsplit=1)[1]

    def _begun(self, event: h11.Response) -> Head:
        fields = [(name.decode(), value.decode("latin-1")) for name, value in event.headers]
        if len(fields) > _MOST_HEADERS:
            raise unusable(_NOT_HTTP)
        head = Head(event.status_code, _headers(fields, self._raw), event.http_version == b"1.0")
        self._line.take(head)
        return head

    def _broken(self) -> WsmanError:
        """Return what is wrong with a reply that h11 does not take."""
        if self._head is not None:
            ended = self._framing.trailing_data[1]
            return unusable("the reply ended early" if ended else _NOT_HTTP)
        if not _END_OF_HEAD.search(self._raw):
            return head_too_large() if len(self._raw) > MAXIMUM_HEAD else unusable(_NOT_HTTP)
        try:
            refuse_unusable(_as_it_seems(self._raw), sealed=self._line.sealed)
        except WsmanError as failure:
            return failure
        return unusable(_NOT_HTTP)

    def _is_kept(self, head: Head) -> bool:
        """Whether a connection goes on, as http.client has it."""
        said = head.headers.get("Connection", "").lower()
        rest, ended = self._framing.trailing_data
        goes_on = "keep-alive" in said if head.old else "close" not in said
        framed = "Content-Length" in head.headers or "Transfer-Encoding" in head.headers
        return goes_on and framed and not rest and not ended


def _refuse_other_protocol(raw: bytes) -> None:
    """Raise as soon as a first line is none of HTTP's; h11 waits for the end of the head."""
    if raw[: len(_BEGINNING)] != _BEGINNING[: len(raw)]:
        raise unusable(_NOT_HTTP)
    first, ended, _ = raw.partition(b"\n")
    if ended and not _FIRST_LINE.fullmatch(first):
        raise unusable(_NOT_HTTP)


def _ended_before(raw: bytes) -> Exception:
    """Return what it means that a connection ended before a head was whole."""
    if not raw:
        return ConnectionResetError()
    return unusable("the reply ended early" if b"\n" in raw else _NOT_HTTP)


def _headers(fields: list[tuple[str, str]], raw: bytes) -> Headers:
    # h11 keeps one length of several that are equal; requests shows all.
    lengths = _LENGTHS.findall(_END_OF_HEAD.split(raw, maxsplit=1)[0])
    others = [each for each in fields if each[0] != _LENGTH]
    return Headers([*others, *((_LENGTH, each.strip().decode("latin-1")) for each in lengths)])


def _as_it_seems(raw: bytes) -> Head:
    """Return how a reply begins whose head h11 refuses, read as leniently as http.client does."""
    first, *lines = _END_OF_HEAD.split(raw, maxsplit=1)[0].decode("latin-1").splitlines()
    fields = [(name.lower(), value.strip()) for name, _, value in (e.partition(":") for e in lines)]
    return Head(int(first[9:12]), Headers(fields), first.startswith("HTTP/1.0"))


def _framing() -> h11.Connection:
    """Return what reads the reply to a request without a body, as which every other is told it."""
    made = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAXIMUM_HEAD)
    made.send(_SOME_POST)
    made.send(_ITS_END)
    return made


# Most lines are those of every other reply.
@lru_cache(256)
def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip(" \t")


def _usual(data: bytes) -> tuple[Head, int, bytes] | None:
    """Return the head of a usual reply, the length of its body, and what came of that; or None."""
    before, ended, body = data.partition(b"\r\n\r\n")
    found = _USUAL.fullmatch(before) if ended else None
    if found is None:
        return None
    lines = before.decode("ascii").split("\r\n")[1:]
    headers = Headers(map(_field, lines))
    length = headers.get("Content-Length", "")
    # Two lengths have a comma between them.
    known = length.isdecimal() and len(length) <= 12 and "Transfer-Encoding" not in headers
    if not known or len(lines) > _MOST_HEADERS:
        return None
    return Head(int(found[1]), headers), int(length), body
