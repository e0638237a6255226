"""How many machines are asked side by side: fewer while they refuse, or sign-ins take longer.

Every host that is asked signs somebody in at a domain controller, and what stands before several
hosts, or the controller itself, says only by refusing, or by being late, that this is too much. So
the number is halved then, and grows again by little: additive increase, multiplicative decrease, as
TCP has it. One host that refuses is its own matter, and says nothing of the others.
"""

from __future__ import annotations

import statistics
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from livemigration.facts.host import HOST_ACCESS, Slowed
from livemigration.facts.model import FactSheet, Gathered
from livemigration.gather.asking import Outcomes
from livemigration.wsman.manners import Manners

# So many machines of one round refuse, and what they have in common may be what is asked of them.
_REFUSALS = 2
# The times of so many machines are held against those of the quickest as many before.
_WINDOW = 16
# So many times as long, and so many seconds longer, is late: providers that start differ by less.
_TIMES, _SECONDS = 3.0, 1.0
# A sign-in takes so many replies at most, a connection among them.
_REPLIES = 5
# By this part of what is configured the number grows in each round.
_STEP = 16
# And to this part of it the number falls at the most: hosts that refuse everybody, whoever asks how
# many, do not keep a run from its other hosts.
_LEAST = 16


class AtOnce:
    """The number for one gathering, for all its threads.

    A round are as many machines as are asked at once. In each, the number is lowered once at most.

    Args:
        most: how many may be asked at once.
        refusals: how many refusals in a round lower it.
    """

    def __init__(self, most: int, refusals: int = _REFUSALS) -> None:
        self._most = most
        self._limit = float(most)
        self._least = max(1.0, most // _LEAST)
        self._enough = refusals
        self._lock = threading.Lock()
        self._times: deque[float] = deque(maxlen=_WINDOW)
        self._quickest: float | None = None
        self._ended = self._refused = 0
        self._begun_before = 0
        self._fewest = most
        self._by_refusals = self._by_lateness = False

    @property
    def limit(self) -> int:
        """How many machines may be asked now."""
        with self._lock:
            return max(1, int(self._limit))

    @property
    def slowed(self) -> Slowed | None:
        """How few it were at the least, and why; None: never fewer than may be."""
        with self._lock:
            if self._fewest >= self._most:
                return None
            return Slowed(self._fewest, self._by_refusals, self._by_lateness)

    def host_ended(self, name: str, outcomes: Outcomes, manners: Manners) -> None:
        """Note that a host was asked, and what became of it."""
        access = outcomes.get(HOST_ACCESS.name)
        quickest = manners.traffic(name).counted.quickest
        seconds = None
        if isinstance(access, Gathered) and quickest is not None:
            seconds = max(0.0, access.seconds - _REPLIES * quickest)
        self.ended(refused=manners.refusals(name) > 0, seconds=seconds)

    def ended(self, *, refused: bool, seconds: float | None = None) -> None:
        """Note that a machine was asked.

        Args:
            refused: whether it refused for now, at least once.
            seconds: how long its sign-in took, without what the way to it explains; None: nobody
                knows.
        """
        with self._lock:
            if self._begun_before:
                self._begun_before -= 1
                return
            self._ended += 1
            self._refused += refused
            late = seconds is not None and self._is_late(seconds)
            if self._refused >= self._enough or late:
                self._lower(late=late)
                return
            if not refused and not late:
                step = max(1.0, self._most / _STEP)
                self._limit = min(float(self._most), self._limit + step / self._limit)
            if self._ended >= self._limit:
                self._ended = self._refused = 0

    def _is_late(self, seconds: float) -> bool:
        self._times.append(seconds)
        if len(self._times) < _WINDOW:
            return False
        now = statistics.median(self._times)
        if self._quickest is None or now < self._quickest:
            self._quickest = now
        return now >= self._quickest * _TIMES and now >= self._quickest + _SECONDS

    def _lower(self, *, late: bool) -> None:
        self._by_refusals = self._by_refusals or self._refused >= self._enough
        self._by_lateness = self._by_lateness or late
        # Those that are being asked meanwhile say nothing of the number that comes.
        self._begun_before = int(self._limit) - 1
        self._limit = max(self._least, self._limit / 2)
        self._fewest = min(self._fewest, int(self._limit))
        self._times.clear()
        self._ended = self._refused = 0


def with_slowed(hosts: Mapping[str, FactSheet], slowed: Slowed | None) -> Mapping[str, FactSheet]:
    """Return the sheets of all hosts; the first one that answered says whether fewer were asked."""
    for name, sheet in hosts.items() if slowed is not None else ():
        access = sheet.outcomes.get(HOST_ACCESS.name)
        if isinstance(access, Gathered):
            told = replace(access, value=replace(access.value, slowed=slowed))
            outcomes = {**sheet.outcomes, HOST_ACCESS.name: told}
            return {**hosts, name: replace(sheet, outcomes=outcomes)}
    return hosts
