"""A small set of machines that have no place together, whatever becomes of those that leave too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from livemigration.placement.in_place import InPlace, possible
from livemigration.placement.model import Machine, Question, Witness

# Machine by machine.
_SINGLE = 1


@dataclass(frozen=True)
class Core:
    """Machines of which it is proven that they have no place together."""

    machines: tuple[Machine, ...]
    # Where any of them may go, with MB that they need and that is free there.
    hosts: tuple[str, ...]
    needed: int
    free: int
    # Whether the rest of them has places as soon as any one is left out.
    minimal: bool


def core(question: Question, witness: Witness | None, ask: InPlace) -> Core:
    """Return machines that have no place together, of a question that is proven not to fit.

    Args:
        question: what was asked.
        witness: what proves it.
        ask: answers smaller questions, until so many were asked.
    """
    question = possible(question)
    machines = _first(question, witness, ask)
    size = max(_SINGLE, len(machines) // 2)
    minimal = True
    while size:
        start = 0
        while start < len(machines):
            rest = machines[:start] + machines[start + size :]
            fits = ask.fits(only(question, rest))
            if fits is False:
                machines = rest
                continue
            start += size
            minimal = minimal and (fits is True or size > _SINGLE)
        size //= 2
    return _told(question, machines, minimal=minimal)


def only(question: Question, machines: Iterable[Machine]) -> Question:
    """Return the question with only these machines leaving."""
    keys = {each.key for each in machines}
    others = {each.key for each in question.leaving if each.key not in keys}
    return replace(question, stays=question.stays | others)


def _first(question: Question, witness: Witness | None, ask: InPlace) -> tuple[Machine, ...]:
    """Return machines to begin with: those of the witness, where they suffice by themselves."""
    leaving = question.leaving
    # Small ones first: they are left out first.
    every = tuple(sorted(leaving, key=lambda each: (each.memory, each.name, each.key)))
    keys = {each.key for each in witness.machines} if witness else set()
    proven = tuple(each for each in every if each.key in keys)
    if not proven or len(proven) == len(every):
        return every
    return proven if ask.fits(only(question, proven)) is False else every


def _told(question: Question, machines: tuple[Machine, ...], *, minimal: bool) -> Core:
    may = frozenset[str]().union(*(each.allowed for each in machines))
    hosts = [each for each in question.targets if each.name in may]
    return Core(
        tuple(sorted(machines, key=lambda each: (each.name, each.key))),
        tuple(each.name for each in hosts),
        sum(each.memory for each in machines),
        sum(max(0, each.free) for each in hosts),
        minimal,
    )
