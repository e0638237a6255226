"""The lab reads and answers the usual request as h11 would, which it does not ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, cast

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from one_change import world_of
from properties import examples

from livemigration.lab import framing
from livemigration.lab.framing import Request, ServerFraming
from livemigration.lab.front import Taken, serve
from livemigration.lab.machine import forget
from livemigration.lab.machines import Machines

USUAL = b"POST /wsman HTTP/1.1\r\nHost: hv01\r\nContent-Length: 4\r\n\r\nbody"
FIELDS = [("Content-Type", "application/soap+xml;charset=UTF-8"), ("WWW-Authenticate", "NTLM")]
END, BROKEN = "ended", "broken"

Seen = list[Request | bytes | str]


class Pieces(asyncio.StreamReader):
    """What a client sends, as it comes."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)

    async def read(self, n: int = -1) -> bytes:
        assert n >= 0
        return next(self._pieces, b"")


def seen(pieces: Iterable[bytes], *, by_h11: bool) -> Seen:
    """Return the requests of a connection with their replies, and how it ended."""
    http = ServerFraming(Pieces(pieces))
    if by_h11:
        http._http = h11.Connection(h11.SERVER)
    return asyncio.run(_seen(http))


async def _seen(http: ServerFraming) -> Seen:
    found: Seen = []
    try:
        while (request := await http.request()) is not None:
            found += [request, http.reply(200 if request[1] else 401, FIELDS, request[1][::-1])]
            if not http.goes_on():
                break
    except (h11.ProtocolError, ValueError):
        return [*found, BROKEN]
    return [*found, END]


def same(pieces: list[bytes]) -> None:
    usual, every = (seen(pieces, by_h11=each) for each in (False, True))
    # A request that breaks off is none, whichever of the two says so.
    assert usual[:-1] == every[:-1]
    if usual[-1] != every[-1]:
        assert (usual[-1], every[-1]) == (END, BROKEN)


def of(head: str, *fields: str, body: bytes = b"body") -> bytes:
    return "\r\n".join((head, "Host: hv01", *fields, "", "")).encode("latin-1") + body


LINE = "POST /wsman HTTP/1.1"
LENGTH = "Content-Length: 4"
HEADS = st.sampled_from(
    [LINE, LINE, LINE, "POST /wsman HTTP/1.0", "GET / HTTP/1.1", "HEAD / HTTP/1.1", "POST / HTTP/2"]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            "content-type:  text/xml \t",
            "Connection: Keep-Alive",
            "Connection: close",
            "Connection: keep-alive, TE",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
            "Upgrade: h2c",
            "Content-Length: 4",
            "Content-Length: 0004",
            "Content-Length: 4, 4",
            "Content-Length: +4",
            "Content-Length: 99999999999",
            "Host: other",
            "X-Empty:",
            "X-Far: \xe4",
            "X Name: value",
            " folded: value",
            "Authorization: Negotiate AAAA",
            "authorization: NTLM BBBB",
        ]
    ),
    max_size=3,
)
BODIES = st.sampled_from([b"body", b"", b"4\r\nbody\r\n0\r\n\r\n", b"bo", USUAL])
REQUESTS = st.builds(
    lambda head, fields, body: of(head, LENGTH, *fields, body=body), HEADS, HEADERS, BODIES
)


@given(st.lists(REQUESTS | st.just(USUAL) | st.binary(max_size=40), max_size=4), st.data())
@example(
    [USUAL, USUAL, of(LINE, "Transfer-Encoding: chunked", body=b"4\r\nbody\r\n0\r\n\r\n")], None
)
@examples(400)
def test_usual_requests_are_read_and_answered_as_by_h11(
    requests: list[bytes], data: st.DataObject | None
) -> None:
    whole = b"".join(requests)
    cuts = data.draw(st.lists(st.integers(1, max(len(whole) - 1, 1)), max_size=4)) if data else []
    ends = sorted({*cuts, len(whole)})
    pieces = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    same([each for each in pieces if each])


def test_a_usual_request_is_no_work_for_h11(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object) -> None:
        raise AssertionError("h11 was asked")

    def sent() -> Iterator[bytes]:
        yield from (USUAL, USUAL[:-2], USUAL[-2:], USUAL + USUAL)
        raise ConnectionResetError

    monkeypatch.setattr(h11, "Connection", refused)
    with pytest.raises(ConnectionResetError):
        seen(sent(), by_h11=False)


class Writer:
    """Takes what a listener writes to one client."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def get_extra_info(self, _name: str) -> None:
        """Say that there is no TLS."""

    def write(self, data: bytes) -> None:
        self.written.append(data)

    async def drain(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_reply_is_written_in_one_piece() -> None:
    # Each piece is a call of the system, and wakes who waits for the whole.
    world, host = world_of({})
    writer, machine = Writer(), Machines(world, forget)[host.name]
    asked: Any = Pieces([USUAL, of(LINE, LENGTH, "WSMANIDENTIFY: unauthenticated")])
    asyncio.run(serve(machine, Taken(), asked, cast("Any", writer)))
    refused, identified = writer.written
    assert refused.startswith(b"HTTP/1.1 401 \r\n")
    assert identified.startswith(b"HTTP/1.1 200 \r\n")
    assert identified.endswith(machine.identify(known=False))


def test_more_than_a_listener_takes_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAXIMUM_BODY", 3)
    assert seen([USUAL], by_h11=False) == [END]
