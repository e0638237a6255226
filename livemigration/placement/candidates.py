"""Why a machine without a place has none: each destination with what stands against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from livemigration.placement.afterwards import after
from livemigration.placement.in_place import InPlace
from livemigration.placement.model import Host, Machine, Question


class Against(Enum):
    """What stands against a destination."""

    REFUSED = "refused"
    MEMORY = "memory"
    DISK = "disk"
    # Another machine there, which it must not be with.
    APART = "apart"
    # It is not known whether it may go there.
    UNKNOWN = "unknown"
    # Nothing, for this machine alone.
    NOTHING = "nothing"


@dataclass(frozen=True)
class Candidate:
    """A destination of a machine that has no place."""

    host: str
    against: Against
    # Why it is refused, where that is known.
    cause: str = ""
    # MB of memory, or of disk, that are free when all others have their places.
    free: int = 0
    needs: int = 0
    # Machines there that it must not be with.
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unplaced:
    """A machine that has no place when as many as possible have one."""

    machine: Machine
    candidates: tuple[Candidate, ...]


def rest_placed(question: Question, unplaced: Iterable[Machine], ask: InPlace) -> Question:
    """Return how everything is when all but these machines have their places.

    As it is now, where no places are found for those others either.
    """
    keys = {each.key for each in unplaced}
    return after(question, ask.plan(replace(question, stays=question.stays | keys)))


def candidates(machine: Machine, rest: Question) -> tuple[Candidate, ...]:
    """Return each destination with what stands against it when the rest has its places."""
    return tuple(_candidate(machine, each, rest) for each in rest.targets)


def _candidate(machine: Machine, host: Host, rest: Question) -> Candidate:
    unknown = host.name in machine.unknown
    if host.name not in machine.allowed and not unknown:
        cause = machine.refused.get(host.name, "")
        return Candidate(host.name, Against.REFUSED, cause)
    # Where more is used than there is, nothing is free; what needs nothing fits there all the same.
    free = max(0, host.free)
    if machine.memory > free:
        return Candidate(host.name, Against.MEMORY, free=free, needs=machine.memory)
    disk = None if host.disk_free is None else max(0, host.disk_free)
    needed = machine.disk_at(host.name)
    if disk is not None and needed > disk:
        return Candidate(host.name, Against.DISK, free=disk, needs=needed)
    others = tuple(
        sorted(
            each.name
            for each in rest.machines
            if each.host == host.name and each.apart & machine.apart
        )
    )
    if others:
        return Candidate(host.name, Against.APART, others=others)
    return Candidate(host.name, Against.UNKNOWN if unknown else Against.NOTHING)
