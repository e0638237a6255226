"""A plan as lines and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from livemigration.placement.estimate_text import lasting, size
from livemigration.placement.plan_document import PlanDocument, PlannedMove
from livemigration.report.drain.words import BACK, inputs_back, words_of
from livemigration.report.moments import utc
from livemigration.report.naming import Names
from livemigration.report.terminal.lines import columns
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED

_LABEL = 14


def names_of(plan: PlanDocument) -> Names:
    """Return how the hosts of a plan are called: short where all share a domain."""
    moves = (name for each in plan.moves for name in (each.source, each.to))
    return Names((*plan.asked.hosts, *plan.asked.without, *plan.asked.to, *moves))


def lines_of(plan: PlanDocument) -> Iterator[str]:
    """Yield a plan as lines: the answer, its table, how long it takes, and what else there is."""
    yield from map(plain, _lines(plan))


def _lines(plan: PlanDocument) -> Iterator[str]:
    names = names_of(plan)
    if plan.asked.simulated:
        yield SIMULATED
    words = words_of(plan, names)
    yield words.answer
    yield from words.remarks
    if plan.moves:
        yield ""
        yield from table_of(plan, names)
    if plan.takes is not None:
        yield ""
        yield from input_lines(plan)
    yield ""
    yield _whence(plan)


def input_lines(plan: PlanDocument) -> Iterator[str]:
    """Yield what the estimates of a plan are made of, each thing with its label before it."""
    yield from labelled(plan.takes.inputs if plan.takes is not None else ())
    if back := inputs_back(plan):
        yield BACK
        yield from labelled(back)


def labelled(inputs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield what an estimate is made of as lines."""
    yield from (f"{label:<{_LABEL}}{text}" for label, text in inputs)


HEADINGS = ("", "machine", "from", "to", "memory", "by", "between", "why")
# What moves a machine is known where a script is made, and not in the results of a run.
_BY = HEADINGS.index("by")


def cells_of(move: PlannedMove, names: Names) -> tuple[str, ...]:
    """Return a move as a row of the table, under HEADINGS."""
    return (
        str(move.n),
        move.vm,
        names.short(move.source),
        names.short(move.to),
        size(move.memory) + (f" + {size(move.disk)} of disks" if move.disk else ""),
        move.by.value if move.by is not None else "",
        between(move),
        move.reason,
    )


def without_by(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return a row of the table, or its heads, as it is made of the results of a run."""
    return (*cells[:_BY], *cells[_BY + 1 :])


def between(move: PlannedMove) -> str:
    """Return when a move is under way, as a range from the beginning of the plan."""
    begin = lasting(move.t_lo, up=False)
    return f"{begin} on" if move.t_hi is None else f"{begin} - {lasting(move.t_hi)}"


def table_of(plan: PlanDocument, names: Names) -> Iterator[str]:
    """Yield the moves as lines of columns."""
    rows = [HEADINGS, *(cells_of(each, names) for each in plan.moves)]
    yield from columns_of(rows)


def columns_of(rows: Sequence[Iterable[str]]) -> Iterator[str]:
    """Yield rows as lines whose columns stand below each other."""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (
            cell + " " * (width - columns(cell)) for cell, width in zip(row, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()


def _whence(plan: PlanDocument) -> str:
    facts = f"facts of {utc(plan.asked.facts)}" if plan.asked.facts else "facts of unknown time"
    by = f"{plan.step}{f', {plan.solver}' if plan.solver else ''}"
    return (
        f"By {facts}; decided by: {by}. Machines may have moved since: ask again before the night."
    )
