"""What a facts file says of hosts, written once more as it stands, where nothing of it changed.

A replay leaves the facts of all hosts that it read. To put them into words again takes ten times as
long as to read their lines a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from livemigration.base.packed import open_text
from livemigration.facts.model import FactSheet


@dataclass(frozen=True, slots=True)
class LineOf:
    """The line of a facts file that says this of a host, and names this VMM server; else empty.

    `digest` is the hash that Python has of the text in this process.
    """

    sheet: FactSheet
    vmm: str
    digest: int


@dataclass(frozen=True)
class LinesOf:
    """The lines of a facts file that this release would write as they are, by their hosts.

    `path` is where they stand; None: they cannot be read again.
    """

    lines: Mapping[str, LineOf]
    path: Path | None = None


class LinesAgain:
    """The lines of a facts file, read once more beside what is written of its hosts.

    Args:
        known: the lines.
        managers: the VMM server of each host, as it is written.
    """

    def __init__(self, known: LinesOf, managers: Mapping[str, str]) -> None:
        self._known, self._managers = known.lines, managers
        self._lines = _lines_of(known)

    def of(self, sheet: FactSheet) -> str:
        """Return the line that says this of a host; empty: there is none, or not as it was read."""
        known = self._known.get(sheet.name)
        if known is None or known.sheet is not sheet:
            return ""
        if known.vmm != self._managers.get(sheet.name, ""):
            return ""
        with suppress(OSError, ValueError):
            for line in self._lines:
                if hash(line) == known.digest:
                    return line
        # Of another order, or changed since: what was read of it is put into words.
        self._known = {}
        return ""


def _lines_of(known: LinesOf) -> Iterator[str]:
    """Yield the lines of a file without what is between them."""
    if known.path is not None:
        with open_text(known.path, "utf-8-sig") as stream:
            for line in stream:
                yield line.rstrip("\n").removesuffix(",")
