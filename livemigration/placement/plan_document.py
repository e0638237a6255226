"""A plan as one document: what is printed, drawn, scripted and carried out is made from it.

It is what `livemigration drain --json` prints. Times of moves are seconds from the beginning of the
plan; memory is in MB.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated

from pydantic import Field

from livemigration.placement.estimate import Estimate, Slot
from livemigration.placement.estimate_text import rows
from livemigration.placement.model import Answer, Move, Verdict, Witness

SCHEMA = 1


class Kind(Enum):
    """Why a machine moves."""

    # It makes room on a destination.
    RELOCATE = "relocate"
    # It leaves a host that is to be emptied.
    DRAIN = "drain"


class Means(Enum):
    """What moves a machine."""

    # Its failover cluster, from one node to another.
    CLUSTER = "cluster"
    # VMM, between hosts that it manages.
    VMM = "vmm"
    # Hyper-V by itself.
    HYPER_V = "hyper-v"


@dataclass(frozen=True)
class Mover:
    """What moves a machine, and the GUID by which it is called there."""

    id: str
    by: Means | None = None


@dataclass(frozen=True)
class PlannedMove:
    """One move of a plan, in its order.

    `id` is the machine's GUID. `slot` is which place it takes among those that move to the same
    host at a time, from 0. It does not begin before `t_lo`, and is done at the latest at `t_hi`;
    None: no upper bound is known. At the soonest it is done at `done_lo`; in the slow run it begins
    at `begin_hi`. `disk` is how many MB of disks move with it. `by` is what moves it; None: that is
    not known.
    """

    n: int
    vm: str
    id: str
    source: Annotated[str, Field(alias="from")]
    to: str
    kind: Kind
    memory: Annotated[int, Field(alias="MB")]
    slot: int
    t_lo: float
    t_hi: float | None
    reason: str
    by: Means | None = None
    done_lo: float = 0.0
    begin_hi: float | None = None
    disk: int = 0


@dataclass(frozen=True)
class PlannedWitness:
    """Why there is no plan, by what it is proven; `needed` and `free` are MB of a sum, else 0."""

    proof: str
    machines: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    needed: int = 0
    free: int = 0


@dataclass(frozen=True)
class Takes:
    """How long the plan takes, in seconds: a range with what it is made of, never one number."""

    low: float
    high: float | None
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """What is asked, and of which facts.

    `hosts` are to be emptied, `without` are down by then, `to` are the only ones that take
    machines; none: all that may. `window` is how long it may take, in seconds. `facts` is when the
    facts were gathered, UTC. `cluster` is that of the hosts; empty: they are in none. `vmm` is the
    VMM server that manages them.
    """

    hosts: tuple[str, ...]
    without: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    window: int | None = None
    facts: datetime | None = None
    simulated: bool = False
    cluster: str = ""
    vmm: str = ""


@dataclass(frozen=True)
class PlanDocument:
    """A plan, or why there is none.

    `unplaced` are machines that have no place, `open` is what is not known and decides, a sentence
    each. `told` are sentences on the answer. `stays` are machines that are shut down instead of
    moved. `breaks_reserve` are hosts on which the plan takes of what should stay free. `back` is
    how long the way back takes, each move the other way; None: nothing moves, or it is not known.
    """

    schema: int
    asked: Asked
    verdict: Verdict
    step: str
    solver: str
    moves: tuple[PlannedMove, ...]
    witness: PlannedWitness | None
    unplaced: tuple[str, ...]
    open: tuple[str, ...]
    breaks_reserve: tuple[str, ...]
    stays: tuple[str, ...]
    told: tuple[str, ...]
    takes: Takes | None
    back: Takes | None = None

    @property
    def fits(self) -> bool:
        """Whether there is a plan."""
        return self.verdict in {Verdict.FITS, Verdict.FITS_WITH_SWAPS}

    @property
    def relocations(self) -> tuple[PlannedMove, ...]:
        """The moves that only make room."""
        return tuple(each for each in self.moves if each.kind is Kind.RELOCATE)


def document_of(
    asked: Asked,
    answer: Answer,
    estimate: Estimate | None,
    movers: Mapping[str, Mover],
    *,
    stays: Iterable[str] = (),
    told: Iterable[str] = (),
) -> PlanDocument:
    """Return the document of an answer.

    Args:
        asked: what was asked.
        answer: with the plan.
        estimate: of that plan; None where there is none.
        movers: what moves each machine, by its key; where nothing is said, the key is its GUID.
        stays: the names of machines that are shut down instead.
        told: sentences on the answer.
    """
    slots = {each.transfer.key: each for each in estimate.slots} if estimate is not None else {}
    takes = None if estimate is None else takes_of(estimate)
    moves = []
    for number, move in enumerate(answer.plan, start=1):
        key = move.machine.key
        moves.append(_move(number, move, slots.get(key), movers.get(key) or Mover(key)))
    return PlanDocument(
        SCHEMA,
        asked,
        answer.verdict,
        answer.step,
        answer.solver,
        tuple(moves),
        _witness(answer.witness) if answer.verdict is Verdict.DOES_NOT_FIT else None,
        tuple(each.name for each in answer.unplaced),
        tuple(f"{each.machine.name} to {each.destination}." for each in answer.open),
        answer.breaks_reserve,
        tuple(stays),
        tuple(told),
        takes,
    )


def takes_of(estimate: Estimate) -> Takes | None:
    """Return how long moves take, as a document has it; None where nothing moves."""
    if not estimate.slots:
        return None
    return Takes(estimate.low, estimate.high, tuple(rows(estimate)))


def _move(number: int, move: Move, slot: Slot | None, mover: Mover) -> PlannedMove:
    machine = move.machine
    return PlannedMove(
        number,
        machine.name,
        mover.id,
        move.source,
        move.destination,
        Kind.RELOCATE if move.relocates else Kind.DRAIN,
        machine.memory,
        slot.lane if slot is not None else 0,
        slot.start_low if slot is not None else 0.0,
        slot.end_high if slot is not None else None,
        reason_of(relocates=move.relocates, against=_against(move)),
        mover.by,
        slot.end_low if slot is not None else 0.0,
        slot.start_high if slot is not None else None,
        slot.transfer.disk if slot is not None else 0,
    )


def _against(move: Move) -> str:
    return "a check warns of it" if move.destination in move.machine.warned else ""


def reason_of(*, relocates: bool, against: str = "") -> str:
    """Return why a machine moves, with what checks say against its destination."""
    why = "makes room" if relocates else "leaves"
    return f"{why}; {against}" if against else why


def _witness(witness: Witness | None) -> PlannedWitness | None:
    if witness is None:
        return None
    return PlannedWitness(
        witness.proof.value,
        tuple(each.name for each in witness.machines),
        witness.hosts,
        witness.needed,
        witness.free,
    )
