"""Why hosts cannot be emptied, and what would have to be otherwise: all of it as data.

Each part asks a bounded number of smaller questions, so that the same question always gets the
same explanation.
"""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.placement.candidates import Unplaced, candidates, rest_placed
from livemigration.placement.changes import (
    InAll,
    Lifted,
    MoreMemory,
    Stopped,
    in_all,
    lifted,
    more_memory,
    stopped,
)
from livemigration.placement.core import Core, core
from livemigration.placement.in_place import InPlace
from livemigration.placement.model import Answer, Question, Verdict


@dataclass(frozen=True)
class Bounds:
    """The most that is looked at and asked for one explanation."""

    # Machines without a place that are shown with their destinations.
    machines: int = 20
    # Questions for a small set that has no place together.
    core: int = 60
    # Hosts that are tried with more memory, and the questions for them.
    hosts: int = 6
    memory: int = 40
    # Questions for destinations to allow, and for machines to shut down.
    pairs: int = 40
    stops: int = 20


BOUNDS = Bounds()


@dataclass(frozen=True)
class Explanation:
    """Why a question does not fit, and the smallest changes by which it would."""

    unplaced: tuple[Unplaced, ...]
    # Machines without a place that are not shown.
    more: int = 0
    # None where "no" is not proven; nothing is known of changes then.
    core: Core | None = None
    memory: tuple[MoreMemory, ...] = ()
    in_all: InAll | None = None
    lifted: Lifted | None = None
    stopped: Stopped | None = None


def explained(
    question: Question,
    found: Answer,
    *,
    bounds: Bounds = BOUNDS,
) -> Explanation:
    """Return why machines have no place, and which changes give them one.

    Args:
        question: what was asked.
        found: its answer, with machines that have no place.
        bounds: how many smaller questions are asked for it.
    """
    rest = rest_placed(question, found.unplaced, InPlace(1))
    unplaced = tuple(
        Unplaced(each, candidates(each, rest)) for each in found.unplaced[: bounds.machines]
    )
    more = len(found.unplaced) - len(unplaced)
    if found.verdict is not Verdict.DOES_NOT_FIT:
        return Explanation(unplaced, more)
    small = core(question, found.witness, InPlace(bounds.core))
    memory = tuple(
        sorted(
            more_memory(question, found.unplaced, rest, InPlace(bounds.memory), bounds.hosts),
            key=lambda each: (each.memory, each.host),
        )
    )
    return Explanation(
        unplaced,
        more,
        small,
        memory,
        in_all(found.witness, memory),
        lifted(
            question,
            (found.unplaced, (*found.unplaced, *small.machines)),
            InPlace(bounds.pairs),
        ),
        stopped(question, found.unplaced, small.machines, InPlace(bounds.stops)),
    )
