"""The same bytes are judged alike by both clients; streams may be stricter, and never more lenient.

http.client reads what pywinrm's path gets, and h11 what streams do.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from ntlm_server import Listening, http, read_request
from properties import examples

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman import guard
from livemigration.wsman.causes import failure_of
from livemigration.wsman.guard import GuardedConnection
from livemigration.wsman.post import Poster
from livemigration.wsman.requests_poster import RequestsPoster
from livemigration.wsman.streams import StreamPoster

POSTERS: dict[str, type[RequestsPoster | StreamPoster]] = {
    "requests": RequestsPoster,
    "streams": StreamPoster,
}
_HEADERS = {"Content-Type": "application/soap+xml;charset=UTF-8", "Connection": "Keep-Alive"}


@dataclass(frozen=True)
class Verdict:
    """What became of a request, and of the one after it."""

    status: int = 0
    body: bytes = b""
    kind: FailureKind | None = None
    words: str = ""
    connections: int = 1


class Says(Listening):
    """Answers each request with the same bytes, in pieces, and then closes or does not."""

    def __init__(self, pieces: list[bytes], *, closes: bool) -> None:
        super().__init__()
        self.pieces, self.closes = pieces, closes

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as reader:
                while read_request(reader) is not None:
                    for each in self.pieces:
                        connection.sendall(each)
                    if self.closes:
                        return
        except OSError:
            return


def verdict(client: str, pieces: list[bytes], *, closes: bool = True, asks: int = 1) -> Verdict:
    """Return what a client makes of the last of some requests that are answered so."""
    with Says(pieces, closes=closes) as server:
        line = GuardedConnection(5.0)
        poster: Poster = POSTERS[client](
            line, f"http://127.0.0.1:{server.port}/wsman", None, "host"
        )
        try:
            with line.message(Deadline.after(5)):
                for _ in range(asks):
                    reply = poster.post(b"<x/>", _HEADERS)
        except Exception as error:  # noqa: BLE001 - as the channel takes it
            failed = failure_of(error)
            return Verdict(0, b"", failed.kind, failed.came_back, server.connections)
        finally:
            poster.close()
        return Verdict(reply.status, reply.content, connections=server.connections)


OK = b"HTTP/1.1 200 OK\r\n"
TWO = b"Content-Length: 2\r\n"


@in_turn(
    "reply",
    [
        http(200, b"ab"),
        http(401, b"", "WWW-Authenticate: Negotiate", "WWW-Authenticate: NTLM"),
        http(500, b"ab", "Content-Type: application/soap+xml"),
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n1;x=y\r\nb\r\n0\r\n\r\n",
        OK + b"\r\nuntil it closes",
        OK + TWO + b"\r\nab",
        OK + b"content-length:2\r\nX:\xe4\r\n\r\nab",
        b"HTTP/1.0 200 OK\r\n" + TWO + b"\r\nab",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 40 + OK + TWO + b"\r\nab",
        b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + OK + b"\r\nab",
        OK + b"Content-Encoding: identity\r\n" + TWO + b"\r\nab",
    ],
)
@in_turn("size", [1, 7, 9999])
def test_what_is_well_formed_is_read_alike_however_it_comes(reply: bytes, size: int) -> None:
    pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
    first, second = (verdict(each, pieces) for each in POSTERS)
    assert first == second
    assert first.status


# What is refused, in which words, by both.
REFUSED = {
    "redirect": (http(302, b"", "Location: http://x/"), "a redirect to another address (HTTP 302)"),
    "not modified": (b"HTTP/1.1 304 No\r\n\r\n", "a redirect to another address (HTTP 304)"),
    "gzip": (http(200, b"ab", "Content-Encoding: gzip"), "the reply is compressed"),
    "two lengths": (OK + TWO + b"Content-Length: 3\r\n\r\nabc", "length is not a number"),
    "two equal lengths": (OK + TWO + TWO + b"\r\nab", "length is not a number"),
    "two lengths in one": (OK + b"Content-Length: 2, 2\r\n\r\nab", "length is not a number"),
    "a length below zero": (OK + b"Content-Length: -2\r\n\r\nab", "length is not a number"),
    "a length in words": (OK + b"Content-Length: two\r\n\r\nab", "length is not a number"),
    "a length in Arabic": (OK + b"Content-Length: \xb2\r\n\r\nab", "length is not a number"),
    "a huge length": (OK + b"Content-Length: 99999999999\r\n\r\nab", "is larger than"),
    "a longer length": (OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", "not a number"),
    "another encoding": (
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "encoded for its way in a form that was not asked for",
    ),
    "a line of the head": (OK + b"X: " + b"x" * 99_999 + b"\r\n\r\n", "header is larger than"),
    "the head": (OK + (b"X: " + b"x" * 999 + b"\r\n") * 70 + b"\r\n", "header is larger than"),
    "many lines": (OK + b"X: y\r\n" * 500 + TWO + b"\r\nab", "does not speak HTTP"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP"),
    "no status": (b"HTTP/1.1 OK\r\n\r\n", "does not speak HTTP"),
    "a status of two": (b"HTTP/1.1 20 OK\r\n\r\n", "does not speak HTTP"),
    "HTTP 2": (b"HTTP/2.0 200 OK\r\n" + TWO + b"\r\nab", "does not speak HTTP"),
    "forbidden": (http(403), "HTTP 403 (forbidden)"),
    "a proxy": (http(407, b"", "Proxy-Authenticate: NTLM"), "a proxy wants authentication"),
    "early hints": (b"HTTP/1.1 103 Early\r\n\r\n" + http(200, b"ab"), "an interim one (HTTP 103)"),
    "switching": (b"HTTP/1.1 101 Other\r\n\r\n" + http(200, b"ab"), "HTTP 101"),
    "cut in the body": (OK + b"Content-Length: 9\r\n\r\nab", "the reply ended early"),
    "cut in a chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nab", "the reply ended early"),
    "nothing": (b"", "the host closed the connection"),
}


@in_turn("name", REFUSED)
def test_what_is_refused_is_so_in_the_same_words(name: str) -> None:
    reply, words = REFUSED[name]
    first, second = (verdict(each, [reply]) for each in POSTERS)
    assert first == second
    assert words in first.words


# http.client takes the head of each of these for whole, or its fields for what they are not.
STRICTER = {
    "cut in the head": OK + b"Content-Le",
    "cut after a field": OK + TWO,
    "a field without a name": OK + b": x\r\n" + TWO + b"\r\nab",
    "a field with a space": OK + b"X Y: z\r\n" + TWO + b"\r\nab",
    "a chunk that ends otherwise": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n",
}


@in_turn("name", STRICTER)
def test_where_streams_are_stricter(name: str) -> None:
    assert verdict("streams", [STRICTER[name]]).kind is FailureKind.PROTOCOL


@in_turn(
    "reply, connections",
    [
        (http(200, b"ab"), 1),
        (http(200, b"ab", "Connection: close"), 2),
        (http(200, b"ab", "connection: Close"), 2),
        (b"HTTP/1.0 200 OK\r\n" + TWO + b"\r\nab", 2),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + TWO + b"\r\nab", 1),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", 1),
    ],
)
def test_a_connection_goes_on_alike(reply: bytes, connections: int) -> None:
    found = [verdict(each, [reply], closes=False, asks=2) for each in POSTERS]
    assert found[0] == found[1]
    assert (found[0].status, found[0].connections) == (200, connections)


def test_what_comes_after_a_reply_is_never_taken_for_the_next_one() -> None:
    smuggled = http(200, b"ab") + http(200, b"smuggled")
    for client in POSTERS:
        for asks in (1, 2):
            assert verdict(client, [smuggled], closes=False, asks=asks).body == b"ab"


def test_a_reply_has_a_greatest_size_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAXIMUM_REPLY", 10)
    chunks = OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"6\r\nabcdef\r\n" * 2 + b"0\r\n\r\n"
    for reply in (chunks, OK + b"\r\n" + b"x" * 11, http(200, b"x" * 11)):
        first, second = (verdict(each, [reply]) for each in POSTERS)
        assert first == second
        assert "is larger than 10 bytes" in first.words


FIELDS = st.sampled_from(
    [
        b"Content-Length: 2\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: 5\r\n",
        b"content-length:  2 \r\n",
        b"Content-Length: x\r\n",
        b"Content-Length:\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Content-Encoding: identity\r\n",
        b"Connection: close\r\n",
        b"Connection: Keep-Alive\r\n",
        b"Content-Type: multipart/encrypted\r\n",
        b"WWW-Authenticate: Negotiate TlRM\r\n",
        b"X: \xff\t\x7f\r\n",
        b"Upgrade: h2c\r\n",
        b"nothing\r\n",
        b" folded\r\n",
    ]
)
BODIES = st.sampled_from(
    [b"", b"a", b"ab", b"abcde", b"2\r\nab\r\n0\r\n\r\n", b"2\r\nab", b"x\r\n", b"0\r\n\r\nab"]
)
FIRST_LINES = st.sampled_from(
    [
        *(b"HTTP/1.1 %d x\r\n" % status for status in (200, 204, 302, 304, 401, 403, 404, 500)),
        b"HTTP/1.0 200 OK\r\n",
        b"HTTP/1.1 200\r\n",
        b"HTTP/1.1 200 \r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 102 x\r\n",
        b"HTTP/1.1 999 x\r\n",
        b"HTTP/1.1 099 x\r\n",
        b"HTTP/3.1 200 x\r\n",
        b"http/1.1 200 x\r\n",
    ]
)


@given(FIRST_LINES, st.lists(FIELDS, max_size=4), BODIES, st.integers(1, 40), st.integers(0, 60))
@examples(400)
def test_the_same_bytes_have_the_same_verdict_or_a_stricter_one(
    first: bytes, fields: list[bytes], body: bytes, size: int, cut: int
) -> None:
    whole = first + b"".join(fields) + b"\r\n" + body
    reply = whole[: len(whole) - cut] if cut < len(whole) // 2 else whole
    pieces = [reply[start : start + size] for start in range(0, len(reply), size)]
    lenient, strict = verdict("requests", pieces), verdict("streams", pieces)
    if b"\r\n\r\n" not in reply.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"):
        # http.client takes the end of a connection for the end of a head.
        assert strict.kind in {FailureKind.PROTOCOL, FailureKind.UNREACHABLE}
    elif strict.kind is None:
        # What streams take is what requests take.
        assert lenient == strict
    elif lenient.kind is not None:
        # What a refusal holds is nobody's concern: streams do not ask how long it is.
        refused = first.split()[1] >= b"400" and lenient.kind is FailureKind.PROTOCOL
        assert strict.kind is lenient.kind or refused
    else:
        # Only what is malformed is taken by requests alone.
        assert strict.kind is FailureKind.PROTOCOL
        odd = {b"nothing\r\n", b" folded\r\n", b"X: \xff\t\x7f\r\n", b"Content-Length:\r\n"}
        assert odd & set(fields) or b"chunked" in reply
