"""Kerberos as a simulated machine takes it: tickets of a real realm, opened with keys of its own.

MIT's library is the acceptor, which the extra `kerberos` brings, and not pyspnego, which is the
client's: a mistake of one is none of the other.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livemigration.lab.errors import LabError

_SUFFIX = ".keytab"
# RFC 4121 and the number under which Windows offers it first (MS-SPNG 3.1.5.2), and NTLM, in DER.
_KERBEROS = (
    bytes.fromhex("06092a864886f712010202"),
    bytes.fromhex("06092a864882f712010202"),
)
_NTLM = bytes.fromhex("060a2b06010401823702020a")
_INITIAL = 0x60


def keytabs_in(folder: Path, names: Iterable[str]) -> Mapping[str, Path]:
    """Return the keytab of each machine that has one, NAME.keytab, and let the process take them.

    Raises:
        LabError: there is none, or Kerberos is not installed.
    """
    wanted = sorted(names)
    found = {name: folder / f"{name}{_SUFFIX}" for name in wanted}
    found = {name: path for name, path in found.items() if path.is_file()}
    if not found:
        raise LabError(
            f"{folder}: no keytab of a machine of this fleet. Export one for each, such as "
            f"{wanted[0]}{_SUFFIX}."
        )
    try:
        from gssapi import raw  # noqa: PLC0415 - an extra, which few labs need
    except ImportError as error:
        raise LabError(
            f"tickets need the package gssapi, which cannot be loaded: {error}. "
            "Run: pip install gssapi krb5"
        ) from None
    for path in found.values():
        try:
            _keys(raw, path)
        except raw.GSSError as error:
            raise LabError(f"{path}: no keytab: {error}. Export it again.") from None
    # The library would keep what it has seen in a file of /var/tmp.
    os.environ["KRB5RCACHENAME"] = "none:"
    return found


def _keys(raw: Any, keytab: Path) -> Any:
    return raw.acquire_cred_from({b"keytab": os.fsencode(keytab)}, usage="accept").creds


def is_ticket(token: bytes) -> bool:
    """Whether a client's first token asks for Kerberos: bare, or before NTLM in SPNEGO."""
    if token[:1] != bytes([_INITIAL]):
        return False
    places = [at for at in (token.find(each) for each in _KERBEROS) if at >= 0]
    ntlm = token.find(_NTLM)
    return bool(places) and (ntlm < 0 or min(places) < ntlm)


class TicketRefusedError(Exception):
    """A sign-in was refused; `answer` tells the client why (KRB-ERROR, RFC 4120 5.9.1), if set."""

    def __init__(self, reason: str, answer: bytes) -> None:
        super().__init__(reason)
        self.answer = answer


@dataclass(frozen=True)
class Sealed:
    """A sealed message, in the two parts that WS-Management sends."""

    header: bytes
    data: bytes


class Acceptor:
    """One sign-in by Kerberos, and what is sealed with it; used as a context of pyspnego is.

    Args:
        keytab: the keys of the machine.
        binding: what the sign-in must be bound to; empty: to nothing. One that is bound to nothing
            is taken anyway, which a service on Windows can be set to refuse.
    """

    def __init__(self, keytab: Path, binding: bytes) -> None:
        from gssapi import raw  # noqa: PLC0415 - an extra, which few labs need

        self._raw: Any = raw
        self._keytab = keytab
        self._bound = raw.ChannelBindings(application_data=binding) if binding else None
        self._context: Any = None
        self.complete = False

    def step(self, token: bytes) -> bytes:
        """Take a token, and return the answer to it.

        Raises:
            TicketRefusedError: it is refused.
        """
        raw = self._raw
        try:
            keys = _keys(raw, self._keytab)
            done = raw.accept_sec_context(token, keys, self._context, self._bound)
        except raw.GSSError as error:
            raise TicketRefusedError(str(error), error.token or b"") from None
        self._context = done.context
        self.complete = not done.more_steps
        return done.token or b""

    def wrap_winrm(self, plain: bytes) -> Sealed:
        """Seal a message."""
        kind = self._raw.IOVBufferType
        parts = self._raw.IOV(kind.header, plain, kind.padding, std_layout=False)
        self._raw.wrap_iov(self._context, parts, confidential=True)
        header, data, padding = (each.value or b"" for each in parts)
        return Sealed(header, data + padding)

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """Open a message.

        Raises:
            ValueError: it was not sealed for this sign-in, or was changed on its way.
        """
        try:
            opened = self._raw.unwrap(self._context, header + data)
        except self._raw.GSSError as error:
            raise ValueError(str(error)) from None
        if not opened.encrypted:
            raise ValueError("signed and not sealed")
        message: bytes = opened.message
        return message
