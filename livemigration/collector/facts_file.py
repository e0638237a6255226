"""A facts file, whoever wrote it: the suite with --save-facts, or collect.ps1."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from livemigration.base.errors import UsageError, unreadable
from livemigration.base.packed import TornError, open_text
from livemigration.collector import host_by_host, reading, snapshot
from livemigration.collector.told_again import LinesOf
from livemigration.facts.sheets import RunFacts


def load(path: Path) -> RunFacts:
    """Return the facts of a file, compressed or not.

    Raises:
        UsageError: the file cannot be read, or is none that this suite knows.
    """
    return load_to_copy(path)[0]


def load_to_copy(path: Path) -> tuple[RunFacts, LinesOf]:
    """Return the facts of a file, and its lines, which can be copied; raises as `load` does."""
    # A file of this suite, as most are, is read host by host; any other as a whole, and so is one
    # that is not as it must be, to say where.
    again = "" if path.is_file() else _read(path)
    with suppress(OSError, ValueError, RecursionError), _opened(path, again) as stream:
        facts, lines = host_by_host.facts_in(stream)
        return facts, replace(lines, path=None if again else path)
    document = _document(path, again or _read(path))
    try:
        if reading.is_collected(document):
            return reading.facts_of(document), LinesOf({})
    except ValueError as error:
        raise UsageError(f"{path}: {error}. Collect again with collect.ps1.") from None
    try:
        return snapshot.facts_of(document), LinesOf({})
    except ValueError as error:
        raise UsageError(f"{path}: {error}. Write the file again with --save-facts.") from None


def read_document(path: Path) -> dict[str, Any]:
    """Return the JSON document of a facts file, whatever it holds.

    Raises:
        UsageError: the file cannot be read, or holds no such document.
    """
    return _document(path, _read(path))


def _opened(path: Path, text: str = "") -> AbstractContextManager[TextIO]:
    """Open a facts file; what was read of a pipe, which is read once, is taken from `text`."""
    # PowerShell's own cmdlets, and editors on Windows, begin UTF-8 files with a mark.
    return nullcontext(StringIO(text)) if text else open_text(path, "utf-8-sig")


def _read(path: Path) -> str:
    try:
        with _opened(path) as stream:
            return stream.read()
    except OSError as error:
        raise unreadable(path, error) from None
    except TornError as error:
        raise UsageError(
            f"{path}: {error}. Take a copy that is whole, or gather again with --save-facts."
        ) from None
    except ValueError:
        raise _no_facts(path) from None


def _document(path: Path, text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _no_facts(path) from None
    if not isinstance(document, dict):
        raise _no_facts(path)
    return document


def _no_facts(path: Path) -> UsageError:
    return UsageError(
        f"{path}: not a facts file. Write one with --save-facts, or with collect.ps1."
    )
