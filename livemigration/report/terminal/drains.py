"""Whether hosts can be emptied, in the last lines of a run: each that was named, others counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.text import counted
from livemigration.placement.plan_document import PlanDocument
from livemigration.report.drain.document import documents_of
from livemigration.report.drain.words import command_of, command_of_each, tally, words_of
from livemigration.report.naming import Names
from livemigration.report.terminal.lines import Line, Tone
from livemigration.run.run import Run

# Of so many hosts that were named the answer is told.
_TOLD = 4


def drain_lines(run: Run, facts: str) -> Iterator[Line]:
    """Yield a line for each host that was named with --drain, and one that counts all others.

    Args:
        run: the run.
        facts: the folder with its facts, of which a plan can be printed; empty: there are none.
    """
    if not run.drains:
        return
    request = run.demands.drain if run.demands is not None else None
    named = frozenset(request.hosts if request is not None else ())
    names = Names(host.name for host in run.hosts)
    asked = [each for each in documents_of(run) if named.issuperset(each.asked.hosts)]
    yield from _answers(asked, names)
    if asked and facts:
        yield _command(asked, names, facts)
    if others := [each.verdict for each in run.drains if each.host not in named]:
        yield Line(tally(others), 2, most=2)


def _answers(asked: Sequence[PlanDocument], names: Names) -> Iterator[Line]:
    for each in asked[:_TOLD]:
        words = words_of(each, names)
        end = f" {words.takes}" if words.takes else ""
        yield Line(words.answer, 2, _tone(each), most=2, end=end, logged=True)
    if (more := len(asked) - _TOLD) > 0:
        yield Line(f"and {counted(more, 'more host')}: see the report", 2)


def _command(asked: Sequence[PlanDocument], names: Names, facts: str) -> Line:
    first, *others = asked
    of = f'"{facts}"' if " " in facts else facts
    if others:
        return Line(f"The plan of each: {command_of_each(first, names)} --facts {of}", whole=True)
    return Line(f"The plan: {command_of(first, names)} --facts {of}", whole=True)


def _tone(plan: PlanDocument) -> Tone:
    if plan.fits:
        return Tone.GOOD
    return Tone.BAD if plan.witness is not None else Tone.WARNING
