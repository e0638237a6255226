"""Signatures of bundles: by one kind of key, over exactly these bytes, refused with the reason."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

pytest.importorskip("cryptography", reason="the extra sign is not installed")

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519

from livemigration.base.errors import UsageError
from livemigration.base.secret import Secret
from livemigration.bundle.signing import is_signed, sign, signature_path

DATA = b"the bytes of a bundle"
PEM, RAW = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
PKCS8 = serialization.PrivateFormat.PKCS8


def private(path: Path, key: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey) -> Path:
    path.write_bytes(key.private_bytes(PEM, PKCS8, serialization.NoEncryption()))
    return path


def public(path: Path, key: ed25519.Ed25519PrivateKey | x25519.X25519PrivateKey) -> Path:
    path.write_bytes(key.public_key().public_bytes(PEM, RAW))
    return path


def signed(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "run.zip.sig"
    path.write_bytes(content)
    return path


def test_a_signature_is_of_these_bytes_by_this_key(tmp_path: Path) -> None:
    own, other = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()
    made = sign(DATA, private(tmp_path / "key.pem", own), None)
    assert made.endswith(b"\n")
    assert len(base64.b64decode(made)) == 64
    path, key = signed(tmp_path, made), public(tmp_path / "key.pub", own)
    assert is_signed(DATA, path, key)
    assert not is_signed(DATA + b".", path, key)
    assert not is_signed(DATA, path, public(tmp_path / "other.pub", other))
    for content in (b"", b"no base64", made[:-5], base64.b64encode(b"short"), b"!" + made):
        assert not is_signed(DATA, signed(tmp_path, content), key)


def test_a_signature_lies_beside_its_bundle() -> None:
    assert signature_path(Path("a/run.zip")) == Path("a/run.zip.sig")


def test_a_key_with_a_passphrase_is_opened_by_it_alone(tmp_path: Path) -> None:
    own = ed25519.Ed25519PrivateKey.generate()
    path = tmp_path / "key.pem"
    closed = serialization.BestAvailableEncryption(b"open")
    path.write_bytes(own.private_bytes(PEM, PKCS8, closed))
    made = sign(DATA, path, Secret("open"))
    assert is_signed(DATA, signed(tmp_path, made), public(tmp_path / "key.pub", own))
    for secret, said in ((None, "this key needs a passphrase"), (Secret("shut"), "is wrong")):
        with pytest.raises(UsageError, match=said) as refused:
            sign(DATA, path, secret)
        assert str(path) in str(refused.value)
    with pytest.raises(UsageError, match="this key needs no passphrase"):
        sign(DATA, private(tmp_path / "plain.pem", own), Secret("open"))


def test_what_is_no_key_is_refused_by_its_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no key", encoding="utf-8")
    other = x25519.X25519PrivateKey.generate()
    signature = signed(tmp_path, b"")
    for path, said in (
        (broken, "not a private key in PEM"),
        (private(tmp_path / "x.pem", other), "not an Ed25519 key. Make one: "),
        (tmp_path / "gone.pem", "No such file"),
    ):
        with pytest.raises(UsageError) as refused:
            sign(DATA, path, None)
        assert str(refused.value).startswith(f"{path}: ")
        assert said in str(refused.value)
    for path, said in (
        (broken, "not a public key in PEM."),
        (public(tmp_path / "x.pub", other), "not an Ed25519 key."),
        (tmp_path / "gone.pub", "No such file"),
    ):
        with pytest.raises(UsageError) as refused:
            is_signed(DATA, signature, path)
        assert str(refused.value).startswith(f"{path}: ")
        assert said in str(refused.value)
    key = public(tmp_path / "key.pub", ed25519.Ed25519PrivateKey.generate())
    with pytest.raises(UsageError, match="No such file"):
        is_signed(DATA, tmp_path / "gone.sig", key)
