"""The facts of a snapshot, read one host after the other: a file may be large."""

from __future__ import annotations

import marshal
from dataclasses import replace
from typing import Any, TextIO

from livemigration import __version__
from livemigration.base import codec
from livemigration.collector import streaming
from livemigration.collector.sheet_lines import SheetLine
from livemigration.collector.snapshot import (
    WITHOUT_REFERENCES,
    SavedOutcome,
    SavedSheet,
    Values,
    facts_of,
    outcome_of,
    sheet_of,
    unusable,
)
from livemigration.collector.told_again import LineOf, LinesOf
from livemigration.facts.model import FactSheet, Outcome, Subject
from livemigration.facts.sheets import RunFacts


def facts_in(stream: TextIO) -> tuple[RunFacts, LinesOf]:
    """Return the facts of a snapshot's JSON, and the lines of it that could be copied.

    Raises:
        ValueError: it is none that this suite knows, for a reason that `facts_of` may know better.
    """
    hosts = _Hosts()
    document = streaming.document_of(stream, ("hosts",), hosts.take, hosts.take_line)
    if "hosts" not in document:
        raise ValueError("hosts: Field required")
    facts = replace(facts_of(document), hosts=hosts.sheets, managers=hosts.managers)
    # Another release may have written less of a host than this one does, or other words.
    is_own = document["suite_version"] == __version__
    return facts, LinesOf(hosts.lines if is_own else {})


class _Hosts:
    """The hosts of a snapshot as they come: in lines of the suite's own form, else as documents."""

    def __init__(self) -> None:
        self.sheets: dict[str, FactSheet] = {}
        self.managers: dict[str, str] = {}
        self.lines: dict[str, LineOf] = {}
        self._values = Values()
        # Whether what was read of a line is what would be written of it.
        self._as_it_is = True
        self._without_value: dict[tuple[str, bytes], Outcome[Any]] = {}

    def take(self, _list: str, document: Any) -> None:
        """Take a host's document."""
        saved: SavedSheet = codec.from_json(SavedSheet, document)
        self._keep(sheet_of(saved, Subject.HOST, self._values), saved.vmm or "")

    def take_line(self, _list: str, line: str) -> bool:
        """Take a host's line, if it is of the suite's own form; return whether it is."""
        self._as_it_is = True
        try:
            told = SheetLine(line, self._values.by_text, self._unusable, self._of_document)
        except (ValueError, KeyError, RecursionError):
            return False
        sheet = FactSheet(Subject.HOST, told.name, told.outcomes)
        self._keep(sheet, told.vmm)
        if self._as_it_is:
            self.lines[sheet.name] = LineOf(sheet, told.vmm, hash(line))
        return True

    def _keep(self, sheet: FactSheet, vmm: str) -> None:
        self.sheets[sheet.name] = sheet
        # Of two of one name the last counts, its server too where it names one.
        if vmm:
            self.managers[sheet.name] = vmm

    def _unusable(self, name: str, machine: str, lack: str) -> Outcome[Any]:
        self._as_it_is = False
        return unusable(name, machine, lack)

    def _of_document(self, name: str, document: Any, machine: str) -> Outcome[Any]:
        key = name, marshal.dumps(document, WITHOUT_REFERENCES)
        found = self._without_value.get(key)
        if found is None:
            saved: SavedOutcome = codec.from_json(SavedOutcome, document)
            found = outcome_of(name, saved, machine, self._values.of)
            if saved.vantage is None:
                self._without_value[key] = found
            else:
                # In a form that the suite does not write.
                self._as_it_is = False
        return found
