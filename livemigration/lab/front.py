"""HTTP, NTLM and message encryption of one simulated WS-Management listener."""

from __future__ import annotations

import asyncio
import base64
import binascii
import struct
from typing import Any

import h11
import spnego
import spnego.exceptions

from livemigration.lab.machine import Machine

_BOUNDARY = b"--Encrypted Boundary"
_PROTOCOL = "application/HTTP-SPNEGO-session-encrypted"
_OPAQUE = b"\tContent-Type: application/octet-stream\r\n"
_TYPE = f'multipart/encrypted;protocol="{_PROTOCOL}";boundary="Encrypted Boundary"'
_PLAIN = ("Content-Type", "application/soap+xml;charset=UTF-8")
_IDLE_SECONDS = 60
_MAXIMUM_BODY = 4 << 20

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]
_MALFORMED = (IndexError, ValueError, struct.error)
_OFFER: Headers = [("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "NTLM")]


class Conversation:
    """The state of one TCP connection: NTLM belongs to it (MS-WSMV 2.2.9.1)."""

    def __init__(self, machine: Machine, basic: frozenset[bytes]) -> None:
        self._machine = machine
        self._basic = basic
        self._context: Any = None
        self._known = False
        self._last_token: Headers = []

    async def handle(self, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one HTTP request."""
        given = headers.get("authorization")
        if given is not None and not (self._known and body):
            refused = self._authenticate(given)
            # A client that cannot encrypt sends its message along with the last token.
            return refused or await self._told(headers, body)
        if not self._known:
            return self._stranger(headers)
        return await self._told(headers, body)

    async def _told(self, headers: dict[str, str], body: bytes) -> Answer:
        extra, self._last_token = self._last_token, []
        status, more, reply = await self._message(headers, body) if body else (200, [], b"")
        return status, [*more, *extra], reply

    def _stranger(self, headers: dict[str, str]) -> Answer:
        if headers.get("wsmanidentify", "").casefold() == "unauthenticated":
            # The header is from memory (windows-facts.md 5.2): real hosts may want another.
            return 200, [_PLAIN], self._machine.identify(known=False)
        return self._refuse()

    def _refuse(self) -> Answer:
        offered = [("WWW-Authenticate", 'Basic realm="WSMAN"')] if self._basic else []
        return 401, [*_OFFER, *offered], b""

    async def _message(self, headers: dict[str, str], body: bytes) -> Answer:
        if _PROTOCOL in headers.get("content-type", ""):
            status, plain = await self._machine.handle(self._unseal(body))
            return status, [("Content-Type", _TYPE)], self._seal(plain)
        if not self._machine.allows_unencrypted:
            # AllowUnencrypted is false by default; the status is assumed.
            return 500, [], b""
        status, plain = await self._machine.handle(body)
        return status, [_PLAIN], plain

    def _authenticate(self, given: str) -> Answer | None:
        """Return what is answered instead, or None: the client is known now."""
        scheme, _, token = given.partition(" ")
        try:
            data = base64.b64decode(token, validate=True)
            if scheme.casefold() == "basic":
                self._context = None
                known = data in self._basic and self._machine.knows_the_account
                return None if known else self._refuse()
            if self._context is None or self._known or data.startswith(b"NTLMSSP\0\x01"):
                self._known = False
                self._context = _context(raw=data.startswith(b"NTLMSSP\0"))
            out = self._context.step(data)
        except (spnego.exceptions.SpnegoError, binascii.Error, ValueError, struct.error):
            self._context = None
            return self._refuse()
        answer = ("WWW-Authenticate", f"{scheme} {base64.b64encode(out or b'').decode()}")
        if not self._context.complete:
            return 401, [answer], b""
        if not self._machine.knows_the_account:
            self._context = None
            return self._refuse()
        self._known = True
        self._last_token = [answer] if out else []
        return None

    def _unseal(self, body: bytes) -> bytes:
        if self._context is None:
            raise ValueError("sealed, though nothing was agreed on to seal with")
        sealed = body.split(_OPAQUE, 1)[1][: -len(_BOUNDARY) - 4]
        length = struct.unpack("<i", sealed[:4])[0]
        plain: bytes = self._context.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])
        return plain

    def _seal(self, plain: bytes) -> bytes:
        wrapped = self._context.wrap_winrm(plain)
        head = (
            f"--Encrypted Boundary\r\n\tContent-Type: {_PROTOCOL}\r\n\tOriginalContent: "
            f"type=application/soap+xml;charset=UTF-8;Length={len(plain)}\r\n"
            "--Encrypted Boundary\r\n"
        ).encode()
        size = struct.pack("<i", len(wrapped.header))
        sealed: bytes = wrapped.header + wrapped.data
        return head + _OPAQUE + size + sealed + _BOUNDARY + b"--\r\n"


def _context(*, raw: bool) -> Any:
    """Return the server's side of NTLM: bare, or inside SPNEGO as some clients send it."""
    if raw:
        return spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    return spnego.server(protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)


async def serve(
    machine: Machine,
    basic: frozenset[bytes],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Serve one connection until it closes, idles or breaks the protocol.

    `basic`: the pairs `user:password` that Basic authentication takes; none: it is off.
    """
    http = h11.Connection(h11.SERVER)
    conversation = Conversation(machine, basic)
    try:
        while True:
            request = await _read(http, reader)
            if request is None:
                return
            status, headers, body = await conversation.handle(*request)
            fields = [*headers, ("Content-Length", str(len(body)))]
            response = h11.Response(status_code=status, headers=fields, reason="")
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                writer.write(http.send(event) or b"")
            await writer.drain()
            if http.our_state is not h11.DONE:
                return
            http.start_next_cycle()
    except (h11.ProtocolError, OSError, spnego.exceptions.SpnegoError, *_MALFORMED):
        # What is no message ends the connection; how Windows answers it is not known.
        return
    finally:
        writer.close()


async def _read(
    http: h11.Connection, reader: asyncio.StreamReader
) -> tuple[dict[str, str], bytes] | None:
    headers: dict[str, str] = {}
    body = b""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            data = await asyncio.wait_for(reader.read(65536), _IDLE_SECONDS)
            http.receive_data(data)
        elif isinstance(event, h11.Request):
            headers = {name.decode().lower(): value.decode() for name, value in event.headers}
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
            if len(body) > _MAXIMUM_BODY:
                return None
        elif isinstance(event, h11.EndOfMessage):
            return headers, body
        else:
            return None
