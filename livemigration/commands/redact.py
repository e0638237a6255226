"""`livemigration redact`: a facts file without names, addresses and SIDs."""

from __future__ import annotations

import argparse
import json

from livemigration.base.errors import UsageError
from livemigration.base.files import words_beside
from livemigration.collector.facts_file import read_document
from livemigration.collector.redact import redact
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.new_file import new_file, write_new
from livemigration.commands.paths import given_file
from livemigration.run.exit_code import ExitCode


def _fill(hide: argparse.ArgumentParser) -> None:
    facts = hide.add_argument("input", help="what collect.ps1 or --save-facts wrote")
    completed(facts, run_or(".json", ".json.gz"))
    hide.add_argument("output", help="a new file")


def _redact(chosen: argparse.Namespace) -> int:
    source = given_file(chosen.input, "a facts file: --save-facts or collect.ps1 writes one")
    path = new_file(chosen.output)
    document = read_document(source)
    if "hosts" not in document:
        raise UsageError(f"{source}: not a facts file. It has no hosts.")
    if "redacted" in document:
        document["redacted"] = True
    # Who ran it, and for which change, is nobody's business where the names are not.
    document.pop("stamp", None)
    write_new(path, json.dumps(redact(document), indent=1) + "\n")
    words_beside(path).write(f"Wrote {path}. Read it before you send it to anyone.\n")
    return ExitCode.READY


COMMAND = Command(
    "replace names, addresses and SIDs in a facts file; the input stays",
    _fill,
    _redact,
    examples=("livemigration redact facts.json redacted.json",),
    group=Group.FACTS,
    order=2,
)
