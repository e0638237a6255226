"""The zip of a bundle: the same bytes for the same files, and nothing that was not written."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from livemigration.base.errors import UsageError
from livemigration.bundle import archive
from livemigration.bundle.archive import MANIFEST, DamagedError, member_of, open_bundle, zip_of

NIGHT = datetime(2026, 11, 23, 20, 5, 31, tzinfo=UTC)
FILES = {"results.json": b"{}\n", "a/b.txt": b"text"}


def infos(data: bytes) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return opened.infolist()


def test_a_bundle_is_stored_with_the_moment_and_the_rights_of_any_file() -> None:
    data = zip_of(FILES, NIGHT)
    assert data == zip_of(dict(FILES), NIGHT.astimezone(timezone(timedelta(hours=5))))
    for info, (name, content) in zip(infos(data), FILES.items(), strict=True):
        assert (info.filename, info.file_size) == (name, len(content))
        assert info.compress_type == zipfile.ZIP_STORED
        assert info.external_attr == 0o644 << 16
        assert info.create_system == 3
        assert info.date_time == (2026, 11, 23, 20, 5, 30)


def test_a_clock_before_the_first_year_of_a_zip_still_gives_one() -> None:
    (info, _) = infos(zip_of(FILES, datetime(1970, 1, 2, 3, 4, 6, tzinfo=UTC)))
    assert info.date_time == (1980, 1, 2, 3, 4, 6)


def test_a_member_has_its_size_and_digest() -> None:
    member = member_of("a", b"text")
    assert (member.name, member.size) == ("a", 4)
    assert member.sha256 == "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"


def manifest(files: dict[str, bytes], **changes: Any) -> bytes:
    document = {
        "schema": archive.SCHEMA_VERSION,
        "suite_version": "0.1.0",
        "inventory": "prod.yaml",
        "inventory_digest": "",
        "policy_digest": "",
        "started": "2026-11-23T20:05:30Z",
        "finished": "2026-11-23T20:05:31Z",
        "simulated": False,
        "verdict": "ready",
        "change": None,
        "valid_until": None,
        "members": [vars(member_of(name, content)) for name, content in files.items()],
        "exit_code": 0,
        "gathered": None,
        "stamp": None,
    }
    return json.dumps({**document, **changes}).encode()


def opened(path: Path, data: bytes) -> archive.Opened:
    path.write_bytes(data)
    return open_bundle(path)


def refused(path: Path, data: bytes) -> str:
    with pytest.raises(DamagedError) as damaged:
        opened(path, data)
    return str(damaged.value)


def bundle(files: dict[str, bytes] = FILES, **changes: Any) -> bytes:
    return zip_of({**files, MANIFEST: manifest(files, **changes)}, NIGHT)


def test_what_was_written_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    found = opened(path, bundle())
    assert found.data == path.read_bytes()
    assert set(found.members) == {*FILES, MANIFEST}
    assert found.members["a/b.txt"] == b"text"
    assert found.manifest.verdict == "ready"
    assert found.manifest.finished == NIGHT


def compressed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return stream.getvalue()


def test_what_was_not_written_is_told_by_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    assert refused(path, b"no zip") == "it is not a whole zip file (BadZipFile)"
    assert "not stored as" in refused(path, compressed({**FILES, MANIFEST: manifest(FILES)}))
    assert refused(path, zip_of(FILES, NIGHT)) == f"{MANIFEST} is missing"
    assert "cannot be read" in refused(path, zip_of({MANIFEST: b"{"}, NIGHT))
    assert refused(path, bundle(schema=9)) == f"{MANIFEST} has schema 9, not 1"
    other = {**FILES, MANIFEST: manifest({**FILES, "a/b.txt": b"past"})}
    assert refused(path, zip_of(other, NIGHT)) == "a/b.txt is not what the manifest says"
    more = {**FILES, "setup.exe": b"run", MANIFEST: manifest(FILES)}
    assert refused(path, zip_of(more, NIGHT)) == "setup.exe is not what the manifest says"
    fewer = {"a/b.txt": b"text", MANIFEST: manifest(FILES)}
    assert refused(path, zip_of(fewer, NIGHT)) == "results.json is missing"
    assert "its bytes are not those" in refused(path, bundle() + b"\0")
    later = zip_of({**FILES, MANIFEST: manifest(FILES)}, NIGHT + timedelta(hours=1))
    assert "its bytes are not those" in refused(path, later)


def test_a_file_larger_than_any_bundle_is_not_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bundle()
    path = tmp_path / "x.zip"
    monkeypatch.setattr(archive, "_MOST_BYTES", len(data))
    assert opened(path, data).data == data
    monkeypatch.setattr(archive, "_MOST_BYTES", len(data) - 1)
    assert refused(path, data) == "it is larger than 0 MiB"
    monkeypatch.setattr(archive, "_MOST_BYTES", 2 << 20)
    assert refused(path, b"\0" * ((2 << 20) + 1)) == "it is larger than 2 MiB"


def test_a_manifest_with_a_number_that_python_does_not_read_says_so(tmp_path: Path) -> None:
    said = refused(tmp_path / "x.zip", zip_of({MANIFEST: b"9" * 5000}, NIGHT))
    assert said == f"{MANIFEST} cannot be read: it has a number of more than 4,300 digits"


def test_what_a_manifest_is_told_to_be_has_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_length(_: bytes) -> None:
        raise ValueError("x" * 300)

    monkeypatch.setattr(archive, "load_json", at_length)
    said = refused(tmp_path / "x.zip", zip_of({MANIFEST: b"{}"}, NIGHT))
    assert said == f"{MANIFEST} cannot be read: {'x' * 100}"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"x\.zip: No such file"):
        open_bundle(tmp_path / "x.zip")
