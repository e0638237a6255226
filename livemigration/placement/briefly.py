"""Only whether hosts can be emptied, where quick steps tell: for many questions about one site.

The whole answer also says by which plan that people would choose, and which machines have no place.
"""

from __future__ import annotations

from dataclasses import replace

from livemigration.placement.asking import Ask
from livemigration.placement.greedy import attempts
from livemigration.placement.model import Machine, Question, Verdict
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
    possible = replace(question, machines=tuple(_allowing(each) for each in question.machines))
    if _refuted(leaving(possible)) and _refuted(everything(possible)):
        return Verdict.DOES_NOT_FIT
    return ask(question).verdict


def _too_much(question: Question) -> bool:
    needed = sum(each.memory for each in question.leaving)
    return needed > sum(max(0, each.free) for each in question.targets)


def _found(question: Question, packing: Packing) -> bool:
    """Whether a quick way finds places that are believed when they are carried out on paper."""
    for placed in attempts(packing):
        if None in placed:
            continue
        places = {
            item.machine.key: packing.hosts[host]
            for item, host in zip(packing.items, placed, strict=True)
            if host is not None
        }
        return not fault(question, plan_of(question, places))
    return False


def _allowing(machine: Machine) -> Machine:
    """Return a machine for which what is not known is allowed."""
    if not machine.unknown:
        return machine
    return replace(machine, allowed=machine.allowed | machine.unknown, unknown=frozenset())


def _refuted(packing: Packing) -> bool:
    return (by_sums(packing) or hall(packing)) is not None
