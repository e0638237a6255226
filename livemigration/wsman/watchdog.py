"""One thread per process that does things at their time: it cuts connections that overstay."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

# So few are never looked through.
_FEW = 64


class Alarm:
    """Something to be done at a time, unless it is cancelled before."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Do nothing when the time comes. A call that has begun is not stopped."""
        self.action = None


class Watchdog:
    """Runs short actions, which must not raise or block, on a daemon thread of its own."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._most = _FEW
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    def at(self, when: float, action: Callable[[], None]) -> Alarm:
        """Have an action run at a moment of the monotonic clock, in seconds."""
        alarm = Alarm(action)
        with self._wake:
            if len(self._alarms) >= self._most:
                self._forget_cancelled()
            heapq.heappush(self._alarms, (when, next(self._numbers), alarm))
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="wsman time", daemon=True)
                # Without a thread the bound would be void, so this raises, and the next call tries
                # again.
                thread.start()
                self._thread = thread
            elif self._alarms[0][2] is alarm:
                self._wake.notify()
        return alarm

    def _forget_cancelled(self) -> None:
        """Forget what will do nothing: a message ends long before its time, and there are many."""
        self._alarms = [each for each in self._alarms if each[2].action is not None]
        heapq.heapify(self._alarms)
        self._most = max(_FEW, 2 * len(self._alarms))

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._alarms:
                    self._wake.wait()
                left = self._alarms[0][0] - time.monotonic()
                if left > 0:
                    self._wake.wait(left)
                    continue
                action = heapq.heappop(self._alarms)[2].action
            if action is not None:
                action()


WATCHDOG = Watchdog()
