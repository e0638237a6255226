"""Every plan entry of a run as tables: a row per target, a column per check."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.facts.model import Subject
from livemigration.report.wording import result_word, state_word
from livemigration.results import PlanEntry, Run, State


@dataclass(frozen=True)
class Cell:
    """What became of one entry: the state, for colour, and the words for it."""

    state: str
    words: str


NOT_PLANNED = Cell("not-planned", "not planned")
_NOT_RUN = Cell(State.NOT_RUN.value, state_word(State.NOT_RUN))


@dataclass(frozen=True)
class Matrix:
    """The entries of one kind of target."""

    kind: Subject
    checks: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]


def matrices_of(run: Run) -> tuple[Matrix, ...]:
    """Return a table per kind of target, in the order of the plan."""
    entries = dict.fromkeys((*run.plan, *(result.entry for result in run.results)))
    cells = dict.fromkeys(entries, _NOT_RUN)
    for result in run.results:
        cells[result.entry] = Cell(result.state.value, result_word(result))
    kinds = dict.fromkeys(entry.target_kind for entry in entries)
    return tuple(
        _matrix(kind, {entry: cell for entry, cell in cells.items() if entry.target_kind is kind})
        for kind in sorted(kinds, key=lambda kind: kind is Subject.HOST)
    )


def _matrix(kind: Subject, cells: dict[PlanEntry, Cell]) -> Matrix:
    checks = dict(sorted({entry.check: entry.title for entry in cells}.items()))
    rows: dict[str, dict[str, Cell]] = {}
    for entry, cell in cells.items():
        rows.setdefault(entry.target, {})[entry.check] = cell
    return Matrix(
        kind,
        tuple(checks.items()),
        tuple(
            (target, tuple(row.get(check, NOT_PLANNED) for check in checks))
            for target, row in rows.items()
        ),
    )
