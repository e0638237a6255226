"""Messages sealed with what an NTLM sign-in agreed on (MS-NLMP 3.4).

pyspnego's contexts do the same, but look at what was agreed in flags of Python's for each message,
which takes five times as long as sealing it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Any, NamedTuple

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext

from livemigration.wsman.errors import unusable

# NTLMSSP_NEGOTIATE_SIGN, _SEAL, _EXTENDED_SESSIONSECURITY, _128 and _KEY_EXCH (MS-NLMP 2.2.2.5).
_USUAL = 0x00000010 | 0x00000020 | 0x00080000 | 0x20000000 | 0x40000000
# Where NegotiateFlags stand in AUTHENTICATE_MESSAGE (MS-NLMP 2.2.1.3).
_FLAGS_AT, _FLAGS = 60, struct.Struct("<I")
_SEQUENCE = struct.Struct("<I")
_VERSION = b"\x01\x00\x00\x00"
_CHECKSUM = 8
_TO_SERVER, _TO_CLIENT = b"client-to-server", b"server-to-client"


class Wrapped(NamedTuple):
    """A sealed message: its signature, and what is sealed."""

    header: bytes
    data: bytes


class _Direction:
    """The keys of one direction, and the number of its next message."""

    def __init__(self, session_key: bytes, towards: bytes) -> None:
        signs = _key(session_key, b"session key to %s signing key magic constant\0" % towards)
        # Begun once: to begin takes as long as to sign.
        self._begun = hmac.new(signs, digestmod="md5")
        seals = _key(session_key, b"session key to %s sealing key magic constant\0" % towards)
        self._number = 0
        self.stream: CipherContext = Cipher(ARC4(seals), mode=None).encryptor()

    def signature(self, plain: bytes) -> bytes:
        """Return what signs the next message, which went through the stream before."""
        number = _SEQUENCE.pack(self._number)
        self._number += 1
        signing = self._begun.copy()
        signing.update(number)
        signing.update(plain)
        return _VERSION + self.stream.update(signing.digest()[:_CHECKSUM]) + number


class NtlmSealing:
    """Seals what one side sends and unseals what it gets, each in its order.

    Args:
        session_key: ExportedSessionKey, which both sides have.
        serves: it is the side that was signed in to.
    """

    def __init__(self, session_key: bytes, *, serves: bool = False) -> None:
        out, into = (_TO_CLIENT, _TO_SERVER) if serves else (_TO_SERVER, _TO_CLIENT)
        self._out = _Direction(session_key, out)
        self._in = _Direction(session_key, into)

    def wrap_winrm(self, plain: bytes) -> Wrapped:
        """Return a message sealed."""
        data = self._out.stream.update(plain)
        return Wrapped(self._out.signature(plain), data)

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Return the message in what the other side sealed.

        Raises:
            WsmanError: it did not seal this, or not as its next message.
        """
        plain = self._in.stream.update(data)
        if not hmac.compare_digest(self._in.signature(plain), header):
            raise unusable("the reply was changed on its way, or sealed by another")
        return plain


def sealing_of(context: Any, answer: bytes, *, serves: bool = False) -> Any:
    """Return what seals after a sign-in: the context itself where something unusual was agreed.

    Args:
        context: pyspnego's, which has answered a challenge, or was answered.
        answer: the answer, AUTHENTICATE_MESSAGE, which says what was agreed.
        serves: the context is that of the side that was signed in to.
    """
    if len(answer) < _FLAGS_AT + _FLAGS.size:
        return context
    (flags,) = _FLAGS.unpack_from(answer, _FLAGS_AT)
    if flags & _USUAL != _USUAL:
        return context
    return NtlmSealing(context.session_key, serves=serves)


def _key(session_key: bytes, purpose: bytes) -> bytes:
    return hashlib.md5(session_key + purpose, usedforsecurity=False).digest()
