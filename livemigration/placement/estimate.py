"""How long a plan takes, as a range with what it is made of; never one number.

Held against six measurements that were published of Windows Server 2012 before its release: 1, 10
and 20 idle machines of 512 MB, 20 at a time, on 1 and on 10 Gbit/s (aidanfinn.com, post 12228). All
of them lie inside the range. No measurement of a release after 2012 R2 was available, nor one with
its sizes of busy or large machines, of SMB or of compression: for those the range is a model, and
so is its upper end everywhere (`slow_run.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from livemigration.base.text import counted, some
from livemigration.placement.earliest import Floor, earliest, floor
from livemigration.placement.slow_run import BETWEEN, START, Passed, cap, capacity, copied, slow_run
from livemigration.placement.transfers import NO_TERMS, End, Ends, Terms, Transfer


class Bottleneck(Enum):
    """What a plan's time depends on most."""

    LINK = "link"
    # How many may be under way at a time, times what one of them reaches.
    PARALLEL = "parallel"
    # What each machine takes, however small it is.
    MACHINES = "machines"
    # The machine that takes longest, alone.
    LARGEST = "largest"


@dataclass(frozen=True)
class Dominant:
    """What a plan's time depends on most, and where: a host's name, or a machine's of LARGEST."""

    by: Bottleneck
    name: str


@dataclass(frozen=True)
class Slot:
    """When one transfer is under way, in seconds from the beginning of the plan."""

    transfer: Transfer
    # Before these it neither starts nor is done.
    start_low: float
    end_low: float
    # In the slow run; None where no upper bound is known.
    start_high: float | None
    end_high: float | None
    # Which place at its destination it takes, from 0; no two overlap there.
    lane: int


@dataclass(frozen=True)
class Estimate:
    """How long a plan takes, in seconds, with what that is made of."""

    low: float
    # None: no upper bound is known, for the reasons in `no_upper`.
    high: float | None
    no_upper: tuple[str, ...]
    # Of the upper bound where one is known, else of the lower; None where nothing moves.
    dominates: Dominant | None
    # The upper bound with one more live migration at a time, allowed by every limit.
    one_more: float | None
    slots: tuple[Slot, ...]
    # What it was made of: each host of the plan, what holds for all, and what is not in it.
    ends: tuple[End, ...]
    terms: Terms
    # Machines that are saved and read back instead: an outage each, of which no time is known.
    saved: tuple[Transfer, ...] = ()


def estimate(
    transfers: Sequence[Transfer],
    ends: Iterable[End],
    terms: Terms = NO_TERMS,
    saved: Iterable[Transfer] = (),
) -> Estimate:
    """Return how long transfers take, started in their order.

    Args:
        transfers: in the order of the plan.
        ends: what is known of the hosts; of one that is missing, nothing is.
        terms: what holds for all of them.
        saved: machines that a cluster's own drain saves instead, such as those of low priority.
    """
    known = Ends(ends, terms)
    lowest = floor(transfers, known)
    no_upper = tuple(_unknown(transfers, known))
    early = earliest(transfers, known)
    late = None if no_upper else slow_run(transfers, known)
    return Estimate(
        low=lowest.seconds,
        high=None if late is None else _whole(late),
        no_upper=no_upper,
        dominates=_of_lowest(lowest) if late is None else _dominant(transfers, known),
        one_more=None if late is None else _whole(slow_run(transfers, known.with_one_more())),
        slots=tuple(_slots(transfers, early, late)),
        ends=known.of(transfers),
        terms=terms,
        saved=tuple(saved),
    )


def _whole(passed: Iterable[Passed]) -> float:
    return max((each.ends for each in passed), default=0.0)


def _unknown(transfers: Sequence[Transfer], ends: Ends) -> Iterator[str]:
    """Yield why no upper bound is known, a sentence each."""
    concerned = ends.of(transfers)
    if links := [each.name for each in concerned if each.rate is None]:
        yield f"The link for migrations is not known of {some(links)}."
    if shut := [each.name for each in concerned if ends.limit(each.name) == 0]:
        yield f"Not one live migration at a time is allowed by {some(shut)}."
    if stores := sum(bool(each.disk) for each in transfers):
        yield (
            f"How fast disks are read and written is not known; those of "
            f"{counted(stores, 'machine')} move as well."
        )


def _slots(
    transfers: Sequence[Transfer],
    early: Sequence[tuple[float, float]],
    late: Sequence[Passed] | None,
) -> Iterator[Slot]:
    lanes: dict[str, int] = defaultdict(int)
    for number, (each, (start, end)) in enumerate(zip(transfers, early, strict=True)):
        if late is None:
            yield Slot(each, start, end, None, None, lanes[each.destination])
            lanes[each.destination] += 1
        else:
            passed = late[number]
            yield Slot(each, start, end, passed.starts, passed.ends, passed.lane)


def _of_lowest(lowest: Floor) -> Dominant | None:
    if not lowest.host:
        return None
    return Dominant(Bottleneck.LINK if lowest.by_link else Bottleneck.MACHINES, lowest.host)


def _dominant(transfers: Sequence[Transfer], ends: Ends) -> Dominant | None:
    """Return what takes longest by itself, were nothing else in the way of a slow run."""
    if not transfers:
        return None
    found: dict[Dominant, float] = defaultdict(float)
    ways: dict[tuple[str, str], float] = defaultdict(float)
    for each in transfers:
        option = ends[each.source].option
        rates = {name: capacity(ends, name, option) for name in (each.source, each.destination)}
        alone = START + copied(each) / min(cap(option), *rates.values())
        largest = Dominant(Bottleneck.LARGEST, each.name)
        found[largest] = max(found[largest], alone)
        for way, name in (("out", each.source), ("in", each.destination)):
            ways[name, way] += copied(each) / rates[name]
            found[Dominant(Bottleneck.PARALLEL, name)] += alone / (ends.limit(name) or 1)
            found[Dominant(Bottleneck.MACHINES, name)] += BETWEEN
    for (name, _way), seconds in ways.items():
        link = Dominant(Bottleneck.LINK, name)
        found[link] = max(found[link], seconds)
    # Of equal ones the one that an administrator can change with least.
    order = list(Bottleneck)
    return max(found, key=lambda each: (found[each], -order.index(each.by)))
