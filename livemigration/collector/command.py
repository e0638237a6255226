"""`livemigration collector` and `livemigration redact`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from livemigration.collector.redact import redact
from livemigration.collector.script import FILE_NAME, script_text
from livemigration.errors import UsageError
from livemigration.facts_file import read_document
from livemigration.files import is_taken, words_beside, write_text
from livemigration.results import ExitCode


def add(commands: Any) -> None:
    """Add both commands to an argument parser's commands."""
    collector = commands.add_parser(
        "collector", help="write the PowerShell file that collects facts where the suite is not"
    )
    collector.add_argument("file", nargs="?", default=FILE_NAME, help=f"default: {FILE_NAME}")
    collector.add_argument(
        "--redact",
        action="store_true",
        help="let it replace names, addresses and SIDs in what it writes",
    )
    collector.set_defaults(run=_collector)
    hide = commands.add_parser(
        "redact", help="replace names, addresses and SIDs in a facts file; the input stays"
    )
    hide.add_argument("input", help="what collect.ps1 or --save-facts wrote")
    hide.add_argument("output", help="a new file")
    hide.set_defaults(run=_redact)


def _collector(chosen: argparse.Namespace) -> int:
    path = _new(chosen.file)
    # Windows PowerShell reads a file without a mark in the code page of the machine; this is ASCII.
    _write(path, script_text(redacted=chosen.redact))
    words_beside(path).write(
        f"Wrote {path}. Read it, then run it in PowerShell: its head says how.\n"
    )
    return ExitCode.READY


def _redact(chosen: argparse.Namespace) -> int:
    source, path = Path(chosen.input), _new(chosen.output)
    document = read_document(source)
    if "hosts" not in document:
        raise UsageError(f"{source}: not a facts file. It has no hosts.")
    if "redacted" in document:
        document["redacted"] = True
    # Who ran it, and for which change, is nobody's business where the names are not.
    document.pop("stamp", None)
    _write(path, json.dumps(redact(document), indent=1) + "\n")
    words_beside(path).write(f"Wrote {path}. Read it before you send it to anyone.\n")
    return ExitCode.READY


def _new(name: str) -> Path:
    path = Path(name)
    if is_taken(path):
        raise UsageError(f"{path} is there already: name a new file.")
    return path


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be written'}.") from None
