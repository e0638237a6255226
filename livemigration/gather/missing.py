"""What is said where nobody answered: the time passed, or the suite's own code failed."""

from __future__ import annotations

from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.gather.stalls import StarvedError, starved


def missing(tried: str, error: BaseException | None, root: str) -> NotGathered:
    """Return the outcome of something that was tried and never answered."""
    if isinstance(error, StarvedError):
        return NotGathered(starved(missing(tried, None, root).failure))
    if error is None or isinstance(error, TimeoutError):
        kind, came_back = FailureKind.DEADLINE, "the time limit passed before an answer"
        step = "Raise time_limits in the inventory, or find out why the machine is slow."
    else:
        kind = FailureKind.PROTOCOL
        came_back = f"the suite's own code failed: {type(error).__name__}"
        step = "Report this as a defect of the suite, with the name of this error."
    return NotGathered(GatherFailure(kind, tried, came_back, step, root))
