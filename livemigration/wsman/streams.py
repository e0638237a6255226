"""Requests of HTTP over a socket and h11, behind the guard: what a fleet of many hosts needs.

requests, urllib3 and pywinrm take most of what a client computes for a message (measured.md 2).
There is no event loop: whoever asks has a thread for each host anyway, with its deadline and its
Ctrl-C, and two changes of thread for each message would cost what a loop saves.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache

from urllib3.util import parse_url, wait_for_read

from livemigration.wsman.challenge import answered_challenge
from livemigration.wsman.errors import HTTP_UNAUTHORIZED, unusable
from livemigration.wsman.framing import Reading
from livemigration.wsman.guard import GuardedConnection
from livemigration.wsman.post import Head, HttpReply
from livemigration.wsman.requests_poster import spelt

_OPTIONS = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
_USUAL_PORTS = {"http": 80, "https": 443}
_LINES = re.compile("[\t\r\n -~\xa0-\xff]*")


class StreamPoster:
    """Posts over one socket at a time; `url` is how it spells the endpoint's URL.

    Args:
        line: the connection and its time.
        url: the endpoint's URL.
        tls: what https is spoken with.
        name: whom the certificate must be for; empty: the URL's own host.

    Raises:
        requests.exceptions.InvalidURL: the URL is none.
    """

    def __init__(
        self, line: GuardedConnection, url: str, tls: ssl.SSLContext | None, name: str
    ) -> None:
        self.url = spelt(url)
        where = parse_url(self.url)
        self._line = line
        self._tls = tls
        self._host = (where.host or "").removeprefix("[").removesuffix("]")
        usual = _USUAL_PORTS.get(where.scheme or "", 0)
        self._port = where.port or usual
        self._name = name or self._host.rstrip(".")
        shown = where.host or ""
        at = shown if self._port == usual else f"{shown}:{self._port}"
        self._own = (("Host", at), ("Accept-Encoding", "identity"), ("Accept", "*/*"))
        self._target = where.request_uri
        self._socket: socket.socket | None = None
        self._before: Head | None = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """Send a request, and return the reply with its whole body: `post.Poster`."""
        self._line.challenge = answered_challenge(headers.get("Authorization", ""), self._before)
        data = _request(self._target, (*self._own, *headers.items()), body)
        self._line.sends(len(body))
        kept = False
        try:
            connected = self._connected()
            connected.settimeout(self._line.timeouts[1])
            # Whoever hangs up may have said why before.
            with contextlib.suppress(BrokenPipeError):
                connected.sendall(data)
            reply, kept = Reading(connected, self._line).reply()
        finally:
            if not kept:
                self.close()
        # Nothing else is answered, and a body would be kept until the next one.
        self._before = reply if reply.status == HTTP_UNAUTHORIZED else None
        self._line.traffic.received(len(reply.content))
        return reply

    def close(self) -> None:
        """Close the connection."""
        connected, self._socket = self._socket, None
        if connected is not None:
            connected.close()

    def _connected(self) -> socket.socket:
        if self._socket is not None:
            if not wait_for_read(self._socket, timeout=0.0):
                return self._socket
            # Between two messages there is nothing to be read, but that it has ended.
            self.close()
        made = self._line.connect(self._host, self._port, _OPTIONS)
        if self._tls is not None:
            made = self._tls.wrap_socket(made, server_hostname=self._name)
            self._socket = made
            self._line.adopt(made)
        self._socket = made
        return made


def _request(target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    """Return a request as it travels.

    Raises:
        WsmanError: a header would be more than one.
    """
    secret = any(name == "Authorization" for name, _ in headers)
    head = _head(target, headers) if secret else _usual_head(target, headers)
    return b"%b%d\r\n\r\n%b" % (head, len(body), body)


def _head(target: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """Return how a request begins, up to the number of bytes that its body has."""
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    head = "\r\n".join((*lines, "Content-Length: "))
    if not _LINES.fullmatch(head) or head.count("\n") != len(lines):
        raise unusable("the request cannot be sent: a header has a character that none may have")
    return head.encode("latin-1")


# All messages of a session but those that sign in have one.
_usual_head = lru_cache(512)(_head)
