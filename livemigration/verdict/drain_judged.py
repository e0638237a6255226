"""What the checks say of machines and of where they may go, judged once for all that is asked."""

from __future__ import annotations

from collections.abc import Hashable

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.exchanging import Exchanges, Outside, declared_in
from livemigration.inventory.policy import Policy
from livemigration.verdict.drain_residents import Resident
from livemigration.verdict.move_answers import Judged
from livemigration.verdict.moves import Moves


class Judgements:
    """What the checks say of machines and destinations: judged once for those that are equals."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves
        self._needs: dict[str, int] = {}
        self._numbers: dict[Hashable, int] = {}
        self._known: dict[tuple[str, int, str], Judged] = {}

    def judged(self, resident: Resident, name: str) -> Judged:
        """Return what is said of a machine on its way to a host."""
        key = resident.host, self._number_of(resident), name
        if key not in self._known:
            identifier = resident.machine.identifier
            self._known[key] = self._moves.of_machine(resident.host, identifier, name)
        return self._known[key]

    def _number_of(self, resident: Resident) -> int:
        """Return the number of what a machine needs: hashed once."""
        number = self._needs.get(resident.key)
        if number is None:
            needs = self._moves.needs_of(resident.host, resident.machine.identifier)
            number = self._numbers.setdefault(needs, len(self._numbers))
            self._needs[resident.key] = number
        return number


class KnownMoves:
    """Who can go where, once for all hosts of one policy that exchange machines with each other.

    The others are judged by what holds for the host that is emptied: a run may not know theirs.
    """

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._known: dict[object, Judgements] = {}

    def of(self, host: str, policy: Policy, exchanges: Exchanges) -> Judgements:
        """Return who can go where, for a host of this policy."""
        members = (declared_in(exchanges) or frozenset()) | {host}
        key = policy, exchanges, members
        if key not in self._known:
            moves = Moves(
                self._facts,
                lambda _: policy,
                lambda name: _as_far_as_known(exchanges, name, members),
            )
            self._known[key] = Judgements(moves)
        return self._known[key]


def _as_far_as_known(exchanges: Exchanges, name: str, members: frozenset[str]) -> Exchanges:
    """Return what holds for a host, of what holds for one with which it exchanges machines."""
    if isinstance(exchanges, Outside):
        return exchanges.of(name)
    return exchanges if name in members else None
