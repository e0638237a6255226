"""What a run is asked about emptying hosts: which, without which others, where to, and how long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from livemigration.base.errors import UsageError
from livemigration.inventory.change import window_of
from livemigration.inventory.policy import Policy

# The option that names the hosts which are to be emptied.
DRAIN = "--drain"
_DURATION = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,5})m(?:in)?)?")
_TIMES = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY = 24 * 60
_LONGEST = timedelta(days=31)
_FORMS = "Write 2h, 90m, 1h30m, 22:00-02:00, or start/end with the offset from UTC"


@dataclass(frozen=True)
class DrainRequest:
    """What is asked of drains, with hosts by their names in the inventory.

    `hosts` are to be emptied, each in turn, while the others take what it runs. `without` are down
    by then. `to` are the only ones that take machines; none: all that may. `window` is how long one
    drain may take, in seconds; None: that was not said.
    """

    hosts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    window: int | None = None


def is_drained(host: str, policy: Policy, request: DrainRequest | None) -> bool:
    """Whether a host is to be emptied: by an option, or by its policy."""
    asked = request is not None and host in request.hosts
    return asked or policy.drain == "every-host"


def length_of(text: str) -> timedelta:
    """Return how long a window is: a duration, two times of a day, or two times with their dates.

    Raises:
        UsageError: it is none of them; the text names --window.
    """
    if "/" in text:
        window = window_of(text)
        return _bounded(window.end - window.start, text)
    if match := _TIMES.fullmatch(text.strip()):
        first_hour, first_minute, hour, minute = map(int, match.groups())
        minutes = (hour * 60 + minute - first_hour * 60 - first_minute) % _DAY
        return _bounded(timedelta(minutes=minutes or _DAY), text)
    match = _DURATION.fullmatch(text.strip().casefold())
    if match is None or not any(match.groups()):
        raise UsageError(f"--window {text[:80]!r} is no window. {_FORMS}.")
    hours, minutes = (int(each or 0) for each in match.groups())
    return _bounded(timedelta(hours=hours, minutes=minutes), text)


def _bounded(length: timedelta, text: str) -> timedelta:
    if not timedelta() < length <= _LONGEST:
        raise UsageError(
            f"--window {text[:80]!r}: a window is longer than no time, and at most "
            f"{_LONGEST.days} days. {_FORMS}."
        )
    return length
