"""A client of one machine that signs in with a ticket; nothing of it is the suite's."""

from __future__ import annotations

import base64
import http.client
import ssl
import struct
from pathlib import Path
from typing import Any, Self

import spnego
from spnego.channel_bindings import GssChannelBindings

from livemigration.wsman.certificates import binding_data
from livemigration.wsman.namespaces import IDENTITY, SOAP

IDENTIFY = (
    f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body><i:Identify xmlns:i="{IDENTITY}"/></s:Body>'
    "</s:Envelope>"
).encode()
_BOUNDARY = b"--Encrypted Boundary"
_OPAQUE = b"\tContent-Type: application/octet-stream\r\n"


class RefusedError(Exception):
    """The machine refused a ticket; `token` is what it said of it, and `offered` the schemes."""

    def __init__(self, token: bytes, offered: list[str]) -> None:
        super().__init__(f"refused, with {len(token)} bytes")
        self.token = token
        self.offered = offered


class TicketClient:
    """One connection; `name` is the machine's name in its ticket.

    `protocol`: `kerberos`, bare, or `negotiate`, inside SPNEGO. `scheme`: of the Authorization.
    """

    def __init__(
        self,
        address: str,
        port: int,
        name: str,
        cache: Path,
        *,
        protocol: str = "kerberos",
        scheme: str = "Negotiate",
        tls: ssl.SSLContext | None = None,
        bound_to: bytes | None = None,
    ) -> None:
        self._scheme = scheme
        if tls is None:
            self._http = http.client.HTTPConnection(address, port, timeout=60)
        else:
            self._http = http.client.HTTPSConnection(address, port, timeout=60, context=tls)
        self._http.connect()
        if tls is not None and bound_to is None:
            connected: Any = self._http.sock
            bound_to = binding_data(connected.getpeercert(True))
        self._context = spnego.client(
            spnego.KerberosCCache(f"FILE:{cache}"),
            hostname=name,
            service="HTTP",
            protocol=protocol,
            channel_bindings=GssChannelBindings(application_data=bound_to) if bound_to else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """Sign in, and have the machine prove who it is.

        Raises:
            RefusedError: it refuses.
        """
        token = self._context.step()
        while token is not None:
            status, fields, _ = self._post(b"", token)
            given = b""
            for each in fields.get_all("WWW-Authenticate") or ():
                given = base64.b64decode(each.partition(" ")[2]) or given
            if status == 401 and not (given and self._context.negotiated_protocol == "ntlm"):
                raise RefusedError(given, fields.get_all("WWW-Authenticate") or [])
            token = self._context.step(given)
        assert self._context.complete

    def why(self, refused: RefusedError) -> int:
        """Return the code of the refusal that the machine's own token tells."""
        try:
            self._context.step(refused.token)
            self._context.step(refused.token)
        except Exception as error:  # noqa: BLE001 # whatever the library makes of it
            return int(getattr(error.__cause__ or error, "min_code", 0))
        return 0

    def ask(self, message: bytes = IDENTIFY, *, kind: str = "SPNEGO") -> bytes:
        """Send a sealed message, and return the reply, which was sealed as well."""
        protocol = f"application/HTTP-{kind}-session-encrypted"
        wrapped = self._context.wrap_winrm(message)
        head = (
            f"--Encrypted Boundary\r\n\tContent-Type: {protocol}\r\n\tOriginalContent: "
            f"type=application/soap+xml;charset=UTF-8;Length={len(message)}\r\n"
            "--Encrypted Boundary\r\n"
        ).encode()
        size = struct.pack("<i", len(wrapped.header))
        body = head + _OPAQUE + size + wrapped.header + wrapped.data + _BOUNDARY + b"--\r\n"
        sealed = f'multipart/encrypted;protocol="{protocol}";boundary="Encrypted Boundary"'
        status, fields, reply = self._post(body, kind=sealed)
        assert status == 200
        assert protocol in str(fields["Content-Type"])
        assert b"Envelope" not in reply
        inner = reply.split(_OPAQUE, 1)[1][: -len(_BOUNDARY) - 4]
        length = struct.unpack("<i", inner[:4])[0]
        return self._context.unwrap_winrm(inner[4 : 4 + length], inner[4 + length :])

    def _post(
        self, body: bytes, token: bytes = b"", kind: str = "application/soap+xml;charset=UTF-8"
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        fields = {"Content-Type": kind}
        if token:
            fields["Authorization"] = f"{self._scheme} {base64.b64encode(token).decode()}"
        self._http.request("POST", "/wsman", body, fields)
        reply = self._http.getresponse()
        return reply.status, reply.headers, reply.read()
