"""The files of a bundle, each made from the results and the facts of one run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from livemigration.base import codec
from livemigration.base.errors import UsageError, unreadable
from livemigration.base.json_text import load_json
from livemigration.bundle.archive import (
    MANIFEST,
    SCHEMA_VERSION,
    Manifest,
    Opened,
    member_of,
    zip_of,
)
from livemigration.bundle.replay import from_document, redacted, to_document
from livemigration.collector.facts_file import read_document
from livemigration.collector.snapshot import Snapshot
from livemigration.report.fix_script.render import fix_script_bytes
from livemigration.report.formats import FORMATS, Format
from livemigration.report.html.page import pages
from livemigration.run.files import RunFiles
from livemigration.run.repairs import repairs_of
from livemigration.run.results_file import text_of
from livemigration.run.run import Run
from livemigration.run.stored import load_beside_journal
from livemigration.run.waivers.model import WaiverUse

RESULTS = "results.json"
FACTS = "facts.json"
REPLAY = "replay.json"


def _shown(form: Format, run: Run) -> bytes:
    # What a bundle holds is the same wherever the inventory lies: nothing looks for it.
    return form.text(run, Path()).encode()


# What shows the results in one file of another form: verified by making it again.
VIEWS: Mapping[str, Callable[[Run], bytes | None]] = {
    **{f"report{form.suffix}": partial(_shown, form) for form in FORMATS.values() if form.bundled},
    "fix.ps1": lambda run: fix_script_bytes(run) if repairs_of(run.results) else None,
    "waivers.json": lambda run: (
        _text(
            {
                "stamp": codec.to_json(run.stamp),
                "waivers": codec.to_json(run.waivers, tuple[WaiverUse, ...]),
            }
        )
        if run.waivers
        else None
    ),
}


def views_of(run: Run) -> dict[str, bytes]:
    """Return every file that shows the results in another form; a large report has many pages."""
    made = {name: make(run) for name, make in VIEWS.items()}
    return {
        **{name: text.encode() for name, text in pages(run).items()},
        **{name: content for name, content in made.items() if content is not None},
    }


def bundle_of(files: RunFiles) -> tuple[bytes, Manifest]:
    """Return the bundle of a run, the same for the same files, and its manifest.

    Raises:
        UsageError: results or facts are missing, or cannot be read.
    """
    run = load_beside_journal(files)
    if not files.facts.is_file():
        raise UsageError(
            f"{files.facts}: not there, and without the facts nobody can verify the results. "
            "Run the suite again."
        )
    try:
        results = files.results.read_bytes()
        facts, replay = redacted(results, run, read_document(files.facts))
    except OSError as error:
        raise unreadable(files.results, error) from None
    members = {
        **views_of(run),
        RESULTS: results,
        FACTS: _text(facts),
        REPLAY: _text(to_document(replay)),
    }
    manifest = manifest_of(run, members)
    return zip_of(
        {**members, MANIFEST: _text(codec.to_json(manifest))}, manifest.finished
    ), manifest


def manifest_of(run: Run, members: Mapping[str, bytes]) -> Manifest:
    """Return what the manifest says of a run and of its files."""
    return Manifest(
        schema=SCHEMA_VERSION,
        suite_version=run.suite_version,
        inventory=run.inventory,
        inventory_digest=run.inventory_digest,
        policy_digest=run.demands.digest if run.demands is not None else "",
        started=run.started,
        finished=run.finished,
        simulated=run.simulated,
        verdict=run.verdict,
        change=run.change.identifier if run.change is not None else None,
        valid_until=run.valid_until,
        members=tuple(member_of(name, content) for name, content in members.items()),
        exit_code=int(run.exit_code),
        gathered=run.gathered.began if run.gathered is not None else None,
        stamp=run.stamp,
    )


def unlike_written(run: Run, opened: Opened) -> Iterator[str]:
    """Yield each file whose text has more than what is read from it, such as a key twice.

    Raises:
        KeyError: a file is missing.
        ValueError: a file is none that this suite knows.
    """
    held = opened.members
    facts = load_json(held[FACTS])
    written = {
        RESULTS: text_of(run).encode(),
        MANIFEST: _text(codec.to_json(opened.manifest)),
        REPLAY: _text(to_document(from_document(load_json(held[REPLAY])))),
        FACTS: _text(facts),
    }
    if codec.to_json(codec.from_json(Snapshot, facts)) != facts:
        yield FACTS
    for name, content in written.items():
        if held[name] != content:
            yield name


def _text(document: Any) -> bytes:
    return (json.dumps(document, indent=1) + "\n").encode()
