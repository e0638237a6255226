"""Every plan entry of a run as tables, one for each area: a row per target, a column per check."""

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

    @property
    def telling(self) -> bool:
        """Whether there is more to read about it."""
        return self.state not in _QUIET


NOT_PLANNED = Cell("not-planned", "not planned")
_NOT_RUN = Cell(State.NOT_RUN.value, state_word(State.NOT_RUN))
_QUIET = {NOT_PLANNED.state, State.PASS.value, State.NOT_APPLICABLE.value, State.NOT_RUN.value}


@dataclass(frozen=True)
class Row:
    """Targets of which every check came to the same, in the order of the plan."""

    names: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    """The entries of one area and kind of target; identical targets share a row.

    One area is as wide as a page; all together would not be.
    """

    kind: Subject
    area: str
    checks: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]

    @property
    def targets(self) -> int:
        """How many targets the rows stand for."""
        return sum(len(row.names) for row in self.rows)


def matrices_of(run: Run) -> tuple[Matrix, ...]:
    """Return a table per kind of target and area, the VMM server's first, then by check."""
    entries = dict.fromkeys((*run.plan, *(result.entry for result in run.results)))
    cells = dict.fromkeys(entries, _NOT_RUN)
    for result in run.results:
        cells[result.entry] = Cell(result.state.value, result_word(result))
    parts: dict[tuple[Subject, str], dict[PlanEntry, Cell]] = {}
    for entry, cell in sorted(cells.items(), key=lambda item: item[0].check):
        parts.setdefault((entry.target_kind, entry.area), {})[entry] = cell
    ordered = sorted(parts.items(), key=lambda item: item[0][0] is Subject.HOST)
    return tuple(_matrix(kind, area, part) for (kind, area), part in ordered)


def _matrix(kind: Subject, area: str, cells: dict[PlanEntry, Cell]) -> Matrix:
    checks = dict(sorted({entry.check: entry.title for entry in cells}.items()))
    targets: dict[str, dict[str, Cell]] = {}
    for entry, cell in cells.items():
        targets.setdefault(entry.target, {})[entry.check] = cell
    rows: dict[tuple[Cell, ...], list[str]] = {}
    for target, row in targets.items():
        rows.setdefault(tuple(row.get(check, NOT_PLANNED) for check in checks), []).append(target)
    return Matrix(
        kind,
        area,
        tuple(checks.items()),
        tuple(Row(tuple(names), shared) for shared, names in rows.items()),
    )
