"""What a facts file says of hosts, written once more as it stands, where nothing of it changed.

A replay leaves the facts of all hosts that it read. To put them into words again takes ten times as
long as to read their lines a second time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from livemigration.base.packed import open_text
from livemigration.facts.model import FactSheet
from livemigration.facts.sheets import LinesOf, RunFacts


def read_from(path: Path, facts: RunFacts) -> RunFacts:
    """Return the facts of a file, which know where their lines are, if it can be read again."""
    lines = facts.lines
    known = replace(lines, path=path) if lines is not None and path.is_file() else None
    return replace(facts, lines=known)


class LinesAgain:
    """The lines of the file that facts are from, read once more beside what is written of them."""

    def __init__(self, facts: RunFacts) -> None:
        self._managers = facts.managers
        self._known = facts.lines
        self._lines = _lines_of(self._known) if self._known is not None else iter(())

    def of(self, sheet: FactSheet) -> str:
        """Return the line that says this of a host; empty: there is none, or not as it was read."""
        known = self._known.lines.get(sheet.name) if self._known is not None else None
        if known is None or known.sheet is not sheet:
            return ""
        if known.vmm != self._managers.get(sheet.name, ""):
            return ""
        with suppress(OSError, ValueError):
            for line in self._lines:
                if hash(line) == known.digest:
                    return line
        # Of another order, or changed since: what was read of it is put into words.
        self._known = None
        return ""


def _lines_of(known: LinesOf) -> Iterator[str]:
    """Yield the lines of a file without what is between them."""
    if known.path is not None:
        with open_text(known.path, "utf-8-sig") as stream:
            for line in stream:
                yield line.rstrip("\n").removesuffix(",")
