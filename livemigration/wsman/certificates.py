"""What a certificate says, for people, and what binds a sign-in to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from livemigration.base.text import one_line

_NAMES_SHOWN = 3
_LONGEST = 60


@dataclass(frozen=True)
class Presented:
    """A certificate: for whom, signed by whom, and until which day, UTC."""

    names: tuple[str, ...]
    issuer: str
    begins: str
    ends: str

    @property
    def text(self) -> str:
        """All of it, for the end of a sentence."""
        shown = ", ".join(self.names[:_NAMES_SHOWN]) or "nobody"
        more = f" and {len(self.names) - _NAMES_SHOWN} more" if self.names[_NAMES_SHOWN:] else ""
        return (
            f"it is for {shown}{more}, signed by {self.issuer}, valid {self.begins} to {self.ends}"
        )


@dataclass(frozen=True)
class Shown:
    """One certificate of a chain: for whom, and when it ends, UTC."""

    subject: str
    names: tuple[str, ...]
    ends: datetime


def shown_chain(chain: Iterable[bytes]) -> tuple[Shown, ...]:
    """Return what the certificates of a chain say; those that cannot be read are left out."""
    found = []
    for der in chain:
        try:
            each = x509.load_der_x509_certificate(der)
            names = tuple(dict.fromkeys(_short(name) for name in _names(each)))[:_NAMES_SHOWN]
            subject = _short(each.subject.rfc4514_string()) or "nobody"
            found.append(Shown(subject, names, each.not_valid_after_utc))
        except ValueError:
            continue
    return tuple(found)


def presented(der: bytes | None) -> Presented | None:
    """Return what a certificate says; None where it cannot be read."""
    if der is None:
        return None
    try:
        found = x509.load_der_x509_certificate(der)
        names = tuple(dict.fromkeys(_short(each) for each in _names(found)))
        begins, ends = (
            f"{each:%Y-%m-%d}" for each in (found.not_valid_before_utc, found.not_valid_after_utc)
        )
        return Presented(names, _short(found.issuer.rfc4514_string()) or "nobody", begins, ends)
    except ValueError:
        return None


def _short(text: str) -> str:
    return one_line(text)[:_LONGEST]


def _names(found: x509.Certificate) -> Iterator[str]:
    try:
        others = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        others = None
    if others is not None:
        yield from others.get_values_for_type(x509.DNSName)
        yield from (str(each) for each in others.get_values_for_type(x509.IPAddress))
    if others is None:
        for each in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME):
            yield str(each.value)


def binding_data(der: bytes) -> bytes:
    """Return what ties a sign-in to the certificate of its TLS connection (RFC 5929, 4.1).

    The hash is that of the certificate's own signature, but SHA-256 in the place of MD5 and SHA-1,
    and where the signature names none.
    """
    try:
        own = x509.load_der_x509_certificate(der).signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError):
        own = None
    name = "sha256" if own is None or own.name in {"md5", "sha1"} else own.name.replace("-", "_")
    return b"tls-server-end-point:" + hashlib.new(name, der).digest()
