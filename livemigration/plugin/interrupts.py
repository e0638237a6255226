"""Ctrl-C and SIGTERM: what runs on a server is ended, and what the run came to is kept.

The first Ctrl-C ends the run, wherever it is; another one while it is being finished changes
nothing, because the results are written then. SIGTERM ends what runs on servers and then the
process, as it would have; the journal holds what was gathered.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_FINISHING = b"\nThe run is being finished: results.json is written now.\n"
_STANDARD_ERROR = 2
# How long whatever was interrupted may take on the servers.
SECONDS = 0.9


class TerminatedError(KeyboardInterrupt):
    """The process was told to end."""


class Interrupts:
    """Takes the signals of one run, in the main thread and where nobody else did."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._finishing = False

    def take(self) -> None:
        """Take Ctrl-C from now on."""
        self._handle(signal.SIGINT, signal.default_int_handler, self._interrupt)

    def take_termination(self) -> None:
        """Take SIGTERM from now on: before, nothing runs anywhere."""
        self._handle(signal.SIGTERM, signal.SIG_DFL, self._terminate)

    def _handle(self, number: int, usual: Any, handler: Callable[..., None]) -> None:
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(number) is usual:
            self._before[number] = usual
            signal.signal(number, handler)

    def finish(self) -> None:
        """Say that the run is over: whatever interrupts it now is told so, and waits."""
        self._finishing = True

    def give_back(self) -> None:
        """Leave the signals to whoever had them."""
        while self._before:
            number, handler = self._before.popitem()
            signal.signal(number, handler)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._finishing:
            # Whatever else writes may be in the middle of it.
            os.write(_STANDARD_ERROR, _FINISHING)
            return
        self._finishing = True
        raise KeyboardInterrupt

    def _terminate(self, _number: int, _frame: FrameType | None) -> None:
        if self._finishing:
            self.end_process()
        self._finishing = True
        raise TerminatedError

    def end_process(self) -> None:
        """End this process by the signal that told it to."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)
