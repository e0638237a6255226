"""A WS-Management endpoint that signs clients in with any context, and frames by itself."""

from __future__ import annotations

import base64
import re
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Any

from ntlm_server import Listening, http, read_request

_PART = re.compile(
    rb"--Encrypted Boundary\r\n\tContent-Type: [^\r]*\r\n\tOriginalContent: [^\r]*Length=(\d+)\r\n"
    rb"--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
)


class ContextServer(Listening):
    """Answers on 127.0.0.1 until it is left.

    Args:
        scheme: how it signs in, such as `Negotiate`.
        protocol: the last part of its content types, such as `HTTP-SPNEGO-session-encrypted`.
        make: makes the context of a connection.
        answer: gets a request's plain SOAP; gives the plain reply.
        tls: where given, the connections carry TLS.
        refuse: gets the number of a sign-in's leg and what is about to be answered; gives what is
            sent in its place.
    """

    def __init__(
        self,
        scheme: str,
        protocol: str,
        make: Callable[[], Any],
        answer: Callable[[bytes], bytes],
        *,
        tls: ssl.SSLContext | None = None,
        refuse: Callable[[int, bytes], bytes] = lambda _, reply: reply,
    ) -> None:
        super().__init__()
        self._scheme, self._protocol = scheme, protocol
        self._make, self._answer, self._tls, self._refuse = make, answer, tls, refuse
        self.requests: list[bytes] = []
        self.kinds: list[str] = []
        self.wire = b""
        self.contexts: list[Any] = []

    def _serve(self, connection: socket.socket) -> None:
        context: Any = None
        leg = 0
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            with connection, connection.makefile("rb") as reader:
                while (request := read_request(reader)) is not None:
                    headers, body = request
                    self.wire += body
                    given = headers.get("authorization")
                    if given is not None:
                        if context is None:
                            context = self._make()
                            self.contexts.append(context)
                        leg += 1
                        reply = self._refuse(leg, self._leg(context, given))
                    elif context is not None and context.complete:
                        reply = self._sealed(context, headers["content-type"], body)
                    else:
                        reply = self._refuse(0, http(401, b"", f"WWW-Authenticate: {self._scheme}"))
                    connection.sendall(reply)
        except OSError:
            return

    def _leg(self, context: Any, given: str) -> bytes:
        try:
            out = context.step(base64.b64decode(given.partition(" ")[2]))
        except Exception:  # noqa: BLE001 - a peer that is refused
            return http(401, b"", f"WWW-Authenticate: {self._scheme}")
        said = f"WWW-Authenticate: {self._scheme} {base64.b64encode(out or b'').decode()}"
        return http(200 if context.complete else 401, b"", *([said] if out else []))

    def _sealed(self, context: Any, kind: str, body: bytes) -> bytes:
        self.kinds.append(kind.partition(";")[0])
        plain, found = b"", list(_PART.finditer(body))
        ends = [
            *(each.start() for each in found[1:]),
            len(body) - len(b"--Encrypted Boundary--\r\n"),
        ]
        for each, end in zip(found, ends, strict=True):
            sealed = body[each.end() : end]
            length = struct.unpack("<i", sealed[:4])[0]
            piece = context.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])
            assert len(piece) == int(each[1])
            plain += piece
        self.requests.append(plain)
        return self.reply(context, self._answer(plain))

    def reply(self, context: Any, plain: bytes) -> bytes:
        wrapped = context.wrap_winrm(plain)
        payload = (
            f"--Encrypted Boundary\r\n\tContent-Type: application/{self._protocol}\r\n"
            f"\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length={len(plain)}\r\n"
            "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
        ).encode()
        payload += struct.pack("<i", len(wrapped.header)) + wrapped.header + wrapped.data
        return http(
            200,
            payload + b"--Encrypted Boundary--\r\n",
            f'Content-Type: multipart/encrypted;protocol="application/{self._protocol}";'
            'boundary="Encrypted Boundary"',
        )
