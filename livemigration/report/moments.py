"""Times as a report shows them: in UTC, and in the local time of the machine that ran."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from livemigration.run.evidence.model import Zone
from livemigration.run.run import Run

_SHOWN = "%Y-%m-%d %H:%M:%S"
_NOT_RECORDED = "local time not recorded"
_IS_UTC = "local time is UTC"
# Beyond it Python has no such time zone; results.json may come from anywhere.
_MOST_MINUTES = 24 * 60 - 1


def utc(moment: datetime) -> str:
    """Return a moment in UTC. A time without a zone is UTC by the run's contract."""
    return f"{_aware(moment).strftime(_SHOWN)} UTC"


def local(moment: datetime, zone: Zone | None) -> str:
    """Return a moment in local time with the offset of that moment; why not, where not known."""
    found = _offset_at(_aware(moment), zone) if zone is not None else None
    if zone is None or found is None or abs(found[0]) > _MOST_MINUTES:
        return _NOT_RECORDED
    minutes, name = found
    named = "" if name == "UTC" else zone.place or name
    named = f", {named}" if named else ""
    if not minutes:
        return f"{_IS_UTC}{named}"
    try:
        there = _aware(moment).astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return _NOT_RECORDED
    return f"{there.strftime(_SHOWN)} local time, {offset(minutes)}{named}"


def elsewhere(said: str) -> bool:
    """Whether what `local` said is another time than that in UTC beside it."""
    return not said.startswith((_IS_UTC, _NOT_RECORDED))


def gathered(run: Run, *, apart: bool = False) -> str:
    """Return when the facts of a run were gathered, as a sentence.

    Args:
        run: the run.
        apart: another time of the run stands beside it, and says what local time is.
    """
    if run.gathered is None:
        return "When these facts were gathered is not known."
    began, ended = run.gathered.began, run.gathered.ended
    here = local(began, run.zone)
    here = f" ({here})" if elsewhere(here) or not apart else ""
    if ended is None:
        return f"Gathered from {utc(began)} on{here}, and kept in a facts file."
    return f"Gathered between {utc(began)} and {utc(ended)}{here}."


def offset(minutes: int) -> str:
    """Return `UTC+01:00`."""
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{sign}{hours:02}:{rest:02}"


def _offset_at(moment: datetime, zone: Zone) -> tuple[int, str] | None:
    """Return the offset in minutes and what it is called; None: the run did not record it."""
    if not zone.changes:
        return zone.offset_minutes, zone.name
    before = [each for each in zone.changes if _aware(each.at) <= moment]
    if before and (zone.until is None or moment <= _aware(zone.until)):
        return before[-1].offset_minutes, before[-1].name
    if not zone.place:
        return None
    try:
        there = moment.astimezone(ZoneInfo(zone.place))
    except (ValueError, OSError, KeyError, OverflowError):
        return None
    seconds = (there.utcoffset() or timedelta()).total_seconds()
    return round(seconds / 60), there.tzname() or ""


def _aware(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
