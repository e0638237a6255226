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
        self._counted = Counted()
        self._whole = whole

    @property
    def counted(self) -> Counted:
        """What was counted so far."""
        with self._lock:
            return self._counted

    def sent(self, size: int) -> None:
        """Count a request with so many bytes in its body."""
        self.more(Counted(1, size))

    def received(self, size: int) -> None:
        """Count so many bytes of a reply's body."""
        self.more(Counted(bytes_in=size))

    def signs_in(self) -> None:
        """Count that somebody signs in."""
        self.more(Counted(logons=1))

    def answered(self, seconds: float) -> None:
        """Note how long a reply took to begin."""
        self.more(Counted(quickest=seconds))

    def more(self, more: Counted) -> None:
        """Count what was exchanged with the machine, by this session or from elsewhere."""
        with self._lock:
            was = self._counted
            quickest = was.quickest
            if more.quickest is not None and (quickest is None or more.quickest < quickest):
                quickest = more.quickest
            self._counted = Counted(
                was.requests + more.requests,
                was.bytes_out + more.bytes_out,
                was.bytes_in + more.bytes_in,
                was.logons + more.logons,
                quickest,
            )
        if self._whole is not None:
            self._whole.more(more)
