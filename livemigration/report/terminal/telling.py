"""A run in the lines that it ends with, on whatever stream: of pytest and of every command."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TextIO

from livemigration.report.terminal.closing import Places
from livemigration.report.terminal.lines import Line, Tone, laid_out
from livemigration.report.terminal.whole import Detail, last_lines, lines_of
from livemigration.run.run import Run

_NARROWEST = 40


def width_of(stream: TextIO) -> int | None:
    """Return the columns of a terminal; None where lines are not to wrap, as in a log."""
    return max(shutil.get_terminal_size().columns, _NARROWEST) if stream.isatty() else None


def told(
    run: Run, places: Places, width: int | None, detail: Detail = Detail.USUAL
) -> Iterator[tuple[Tone, str]]:
    """Yield what a run came to, line by line, each with its tone; arguments as of `lines_of`.

    The verdict and the files are told whatever befalls the rest.
    """
    for line in _safely(run, places, width, detail):
        yield from ((line.tone, said) for said in laid_out(line, width))


def tell(run: Run, places: Places, stream: TextIO) -> None:
    """Write what a run came to, without colour."""
    stream.writelines(f"{said}\n" for _, said in told(run, places, width_of(stream)))


def _safely(run: Run, places: Places, width: int | None, detail: Detail) -> Iterator[Line]:
    try:
        found = list(lines_of(run, places, width, detail))
    except Exception as error:  # noqa: BLE001 - the last lines must be printed whatever happens here
        # Its message may quote what a host sent.
        yield Line(f"PROBLEM What is to be mended could not be shown: {type(error).__name__}.")
        yield from last_lines(run, places)
    else:
        yield from found
