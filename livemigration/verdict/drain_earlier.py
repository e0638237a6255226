"""What moves before a drain made of the facts: where machines are then, and what is free.

One host is emptied after another: what left the first one is somewhere when the second is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from livemigration.placement.afterwards import after
from livemigration.placement.model import Move, Question
from livemigration.verdict.drain_names import Numbered
from livemigration.verdict.drain_residents import Resident


@dataclass(frozen=True)
class Earlier:
    """Moves before a question is asked, in order, and their machines by their keys."""

    moves: tuple[Move, ...] = ()
    residents: Mapping[str, Resident] = field(default_factory=dict)

    def then(self, moves: Iterable[Move], residents: Mapping[str, Resident]) -> Earlier:
        """Return these moves with more of them after them."""
        more = tuple(moves)
        known = {each.machine.key: residents[each.machine.key] for each in more}
        return Earlier((*self.moves, *more), {**self.residents, **known})

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Where they left each machine, by its key."""
        return {each.machine.key: each.destination for each in self.moves}

    @property
    def hosts(self) -> Iterator[str]:
        """The hosts that they are between, more than once."""
        return (name for each in self.moves for name in (each.source, each.destination))

    @property
    def with_disks(self) -> bool:
        """Whether any of them copied disks."""
        return any(each.disk for each in self.moves)

    def brought_to(self, hosts: Collection[str]) -> Iterator[Resident]:
        """Yield the machines that they brought to any of these hosts."""
        keys = {each.machine.key for each in self.moves if each.destination in hosts}
        return (each for key, each in self.residents.items() if key in keys)


NOTHING_MOVED = Earlier()


def after_earlier(
    before: Question, earlier: Earlier, numbered: Numbered, fixed: Collection[str]
) -> Question:
    """Return a question as it is after earlier moves.

    Args:
        before: as it was, in numbers.
        earlier: the moves.
        numbered: gives the numbers of hosts and machines.
        fixed: the keys of those of their machines that stay where they are now.
    """
    if not earlier.moves:
        return before
    there = {each.key for each in before.machines}
    moves = [each for each in earlier.moves if numbered.key(each.machine.key) in there]
    now = after(before, [_numbered(each, numbered) for each in moves])
    stay = {numbered.key(each) for each in fixed}
    machines = (
        replace(each, allowed=frozenset()) if each.key in stay else each for each in now.machines
    )
    return replace(now, machines=tuple(machines))


def _numbered(move: Move, numbered: Numbered) -> Move:
    """Return what of a move counts: its machine, from where to where, with which disks."""
    there = numbered.host(move.destination)
    machine = replace(
        move.machine,
        key=numbered.key(move.machine.key),
        storage_moves_to=frozenset({there} if move.disk else ()),
    )
    return Move(machine, numbered.host(move.source), there)
