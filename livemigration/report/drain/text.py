"""A plan in words and as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from livemigration.base.text import counted, listed, some
from livemigration.placement.estimate_text import lasting, size
from livemigration.placement.model import Verdict
from livemigration.placement.plan_document import Kind, PlanDocument, PlannedMove
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
    yield answer_of(plan, names)
    yield from plan.told
    yield from plan.open
    yield from remarks_of(plan, names)
    if plan.moves:
        yield ""
        yield from table_of(plan, names)
    if plan.takes is not None:
        yield ""
        yield from (f"{label:<{_LABEL}}{text}" for label, text in plan.takes.inputs)
    yield ""
    yield _whence(plan)


def answer_of(plan: PlanDocument, names: Names) -> str:
    """Return whether the hosts can be emptied, as a sentence."""
    hosts = listed(map(names.short, plan.asked.hosts))
    if plan.fits and not plan.moves:
        return f"{hosts}: nothing has to move."
    if plan.verdict is Verdict.FITS:
        return f"{hosts} can be emptied: {_moving(plan, names)}."
    if plan.verdict is Verdict.FITS_WITH_SWAPS:
        room = counted(len(plan.relocations), "other virtual machine")
        return f"{hosts} can be emptied once {room} made room: {_moving(plan, names)}."
    if plan.verdict is Verdict.DOES_NOT_FIT:
        return f"{hosts} cannot be emptied: {_lacking(plan)}."
    if plan.verdict is Verdict.UNKNOWN:
        return f"Whether {hosts} can be emptied is not known, as not everything could be read."
    return f"Whether {hosts} can be emptied was not decided: no plan was found, nor excluded."


def _moving(plan: PlanDocument, names: Names) -> str:
    drained = [each for each in plan.moves if each.kind is Kind.DRAIN]
    memory = size(sum(each.memory for each in drained))
    to = some(dict.fromkeys(names.short(each.to) for each in drained))
    return f"{counted(len(drained), 'virtual machine')} with {memory} of memory, to {to}"


def _lacking(plan: PlanDocument) -> str:
    if not plan.unplaced:
        return "the virtual machines on it do not fit elsewhere"
    return f"there is no place for {some(plan.unplaced)}"


def remarks_of(plan: PlanDocument, names: Names) -> Iterator[str]:
    """Yield what else is to be known, a sentence each."""
    asked = plan.asked
    if plan.breaks_reserve:
        yield (
            f"It takes of what VMM or the cluster keeps free on "
            f"{some(map(names.short, plan.breaks_reserve))}."
        )
    if plan.stays:
        yield f"To be shut down first, as the policy names them under stays: {some(plan.stays)}."
    if asked.without:
        yield f"Down by then: {some(map(names.short, asked.without))}."
    if asked.to:
        yield f"Only these take machines: {some(map(names.short, asked.to))}."
    if plan.takes is not None and asked.window is not None:
        yield _within(plan, asked.window)


def _within(plan: PlanDocument, window: int) -> str:
    takes, length = plan.takes, lasting(window)
    if takes is None or takes.low > window:
        return f"It takes longer than the window of {length}."
    if takes.high is None:
        return f"Whether it fits the window of {length} is not known."
    if takes.high > window:
        return f"It may take longer than the window of {length}."
    return f"By the estimate it fits the window of {length}."


HEADINGS = ("", "machine", "from", "to", "memory", "by", "between", "why")


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
