"""Every plan entry of a run as one table: a row for equal targets, a column for each check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from livemigration.facts.model import Subject
from livemigration.report.wording import result_word, state_word
from livemigration.run.plan import PlanEntry
from livemigration.run.result import State
from livemigration.run.run import Run


@dataclass(frozen=True)
class Cell:
    """What became of one entry: the state, for sign and colour, and the words for it."""

    state: str
    words: str


NOT_PLANNED = Cell("none", "")
_NOT_RUN = Cell("blocked", state_word(State.NOT_RUN))
# The signs that a cell may have; what was not examined has one, whatever kept it from being so.
_SIGNS = {
    State.PASS: "pass",
    State.WARNING: "warning",
    State.FAIL: "fail",
    State.BLOCKED: "blocked",
    State.WAIVED: "waived",
    State.NOT_APPLICABLE: "na",
    State.INTERNAL_ERROR: "error",
    State.NOT_RUN: "blocked",
}
_WORDS = {"na": "does not apply", "blocked": "not examined"}


@dataclass(frozen=True)
class Row:
    """Targets of which every check came to the same."""

    kind: Subject
    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class CheckTable:
    """The table. `areas` are the names over its columns, each with how many; `titles` by check."""

    areas: tuple[tuple[str, int], ...]
    checks: tuple[str, ...]
    titles: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def firsts(self) -> frozenset[int]:
        """The columns in which an area begins."""
        starts, at = set(), 0
        for _, number in self.areas:
            starts.add(at)
            at += number
        return frozenset(starts)

    @property
    def states(self) -> tuple[str, ...]:
        """The states that occur, for the legend."""
        found = {cell.state for row in self.rows for cell in row.cells}
        return tuple(dict.fromkeys(each for each in _SIGNS.values() if each in found))


def check_table_of(run: Run, order: Mapping[str, int]) -> CheckTable:
    """Return the table of a run; `order` says which hosts come first, the worst lowest."""
    entries = dict.fromkeys((*run.plan, *(result.entry for result in run.results)))
    cells = dict.fromkeys(entries, _NOT_RUN)
    for result in run.results:
        sign = _SIGNS[result.state]
        if result.red and result.state is State.WARNING:
            sign = "fail"
        cells[result.entry] = Cell(sign, _WORDS.get(sign, result_word(result)))
    checks = _columns(entries)
    targets: dict[tuple[Subject, str], dict[str, Cell]] = {}
    for entry, cell in cells.items():
        targets.setdefault((entry.target_kind, entry.target), {})[entry.check] = cell
    rows: dict[tuple[Subject, tuple[Cell, ...]], list[str]] = {}
    ordered = sorted(
        targets.items(),
        key=lambda item: (item[0][0] is Subject.HOST, order.get(item[0][1], len(order))),
    )
    for (kind, name), found in ordered:
        row = tuple(found.get(check, NOT_PLANNED) for check in checks)
        rows.setdefault((kind, row), []).append(name)
    areas = tuple(
        (area, len(list(some))) for area, some in groupby(checks, key=lambda each: checks[each])
    )
    return CheckTable(
        areas,
        tuple(checks),
        {entry.check: entry.title for entry in entries},
        tuple(Row(kind, tuple(names), cells) for (kind, cells), names in rows.items()),
    )


def _columns(entries: Mapping[PlanEntry, None]) -> dict[str, str]:
    """Return the checks with their areas: those of the VMM server first, areas kept together."""
    kinds = {entry.check: (entry.target_kind, entry.area) for entry in entries}
    firsts: dict[str, str] = {}
    for check in sorted(kinds):
        firsts.setdefault(kinds[check][1], check)
    ordered = sorted(
        kinds, key=lambda check: (kinds[check][0] is Subject.HOST, firsts[kinds[check][1]], check)
    )
    return {check: kinds[check][1] for check in ordered}
