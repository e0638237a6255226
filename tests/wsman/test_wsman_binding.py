"""Signing in over TLS is bound to the certificate, whatever signed it (RFC 5929, section 4.1)."""

from __future__ import annotations

import hashlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import wsman_replies as soap
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.x509.oid import NameOID
from ntlm_server import NtlmServer
from sampling import sampled
from tls_peers import session
from wsman_support import failure, script

from livemigration.facts.model import FailureKind
from livemigration.wsman.certificates import binding_data
from livemigration.wsman.security import Security
from livemigration.wsman.tls import context

pytestmark = pytest.mark.usefixtures("each_client")

_DAY = timedelta(days=1)
# PKCS #1 signatures, 1.2.840.113549.1.1.x. What is refused by the library that signs here is made
# of a certificate of SHA-256 by the last number: whether the signature is right is not the point.
_RSA = bytes.fromhex("06092a864886f70d0101")
_SHA256, _SHA1, _MD5 = 11, 5, 4
_PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)


def signed(kind: str, folder: Path) -> tuple[Path, bytes]:
    """Write a key with a certificate whose signature is of a kind; return where, and its DER."""
    key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    key = rsa.generate_private_key(65537, 2048)
    algorithm: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = hashes.SHA256()
    if kind in {"sha384", "pss-sha384"}:
        algorithm = hashes.SHA384()
    elif kind == "sha512":
        algorithm = hashes.SHA512()
    elif kind == "ed25519":
        key, algorithm = ed25519.Ed25519PrivateKey.generate(), None
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hv01.contoso.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .sign(key, algorithm, rsa_padding=_PSS if kind == "pss-sha384" else None)
    )
    der = made.public_bytes(serialization.Encoding.DER)
    if kind in {"sha1", "md5"}:
        other = _SHA1 if kind == "sha1" else _MD5
        der = der.replace(_RSA + bytes([_SHA256]), _RSA + bytes([other]))
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "host.pem"
    path.write_bytes(written + ssl.DER_cert_to_PEM_cert(der).encode("ascii"))
    return path, der


# What signed the certificate → what it is hashed with.
KINDS = {
    "md5": "sha256",
    "sha1": "sha256",
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "pss-sha384": "sha384",
    "ed25519": "sha256",
}


@pytest.mark.parametrize("kind", sampled(KINDS, every=3))
def test_a_strict_host_takes_the_sign_in_for_its_own_certificate(tmp_path: Path, kind: str) -> None:
    path, der = signed(kind, tmp_path)
    binding = b"tls-server-end-point:" + hashlib.new(KINDS[kind], der).digest()
    assert binding_data(der) == binding
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    unchecked = Security(tls=context(checked=False))
    with (
        NtlmServer(script(soap.identity()), tls=tls, binding=binding) as server,
        session(server.port, unchecked) as host,
    ):
        assert host.identify().product_vendor == "Microsoft Corporation"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_strict_host_refuses_what_is_bound_to_another_certificate_or_to_none(
    tmp_path: Path, scheme: str
) -> None:
    path, _ = signed("sha256", tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(path)
    elsewhere = b"tls-server-end-point:" + hashlib.sha256(b"another").digest()
    with NtlmServer(
        script(soap.identity()), tls=tls if scheme == "https" else None, binding=elsewhere
    ) as server:
        unchecked = Security(tls=context(checked=False))
        failed = failure(session(server.port, unchecked, scheme=scheme).identify)
    assert failed.kind is FailureKind.AUTHENTICATION
    assert server.requests == []
