"""Moves carried out one by one in whole numbers; nothing of it is shared with what plans them."""

from __future__ import annotations

from collections.abc import Iterable

from livemigration.placement.model import Move, Question


class Site:
    """Where each machine is, and what is free, as moves are made."""

    def __init__(self, question: Question) -> None:
        self.machines = {each.key: each for each in question.machines}
        self.where = {each.key: each.host for each in question.machines}
        self.memory = {each.name: each.free for each in question.hosts}
        self.disk = {each.name: each.disk_free for each in question.hosts}
        self.moved = 0

    def move(self, moves: Iterable[Move], down: Iterable[str]) -> None:
        """Make moves, none of which may go to a host that is down."""
        for each in moves:
            assert each.destination not in down
            self._one(each)

    def _one(self, move: Move) -> None:
        machine, there = self.machines[move.machine.key], move.destination
        assert self.where[machine.key] == move.source
        assert there in machine.allowed or there == machine.host
        assert machine.memory <= self.memory[there], "both ends hold it while it moves"
        for key, host in self.where.items():
            if host == there and self.machines[key].apart & machine.apart:
                # Only where it was from the start.
                assert machine.host == there == self.machines[key].host
        self.memory[there] -= machine.memory
        self.memory[move.source] += machine.memory
        if machine.storage_moves_to:
            # On the host's own disks, from there to any other host's.
            self._use_disk(there, machine.disk)
            self._use_disk(move.source, -machine.disk)
        self.where[machine.key] = there
        self.moved += machine.memory

    def _use_disk(self, host: str, disk: int) -> None:
        free = self.disk[host]
        if free is not None:
            assert disk <= free
            self.disk[host] = free - disk

    def on(self, host: str) -> set[str]:
        """Return the keys of the machines on a host."""
        return {key for key, each in self.where.items() if each == host}
