"""What a page shows of the plan by which a host is emptied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from livemigration.placement.plan_document import PlanDocument
from livemigration.report.drain.gantt import gantt
from livemigration.report.drain.text import HEADINGS, cells_of, without_by
from livemigration.report.drain.words import Words, inputs_back, words_of
from livemigration.report.naming import Names


@dataclass(frozen=True)
class Drain:
    """A plan, or why there is none."""

    plan: PlanDocument
    words: Words
    names: Names

    @property
    def tone(self) -> str:
        """The colour of the answer."""
        if self.plan.fits:
            return "ok"
        return "bad" if self.plan.witness is not None else "warn"

    @property
    def headings(self) -> tuple[str, ...]:
        """The heads of the columns."""
        return without_by(HEADINGS)

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The moves."""
        return tuple(without_by(cells_of(each, self.names)) for each in self.plan.moves)

    @property
    def back(self) -> tuple[tuple[str, str], ...]:
        """What the estimate of the way back has otherwise than the plan's."""
        return inputs_back(self.plan)

    @cached_property
    def chart(self) -> str:
        """The moves over time."""
        return gantt(self.plan)


def drain_of(plan: PlanDocument, names: Names) -> Drain:
    """Return what a page shows of a plan."""
    return Drain(plan, words_of(plan, names), names)
