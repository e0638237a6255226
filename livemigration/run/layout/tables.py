"""A table of documents that several entries share, made of all of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from livemigration.run.layout.templates import TARGET, Cell, Value, settled


@dataclass
class _Row:
    """One template of a table. A value that differed once is None in `constants`."""

    number: int
    template: Any
    constants: list[Value | None]
    names_target: bool
    places: list[int] = field(default_factory=list)

    def take(self, values: list[Value]) -> None:
        for at, value in enumerate(values):
            known = self.constants[at]
            if known is not None and (known != value or type(known) is not type(value)):
                self.constants[at] = None

    def constant(self, number: int) -> Value | None:
        return self.constants[number - 1]

    def differing(self) -> list[int]:
        """Return where values differ, counted from 0; once every document was taken."""
        if not self.places and None in self.constants:
            self.places = [at for at, each in enumerate(self.constants) if each is None]
        return self.places


@dataclass(frozen=True)
class Entry:
    """One document as its table has it: the template, and its own values."""

    row: _Row
    values: list[Value]

    @property
    def number(self) -> int:
        """Where its template is in the table."""
        return self.row.number

    @property
    def names_target(self) -> bool:
        """Whether the name of its target is in it: that of another would stand there for another.

        Its values alone stand for the same words, whatever the target.
        """
        return self.row.names_target

    def own_values(self) -> list[Value]:
        """Return the values that the template has places for; once every document was taken."""
        return [self.values[at] for at in self.row.differing()]


class Table:
    """Documents of plain JSON types, each kind of them once.

    Documents that differ in values alone share a template; a value that is the same in all of them
    is part of it. Which of them there are decides, and their order: the same gives the same.
    """

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}
        self._numbered: list[_Row] = []

    def add(self, target: str, document: Any) -> Entry:
        """Take a document in; `target` is the name for which it has a place of its own."""
        cell = Cell(target)
        return self.enter(cell.template(document), cell)

    def enter(self, template: Any, cell: Cell) -> Entry:
        """Take in what a cell has made a template of already."""
        key = json.dumps(template)
        row = self._rows.get(key)
        if row is None:
            row = _Row(len(self._rows), template, list(cell.values), TARGET in key)
            self._rows[key] = row
            self._numbered.append(row)
        else:
            row.take(cell.values)
        return Entry(row, cell.values)

    def differing(self, number: int) -> list[int]:
        """Return which values of a template are its own places, counted from 0; as `templates`."""
        return self._numbered[number].differing()

    def templates(self) -> list[Any]:
        """Return the table; once every document was taken."""
        found = []
        for row in self._numbered:
            at = {place + 1: number for number, place in enumerate(row.differing(), start=1)}
            found.append(settled(row.template, row.constant, at.__getitem__))
        return found
