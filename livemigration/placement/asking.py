"""Who answers a question, and what an answer comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from livemigration.placement.model import Answer, Move, Question, Verdict

Ask = Callable[[Question], Answer]


# There is a plan that nothing unknown stands against.
CAN = frozenset({Verdict.FITS, Verdict.FITS_WITH_SWAPS})


def can(answer: Answer) -> bool:
    """Whether there is a plan that nothing unknown stands against."""
    return answer.verdict in CAN


def without(question: Question, host: str) -> Question:
    """Return the question whether one more host can be emptied."""
    return replace(question, drained=question.drained | {host})


class Site(Protocol):
    """How everything is, before a host is emptied or after moves, and who can say more of it."""

    @property
    def question(self) -> Question:
        """Where every machine is; its drained hosts are those that are down all the time."""

    def asked(self, host: str) -> Answer:
        """Return whether a host can be emptied as everything is."""

    def then(self, moves: Sequence[Move]) -> Site:
        """Return how everything is after moves."""
