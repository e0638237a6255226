"""All lines of a run on the terminal, in the order in which a person needs them.

The last lines of a run, as many as a small terminal shows, tell the verdict, the worst repairs and
where the files are.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from pathlib import PurePath

from livemigration.base.text import counted
from livemigration.report.naming import Names
from livemigration.report.repairs import ToMend, to_mend
from livemigration.report.terminal.blocks import blocks
from livemigration.report.terminal.closing import Places, closing
from livemigration.report.terminal.full import full
from livemigration.report.terminal.lines import Line, Tone, bounded, height
from livemigration.report.terminal.notes import notes, problems
from livemigration.report.terminal.recap import changes, recap
from livemigration.run.run import Run

# A terminal of the smallest usual size shows so many.
SCREEN = 24
_LEAST_RECAP = 4


class Detail(IntEnum):
    """How much is said: -q, nothing, -v."""

    LITTLE = -1
    USUAL = 0
    ALL = 1


def lines_of(run: Run, places: Places, width: int | None, detail: Detail) -> Iterator[Line]:
    """Yield the lines of a run.

    Args:
        run: the run.
        places: where its files are.
        width: columns of the terminal; None: it is a log, in which nothing wraps.
        detail: how much is said.
    """
    found, names = to_mend(run), Names(host.name for host in run.hosts)
    yield from problems(run)
    if detail is Detail.USUAL:
        yield from _repairs(found, names, width, places)
        yield from _apart(notes(run, names))
    elif detail is Detail.ALL:
        yield from full(run, found, names)
    yield from _apart(_end(run, found, places, width, names))


def last_lines(run: Run, places: Places) -> Iterator[Line]:
    """Yield the verdict and what follows it, for a run of which nothing else can be shown."""
    yield from closing(run, places)


def _repairs(found: ToMend, names: Names, width: int | None, places: Places) -> Iterator[Line]:
    if found.repairs:
        number = counted(len(found.repairs), "repair")
        order = ", the worst first" if len(found.repairs) > 1 else ""
        name = PurePath(places.report).name
        where = f"; {name} has {'each' if order else 'it'} in full, at its #" if name else ""
        yield Line(f"{number}{order}{where}", 2, Tone.TITLE)
    yield from blocks(found, names, width)


def _end(
    run: Run, found: ToMend, places: Places, width: int | None, names: Names
) -> Iterator[Line]:
    last = tuple(closing(run, places))
    told = recap(run, found, names)
    moved = changes(run, names)
    if told:
        # The heading, and the empty line before the verdict.
        room = SCREEN - height((*last, *moved), width) - 2
        yield Line("Not ready, and why:", tone=Tone.TITLE)
        yield from moved
        yield from bounded(told, max(room, _LEAST_RECAP), width, "and {} more: see the report")
        yield Line("")
    else:
        yield from moved
    yield from last


def _apart(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield lines behind an empty one, where there are any."""
    first = next(lines, None)
    if first is not None:
        yield Line("")
        yield first
        yield from lines
