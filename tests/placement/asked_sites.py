"""A site of which all that is known stands in a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.placement.afterwards import after
from livemigration.placement.asking import Ask, without
from livemigration.placement.model import Answer, Move, Question


@dataclass(frozen=True)
class Asked:
    """A site of which all that is known stands in a question."""

    question: Question
    ask: Ask

    def asked(self, host: str) -> Answer:
        """Return whether a host can be emptied as everything is."""
        return self.ask(without(self.question, host))

    def then(self, moves: Sequence[Move]) -> Asked:
        """Return how everything is after moves."""
        return Asked(after(self.question, moves), self.ask)
