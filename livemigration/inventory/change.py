"""The change that a run is evidence for: its number, who ran it, and its maintenance window."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from livemigration.base.errors import UsageError

_IDENTIFIER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}[A-Za-z0-9])?")
_OPERATOR = re.compile(r"(?=.*\S).{1,100}")
_EXAMPLE = "2026-11-24T22:00+01:00/2026-11-25T02:00+01:00"


@dataclass(frozen=True)
class Window:
    """A maintenance window, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Change:
    """A change record: its identifier, such as CHG0012345, and who ran the suite for it."""

    identifier: str
    operator: str
    window: Window | None = None

    @property
    def window_text(self) -> str:
        """The window as ISO 8601 has it, in UTC; empty where there is none."""
        if self.window is None:
            return ""
        return "/".join(
            f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (self.window.start, self.window.end)
        )


def change_of(identifier: str, operator: str, window: str | None) -> Change:
    """Return the change that options name.

    Raises:
        UsageError: one of them is not what it must be; the text names the option.
    """
    if not _IDENTIFIER.fullmatch(identifier):
        raise UsageError(
            f"--change {identifier[:60]!r} is no change's number. Write letters, digits and "
            "hyphens, at most 40, such as CHG0012345."
        )
    if not _OPERATOR.fullmatch(operator) or not operator.isprintable():
        raise UsageError(
            "--operator is no name. Write who runs this, at most 100 characters on one line."
        )
    return Change(identifier, operator.strip(), window_of(window) if window is not None else None)


def window_of(text: str) -> Window:
    """Return the maintenance window that a text is: two times, with a slash between.

    Raises:
        UsageError: it is none; the text names --window.
    """
    parts = text.split("/")
    try:
        start, end = (datetime.fromisoformat(part.strip()) for part in parts)
    except ValueError:
        raise _no_window(text, "it is not two times") from None
    if start.tzinfo is None or end.tzinfo is None:
        raise _no_window(text, "a time has no offset from UTC")
    try:
        window = Window(start.astimezone(UTC), end.astimezone(UTC))
    except OverflowError:
        raise _no_window(text, "it is out of range") from None
    if window.end <= window.start:
        raise _no_window(text, "it ends before it starts")
    return window


def _no_window(text: str, why: str) -> UsageError:
    return UsageError(
        f"--window {text[:80]!r}: {why}. Write start/end with the offset from UTC, such as "
        f"{_EXAMPLE}."
    )
