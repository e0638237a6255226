"""Progress while facts are gathered: one moving line on a terminal, else a line now and then."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from livemigration.gather.jobs import Progress

_PLAIN_EVERY_SECONDS = 10.0
_MOVING_EVERY_SECONDS = 0.2


class ProgressLine:
    """Writes progress to a stream. `moving` rewrites one line."""

    def __init__(self, stream: TextIO, *, moving: bool) -> None:
        self._stream = stream
        self._moving = moving
        self._phase = ""
        self._written = 0.0
        self._width = 0

    def __call__(self, phase: str, progress: Progress) -> None:
        """Show the progress of a phase, if it is time to."""
        now = time.monotonic()
        last = progress.done == progress.total
        first = phase != self._phase
        every = _MOVING_EVERY_SECONDS if self._moving else _PLAIN_EVERY_SECONDS
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
