"""Bundles that say something else than what was written, with digests that agree."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from livemigration.base import codec
from livemigration.bundle.archive import MANIFEST, Manifest, member_of, zip_of
from livemigration.bundle.members import RESULTS, VIEWS, manifest_of, views_of
from livemigration.bundle.replay import redacted
from livemigration.bundle.verify import Verification, verify
from livemigration.collector.facts_file import read_document
from livemigration.run.results_file import run_of_text, text_of
from livemigration.run.run import Run
from livemigration.verdict.loader import load_checks

ROOT = Path(__file__).parents[2]
CHECKS = {each.check.identifier: each.check for each in load_checks(ROOT / "checks")}

Edit = Callable[[dict[str, Any]], None]


def verified(path: Path, now: datetime | None = None) -> Verification:
    return verify(path, CHECKS, now or datetime.now(UTC))


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {each: archive.read(each) for each in archive.namelist()}


def results_in(held: dict[str, bytes]) -> dict[str, Any]:
    """Return what the results.json of a bundle's files holds, in the fields of a run."""
    document: dict[str, Any] = codec.to_json(run_of_text(held[RESULTS]))
    return document


def text(document: Any) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"


def forged(bundle: Path, path: Path, change: Edit, *, name: str) -> Path:
    """Write a bundle in which one file says something else, and whose digests agree with it."""
    held = members(bundle)
    document = results_in(held) if name == RESULTS else json.loads(held[name])
    change(document)
    held[name] = text(document)
    if name == RESULTS:
        # As the suite would write it: another spelling of a time is no way to be found out.
        held[name] = text_of(codec.from_json(Run, document)).encode()
    return written(held, path)


def written(held: dict[str, bytes], path: Path) -> Path:
    """Write a bundle whose manifest has the digests of these files."""
    document = json.loads(held.pop(MANIFEST))
    document["members"] = [codec.to_json(member_of(each, held[each])) for each in held]
    manifest: Manifest = codec.from_json(Manifest, document)
    held[MANIFEST] = text(document)
    path.write_bytes(zip_of(held, manifest.finished))
    return path


def changed(bundle: Path, path: Path, change: Edit, facts: Path) -> Path:
    """Write a bundle whose results say something else, for which names were replaced again.

    The replacements follow from results.json: without this, all of them would be wrong.
    """
    held = members(bundle)
    document = results_in(held)
    change(document)
    replay = held["replay.json"]
    return written({**_with_results(held, document, facts), "replay.json": replay}, path)


def rewritten(bundle: Path, path: Path, change: Edit, facts: Path) -> Path:
    """Write a bundle whose results say something else, as do all files that are made of them.

    Only facts, and the demands that they are judged by, are those of the run.
    """
    held = members(bundle)
    document = results_in(held)
    change(document)
    held = _with_results(held, document, facts)
    run: Run = codec.from_json(Run, document)
    for name in VIEWS:
        held.pop(name, None)
    held |= views_of(run)
    del held[MANIFEST]
    manifest = manifest_of(run, held)
    held[MANIFEST] = text(codec.to_json(manifest))
    path.write_bytes(zip_of(held, manifest.finished))
    return path


def _with_results(
    held: dict[str, bytes], document: dict[str, Any], facts: Path
) -> dict[str, bytes]:
    run: Run = codec.from_json(Run, document)
    results = text_of(run).encode()
    hidden, replay = redacted(results, run, read_document(facts))
    return {
        **held,
        "results.json": results,
        "facts.json": text(hidden),
        "replay.json": text(codec.to_json(replay)),
    }
