"""A WS-Management endpoint with real NTLM and message encryption, for tests."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

import spnego
from spnego.channel_bindings import GssChannelBindings

Answer = Callable[[bytes], tuple[int, bytes]]
Tamper = Callable[[int, bytes], bytes | None]

BOUNDARY = b"--Encrypted Boundary"
CONTENT_TYPE = (
    "multipart/encrypted;"
    'protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"'
)
_OPAQUE = b"\tContent-Type: application/octet-stream\r\n"


class Listening(ABC):
    """A listener on 127.0.0.1 until it is left, with a thread for each connection."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        shut(self._listener)
        self._threads[0].join(60)
        for each in self._open:
            shut(each)
        for thread in self._threads[1:]:
            thread.join(60)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(20)
            self.connections += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    @abstractmethod
    def _serve(self, connection: socket.socket) -> None:
        """Serve one connection to its end."""


class NtlmServer(Listening):
    """Answers on 127.0.0.1 until it is left.

    Args:
        answer: gets a request's plain SOAP; gives the HTTP status and the plain reply.
        tamper: gets the number of an encrypted reply and the whole HTTP message; gives what is
            sent in its place, or None to close the connection instead.
        tls: where given, the connections carry TLS.
        binding: where given, NTLM without this channel binding is refused.

    `along` is whether it takes a message that comes with the sign-in.
    """

    def __init__(
        self,
        answer: Answer,
        tamper: Tamper | None = None,
        tls: ssl.SSLContext | None = None,
        binding: bytes | None = None,
    ) -> None:
        super().__init__()
        self.binding = binding
        self.along = True
        self.answer = answer
        self.tamper = tamper
        self.tls = tls
        self.requests: list[bytes] = []
        self.wire: list[tuple[dict[str, str], bytes]] = []
        self.replies = 0

    def _serve(self, connection: socket.socket) -> None:
        state = _Connection(self)
        try:
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection, connection.makefile("rb") as reader:
                while (request := read_request(reader)) is not None:
                    self.wire.append(request)
                    reply = state.handle(*request)
                    if reply is None:
                        return
                    connection.sendall(reply)
        except OSError:
            return


def shut(listener: socket.socket) -> None:
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def read_request(reader: Any) -> tuple[dict[str, str], bytes] | None:
    if not reader.readline():
        return None
    headers: dict[str, str] = {}
    while (line := reader.readline()) not in {b"\r\n", b""}:
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers, reader.read(int(headers.get("content-length", "0")))


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


class _Connection:
    """The NTLM state of one TCP connection."""

    def __init__(self, server: NtlmServer) -> None:
        self._server = server
        self._context: Any = None
        self._authenticated = False

    def handle(self, headers: dict[str, str], body: bytes) -> bytes | None:
        given = headers.get("authorization")
        if given is not None and not (self._authenticated and body):
            reply = self._step(given)
            # The last message of NTLM may have the first question with it.
            along = self._authenticated and body and self._server.along
            return self._sealed(body) if along else reply
        if not self._authenticated:
            return http(401, b"", "WWW-Authenticate: Negotiate")
        return self._sealed(body) if body else http(200)

    def _step(self, given: str) -> bytes:
        scheme, _, token = given.partition(" ")
        data = base64.b64decode(token)
        if self._context is None or self._authenticated or data.startswith(b"NTLMSSP\0\x01"):
            self._authenticated = False
            binding = self._server.binding
            self._context = spnego.server(
                protocol="ntlm",
                options=spnego.NegotiateOptions.use_ntlm,
                channel_bindings=GssChannelBindings(application_data=binding) if binding else None,
            )
        try:
            out = self._context.step(data)
        except spnego.exceptions.SpnegoError:
            self._context = None
            return http(401, b"", "WWW-Authenticate: Negotiate")
        challenge = f"WWW-Authenticate: {scheme} {base64.b64encode(out or b'').decode()}"
        if not self._context.complete:
            return http(401, b"", challenge)
        self._authenticated = True
        return http(200)

    def _sealed(self, body: bytes) -> bytes | None:
        server = self._server
        sealed = body.split(_OPAQUE, 1)[1][: -len(BOUNDARY) - 4]
        length = struct.unpack("<i", sealed[:4])[0]
        plain = self._context.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])
        server.requests.append(plain)
        status, reply = server.answer(plain)
        message = self._wrap(status, reply)
        number = server.replies
        server.replies += 1
        return message if server.tamper is None else server.tamper(number, message)

    def _wrap(self, status: int, reply: bytes) -> bytes:
        wrapped = self._context.wrap_winrm(reply)
        payload = (
            BOUNDARY + b"\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"
            b"\tOriginalContent: type=application/soap+xml;charset=UTF-8;"
            b"Length=%d\r\n"
            % len(reply)
            + BOUNDARY
            + b"\r\n"
            + _OPAQUE
            + struct.pack("<i", len(wrapped.header))
            + wrapped.header
            + wrapped.data
            + BOUNDARY
            + b"--\r\n"
        )
        return http(status, payload, f"Content-Type: {CONTENT_TYPE}")


def message_id(request: bytes) -> str:
    found = re.search(rb"<a:MessageID>([^<]*)<", request)
    return found[1].decode() if found else ""


def action(request: bytes) -> str:
    found = re.search(rb"<a:Action[^>]*>([^<]*)<", request)
    return found[1].decode().rpartition("/")[2] if found else "Identify"
