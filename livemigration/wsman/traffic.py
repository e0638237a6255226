"""How much travels between the suite and one machine, counted by whatever client carries it."""

from __future__ import annotations

import threading
from dataclasses import dataclass


@dataclass(frozen=True)
class Counted:
    """HTTP requests, those of signing in among them, and the bytes of their bodies each way.

    Bodies as they travel: sealed, where they are. Headers and TLS are not in it. `logons` is how
    often somebody signed in, or tried to; `quickest` how many seconds the quickest reply took to
    begin once there was a connection, None: there was none.
    """

    requests: int = 0
    bytes_out: int = 0
    bytes_in: int = 0
    logons: int = 0
    quickest: float | None = None


class Traffic:
    """What all sessions to one machine have exchanged so far, or one of them; for all its threads.

    Args:
        whole: what counts it as well; None: nothing does.
    """

    def __init__(self, whole: Traffic | None = None) -> None:
        self._lock = threading.Lock()
        self._requests = self._bytes_out = self._bytes_in = self._logons = 0
        self._quickest: float | None = None
        self._whole = whole

    @property
    def counted(self) -> Counted:
        """What was counted so far."""
        with self._lock:
            return Counted(
                self._requests, self._bytes_out, self._bytes_in, self._logons, self._quickest
            )

    def sent(self, size: int) -> None:
        """Count a request with so many bytes in its body."""
        with self._lock:
            self._requests += 1
            self._bytes_out += size
        if self._whole is not None:
            self._whole.sent(size)

    def received(self, size: int) -> None:
        """Count so many bytes of a reply's body."""
        with self._lock:
            self._bytes_in += size
        if self._whole is not None:
            self._whole.received(size)

    def signs_in(self) -> None:
        """Count that somebody signs in."""
        self.more(Counted(logons=1))

    def answered(self, seconds: float) -> None:
        """Note how long a reply took to begin."""
        with self._lock:
            self._note(seconds)
        if self._whole is not None:
            self._whole.answered(seconds)

    def more(self, more: Counted) -> None:
        """Count what was exchanged with the machine, by this session or from elsewhere."""
        with self._lock:
            self._requests += more.requests
            self._bytes_out += more.bytes_out
            self._bytes_in += more.bytes_in
            self._logons += more.logons
            self._note(more.quickest)
        if self._whole is not None:
            self._whole.more(more)

    def _note(self, seconds: float | None) -> None:
        if self._quickest is None or (seconds is not None and seconds < self._quickest):
            self._quickest = seconds
