"""Every plan entry of a run as one table: a row for equal targets, a column for each check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import attrgetter

from livemigration.facts.model import Subject
from livemigration.report.wording import state_word
from livemigration.run.plan import PlanEntry
from livemigration.run.result import State
from livemigration.run.run import Run


@dataclass(frozen=True)
class Cell:
    """What became of one entry: the state, for sign and colour, and the words for it."""

    state: str
    words: str


@cache
def _cell(sign: str, words: str) -> Cell:
    """Return the one cell of these words: two states may come to the same."""
    return Cell(sign, words)


NOT_PLANNED = _cell("none", "")
_NOT_RUN = _cell("blocked", state_word(State.NOT_RUN))
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
# What tells entries apart; their titles and areas follow from it.
_WHOSE = attrgetter("node_id", "check", "target_kind", "target")
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
    cells = {_WHOSE(entry): (entry, _NOT_RUN) for entry in run.plan}
    for result in run.results:
        cells[_WHOSE(result.entry)] = result.entry, _cell_of(result.state, red=result.red)
    entries = {entry.check: entry for entry, _ in cells.values()}
    checks = _columns(entries.values())
    targets: dict[tuple[Subject, str], dict[str, Cell]] = {}
    for entry, cell in cells.values():
        targets.setdefault((entry.target_kind, entry.target), {})[entry.check] = cell
    # By which cells these are: there is one of each.
    rows: dict[tuple[Subject, tuple[int, ...]], tuple[tuple[Cell, ...], list[str]]] = {}
    ordered = sorted(
        targets.items(),
        key=lambda item: (item[0][0] is Subject.HOST, order.get(item[0][1], len(order))),
    )
    for (kind, name), found in ordered:
        row = tuple(found.get(check, NOT_PLANNED) for check in checks)
        rows.setdefault((kind, tuple(map(id, row))), (row, []))[1].append(name)
    areas = tuple(
        (area, len(list(some))) for area, some in groupby(checks, key=lambda each: checks[each])
    )
    return CheckTable(
        areas,
        tuple(checks),
        {check: entry.title for check, entry in entries.items()},
        tuple(Row(kind, tuple(names), row) for (kind, _), (row, names) in rows.items()),
    )


@cache
def _cell_of(state: State, *, red: bool) -> Cell:
    sign = "fail" if red and state is State.WARNING else _SIGNS[state]
    return _cell(sign, _WORDS.get(sign, state_word(state, red=red)))


def _columns(entries: Iterable[PlanEntry]) -> dict[str, str]:
    """Return the checks with their areas: those of the VMM server first, areas kept together."""
    kinds = {entry.check: (entry.target_kind, entry.area) for entry in entries}
    firsts: dict[str, str] = {}
    for check in sorted(kinds):
        firsts.setdefault(kinds[check][1], check)
    ordered = sorted(
        kinds, key=lambda check: (kinds[check][0] is Subject.HOST, firsts[kinds[check][1]], check)
    )
    return {check: kinds[check][1] for check in ordered}
