"""Events in CSV: Get-WinEvent and Get-EventLog behind Export-Csv, and Event Viewer's own export."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.explain.logged import IDENTIFIERS, LOG_NAMES, Logged, event_at

_IDENTIFIER = re.compile(r"\b(?:Id|Event ?ID|InstanceId)\b", re.IGNORECASE)
_LONGEST_HEADER = 2_000
_SEPARATORS = (",", ";", "\t", "|")
PROVIDERS = frozenset({"providername", "source", "sourcename"})


@dataclass(frozen=True)
class CsvRecords:
    """The records below a header of CSV: their events, and the part of the text that they are."""

    events: tuple[Logged, ...]
    start: int
    end: int


def separated(text: str) -> Iterator[CsvRecords]:
    """Yield the CSV of a text whose header names the number and another property of a log."""
    lines = _Lines(text)
    for line in lines:
        if len(line) > _LONGEST_HEADER or not _IDENTIFIER.search(line):
            continue
        separator = next((each for each in _SEPARATORS if each in line), None)
        if separator is None:
            continue
        names = [part.strip(" \"'\r\n").casefold() for part in line.split(separator)]
        if LOG_NAMES & set(names) and IDENTIFIERS & set(names):
            start = lines.at
            events = tuple(_records(lines, separator, names))
            yield CsvRecords(events, start, lines.at)


class _Lines:
    """The lines of a text, each read once; `at` is how far they were read."""

    def __init__(self, text: str) -> None:
        """Read a text from its beginning."""
        self.text = text
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        """Yield each line with its end, from where the last reader stopped."""
        while self.at < len(self.text):
            end = self.text.find("\n", self.at) + 1 or len(self.text)
            line = self.text[self.at : end]
            self.at = end
            yield line


def _records(lines: _Lines, separator: str, names: list[str]) -> Iterator[Logged]:
    column = next(at for at, name in enumerate(names) if name in IDENTIFIERS)
    provider = next((at for at, name in enumerate(names) if name in PROVIDERS), None)
    begin = lines.at
    try:
        for row in csv.reader(lines, delimiter=separator):
            # Event Viewer names no column for the text of its events.
            if row and len(row) < len(names):
                return
            digits = row[column].strip() if row else ""
            if digits.isascii() and digits.isdecimal() and len(digits) <= 10:
                place = lines.text.find(digits, begin)
                yield event_at(place, digits, row[provider] if provider is not None else "")
            begin = lines.at
    except csv.Error:
        return
