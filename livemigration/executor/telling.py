"""What a connection to a cluster tells: apart from it, so that nothing of Dask is loaded for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """That a task came to its end: its reply's text, or None with the reason why there is none."""

    number: int
    text: object
    reason: str = ""


class LinkLostError(Exception):
    """The scheduler does not answer any more; the text is the reason."""
