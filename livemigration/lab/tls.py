"""TLS of a simulated fleet: a CA of its own, which nobody trusts but the run that started it."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from livemigration.wsman.certificates import binding_data

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LabTls:
    """What the fleet's HTTPS listeners share.

    `binding` is what a sign-in over them must be bound to; `authority` is the CA's certificate and
    `client` a certificate with its key that signs in, all in PEM.
    """

    context: ssl.SSLContext
    binding: bytes
    authority: str
    client: str


class _Authority:
    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("livemigration lab CA (simulated)")
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        made = self._begun(self._name, self._key).add_extension(constraints, critical=True)
        self.certificate = made.sign(self._key, hashes.SHA256())

    def issue(
        self, common: str, names: Iterable[x509.GeneralName], purpose: x509.ObjectIdentifier
    ) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.ExtendedKeyUsage([purpose])
        made = self._begun(_named(common), key).add_extension(usage, critical=False)
        if others := list(names):
            made = made.add_extension(x509.SubjectAlternativeName(others), critical=False)
        return made.sign(self._key, hashes.SHA256()), key

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY)
        )


def lab_tls(names: Iterable[str], folder: Path) -> LabTls:
    """Return the TLS of a fleet whose machines have these names.

    Args:
        names: of machines; one certificate is for all of them.
        folder: where the key lies for the moment in which it is read.
    """
    authority = _Authority()
    server, key = authority.issue(
        "livemigration lab (simulated)", map(_general, names), ExtendedKeyUsageOID.SERVER_AUTH
    )
    client, client_key = authority.issue("administrator", (), ExtendedKeyUsageOID.CLIENT_AUTH)
    own = folder / "server.pem"
    own.touch(mode=0o600)
    own.write_text(_text(server) + _key_text(key), encoding="ascii")
    context = ssl.create_default_context(
        ssl.Purpose.CLIENT_AUTH, cadata=_text(authority.certificate)
    )
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_cert_chain(own)
    own.unlink()
    return LabTls(
        context,
        binding_data(server.public_bytes(serialization.Encoding.DER)),
        _text(authority.certificate),
        _text(client) + _key_text(client_key),
    )


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode("ascii"))


def _text(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _key_text(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode("ascii")
