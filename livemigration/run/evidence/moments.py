"""The time zone of the machine that runs, as its own clock applies it.

What is recorded is when its offset from UTC changed and will change, around every moment that a
report shows: that is known on every system, and nobody who reads the report later needs to know the
zone, or to have the same release of its rules.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from livemigration.run.evidence.model import OffsetChange, Zone

# A run goes on for a while, its facts may be of an earlier one, and they are evidence for 30 days.
_AROUND = timedelta(days=40)
_FARTHEST = timedelta(days=3660)
# Windows knows local time between these.
_EARLIEST = datetime(1970, 2, 1, tzinfo=UTC)
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")
_ZONES = "/zoneinfo/"
# Folders of the same zones counted otherwise, and files that stand for no place.
_VARIANTS = ("posix/", "right/")
_NO_PLACES = {"localtime", "posixrules", "Factory"}


@lru_cache(maxsize=4)
def zone_of(moment: datetime, *others: datetime) -> Zone:
    """Return this machine's local time around moments that name their own zone.

    Args:
        moment: when the run began; what is more than ten years away from it is not recorded.
        others: what else will be shown in local time.
    """
    began = moment.astimezone(UTC)
    known = [began, *(each.astimezone(UTC) for each in others)]
    start = _moved(max(min(known), _moved(began, -_FARTHEST)), -_AROUND)
    until = _moved(min(max(known), _moved(began, _FARTHEST)), _AROUND)
    minutes, name = _local(_moved(began, timedelta()))
    changes = tuple(_changes(start, until))
    return Zone(name, minutes, changes, until, _place(changes))


def _changes(start: datetime, until: datetime) -> Iterator[OffsetChange]:
    """Yield the offset at the start, and each that follows it, to the second."""
    known = _local(start)
    yield OffsetChange(start, *known)
    before = start
    while before < until:
        after = min(until, before + _STEP)
        found = _local(after)
        if found != known:
            known = found
            yield OffsetChange(_first(before, after), *found)
        before = after


def _first(before: datetime, after: datetime) -> datetime:
    """Return the first second at which local time is what it is after a change."""
    wanted = _local(after)
    seconds = range((after - before) // _SECOND)
    first = bisect_left(seconds, True, key=lambda each: _local(before + each * _SECOND) == wanted)
    return before + first * _SECOND


def _local(moment: datetime) -> tuple[int, str]:
    """Return the offset of local time from UTC in minutes, and what the system calls it."""
    local = moment.astimezone()
    offset = local.utcoffset() or timedelta()
    return round(offset.total_seconds() / 60), local.tzname() or ""


def _moved(moment: datetime, by: timedelta) -> datetime:
    try:
        moved = (moment + by).replace(microsecond=0)
    except OverflowError:
        moved = moment
    return min(max(moved, _EARLIEST), _LATEST)


def _place(changes: tuple[OffsetChange, ...]) -> str:
    """Return the name of the local zone in the IANA database, where it is known to be the one."""
    for name in _named():
        if name in _NO_PLACES:
            continue
        with suppress(ValueError, OSError, KeyError):
            zone = ZoneInfo(name)
            if all(_offset(each.at, zone) == each.offset_minutes for each in changes):
                return name
    return ""


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    return round((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60)


def _named() -> Iterator[str]:
    """Yield what may name the local zone: TZ alone where it is set."""
    given = os.environ.get("TZ")
    if given is not None:
        yield _after_zones(given.removeprefix(":"))
        return
    yield _after_zones(os.path.realpath(_LOCALTIME))
    with suppress(OSError, ValueError):
        yield _TIMEZONE.read_text(encoding="ascii").strip()


def _after_zones(path: str) -> str:
    """Return what follows the folder of the zones; a text that names no such folder, whole."""
    name = path.rpartition(_ZONES)[2]
    for variant in _VARIANTS:
        name = name.removeprefix(variant)
    return name
