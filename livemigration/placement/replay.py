"""A plan carried out on paper, in whole numbers, before it is believed.

It shares nothing with what makes plans but the question itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.placement.model import Machine, Move, Question


class State:
    """Where every machine is, and what is free on every host."""

    def __init__(self, question: Question) -> None:
        self.where = {each.key: each.host for each in question.machines}
        self.memory = {each.name: each.free for each in question.hosts}
        self.disk = {each.name: each.disk_free for each in question.hosts}
        self.aboard: dict[str, dict[str, Machine]] = {each.name: {} for each in question.hosts}
        for each in question.machines:
            self.aboard.setdefault(each.host, {})[each.key] = each

    def refusal(self, move: Move) -> str:
        """Return why the next move is not possible; empty where it is."""
        machine, there = move.machine, move.destination
        if self.where.get(machine.key) != move.source:
            return f"{machine.name} is not on {move.source}"
        if there not in machine.allowed:
            return f"{machine.name} may not go to {there}"
        # It is there already as well while it moves, so its memory is needed at both ends.
        if machine.memory > max(0, self.memory[there]):
            return (
                f"{there} has {self.memory[there]} MB free, {machine.name} needs {machine.memory}"
            )
        disk, needed = self.disk[there], machine.disk_at(there)
        if disk is not None and needed > max(0, disk):
            return f"{there} has {disk} MB of disk free, {machine.name} needs {needed}"
        for other in self.aboard[there].values():
            if machine.apart & other.apart:
                return f"{machine.name} must not be with {other.name} on {there}"
        return ""

    def carry_out(self, move: Move) -> None:
        """Make a move that is possible."""
        self._switch(move.machine, move.source, move.destination)
        self._use_disk(move, 1)

    def take_back(self, move: Move) -> None:
        """Undo the last move."""
        self._switch(move.machine, move.destination, move.source)
        self._use_disk(move, -1)

    def _switch(self, machine: Machine, source: str, destination: str) -> None:
        self.memory[destination] -= machine.memory
        self.memory[source] += machine.memory
        del self.aboard[source][machine.key]
        self.aboard[destination][machine.key] = machine
        self.where[machine.key] = destination

    def _use_disk(self, move: Move, sign: int) -> None:
        # What it frees at its source is not counted on.
        free = self.disk[move.destination]
        if free is not None:
            self.disk[move.destination] = free - sign * move.machine.disk_at(move.destination)


def fault(question: Question, plan: Sequence[Move]) -> str:
    """Return why a plan does not do what a question asks, as a clause; empty where it does."""
    machines = {each.key: each for each in question.machines}
    targets = {each.name for each in question.targets}
    state = State(question)
    for move in plan:
        if machines.get(move.machine.key) != move.machine:
            return f"{move.machine.name} is not a machine of the question"
        if move.destination not in targets:
            return f"{move.destination} is no destination"
        if move.relocates != (move.machine.host not in question.drained):
            return f"{move.machine.name} is moved for another reason than the plan says"
        refusal = state.refusal(move)
        if refusal:
            return refusal
        state.carry_out(move)
    for machine in question.leaving:
        if state.where[machine.key] not in targets:
            return f"{machine.name} has no place"
    return ""
