"""What a move costs, as data: what has to be copied, over which links, how many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from livemigration.placement.model import Move, Question

# A megabyte of memory, in bytes; links are told in bits.
_MEGABYTE = 1024 * 1024


class Option(Enum):
    """How a host sends the memory of a machine."""

    TCP_IP = "TCP/IP"
    COMPRESSION = "compression"
    SMB = "SMB"


@dataclass(frozen=True)
class Transfer:
    """One machine that is copied from one host to another while it runs."""

    # Unique in the plan, such as the machine's GUID.
    key: str
    # For sentences.
    name: str
    source: str
    destination: str
    # Assigned now, in MB.
    memory: int
    # MB of disks that are copied as well; 0 where both hosts reach them.
    disk: int = 0
    # It waits until every transfer of another stage before it is done.
    stage: int = 0


def transfers_of(plan: Iterable[Move]) -> tuple[Transfer, ...]:
    """Return the transfers of a plan, in its order.

    Those that make room are a stage of their own, and so are those that are moved last: what comes
    after needs them done.
    """
    found: list[Transfer] = []
    stage, kind = 0, None
    for move in plan:
        machine = move.machine
        if found and kind != (move.relocates, machine.last):
            stage += 1
        kind = (move.relocates, machine.last)
        found.append(_transfer(move, stage))
    return tuple(found)


def transfers_in(question: Question, moves: Iterable[Move]) -> tuple[Transfer, ...]:
    """Return the transfers of moves that are no plan, such as a way back, in their order.

    A stage ends where a move needs what another of it leaves, memory or the place of a machine that
    it is kept apart from; and where a machine moves on.

    Args:
        question: how everything is before the first of them.
        moves: in an order in which each is possible.
    """
    stage, state, found = 0, _Stage(question), []
    for move in moves:
        if state.waits(move):
            state.end()
            stage += 1
        state.begin(move)
        found.append(_transfer(move, stage))
    return tuple(found)


class _Stage:
    """What is free on each host while moves are under way side by side."""

    def __init__(self, question: Question) -> None:
        self._free = {each.name: each.free for each in question.hosts}
        self._under_way: dict[str, Move] = {}

    def waits(self, move: Move) -> bool:
        """Whether a move is possible only when those that are under way are done."""
        machine, to = move.machine, move.destination
        if machine.key in self._under_way:
            return True
        leaving = [each for each in self._under_way.values() if each.source == to]
        if any(machine.apart & each.machine.apart for each in leaving):
            return True
        return bool(leaving) and self._free.get(to, machine.memory) < machine.memory

    def begin(self, move: Move) -> None:
        """Begin a move: from now on its machine is at both ends."""
        machine, to = move.machine, move.destination
        self._free[to] = self._free.get(to, machine.memory) - machine.memory
        self._under_way[machine.key] = move

    def end(self) -> None:
        """End all that are under way."""
        for move in self._under_way.values():
            self._free[move.source] = self._free.get(move.source, 0) + move.machine.memory
        self._under_way = {}


def _transfer(move: Move, stage: int) -> Transfer:
    machine, to = move.machine, move.destination
    return Transfer(machine.key, machine.name, move.source, to, machine.memory, move.disk, stage)


@dataclass(frozen=True)
class End:
    """A host that sends or receives, with what limits it. Nothing known is said as None."""

    name: str
    # Bit/s of the link that carries migrations, one way; 0, which a dead link has, is not known.
    link: int | None = None
    # How many live migrations the host allows at a time; incoming ones count too.
    live: int | None = None
    # The same of storage migrations, of which a transfer with disks is one more.
    storage: int | None = None
    # How it sends.
    option: Option | None = None

    @property
    def rate(self) -> float | None:
        """What the link carries one way, in MB/s."""
        return self.link / 8 / _MEGABYTE if self.link and self.link > 0 else None


@dataclass(frozen=True)
class Terms:
    """What holds for all transfers of a plan."""

    # How many live migrations the cluster allows at each node at a time; None: it sets no limit.
    parallel: int | None = None
    # The part of a link that is left to SMB; None: not known.
    smb_share: float | None = None


NO_TERMS = Terms()


class Ends:
    """The hosts of a plan by name; one that is not told of is one of which nothing is known."""

    def __init__(self, ends: Iterable[End], terms: Terms) -> None:
        self._ends: Mapping[str, End] = {each.name: each for each in ends}
        self.terms = terms

    def __getitem__(self, name: str) -> End:
        """Return what is known of a host."""
        return self._ends.get(name) or End(name)

    def of(self, transfers: Iterable[Transfer]) -> tuple[End, ...]:
        """Return each host that sends or receives, in the order of their names."""
        names = {name for each in transfers for name in (each.source, each.destination)}
        return tuple(self[name] for name in sorted(names))

    def limit(self, name: str) -> int | None:
        """Return how many live migrations a host takes part in at a time; None: not known.

        A cluster's limit that is known does not say what the host's own is.
        """
        live, parallel = self[name].live, self.terms.parallel
        if live is None:
            return None
        # What somebody wrote by hand may be less than none.
        return max(0, live if parallel is None else min(live, parallel))

    def with_one_more(self) -> Ends:
        """Return the same with one more live migration at a time, which every limit allows."""
        more = [
            End(each.name, each.link, (each.live or 1) + 1, each.storage, each.option)
            for each in self._ends.values()
        ]
        parallel = self.terms.parallel
        raised = None if parallel is None else parallel + 1
        return Ends(more, Terms(raised, self.terms.smb_share))
