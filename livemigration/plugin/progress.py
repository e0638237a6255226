"""Progress while facts are gathered and judged: one moving line, or in a log one now and then."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from livemigration.gather.jobs import Progress

_PLAIN_EVERY_SECONDS = 10.0
# A log of a long run says less often how far it is, but before a pipeline takes it for dead.
_PLAIN_EVERY_PART = 0.25
_PLAIN_AT_LEAST_EVERY_SECONDS = 240.0
_MOVING_EVERY_SECONDS = 0.2
_JUDGED_EVERY_SECONDS = 0.05


class ProgressLine:
    """Writes progress to a stream. `moving` rewrites one line; `quiet` writes nothing."""

    def __init__(self, stream: TextIO, *, moving: bool, quiet: bool = False) -> None:
        self._stream = stream
        self._moving = moving
        self._quiet = quiet
        self._phase = ""
        self._written = 0.0
        self._width = 0

    def __call__(self, phase: str, progress: Progress) -> None:
        """Show the progress of a phase, if it is time to."""
        if self._quiet:
            return
        now = time.monotonic()
        last = progress.done == progress.total
        first = phase != self._phase
        every = _MOVING_EVERY_SECONDS if self._moving else _plain_every(progress.elapsed)
        if first:
            self._phase, self._written = phase, now
        if not last and (now - self._written < every or (first and not self._moving)):
            return
        self._written = now
        text = describe(phase, progress)
        if not self._moving:
            self._stream.write(f"{text}\n")
        else:
            columns = shutil.get_terminal_size().columns - 1
            shown = text[:columns]
            self._stream.write(f"\r{shown.ljust(min(self._width, columns))}")
            self._width = len(shown)
            if last:
                self._stream.write("\n")
        self._stream.flush()

    def leave(self) -> None:
        """Take away a line that was begun and is of no more use."""
        if self._moving and self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()
            self._width = 0


class Judging:
    """Shows how many checks are done, where that takes a while."""

    def __init__(self, line: ProgressLine, total: int) -> None:
        self._line = line
        self._total = total
        self._done = 0
        self._begun = self._shown = time.monotonic()

    def one_more(self) -> None:
        """Count a check."""
        self._done += 1
        now = time.monotonic()
        # Thousands of checks are judged in a second.
        if self._done < self._total and now - self._shown >= _JUDGED_EVERY_SECONDS:
            self._shown = now
            progress = Progress(self._done, self._total, (), now - self._begun)
            self._line("Judging checks", progress)

    def end(self) -> None:
        """Take the line away, where one was begun."""
        self._line.leave()


def _plain_every(elapsed: float) -> float:
    wanted = max(_PLAIN_EVERY_SECONDS, elapsed * _PLAIN_EVERY_PART)
    return min(wanted, _PLAIN_AT_LEAST_EVERY_SECONDS)


def describe(phase: str, progress: Progress) -> str:
    """Return one line of progress: done of all, time, who is slow."""
    text = f"{phase}: {progress.done} of {progress.total} done, {progress.elapsed:.0f} s"
    if progress.done == progress.total:
        return text
    if (left := progress.seconds_left) is not None:
        text += f", about {left:.0f} s left"
    if progress.slow:
        more = len(progress.slow) - 3
        text += f"; waiting for {', '.join(progress.slow[:3])}"
        text += f" and {more} more" if more > 0 else ""
    return text
