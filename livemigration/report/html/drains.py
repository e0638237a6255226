"""What a page shows of the plan by which a host is emptied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from livemigration.placement.estimate_text import lasting
from livemigration.placement.plan_document import PlanDocument, Takes
from livemigration.report.drain.gantt import gantt
from livemigration.report.drain.text import HEADINGS, answer_of, cells_of, remarks_of
from livemigration.report.naming import Names

# What moves a machine is known where a script is made, and not in the results of a run.
_BY = HEADINGS.index("by")


@dataclass(frozen=True)
class Drain:
    """A plan, or why there is none."""

    plan: PlanDocument
    answer: str
    takes: str
    remarks: tuple[str, ...]
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
        return _without_by(HEADINGS)

    @cached_property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The moves."""
        return tuple(_without_by(cells_of(each, self.names)) for each in self.plan.moves)

    @cached_property
    def chart(self) -> str:
        """The moves over time."""
        return gantt(self.plan)


def drain_of(plan: PlanDocument, names: Names) -> Drain:
    """Return what a page shows of a plan."""
    remarks = (*plan.told, *plan.open, *remarks_of(plan, names))
    takes = "" if plan.takes is None else _range(plan.takes)
    return Drain(plan, answer_of(plan, names), takes, remarks, names)


def _range(takes: Takes) -> str:
    low = lasting(takes.low, up=False)
    return f"at least {low}" if takes.high is None else f"{low} to {lasting(takes.high)}"


def _without_by(cells: tuple[str, ...]) -> tuple[str, ...]:
    return (*cells[:_BY], *cells[_BY + 1 :])
