"""An estimate in words: its range, what it depends on, and the rows of its inputs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from math import ceil, floor

from livemigration.base.text import counted, some
from livemigration.placement import earliest, slow_run
from livemigration.placement.estimate import Bottleneck, Dominant, Estimate
from livemigration.placement.transfers import End, Option

_GIGABIT = 1_000_000_000

MEASURED = (
    "Six published measurements of idle 512 MB machines on 1 and 10 Gb/s, Windows Server 2012; "
    "none of a release after 2012 R2 was available."
)


def lasting(seconds: float, *, up: bool = True) -> str:
    """Return `40 s`, `84 min` or `2 h 47 min`, rounded up, or down for a lower bound."""
    rounded = ceil if up else floor
    if seconds < 100:
        return f"{rounded(seconds)} s"
    minutes = rounded(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def range_of(estimate: Estimate) -> str:
    """Return `84 min to 2 h 47 min`, or `at least 84 min`."""
    return between_times(estimate.low, estimate.high)


def between_times(low: float, high: float | None) -> str:
    """Return a range of seconds in words; `high` is None where no upper bound is known."""
    least = lasting(low, up=False)
    return f"at least {least}" if high is None else f"{least} to {lasting(high)}"


def told(estimate: Estimate) -> str:
    """Return the range as a sentence, with why it has no upper end where it has none."""
    if estimate.high is None:
        return f"By an estimate it takes {range_of(estimate)}. {' '.join(estimate.no_upper)}"
    return f"By an estimate it takes {range_of(estimate)}."


def depends(estimate: Estimate) -> str:
    """Return what the time depends on most, as a sentence; empty where nothing moves."""
    found = estimate.dominates
    return "" if found is None else _DEPENDS[found.by](found, estimate)


def one_more(estimate: Estimate) -> str:
    """Return what one more migration at a time would give, as a sentence; empty if not known."""
    high, more = estimate.high, estimate.one_more
    if high is None or more is None:
        return ""
    now, then = lasting(high), lasting(more)
    if now == then:
        return "One more migration at a time gains nothing."
    return f"With one more migration at a time on every host, at most {then} instead of {now}."


def rows(estimate: Estimate) -> list[tuple[str, str]]:
    """Return what an estimate is made of, as rows of a label and a text."""
    moved = [each.transfer for each in estimate.slots]
    found = [
        ("Takes", told(estimate)),
        ("Machines", f"{len(moved)}, {size(sum(each.memory for each in moved))} of memory"),
    ]
    if disk := sum(each.disk for each in moved):
        found.append(("Disks", f"{size(disk)} move with them"))
    found += [
        ("Links", _by_value(estimate.ends, _link)),
        ("At a time", "; ".join(_limits(estimate))),
        ("Sent by", _by_value(_sources(estimate), _option)),
        ("Depends on", depends(estimate)),
        ("One more", one_more(estimate)),
        ("At best", _at_best()),
        ("At worst", _at_worst(estimate)),
        ("Held against", MEASURED),
    ]
    if estimate.saved:
        memory = size(sum(each.memory for each in estimate.saved))
        names = some(each.name for each in estimate.saved)
        outage = "are written to storage and read back, an outage of unknown length"
        found.append(("Saved", f"{names}: {memory} {outage}. Not in the estimate."))
    return [(label, text) for label, text in found if text]


def size(megabytes: int) -> str:
    """Return `512 MB`, `12 GB` or `1.5 GB`."""
    if megabytes < 1024:
        return f"{megabytes} MB"
    return f"{megabytes / 1024:.1f}".removesuffix(".0") + " GB"


def exact(megabytes: int) -> str:
    """Return `12 GB` where it is just that, else `12,287 MB`."""
    whole = megabytes >= 1024 and megabytes % 1024 == 0
    return f"{megabytes // 1024} GB" if whole else f"{megabytes:,} MB"


def speed(bits: int) -> str:
    """Return `10 Gb/s` or `100 Mb/s`."""
    if bits < _GIGABIT:
        return f"{bits / 1_000_000:g} Mb/s"
    return f"{bits / _GIGABIT:g} Gb/s"


def _link(end: End) -> str:
    return speed(end.link) if end.link else "not known"


def _limit(end: End) -> str:
    return f"{end.live} live" if end.live is not None else "not known, at worst 1"


def _option(end: End) -> str:
    return "not known" if end.option is None else end.option.value


def _sources(estimate: Estimate) -> Iterator[End]:
    sending = {each.transfer.source for each in estimate.slots}
    return (each for each in estimate.ends if each.name in sending)


def _limits(estimate: Estimate) -> Iterator[str]:
    if estimate.ends:
        yield _by_value(estimate.ends, _limit)
    if any(each.transfer.disk for each in estimate.slots):
        yield _by_value(estimate.ends, _storage_limit)
    if estimate.terms.parallel is not None:
        yield f"{estimate.terms.parallel} at each node, by the cluster"


def _storage_limit(end: End) -> str:
    known = "not known" if end.storage is None else str(end.storage)
    return f"{known} with disks"


def _by_value(ends: Iterable[End], value: Callable[[End], str]) -> str:
    """Return each value with the hosts that have it; one that all have without them."""
    names = defaultdict(list)
    for each in ends:
        names[value(each)].append(each.name)
    if len(names) == 1:
        return next(iter(names))
    return "; ".join(f"{told} ({some(hosts)})" for told, hosts in names.items())


def _at_best() -> str:
    return (
        f"{earliest.START:g} s, and {earliest.EACH:g} s for each machine or "
        f"{earliest.SENT:.0%} of its memory at the full rate of the link; where memory is "
        f"compressed, {earliest.COMPRESSED:.0%} of that"
    )


def _at_worst(estimate: Estimate) -> str:
    text = (
        f"{slow_run.START:g} s for each machine, a start every {slow_run.BETWEEN:g} s, memory sent "
        f"{1 / (1 - slow_run.DIRTIED):.2f} times, {slow_run.USED:.0%} of the link"
    )
    if any(each.option is not Option.SMB for each in _sources(estimate)):
        text += ", 338 MB/s for one machine, nothing gained by compression"
    if any(each.option is Option.SMB for each in _sources(estimate)):
        share = estimate.terms.smb_share
        text += f", {slow_run.SMB_SHARE if share is None else share:.0%} of it for SMB"
    return f"{text}. No guarantee: machines that write their memory fast take longer"


def _link_dominates(found: Dominant, estimate: Estimate) -> str:
    end = next(each for each in estimate.ends if each.name == found.name)
    return f"Most depends on the link of {found.name}, {_link(end)}."


def _parallel_dominates(found: Dominant, estimate: Estimate) -> str:
    end = next(each for each in estimate.ends if each.name == found.name)
    limits = [each for each in (end.live, estimate.terms.parallel) if each is not None]
    at_a_time = min(limits) if end.live is not None and limits else 1
    return (
        f"Most depends on how many move at a time: {at_a_time} at {found.name}. "
        "A faster link alone gains little."
    )


def _machines_dominate(found: Dominant, estimate: Estimate) -> str:
    moved = sum(
        found.name in (each.transfer.source, each.transfer.destination) for each in estimate.slots
    )
    return (
        f"Most depends on how many machines there are: {counted(moved, 'machine')} at {found.name}."
    )


def _largest_dominates(found: Dominant, estimate: Estimate) -> str:
    largest = max(
        each.transfer.memory for each in estimate.slots if each.transfer.name == found.name
    )
    return f"Most depends on one machine, {found.name} with {size(largest)}."


_DEPENDS: dict[Bottleneck, Callable[[Dominant, Estimate], str]] = {
    Bottleneck.LINK: _link_dominates,
    Bottleneck.PARALLEL: _parallel_dominates,
    Bottleneck.MACHINES: _machines_dominate,
    Bottleneck.LARGEST: _largest_dominates,
}
