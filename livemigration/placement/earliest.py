"""The earliest that the transfers of a plan can be done: no run on these links is expected faster.

T = t0 + max(s x machines, f x memory / link), for whichever host and direction takes longest. With
six published measurements t0 = 3.5 s, s = 0.9 s and f = 0.84 fit best (idle machines do not send
all of their memory). Here each is taken lower, the link at its full rate, and compressed memory as
a quarter of it.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from livemigration.placement.transfers import Ends, Option, Transfer

# Seconds before and after the copy, once.
START = 3.0
# Seconds that each machine takes at a host, however small it is.
EACH = 0.6
# The part of a machine's memory that is sent at least.
SENT = 0.8
# What is left of memory that is compressed, at best.
COMPRESSED = 0.25


@dataclass(frozen=True)
class Floor:
    """The seconds that a plan takes at least, and the host on which that is so."""

    seconds: float
    host: str = ""
    # Whether for what its link carries, or for how many machines there are.
    by_link: bool = False


@dataclass
class _Way:
    """What went one way through a host before: how many transfers, and their seconds of link."""

    limit: int | None
    seconds: list[float] = field(default_factory=list)
    total: float = 0.0

    def before(self, seconds: float) -> tuple[int, float]:
        """Return how many are done when one more starts, and their seconds at least."""
        done = 0 if self.limit is None else max(0, len(self.seconds) - max(1, self.limit) + 1)
        passed = sum(islice(self.seconds, done))
        insort(self.seconds, seconds)
        self.total += seconds
        return done, passed


def earliest(transfers: Sequence[Transfer], ends: Ends) -> list[tuple[float, float]]:
    """Return for each transfer before when it neither starts nor is done, in seconds."""
    ways: dict[tuple[str, str], _Way] = {}
    found = []
    for each in transfers:
        started, done = 0.0, START
        for way, limit, seconds in _ways(each, ends):
            seen = ways.setdefault(way, _Way(limit))
            before, passed = seen.before(seconds)
            started = max(started, EACH * before, passed)
            done = max(done, START + max(EACH * (before + 1), passed + seconds))
        found.append((started, done))
    return found


def floor(transfers: Iterable[Transfer], ends: Ends) -> Floor:
    """Return before when all of them are not done, and which host says so."""
    machines: dict[tuple[str, str], int] = defaultdict(int)
    busy: dict[tuple[str, str], float] = defaultdict(float)
    for each in transfers:
        for way, _limit, seconds in _ways(each, ends):
            machines[way] += 1
            busy[way] += seconds
    if not busy:
        return Floor(0.0)
    slowest = max(sorted(busy), key=lambda way: max(EACH * machines[way], busy[way]))
    count, link = EACH * machines[slowest], busy[slowest]
    return Floor(START + max(count, link), slowest[0], by_link=link > count)


def _ways(transfer: Transfer, ends: Ends) -> list[tuple[tuple[str, str], int | None, float]]:
    """Return each way that a transfer takes: what it shares, its limit, and seconds of link."""
    found = []
    for name, way in ((transfer.source, "out"), (transfer.destination, "in")):
        seconds = _seconds(transfer, ends, name)
        found.append(((name, way), ends.limit(name), seconds))
        if transfer.disk:
            found.append(((name, f"storage {way}"), ends[name].storage, seconds))
    return found


def _seconds(transfer: Transfer, ends: Ends, name: str) -> float:
    """Return how long a transfer keeps a host's link busy at least; 0 where its rate is unknown."""
    rate = ends[name].rate
    if rate is None:
        return 0.0
    option = ends[transfer.source].option
    # Of a host whose option is not known, the quickest is assumed.
    squeezed = COMPRESSED if option in {None, Option.COMPRESSION} else 1.0
    share = ends.terms.smb_share if option is Option.SMB else None
    return (SENT * transfer.memory + transfer.disk) * squeezed / (rate * (share or 1.0))
