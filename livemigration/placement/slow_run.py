"""A slow run of a plan, played event by event: when each transfer starts and is done at the latest.

No guarantee: a machine that writes its memory nearly as fast as the link carries it takes several
times as long, and one that writes faster is never copied while it runs.

Transfers start in the order of the plan, each as soon as both hosts allow one more. On a link that
they share, the one that started first has the right of way: it takes what one transfer can, and the
next what is left. Equal shares would let an estimate fall when a machine grows or a link gets
slower: another one ends earlier, and lets one start that all wait for. With the right of way, more
memory, a slower link or a lower limit never make a run quicker. A link that limits is as busy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from livemigration.placement.transfers import Ends, Option, Transfer

# Seconds before and after the copy, of each transfer, in which it occupies its place.
START = 8.0
# Seconds between two starts at one host: a third more than the measurements show.
BETWEEN = 1.2
# The part of its memory that a machine writes again while it is copied, in each pass.
DIRTIED = 0.3
# The part of a link's rate that arrives.
USED = 0.9
# Of the link, where SMB carries it and its share is not known: what a cluster sets by default.
SMB_SHARE = 0.25
# MB/s that one transfer by TCP/IP reaches at most: 338 million bytes, measured on 10 Gbit/s.
ONE_TRANSFER = 338e6 / 1024 / 1024


@dataclass(frozen=True)
class Passed:
    """When a transfer was under way in a run, in seconds."""

    starts: float
    ends: float
    # Which of the places of its destination it took, from 0.
    lane: int


@dataclass
class _Active:
    """A transfer that is under way."""

    number: int
    transfer: Transfer
    started: float
    lane: int
    # MB still to copy.
    left: float

    @property
    def ways(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.transfer.source, "out"), (self.transfer.destination, "in")


def capacity(ends: Ends, name: str, option: Option | None) -> float:
    """Return what a host's link carries in a slow run, in MB/s.

    Raises:
        ValueError: The link is not known; there is no slow run then.
    """
    rate, share = ends[name].rate, ends.terms.smb_share
    if rate is None:
        raise ValueError(f"the link of {name} is not known")
    of_it = (SMB_SHARE if share is None else share) if option is Option.SMB else 1.0
    return USED * of_it * rate


def cap(option: Option | None) -> float:
    """Return what one transfer reaches at most, in MB/s."""
    return inf if option is Option.SMB else ONE_TRANSFER


def copied(transfer: Transfer) -> float:
    """Return the MB that are copied in a slow run, with what is copied again."""
    return transfer.memory / (1 - DIRTIED)


def slow_run(transfers: Sequence[Transfer], ends: Ends) -> list[Passed]:
    """Return when each transfer is under way; every link has to be known and no limit 0."""
    return _Run(transfers, ends).played()


class _Run:
    def __init__(self, transfers: Sequence[Transfer], ends: Ends) -> None:
        self._waiting = list(enumerate(transfers))[::-1]
        self._ends = ends
        self._now = 0.0
        self._active: list[_Active] = []
        self._last_start: dict[str, float] = {}
        self._passed: dict[int, Passed] = {}

    def played(self) -> list[Passed]:
        while self._waiting or self._active:
            while self._waiting and self._may_start(self._waiting[-1][1]):
                self._start(*self._waiting.pop())
            self._advance()
        return [self._passed[number] for number in sorted(self._passed)]

    def _may_start(self, transfer: Transfer) -> bool:
        if any(each.transfer.stage != transfer.stage for each in self._active):
            return False
        for name in {transfer.source, transfer.destination}:
            busy = sum(
                name in (each.transfer.source, each.transfer.destination) for each in self._active
            )
            # A limit that is not known may be one.
            if busy >= (self._ends.limit(name) or 1):
                return False
        return self._next_start(transfer) <= self._now

    def _next_start(self, transfer: Transfer) -> float:
        return max(
            self._last_start.get(name, -BETWEEN) + BETWEEN
            for name in (transfer.source, transfer.destination)
        )

    def _start(self, number: int, transfer: Transfer) -> None:
        taken = {
            each.lane for each in self._active if each.transfer.destination == transfer.destination
        }
        lane = next(each for each in range(len(taken) + 1) if each not in taken)
        self._active.append(_Active(number, transfer, self._now, lane, copied(transfer)))
        for name in (transfer.source, transfer.destination):
            self._last_start[name] = self._now

    def _advance(self) -> None:
        """Go to the next moment at which anything changes."""
        rates = self._rates()
        moments = [
            each.started + START if rate is None else self._now + each.left / rate
            for each, rate in zip(self._active, rates, strict=True)
            if rate is None or rate > 0
        ]
        if self._waiting and (soon := self._next_start(self._waiting[-1][1])) > self._now:
            moments.append(soon)
        then = min(moments)
        going = []
        for each, rate in zip(self._active, rates, strict=True):
            if rate and self._now + each.left / rate <= then:
                self._passed[each.number] = Passed(each.started, then, each.lane)
                continue
            each.left -= (rate or 0.0) * (then - self._now)
            going.append(each)
        self._active, self._now = going, then

    def _rates(self) -> list[float | None]:
        """Return what each transfer copies, in MB/s; None before its copy begins."""
        taken: dict[tuple[str, str], float] = defaultdict(float)
        rates: list[float | None] = []
        for each in self._active:
            if each.started + START > self._now:
                rates.append(None)
                continue
            option = self._ends[each.transfer.source].option
            most = cap(option)
            free = min(capacity(self._ends, way[0], option) - taken[way] for way in each.ways)
            rates.append(max(0.0, min(most, free)))
            for way in each.ways:
                taken[way] += most
        return rates
