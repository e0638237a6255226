"""The list of changes that no input tells from the code: each with the reason."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from mutants import Key

FILE = Path(__file__).with_name("equivalent.toml")
WORDS = ("module", "function", "was", "becomes", "reason")


class ListError(Exception):
    """The list of equivalents cannot be used as it is."""


def read(path: Path = FILE) -> dict[Key, str]:
    """Return the reason for each change that the list names.

    Raises:
        ListError: An entry lacks a word, has one too many, or stands twice.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    reasons: dict[Key, str] = {}
    for place, entry in enumerate(entries, start=1):
        number = entry.pop("number", 1)
        if set(entry) != set(WORDS) or not all(entry.values()):
            raise ListError(
                f"{path.name}, entry {place}: it needs {', '.join(WORDS)}, may have number, and "
                f"has {', '.join(entry) or 'nothing'}."
            )
        reason = entry.pop("reason")
        key = Key(**entry, number=number)
        if key in reasons:
            raise ListError(f"{path.name}, entry {place} stands twice: {key}")
        reasons[key] = reason
    return reasons


def without_mutant(listed: Iterable[Key], made: Iterable[Key]) -> list[Key]:
    """Return the entries of the list that no change of their module is named by."""
    there = set(made)
    return [key for key in listed if key not in there]
