"""Who answers a question, and what an answer comes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from livemigration.placement.model import Answer, Question, Verdict

Ask = Callable[[Question], Answer]


# There is a plan that nothing unknown stands against.
CAN = frozenset({Verdict.FITS, Verdict.FITS_WITH_SWAPS})


def can(answer: Answer) -> bool:
    """Whether there is a plan that nothing unknown stands against."""
    return answer.verdict in CAN


def without(question: Question, host: str) -> Question:
    """Return the question whether one more host can be emptied."""
    return replace(question, drained=question.drained | {host})
