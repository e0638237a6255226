"""HTTP, sign-in and message encryption of one simulated WS-Management listener."""

from __future__ import annotations

import asyncio
import base64
import binascii
import struct
import time
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from pathlib import Path
from typing import Any

import h11
import spnego
import spnego.exceptions

from livemigration.facts.host import SIMULATED_MARK, SIMULATED_VENDOR
from livemigration.lab.framing import MAXIMUM_BODY, Fields, ServerFraming
from livemigration.lab.machine import SimulatedMachine
from livemigration.lab.tickets import Acceptor, TicketRefusedError, is_ticket

_BOUNDARY = b"--Encrypted Boundary"
# How messages are sealed, by what their keys came by (MS-WSMV 2.2.9.1), and the most of a message
# that is sealed in one piece: what CredSSP seals are records of TLS.
_PROTOCOLS = {
    "application/HTTP-SPNEGO-session-encrypted": MAXIMUM_BODY,
    "application/HTTP-Kerberos-session-encrypted": MAXIMUM_BODY,
    "application/HTTP-CredSSP-session-encrypted": 16384,
}
_BOUNDARY_OF_TYPE = 'boundary="Encrypted Boundary"'
_OPAQUE = b"\tContent-Type: application/octet-stream\r\n"
_PLAIN = ("Content-Type", "application/soap+xml;charset=UTF-8")
# What a client says that signs in with the certificate of its TLS (MS-WSMV 2.2.9.1.1).
_MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"

Headers = Fields
Answer = tuple[int, Headers, bytes]
_MALFORMED = (IndexError, ValueError, struct.error)
_NO_SIGN_IN = (TicketRefusedError, spnego.exceptions.SpnegoError, binascii.Error, *_MALFORMED)
_BROKEN: Answer = (500, [], b"")
_OFFERED = "WWW-Authenticate"
# Whoever reads a reply can know that no Windows sent it.
_MARKS: Headers = [(SIMULATED_MARK, SIMULATED_VENDOR)]
_OFFER: Headers = [(_OFFERED, "Negotiate"), (_OFFERED, "NTLM")]


@dataclass(frozen=True)
class Hidden:
    """The TLS of one connection.

    `binding` is what a sign-in over it must be bound to, as a service demands whose
    CbtHardeningLevel is Strict; `knows_client` says that the client showed a certificate of the
    fleet's own CA.
    """

    binding: bytes
    knows_client: bool


@dataclass(frozen=True)
class Taken:
    """What a machine takes besides NTLM.

    `basic`: the pairs `user:password` of Basic authentication; none: it is off. `keytab`: the keys
    with which it opens tickets; None: it takes none.
    """

    basic: frozenset[bytes] = frozenset()
    keytab: Path | None = None


class ClientConnection:
    """The state of one TCP connection: who signed in belongs to it (MS-WSMV 2.2.9.1)."""

    def __init__(
        self, machine: SimulatedMachine, taken: Taken, hidden: Hidden | None = None
    ) -> None:
        self._machine = machine
        self._basic = taken.basic
        self._keytab = taken.keytab if machine.takes("Kerberos") else None
        self._hidden = hidden
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

    def _refuse(self, scheme: str = "", said: bytes = b"") -> Answer:
        if said:
            return 401, [(_OFFERED, f"{scheme} {base64.b64encode(said).decode()}")], b""
        offered = [(_OFFERED, "Kerberos")] if self._keytab is not None else []
        offered += [(_OFFERED, "CredSSP")] if self._machine.takes("CredSSP") else []
        offered += [(_OFFERED, 'Basic realm="WSMAN"')] if self._basic else []
        return 401, [*_OFFER, *offered], b""

    async def _message(self, headers: dict[str, str], body: bytes) -> Answer:
        kind = headers.get("content-type", "")
        protocol = next((each for each in _PROTOCOLS if each in kind), None)
        if protocol is not None:
            status, plain = await self._machine.handle(self._unseal(body))
            return status, *self._sealed(plain, protocol)
        if self._hidden is None and not self._machine.allows_unencrypted:
            # AllowUnencrypted is false by default; the status is assumed.
            return 500, [], b""
        status, plain = await self._machine.handle(body)
        return status, [_PLAIN], plain

    def _authenticate(self, given: str) -> Answer | None:
        """Return what is answered instead, or None: the client is known now."""
        if given == _MUTUAL:
            shown = self._hidden is not None and self._hidden.knows_client
            known = shown and self._machine.knows_the_account
            return None if known else self._refuse()
        scheme, _, token = given.partition(" ")
        try:
            data = base64.b64decode(token, validate=True)
            if scheme.casefold() == "basic":
                self._context = None
                known = data in self._basic and self._machine.knows_the_account
                return None if known else self._refuse()
            if self._context is None or self._known or data.startswith(b"NTLMSSP\0\x01"):
                self._known = False
                self._context = self._begun(scheme, data)
            out = self._context.step(data)
        except _NO_SIGN_IN as error:
            self._context = None
            return self._refuse(
                scheme, error.answer if isinstance(error, TicketRefusedError) else b""
            )
        answer = (_OFFERED, f"{scheme} {base64.b64encode(out or b'').decode()}")
        if not self._context.complete:
            return 401, [answer], b""
        if not self._machine.knows_the_account:
            self._context = None
            return self._refuse()
        self._known = True
        self._last_token = [answer] if out else []
        return None

    def _begun(self, scheme: str, token: bytes) -> Any:
        """Return the machine's side of a sign-in that begins with a token."""
        if scheme.casefold() == "credssp":
            if not self._machine.takes("CredSSP"):
                raise ValueError("CredSSP is off")
            inside = spnego.NegotiateOptions.use_negotiate
            return spnego.server(protocol="credssp", options=inside)
        return _context(token, self._hidden, self._keytab)

    def _unseal(self, body: bytes) -> bytes:
        if self._context is None:
            raise ValueError("sealed, though nothing was agreed on to seal with")
        # Every piece but the last is followed by the head of the next.
        *pieces, last = body.split(_OPAQUE)[1:]
        ends = [each.rindex(_BOUNDARY + b"\r\n\tContent-Type:") for each in pieces]
        sealed = [each[:end] for each, end in zip(pieces, ends, strict=True)]
        return b"".join(map(self._unsealed, (*sealed, last[: -len(_BOUNDARY) - 4])))

    def _unsealed(self, sealed: bytes) -> bytes:
        length = struct.unpack("<i", sealed[:4])[0]
        plain: bytes = self._context.unwrap_winrm(sealed[4 : 4 + length], sealed[4 + length :])
        return plain

    def _sealed(self, plain: bytes, protocol: str) -> tuple[Headers, bytes]:
        most = _PROTOCOLS[protocol]
        pieces = [plain[start : start + most] for start in range(0, len(plain), most)]
        kind = "multipart/encrypted" if len(pieces) == 1 else "multipart/x-multi-encrypted"
        body = b"".join(self._piece(each, protocol) for each in pieces) + _BOUNDARY + b"--\r\n"
        return [("Content-Type", f'{kind};protocol="{protocol}";{_BOUNDARY_OF_TYPE}')], body

    def _piece(self, plain: bytes, protocol: str) -> bytes:
        wrapped = self._context.wrap_winrm(plain)
        head = (
            f"--Encrypted Boundary\r\n\tContent-Type: {protocol}\r\n\tOriginalContent: "
            f"type=application/soap+xml;charset=UTF-8;Length={len(plain)}\r\n"
            "--Encrypted Boundary\r\n"
        ).encode()
        sealed: bytes = wrapped.header + wrapped.data
        return head + _OPAQUE + struct.pack("<i", len(wrapped.header)) + sealed


def _context(token: bytes, hidden: Hidden | None, keytab: Path | None) -> Any:
    """Return the machine's side of a sign-in that begins with a token.

    NTLM comes bare or inside SPNEGO, and so does Kerberos.
    """
    if keytab is not None and is_ticket(token):
        return Acceptor(keytab, hidden.binding if hidden is not None else b"")
    bound = None
    if hidden is not None:
        from livemigration.wsman.compat import channel_bindings  # noqa: PLC0415 - loads clients, for TLS

        bound = channel_bindings(hidden.binding)
    protocol, options = (
        ("ntlm", spnego.NegotiateOptions.use_ntlm)
        if token.startswith(b"NTLMSSP\0")
        else ("negotiate", spnego.NegotiateOptions.use_negotiate)
    )
    return spnego.server(protocol=protocol, options=options, channel_bindings=bound)


@lru_cache(maxsize=64)
def _date(second: int) -> str:
    """Return what HTTP.sys says of the time with every reply."""
    return formatdate(second, usegmt=True)


async def serve(
    machine: SimulatedMachine,
    taken: Taken,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    *,
    binding: bytes = b"",
) -> None:
    """Serve one connection until it closes, idles or breaks the protocol.

    `binding` is what a sign-in must be bound to, where the connection carries TLS.
    """
    secure = writer.get_extra_info("ssl_object")
    hidden = Hidden(binding, bool(secure.getpeercert())) if secure is not None else None
    conversation = ClientConnection(machine, taken, hidden)
    http = ServerFraming(reader)
    delay = machine.delay
    try:
        await _wait(delay)
        while (request := await http.request()) is not None:
            answer = _BROKEN if machine.is_broken else await conversation.handle(*request)
            await _wait(delay)
            writer.write(_reply(machine, http, answer))
            await writer.drain()
            if not http.goes_on():
                return
    except (h11.ProtocolError, OSError, spnego.exceptions.SpnegoError, *_MALFORMED):
        # What is no message ends the connection; how Windows answers it is not known.
        return
    finally:
        writer.close()


def _reply(machine: SimulatedMachine, http: ServerFraming, answer: Answer) -> bytes:
    status, headers, body = answer
    now = _date(int(time.time() + machine.clock))
    return http.reply(status, [*headers, *_MARKS, ("Date", now)], body)


async def _wait(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)
