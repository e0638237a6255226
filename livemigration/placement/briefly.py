"""Only whether hosts can be emptied, where quick steps tell: for many questions about one site.

The whole answer also says by which plan that people would choose, and which machines have no place.
"""

from __future__ import annotations

from livemigration.placement.asking import Ask
from livemigration.placement.greedy import attempts
from livemigration.placement.in_place import places_of, possible
from livemigration.placement.model import Question, Verdict
from livemigration.placement.packing import Packing, everything, leaving
from livemigration.placement.replay import fault
from livemigration.placement.swaps import plan_of
from livemigration.placement.witness import by_sums, hall


def verdict(question: Question, ask: Ask) -> Verdict:
    """Return the verdict of the whole answer, which is asked for only where it has to be."""
    if _too_much(question):
        return Verdict.DOES_NOT_FIT
    packing = leaving(question)
    if _found(question, packing):
        return Verdict.FITS
    widest = possible(question)
    if _refuted(leaving(widest)) and _refuted(everything(widest)):
        return Verdict.DOES_NOT_FIT
    return ask(question).verdict


def _too_much(question: Question) -> bool:
    needed = sum(each.memory for each in question.leaving)
    return needed > sum(max(0, each.free) for each in question.targets)


def _found(question: Question, packing: Packing) -> bool:
    """Whether a quick way finds places that are believed when they are carried out on paper."""
    placed = next((each for each in attempts(packing) if None not in each), None)
    return placed is not None and not fault(question, plan_of(question, places_of(packing, placed)))


def _refuted(packing: Packing) -> bool:
    return (by_sums(packing) or hall(packing)) is not None
