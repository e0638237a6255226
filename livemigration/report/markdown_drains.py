"""The plans of a run in Markdown: a section for each host that is to be emptied."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import counted
from livemigration.placement.plan_document import PlanDocument
from livemigration.report.drain.document import documents_of
from livemigration.report.drain.text import (
    HEADINGS,
    cells_of,
    columns_of,
    input_lines,
    without_by,
)
from livemigration.report.drain.words import command_of, words_of
from livemigration.report.markdown_text import fenced, span
from livemigration.report.naming import Names
from livemigration.run.run import Run

# Of so many hosts the plan is told, and of so many more the answer.
_PLANS, _ANSWERS = 8, 100
_MOVES = 40
_REMARKS = 24


def drain_sections(run: Run, names: Names) -> Iterator[str]:
    """Yield the plans of a run: first those of hosts that cannot be emptied, then as they are."""
    plans = documents_of(run)
    for plan in plans[:_PLANS]:
        (host,) = plan.asked.hosts
        yield f"## Emptying {span(names.short(host))}\n\n{fenced(_lines(plan, names))}"
    if others := plans[_PLANS:]:
        told = fenced(_answers(others, names))
        yield f"## Emptying {counted(len(others), 'more host')}\n\n{told}"


def _lines(plan: PlanDocument, names: Names) -> Iterator[str]:
    words = words_of(plan, names)
    yield words.answer
    if words.takes:
        yield words.takes
    yield from words.remarks[:_REMARKS]
    if (more := len(words.remarks) - _REMARKS) > 0:
        yield f"and {counted(more, 'more sentence')}: {command_of(plan, names)}"
    if plan.moves:
        yield "Nothing was moved."
        yield ""
        yield from _table(plan, names)
    if plan.takes is not None:
        yield ""
        yield "What the estimate is made of:"
        yield from input_lines(plan)


def _table(plan: PlanDocument, names: Names) -> Iterator[str]:
    rows = [HEADINGS, *(cells_of(each, names) for each in plan.moves[:_MOVES])]
    yield from columns_of([without_by(each) for each in rows])
    if (more := len(plan.moves) - _MOVES) > 0:
        yield f"and {counted(more, 'more move')}: {command_of(plan, names)}"


def _answers(plans: tuple[PlanDocument, ...], names: Names) -> Iterator[str]:
    yield from (words_of(each, names).brief for each in plans[:_ANSWERS])
    if (more := len(plans) - _ANSWERS) > 0:
        yield f"and {counted(more, 'more host')}: results.json has them all"
