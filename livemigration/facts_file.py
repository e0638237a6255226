"""A facts file, whoever wrote it: the suite with --save-facts, or collect.ps1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from livemigration.collector import reading
from livemigration.errors import UsageError
from livemigration.facts import snapshot
from livemigration.facts.sheets import RunFacts


def load(path: Path) -> RunFacts:
    """Return the facts of a file.

    Raises:
        UsageError: the file cannot be read, or is none that this suite knows.
    """
    document = read_document(path)
    try:
        if reading.is_collected(document):
            return reading.facts_of(document)
    except ValueError as error:
        raise UsageError(f"{path}: {error}. Collect again with collect.ps1.") from None
    try:
        return snapshot.facts_of(document)
    except ValueError as error:
        raise UsageError(f"{path}: {error}. Write the file again with --save-facts.") from None


def read_document(path: Path) -> dict[str, Any]:
    """Return the JSON document of a facts file, whatever it holds.

    Raises:
        UsageError: the file cannot be read, or holds no such document.
    """
    try:
        # PowerShell's own cmdlets, and editors on Windows, begin UTF-8 files with a mark.
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be read'}.") from None
    except (ValueError, RecursionError):
        raise _no_facts(path) from None
    if not isinstance(document, dict):
        raise _no_facts(path)
    return document


def _no_facts(path: Path) -> UsageError:
    return UsageError(
        f"{path}: not a facts file. Write one with --save-facts, or with collect.ps1."
    )
