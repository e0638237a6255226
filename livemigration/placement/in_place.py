"""Whether machines fit while all others remain where they are: for many questions about one "no".

Far quicker than the whole answer, which also looks for machines that could make room.
"""

from __future__ import annotations

from dataclasses import replace

from livemigration.placement.deciding import Tools, decided
from livemigration.placement.effort import Effort
from livemigration.placement.model import Machine, Move, Question
from livemigration.placement.packing import Packing, Placed, leaving
from livemigration.placement.replay import fault
from livemigration.placement.solver import installed
from livemigration.placement.swaps import plan_of

# Less than for an answer: what is not proven is said to be so.
EFFORT = Effort(orders=4, rounds=30, nodes=20, cases=20, steps=5_000)


def possible(question: Question) -> Question:
    """Return the question with everything allowed that is not known."""
    return replace(question, machines=tuple(_allowing(each) for each in question.machines))


def _allowing(machine: Machine) -> Machine:
    if not machine.unknown:
        return machine
    return replace(machine, allowed=machine.allowed | machine.unknown, unknown=frozenset())


def places_of(packing: Packing, placed: Placed) -> dict[str, str]:
    """Return the host of each machine that has a place, by its key."""
    return {
        item.machine.key: packing.hosts[host]
        for item, host in zip(packing.items, placed, strict=True)
        if host is not None
    }


class InPlace:
    """Asks whether machines fit, until the number of questions is used up."""

    def __init__(self, most: int, effort: Effort = EFFORT) -> None:
        self._left = most
        self._tools = Tools(effort, installed() if effort.solver else None)

    def fits(self, question: Question) -> bool | None:
        """Return whether they fit: shown by a plan, or refuted by a proof; None: neither is."""
        found = self._decided(question)
        return None if found is None else bool(found) or not question.leaving

    def plan(self, question: Question) -> tuple[Move, ...]:
        """Return a plan; empty where none is found."""
        return self._decided(question) or ()

    def _decided(self, question: Question) -> tuple[Move, ...] | None:
        """Return a plan, an empty one where there is none, or None where that is not decided."""
        if self._left <= 0:
            return None
        self._left -= 1
        packing = leaving(question)

        def believed(placed: Placed) -> bool:
            return not fault(question, plan_of(question, places_of(packing, placed)))

        found = decided(packing, believed, self._tools)
        if found.placed is not None:
            return plan_of(question, places_of(packing, found.placed))
        return () if found.witness else None
