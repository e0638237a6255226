"""The hosts of an inventory, one by one, and where each of them stands."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from livemigration.base.errors import UsageError
from livemigration.inventory.file import Host, HostEntry, InventoryFile
from livemigration.inventory.nearest import did_you_mean
from livemigration.inventory.yaml_file import line_of, read_text
from livemigration.inventory.yaml_problems import first_problem

_COLUMNS = tuple(HostEntry.model_fields)
_BETWEEN_COLUMNS = ",;\t"
_BETWEEN_GROUPS = str.maketrans(",;|\t", "    ")
# What Export-Csv of Windows PowerShell writes first, unless -NoTypeInformation stops it.
_TYPE = "#TYPE "


@dataclass(frozen=True)
class _Row:
    """What one row of a CSV file says; `line` is the file's, from 1."""

    line: int
    entry: HostEntry


@dataclass(frozen=True)
class Listing:
    """The hosts that an inventory lists, ranges written out; `more` is the text of its CSV file.

    `entries` says for each host which entry it stands in: those of the inventory, then the rows.
    """

    hosts: tuple[Host, ...]
    entries: tuple[int, ...] = ()
    more: str = ""
    _path: str = ""
    _in_file: int = 0
    _lines: tuple[int, ...] = ()

    def place(self, host: int, label: str, text: str) -> tuple[str, int, str]:
        """Return the file, the line and the key of a host, for a sentence.

        Args:
            host: its number in `hosts`.
            label: the inventory's name.
            text: the inventory's text.
        """
        entry = self.entries[host]
        if entry < self._in_file:
            return label, line_of(text, ("hosts", entry)), f"hosts[{entry}]"
        return self._path, self._lines[entry - self._in_file], "name"


def listing_of(file: InventoryFile, folder: Path) -> Listing:
    """Return the hosts that an inventory lists, here and in its CSV file.

    Args:
        file: the inventory.
        folder: where its CSV file is looked for.

    Raises:
        UsageError: with file, line and column of the CSV file's first problem.
    """
    written = file.hosts or ()
    path = str(folder / file.hosts_from) if file.hosts_from else ""
    more = read_text(Path(path)) if path else ""
    rows = tuple(_rows(more, path)) if path else ()
    hosts: list[Host] = []
    entries: list[int] = []
    for number, entry in enumerate((*written, *(row.entry for row in rows))):
        found = tuple(entry.hosts())
        hosts += found
        entries += [number] * len(found)
    lines = tuple(row.line for row in rows)
    return Listing(tuple(hosts), tuple(entries), more, path, len(written), lines)


def _rows(text: str, path: str) -> Iterator[_Row]:
    lines = text.splitlines(keepends=True)
    skipped = 1 if lines and lines[0].startswith(_TYPE) else 0
    header = lines[skipped] if len(lines) > skipped else ""
    delimiter = max(_BETWEEN_COLUMNS, key=header.count)
    reader = csv.reader(lines[skipped:], delimiter=delimiter, strict=True)
    try:
        columns = _columns(next(reader, []), f"{path}, line {skipped + 1}")
        for cells in reader:
            if any(each.strip() for each in cells):
                line = skipped + reader.line_num
                yield _Row(line, _entry(columns, cells, f"{path}, line {line}"))
    except csv.Error as error:
        line = skipped + reader.line_num
        raise UsageError(f"{path}, line {line}: not valid CSV: {error}.") from None


def _columns(header: Sequence[str], place: str) -> list[str]:
    columns = [each.strip().casefold() for each in header]
    for number, column in enumerate(columns):
        if column not in _COLUMNS:
            raise UsageError(
                f"{place}: {column[:60]!r} is no column of hosts."
                f"{did_you_mean(column, _COLUMNS)} Use {', '.join(_COLUMNS)}."
            )
        if column in columns[:number]:
            raise UsageError(f"{place}: {column}: the column is given twice. Keep one of the two.")
    if "name" not in columns:
        raise UsageError(f"{place}: name: the column is missing. Add it.")
    return columns


def _entry(columns: Sequence[str], cells: Sequence[str], place: str) -> HostEntry:
    if len(cells) > len(columns):
        raise UsageError(
            f"{place}: {len(cells)} cells, and the first line has {len(columns)}. Put a cell that "
            "has a separator in it in quotes."
        )
    values = (each.strip() for each in cells)
    given: dict[str, object] = {
        column: value for column, value in zip(columns, values, strict=False) if value
    }
    if "groups" in given:
        given["groups"] = str(given["groups"]).translate(_BETWEEN_GROUPS).split()
    try:
        return HostEntry.model_validate(given)
    except ValidationError as error:
        _, key, sentence = first_problem(error, given, HostEntry)
        raise UsageError(f"{place}: {key}: {sentence}") from None
