"""Times as a report shows them: in UTC, and in the local time of the machine that ran."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from livemigration.evidence.model import Zone
from livemigration.results import Run

_SHOWN = "%Y-%m-%d %H:%M:%S"
# Beyond it Python has no such time zone; results.json may come from anywhere.
_MOST_MINUTES = 24 * 60 - 1


def utc(moment: datetime) -> str:
    """Return a moment in UTC. A time without a zone is UTC by the run's contract."""
    return f"{_aware(moment).strftime(_SHOWN)} UTC"


def local(moment: datetime, zone: Zone | None) -> str:
    """Return a moment in local time with its offset; why not, where there is nothing to add."""
    if zone is None or abs(zone.offset_minutes) > _MOST_MINUTES:
        return "local time not recorded"
    if not zone.offset_minutes:
        return f"local time is UTC{_named(zone)}"
    there = timezone(timedelta(minutes=zone.offset_minutes))
    shown = _aware(moment).astimezone(there).strftime(_SHOWN)
    return f"{shown} local time, {offset(zone)}{_named(zone)}"


def gathered(run: Run) -> str:
    """Return when the facts of a run were gathered, as a sentence."""
    if run.gathered is None:
        return "When these facts were gathered is not known."
    began, ended = run.gathered.began, run.gathered.ended
    here = local(began, run.zone)
    if ended is None:
        return f"Gathered from {utc(began)} on ({here}), and kept in a facts file."
    return f"Gathered between {utc(began)} and {utc(ended)} ({here})."


def offset(zone: Zone) -> str:
    """Return `UTC+01:00`."""
    sign = "-" if zone.offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(zone.offset_minutes), 60)
    return f"UTC{sign}{hours:02}:{minutes:02}"


def _named(zone: Zone) -> str:
    return f", {zone.name}" if zone.name and zone.name != "UTC" else ""


def _aware(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
