"""Questions asked one after the other, until so many were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from livemigration.placement.model import Answer, Question, Verdict

Ask = Callable[[Question], Answer]


def can(answer: Answer | None) -> bool:
    """Whether there is a plan that nothing unknown stands against."""
    return answer is not None and answer.verdict in {Verdict.FITS, Verdict.FITS_WITH_SWAPS}


def cannot(answer: Answer | None) -> bool:
    """Whether it is proven that there is no plan."""
    return answer is not None and answer.verdict is Verdict.DOES_NOT_FIT


def without(question: Question, host: str) -> Question:
    """Return the question whether one more host can be emptied."""
    return replace(question, drained=question.drained | {host})


class Asked:
    """Asks until the number of questions is used up; after that, nothing is known."""

    def __init__(self, ask: Ask, most: int) -> None:
        self._ask, self.left = ask, most

    def __call__(self, question: Question) -> Answer | None:
        """Return the answer; None where no question is left."""
        if self.left <= 0:
            return None
        self.left -= 1
        return self._ask(question)
