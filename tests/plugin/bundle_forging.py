"""Bundles that say something else than what was written, with digests that agree."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livemigration import codec
from livemigration.bundle.archive import MANIFEST, Manifest, member_of, zip_of
from livemigration.bundle.members import VIEWS, manifest_of
from livemigration.bundle.verify import Verification, verify
from livemigration.explain.loaded import load_checks
from livemigration.results import Run

ROOT = Path(__file__).parents[2]
CHECKS = {each.check.identifier: each.check for each in load_checks(ROOT / "checks")}

Edit = Callable[[dict[str, Any]], None]


def verified(path: Path, now: datetime | None = None) -> Verification:
    return verify(path, CHECKS, now or datetime.now(UTC))


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def text(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"


def forged(bundle: Path, path: Path, change: Edit, *, name: str) -> Path:
    """Write a bundle in which one file says something else, and whose digests agree with it."""
    held = members(bundle)
    document = json.loads(held[name])
    change(document)
    held[name] = text(document)
    return written(held, path)


def written(held: dict[str, bytes], path: Path) -> Path:
    """Write a bundle whose manifest has the digests of these files."""
    document = json.loads(held.pop(MANIFEST))
    document["members"] = [codec.to_json(member_of(each, held[each])) for each in held]
    manifest: Manifest = codec.from_json(Manifest, document)
    held[MANIFEST] = text(document)
    path.write_bytes(zip_of(held, manifest.finished))
    return path


def rewritten(bundle: Path, path: Path, change: Edit) -> Path:
    """Write a bundle whose results say something else, with views and manifest made of them."""
    held = members(bundle)
    document = json.loads(held["results.json"])
    change(document)
    run: Run = codec.from_json(Run, document)
    held["results.json"] = text(document)
    views = {name: make(run) for name, make in VIEWS.items()}
    for name, content in views.items():
        held.pop(name, None)
        if content is not None:
            held[name] = content
    del held[MANIFEST]
    manifest = manifest_of(run, held)
    held[MANIFEST] = text(codec.to_json(manifest))
    path.write_bytes(zip_of(held, manifest.finished))
    return path
