"""Files that no command replaces: what it reads, and what a run recorded."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.run.files import FACTS, JOURNAL, RESULTS, RunFiles

# What options that name a file to be written are called, and those that name what is read.
_WRITTEN = ("output", "html", "svg", "powershell")
_READ = ("facts", "inventory", "path", "results", "sign")


def keep_records(chosen: argparse.Namespace) -> None:
    """Refuse to write to a file that the command reads, or that is the record of a run.

    Raises:
        UsageError: an option names one.
    """
    given = vars(chosen)
    for option in _WRITTEN:
        text = given.get(option)
        if not isinstance(text, str) or not Path(text).is_file():
            continue
        path = Path(text)
        why = "it is the record of a run" if _is_record(path) else ""
        if any(path.samefile(each) for each in _read(given, option)):
            why = "it is what is read"
        if why:
            raise UsageError(f"{path}: {why}. Name another file with --{option}.")


def _is_record(path: Path) -> bool:
    """Whether a file is what a run recorded: its journal lies beside what was made of it."""
    if not path.name.removesuffix(".gz").endswith((RESULTS, JOURNAL, FACTS)):
        return False
    return RunFiles.of(path).journal.is_file()


def _read(given: dict[str, object], written: str) -> Iterator[Path]:
    # What was joined before may be joined with more, into the same file.
    for option in (each for each in _READ if (each, written) != ("results", "output")):
        found = given.get(option)
        for text in found if isinstance(found, list) else [found]:
            if isinstance(text, str) and Path(text).is_file():
                yield Path(text)
