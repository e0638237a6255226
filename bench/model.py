"""What a fleet takes, from what one of its hosts does."""

from __future__ import annotations

from dataclasses import dataclass

from figures import Figures
from goals import BEHIND, LARGE, MANY, OURS


@dataclass(frozen=True)
class Model:
    """What of a run goes on beside other hosts, and what does not.

    Args:
        trips: round trips to a host one after another, the one that connects among them.
        asking: the client's processor seconds for a host.
        judging: those of judging and reporting a host.
        start: those of every run.
    """

    trips: float
    asking: float
    judging: float
    start: float

    def gathering(self, hosts: int, latency: float, at_once: int) -> float:
        """Return the seconds until all hosts have been asked."""
        # The last ones, and fewer than may be, wait as long as one.
        turns = max(1.0, hosts / at_once)
        return turns * self.trips * latency + hosts * self.asking

    def whole(self, hosts: int, latency: float, at_once: int) -> float:
        """Return the seconds of a whole run."""
        return self.start + self.gathering(hosts, latency, at_once) + hosts * self.judging


def model_of(figures: Figures) -> Model:
    """Return the model that figures give."""
    behind = figures.row(BEHIND, "streams, 64 at once", MANY)
    large = figures.row("replay", OURS, LARGE)
    judging = large.median("processor ms a host but for the start") / 1e3
    return Model(
        trips=behind.median("longest chain") + 1,
        asking=behind.median("processor ms a host") / 1e3,
        judging=judging,
        start=large.median("processor s") - LARGE * judging,
    )
