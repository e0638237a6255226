"""A bundle as a file: a zip whose every byte follows from its members and their time.

Its members are stored, not compressed: what a compressor makes of them differs between machines.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import unreadable
from livemigration.base.json_text import load_json
from livemigration.inventory.stamp import Stamp

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1
# results.json of ten thousand hosts has 15 MiB, and their facts more.
_MOST_BYTES = 512 << 20
_FIRST_YEAR = 1980


@dataclass(frozen=True)
class Member:
    """One file of a bundle, its size in bytes and its digest."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds, and what it is evidence for. Times are UTC.

    `gathered` is when the first fact was gathered; `stamp` names operator and window as well.
    """

    schema: int
    suite_version: str
    inventory: str
    inventory_digest: str
    policy_digest: str
    started: datetime
    finished: datetime
    simulated: bool
    verdict: str
    change: str | None
    valid_until: datetime | None
    members: tuple[Member, ...]
    exit_code: int
    gathered: datetime | None
    stamp: Stamp | None


def member_of(name: str, content: bytes) -> Member:
    """Return what the manifest says of a file."""
    return Member(name, len(content), hashlib.sha256(content).hexdigest())


def zip_of(members: Mapping[str, bytes], moment: datetime) -> bytes:
    """Return the zip of these files, the same for the same files and moment."""
    stream = io.BytesIO()
    at = moment.astimezone(UTC)
    date = (max(at.year, _FIRST_YEAR), at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, date)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return stream.getvalue()


@dataclass(frozen=True)
class Opened:
    """The files of a bundle by their names, its manifest, and its bytes."""

    data: bytes
    members: dict[str, bytes]
    manifest: Manifest


def open_bundle(path: Path) -> Opened:
    """Return what a bundle holds, once every byte of it was accounted for.

    Raises:
        UsageError: the file cannot be read.
        DamagedError: it is no bundle, or not as it was written.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from None
    if len(data) > _MOST_BYTES:
        raise DamagedError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    members = _members(data)
    manifest = _manifest(members)
    listed = {each.name: each for each in manifest.members}
    for name, content in members.items():
        if name != MANIFEST and listed.get(name) != member_of(name, content):
            raise DamagedError(f"{name} is not what the manifest says")
    if missing := sorted(set(listed) - set(members)):
        raise DamagedError(f"{missing[0]} is missing")
    if zip_of(members, manifest.finished) != data:
        raise DamagedError("its bytes are not those that were written")
    return Opened(data, members, manifest)


class DamagedError(Exception):
    """A bundle that is not as it was written; the text says what is wrong."""


def _members(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            found = {each.filename: archive.read(each) for each in infos if _is_ours(each, data)}
    except Exception as error:  # noqa: BLE001 - zipfile raises whatever a damaged file leads it to
        raise DamagedError(f"it is not a whole zip file ({type(error).__name__})") from None
    if len(found) < len(infos):
        raise DamagedError("its members are not stored as a bundle's are")
    return found


def _is_ours(info: zipfile.ZipInfo, data: bytes) -> bool:
    # What is stored cannot be larger than the file.
    return info.compress_type == zipfile.ZIP_STORED and info.file_size <= len(data)


def _manifest(members: Mapping[str, bytes]) -> Manifest:
    try:
        document = load_json(members[MANIFEST])
        manifest: Manifest = codec.from_json(Manifest, document)
    except KeyError:
        raise DamagedError(f"{MANIFEST} is missing") from None
    except (ValueError, RecursionError) as error:
        raise DamagedError(f"{MANIFEST} cannot be read: {str(error)[:100]}") from None
    if manifest.schema != SCHEMA_VERSION:
        raise DamagedError(f"{MANIFEST} has schema {manifest.schema}, not {SCHEMA_VERSION}")
    return manifest
