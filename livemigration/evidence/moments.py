"""The time zone of the machine that runs."""

from __future__ import annotations

from datetime import datetime

from livemigration.evidence.model import Zone


def zone_of(moment: datetime) -> Zone:
    """Return this machine's local time zone at a moment that names its own zone."""
    local = moment.astimezone()
    offset = local.utcoffset()
    minutes = round(offset.total_seconds() / 60) if offset is not None else 0
    return Zone(local.tzname() or "", minutes)
