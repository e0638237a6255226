"""Messages that a security context encrypts, as they travel over HTTP (MS-WSMV 2.2.9.1).

With the client `pywinrm`, that does it for NTLM; it does not know contexts of Kerberos and CredSSP.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from livemigration.wsman.errors import unusable

_BOUNDARY = b"--Encrypted Boundary"
_OPAQUE = b"\tContent-Type: application/octet-stream\r\n"
_HEAD = re.compile(
    rb"\s*Content-Type: [^\r\n]*\r\n\s*OriginalContent: [^\r\n]*Length=([0-9]{1,9})\s*"
)
_LENGTH = struct.Struct("<i")


@dataclass(frozen=True)
class Form:
    """How messages of one kind of context travel: its name, and how many bytes go into one part."""

    protocol: str
    part: int | None = None

    @cached_property
    def named(self) -> str:
        """The form's name as a content type has it, in lower case."""
        return f'protocol="{self.protocol}"'.lower()

    @cached_property
    def head(self) -> bytes:
        """What stands before the length of a message."""
        return (
            _BOUNDARY
            + f"\r\n\tContent-Type: {self.protocol}\r\n\tOriginalContent: "
            "type=application/soap+xml;charset=UTF-8;Length=".encode()
        )


SPNEGO = Form("application/HTTP-SPNEGO-session-encrypted")
# One record of TLS, which CredSSP seals with, holds no more.
CREDSSP = Form("application/HTTP-CredSSP-session-encrypted", 16384)


def seal(context: Any, form: Form, plain: bytes) -> tuple[str, bytes]:
    """Return the content type and the body that carry a message."""
    kind, parts = "multipart/encrypted", [plain]
    if form.part is not None and len(plain) > form.part:
        kind = "multipart/x-multi-encrypted"
        parts = [plain[start : start + form.part] for start in range(0, len(plain), form.part)]
    pieces = [piece for part in parts for piece in _sealed(context, form, part)]
    return (
        f'{kind};protocol="{form.protocol}";boundary="Encrypted Boundary"',
        b"".join((*pieces, _BOUNDARY, b"--\r\n")),
    )


def _sealed(context: Any, form: Form, plain: bytes) -> tuple[bytes, ...]:
    wrapped = context.wrap_winrm(plain)
    length, size = b"%d\r\n" % len(plain), _LENGTH.pack(len(wrapped.header))
    opaque = _BOUNDARY + b"\r\n" + _OPAQUE
    return form.head, length, opaque, size, wrapped.header, wrapped.data


def is_sealed(content_type: str, form: Form) -> bool:
    """Whether a reply of this content type carries messages that were sealed so."""
    kind = content_type.lower()
    many = form.part is not None and kind.startswith("multipart/x-multi-encrypted")
    return (many or kind.startswith("multipart/encrypted")) and form.named in kind


def unseal(context: Any, body: bytes) -> bytes:
    """Return the message in a body.

    Raises:
        WsmanError: it is no such body, or not what the other side sealed.
    """
    pieces = [each for each in body.split(_BOUNDARY + b"\r\n") if each]
    if not pieces or len(pieces) % 2:
        raise unusable("the reply is not sealed as it says")
    return b"".join(
        _unsealed(context, head, sealed)
        for head, sealed in zip(pieces[::2], pieces[1::2], strict=True)
    )


def _unsealed(context: Any, head: bytes, body: bytes) -> bytes:
    said = _HEAD.fullmatch(head)
    sealed = body.removesuffix(_BOUNDARY + b"--\r\n")
    if said is None or not sealed.startswith(_OPAQUE):
        raise unusable("the reply is not sealed as it says")
    sealed = sealed.removeprefix(_OPAQUE)
    length = _LENGTH.unpack_from(sealed)[0] if len(sealed) >= _LENGTH.size else -1
    if not 0 <= length <= len(sealed) - _LENGTH.size:
        raise unusable("the reply is not sealed as it says")
    start = _LENGTH.size + length
    try:
        plain: bytes = context.unwrap_winrm(sealed[_LENGTH.size : start], sealed[start:])
    except Exception:  # noqa: BLE001 - whatever the libraries raise, it is not what was sealed
        raise unusable("the reply was changed on its way, or sealed by another") from None
    if len(plain) != int(said[1]):
        raise unusable("the reply was changed on its way, or sealed by another")
    return plain
