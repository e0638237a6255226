"""How often the threads of a batch take turns at the interpreter.

A thread that wants the interpreter wakes whenever the interval has passed, to ask for it again. Of
hundreds that want it, each every 5 ms as Python has it, that takes as much of the processor as what
they do in their turns. They give it up by themselves at every message, so that few ever ask. Of
fewer threads it takes nothing that shows, and a host that sends without end is read in time.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS = 0.05
_FEW = 128
# Python counts whole microseconds, and cuts what it is given.
_ROUNDED = 5e-7


class _Batches:
    """The batches that run now, in this process, and the interval that was there before them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._before = 0.0

    def begins(self) -> None:
        with self._lock:
            if not self._running:
                self._before = sys.getswitchinterval()
                sys.setswitchinterval(max(self._before, _SECONDS) + _ROUNDED)
            self._running += 1

    def ended(self) -> None:
        with self._lock:
            self._running -= 1
            if not self._running:
                sys.setswitchinterval(self._before + _ROUNDED)


_BATCHES = _Batches()


@contextmanager
def longer_turns(threads: int) -> Iterator[None]:
    """Let every thread of this process have longer turns, until no batch of many runs any more.

    Args:
        threads: how many this batch has at once.
    """
    if threads <= _FEW:
        yield
        return
    _BATCHES.begins()
    try:
        yield
    finally:
        _BATCHES.ended()
