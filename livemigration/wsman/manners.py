"""What all sessions of one run share: how patient they are with a machine, and when they give up.

A machine that refuses for now is asked again, later each time, as long as its patience lasts: a
budget of seconds for each machine and not for each session or message, so that one that refuses for
good costs it once. What was not in vain costs nothing.
"""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.together import Together
from livemigration.wsman.traffic import Traffic

# After so long a machine ends by itself what a session left open on it.
IDLE_MINUTES = 3

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 8.0
# Of what is left of a deadline, a pause may take no more: something must be left to ask in.
_MOST_OF_WHAT_IS_LEFT = 0.5

Wait = Callable[[float], bool]


def _spread() -> float:
    """Return by what to stretch a pause, so that hosts refused together do not return together."""
    return random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it


@dataclass(frozen=True)
class Pace:
    """How pauses are made.

    Args:
        wait: waits so many seconds; true: the run was given up meanwhile. None: as the run does.
        spread: what each pause is multiplied by.
    """

    wait: Wait | None = None
    spread: Callable[[], float] = _spread


class Patience:
    """How much longer one machine is waited for; for all its threads.

    `retries` is how many requests were made again, and `refusals` how often the machine took one
    not at all, for now.
    """

    def __init__(self, wait: Wait, spread: Callable[[], float]) -> None:
        self._wait = wait
        self._spread = spread
        self._lock = threading.Lock()
        self._waited = 0.0
        self.retries = 0
        self.refusals = 0

    def pause(self, attempt: int, asked: float | None, most: float, deadline: Deadline) -> float:
        """Wait before a request is made again; return for how long, 0: it is not to be made.

        Args:
            attempt: how often it was made, from 1.
            asked: the seconds that the machine asked for; None: it named none.
            most: the seconds that may be spent in vain on waiting for this machine.
            deadline: when everything must be done.

        Raises:
            WsmanError: the run was given up.
        """
        seconds = min(_FIRST_PAUSE * 2.0 ** min(attempt - 1, 10), _LONGEST_PAUSE) * self._spread()
        with self._lock:
            left = min(most - self._waited, deadline.remaining * _MOST_OF_WHAT_IS_LEFT)
            if asked is not None:
                # Whoever asks for an hour is asked once more, when patience ends.
                seconds = min(max(asked, seconds), left)
            if left <= 0 or seconds > left:
                return 0.0
            self._waited += seconds
            self.retries += 1
        if self._wait(seconds):
            raise given_up()
        return seconds

    def was_refused(self) -> None:
        """Note that the machine took a request not at all."""
        with self._lock:
            self.refusals += 1

    def was_worth(self, seconds: float) -> None:
        """Take back so many seconds: after them the machine answered."""
        with self._lock:
            self._waited -= seconds


class Opened:
    """Something that a session holds open on a machine, from before it asks for it.

    `release` gives it back over a connection of its own, within so many seconds, and says whether
    the machine did; None: it is not known yet what to give back.
    """

    def __init__(self, machine: str) -> None:
        self.machine = machine
        self.release: Callable[[float], bool] | None = None
        self.gone = threading.Event()


class Manners:
    """What all sessions of one run share.

    `together` is whether machines take their first message along with the sign-in.
    """

    def __init__(self, pace: Pace = Pace()) -> None:
        self.together = Together()
        self._given_up = threading.Event()
        self._pace = pace
        self._lock = threading.Lock()
        self._patience: dict[str, Patience] = {}
        self._open: set[Opened] = set()
        self._traffic: dict[str, Traffic] = {}

    def patience(self, machine: str) -> Patience:
        """Return what is shared by the sessions to a machine."""
        wait = self._pace.wait or self._given_up.wait
        with self._lock:
            if machine not in self._patience:
                self._patience[machine] = Patience(wait, self._pace.spread)
            return self._patience[machine]

    def traffic(self, machine: str) -> Traffic:
        """Return what counts what travels to and from a machine."""
        with self._lock:
            return self._traffic.setdefault(machine, Traffic())

    def retries(self, machine: str) -> int:
        """Return how many requests to a machine were made again."""
        with self._lock:
            found = self._patience.get(machine)
        return found.retries if found is not None else 0

    def refusals(self, machine: str) -> int:
        """Return how often a machine took a request not at all, for now."""
        with self._lock:
            found = self._patience.get(machine)
        return found.refusals if found is not None else 0

    @contextlib.contextmanager
    def opening(self, machine: str) -> Iterator[Opened]:
        """Yield what stands for something that is held open on a machine meanwhile."""
        opened = Opened(machine)
        with self._lock:
            self._open.add(opened)
        try:
            yield opened
        finally:
            opened.gone.set()
            with self._lock:
                self._open.discard(opened)

    def give_up(self, seconds: float = 0.0) -> list[str]:
        """End every pause at once, and give back what is open; nothing more is asked.

        Returns: the machines on which something stays open after so many seconds.
        """
        self._given_up.set()
        with self._lock:
            waiting = list(self._open)
        until = Deadline.after(seconds)
        for each in waiting:
            threading.Thread(
                target=_give_back, args=(each, until), name=f"end {each.machine}", daemon=True
            ).start()
        left = [each.machine for each in waiting if not each.gone.wait(until.remaining)]
        return sorted(set(left))

    def check(self) -> None:
        """Raise WsmanError where the run was given up."""
        if self._given_up.is_set():
            raise given_up()


def _give_back(opened: Opened, until: Deadline) -> None:
    if opened.release is not None and opened.release(until.remaining):
        opened.gone.set()


def given_up() -> WsmanError:
    """Return the error of what was not asked because the run was given up."""
    return WsmanError(FailureKind.NOT_GATHERED, "the run was given up")
