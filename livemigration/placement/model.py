"""What is asked of a placement, and what is answered. All memory and disk in MB, whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True)
class Machine:
    """A virtual machine that runs, with the destinations that are possible for it."""

    # Unique in the question, such as its GUID.
    key: str
    # For sentences.
    name: str
    host: str
    # Assigned now; needed at both ends while it moves.
    memory: int
    # Destinations that everything known allows, with those of `warned`.
    allowed: frozenset[str]
    # Destinations of which something that decides is not known; none of them is in `allowed`.
    unknown: frozenset[str] = frozenset()
    # Allowed ones that are avoided where others are possible.
    warned: frozenset[str] = frozenset()
    # From a destination to why it is none, for sentences.
    refused: Mapping[str, str] = field(default_factory=dict, compare=False)
    # Must be free at those destinations to which its storage moves as well.
    disk: int = 0
    storage_moves_to: frozenset[str] = frozenset()
    # A host on which its disks have a place that is counted as free for no other: where they were,
    # as that may be another volume than the one that is counted. Empty: there is none.
    kept_at: str = ""
    # Groups of which no two machines may be on one host.
    apart: frozenset[str] = frozenset()
    # Groups that are kept apart where that is possible.
    prefers_apart: frozenset[str] = frozenset()
    # Groups that are on one host where that is possible.
    prefers_with: frozenset[str] = frozenset()
    # The same for the domains of hosts: groups that are rather in different ones, or in one.
    prefers_apart_by_domain: frozenset[str] = frozenset()
    prefers_with_by_domain: frozenset[str] = frozenset()
    # Preferred owners; none: all hosts are alike.
    preferred: frozenset[str] = frozenset()
    # 3 high, 2 medium, 1 low.
    priority: int = 2
    # Moved after all others.
    last: bool = False

    def disk_at(self, host: str) -> int:
        """Return what of its disks has to be free on a host that it moves to."""
        return self.disk if host in self.storage_moves_to and host != self.kept_at else 0


@dataclass(frozen=True)
class Host:
    """A host, with what is free on it for machines that arrive."""

    name: str
    # Beside everything that runs there now, or is on its way to it.
    free: int
    # A part of `free` that should stay free; a plan that takes of it is only warned of.
    reserve: int = 0
    # None: not known, and not counted.
    disk_free: int | None = None
    # Whether machines may be moved to it.
    takes: bool = True
    # Those of one domain fail together; empty: it is in none, or in which is not known.
    domain: str = ""


@dataclass(frozen=True)
class Question:
    """Whether every machine on the drained hosts has a place elsewhere, all at once."""

    hosts: tuple[Host, ...]
    # All that run: those that have to leave, and those that are where they could go.
    machines: tuple[Machine, ...]
    # Those to be emptied, and those that are down, of which no machine is listed.
    drained: frozenset[str]
    # Keys of machines on drained hosts that are shut down instead of moved.
    stays: frozenset[str] = frozenset()

    @property
    def leaving(self) -> tuple[Machine, ...]:
        """The machines that need a place, in the order of their names."""
        return tuple(
            sorted(
                (
                    each
                    for each in self.machines
                    if each.host in self.drained and each.key not in self.stays
                ),
                key=lambda each: (each.name, each.key),
            )
        )

    @property
    def targets(self) -> tuple[Host, ...]:
        """The hosts to which machines may be moved, in the order of their names."""
        return tuple(
            sorted(
                (each for each in self.hosts if each.takes and each.name not in self.drained),
                key=lambda each: each.name,
            )
        )


@dataclass(frozen=True)
class Move:
    """One machine to another host."""

    machine: Machine
    source: str
    destination: str
    # Whether it is no machine of a drained host, and only makes room.
    relocates: bool = False

    @property
    def disk(self) -> int:
        """What of its disks is copied along."""
        return self.machine.disk if self.destination in self.machine.storage_moves_to else 0


class Verdict(Enum):
    """What the answer to a question is."""

    FITS = "fits"
    # Only when other machines make room first.
    FITS_WITH_SWAPS = "fits with swaps"
    # Proven, also where other machines make room.
    DOES_NOT_FIT = "does not fit"
    # Neither a plan nor a proof was found within the effort.
    UNDECIDED = "undecided"
    # It depends on destinations of which something is not known.
    UNKNOWN = "unknown"


class Proof(Enum):
    """By what it is proven, in whole numbers, that there is no plan."""

    # A machine has no destination that takes it.
    NO_CANDIDATE = "no candidate"
    # All of them together need more than is free on all destinations.
    SUM = "sum"
    # Some of them need more than is free on all hosts that any of them may go to.
    HALL = "Hall set"
    # A sum of the rules, each times a weight, contradicts itself.
    WEIGHTS = "weights"
    # The same in each of the cases into which whole numbers divide the question.
    CASES = "cases"
    # Every way to place them was tried.
    SEARCH = "complete search"


@dataclass(frozen=True)
class Witness:
    """Why there is no plan."""

    proof: Proof
    # Those that have no place together, and where they could go.
    machines: tuple[Machine, ...] = ()
    hosts: tuple[str, ...] = ()
    # MB that they need, and that is free there; 0 where the proof is not of one sum.
    needed: int = 0
    free: int = 0
    # Whether it holds also where machines on the destinations make room.
    relocations: bool = False
    # How many cases it took.
    nodes: int = 0


@dataclass(frozen=True)
class Pair:
    """A machine and a destination of which something that decides is not known."""

    machine: Machine
    destination: str


@dataclass(frozen=True)
class Answer:
    """The answer to a question, with the plan that shows it or the witness that proves it."""

    verdict: Verdict
    # In order: each move is possible when those before it are done.
    plan: tuple[Move, ...] = ()
    # Of a "no": the least that has no place, without relocations.
    unplaced: tuple[Machine, ...] = ()
    # Which step of the ladder decided.
    step: str = ""
    # Of a "no": why. Where it fits with swaps: why not without, or None where that is not proven.
    witness: Witness | None = None
    # Targets on which the plan takes of what should stay free.
    breaks_reserve: tuple[str, ...] = ()
    # The solver that was asked, with its version; empty where none was needed, or none is there.
    solver: str = ""
    # Of "unknown": with these pairs allowed, it fits.
    open: tuple[Pair, ...] = ()
    # Whether no plan has fewer relocations.
    fewest: bool = True
    # What to do next where it is undecided, as a sentence.
    advice: str = ""
