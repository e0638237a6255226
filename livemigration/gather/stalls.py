"""Whether this machine itself was too busy to wait for others: then their silence says nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.gather.asking import Outcomes

# What every system that is in use does now and then.
_UNNOTICED = 0.5
# Of the time for a connection, from so much on a stall may be why it was not made.
_SHARE = 0.5
OUT_OF_TIME = {FailureKind.TIMED_OUT, FailureKind.DEADLINE}


class StarvedError(TimeoutError):
    """The time passed, and this machine did not use it."""


class Stalls:
    """How long the thread that waits for the others was kept from it, at the longest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: float | None = None
        self.longest = 0.0

    def waits(self, seconds: float) -> None:
        """Say that the thread waits so long at most, from now on."""
        self._until = self._clock() + seconds

    def woke(self) -> None:
        """Say that it goes on."""
        if self._until is not None:
            late = self._clock() - self._until
            self._until = None
            if late > _UNNOTICED:
                self.longest = max(self.longest, late)

    def explain(self, connect_seconds: float) -> bool:
        """Whether a connection with that time may have failed for lack of it."""
        return self.longest >= connect_seconds * _SHARE


def blame_this_machine(outcomes: Outcomes, stalls: Stalls, connect_seconds: float) -> None:
    """Say of what ran out of time that this machine did, where it stalled; in place."""
    if not stalls.explain(connect_seconds):
        return
    for name, outcome in outcomes.items():
        if isinstance(outcome, NotGathered) and outcome.failure.kind in OUT_OF_TIME:
            outcomes[name] = NotGathered(starved(outcome.failure))


def starved(failure: GatherFailure) -> GatherFailure:
    """Return what is said of a machine that this one had no time for."""
    return replace(
        failure,
        kind=FailureKind.STARVED,
        came_back="the machine that runs the suite stood still meanwhile, so this says nothing of "
        "the other",
        next_step="Run the suite again on a machine that is less busy, or lower concurrent_hosts "
        "in the inventory.",
        code=None,
    )
