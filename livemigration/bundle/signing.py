"""Detached Ed25519 signatures of bundles, with the user's own key."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

from livemigration.base.errors import UsageError, unreadable
from livemigration.base.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ed25519

# cryptography is imported where a key is read: it takes long to load, and few bundles are signed.


def signature_path(bundle: Path) -> Path:
    """Return where the signature of a bundle is."""
    return bundle.with_name(f"{bundle.name}.sig")


def sign(data: bytes, key: Path, passphrase: Secret | None) -> bytes:
    """Return the signature of a bundle's bytes, as one line of base64.

    Raises:
        UsageError: the key cannot be read, needs a passphrase, or is of another kind.
    """
    return base64.b64encode(_private_key(key, passphrase).sign(data)) + b"\n"


def is_signed(data: bytes, signature: Path, key: Path) -> bool:
    """Whether a signature is that of these bytes by this key.

    Raises:
        UsageError: the key or the signature cannot be read.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - only for signatures

    public = _public_key(key)
    try:
        public.verify(base64.b64decode(_read(signature).strip(), validate=True), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private_key(path: Path, passphrase: Secret | None) -> ed25519.Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only for signatures
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - only for signatures
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - only for signatures
        load_pem_private_key,
    )

    secret = passphrase.reveal().encode() if passphrase is not None else None
    try:
        key = load_pem_private_key(_read(path), secret)
    except TypeError:
        wants = "needs no passphrase" if secret else "needs a passphrase"
        raise UsageError(
            f"{path}: this key {wants}. It is read from LIVEMIGRATION_SIGNING_PASSPHRASE."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{path}: not a private key in PEM, or the passphrase is wrong.") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise UsageError(
            f"{path}: not an Ed25519 key. Make one: openssl genpkey -algorithm ed25519"
        )
    return key


def _public_key(path: Path) -> ed25519.Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only for signatures
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - only for signatures
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - only for signatures
        load_pem_public_key,
    )

    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, UnsupportedAlgorithm):
        raise UsageError(f"{path}: not a public key in PEM.") from None
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise UsageError(f"{path}: not an Ed25519 key.")
    return key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None
