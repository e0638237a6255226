"""What is possible at all, by trying everything: written apart from the code that it is held against.

It knows the rules as a person would state them, and is good for a handful of machines.
"""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.placement.model import Machine, Question


@dataclass
class Room:
    """What is free on a target, and who is there."""

    memory: int
    disk: int | None
    there: list[Machine]

    def takes(self, machine: Machine, name: str) -> bool:
        if name not in machine.allowed or machine.memory > max(0, self.memory):
            return False
        if self.disk is not None and name in machine.storage_moves_to and machine.disk > self.disk:
            return False
        return not any(machine.apart & other.apart for other in self.there)

    def add(self, machine: Machine, name: str, sign: int = 1) -> None:
        self.memory -= sign * machine.memory
        if self.disk is not None and name in machine.storage_moves_to:
            self.disk -= sign * machine.disk
        if sign > 0:
            self.there.append(machine)
        else:
            self.there.remove(machine)


def rooms_of(question: Question) -> dict[str, Room]:
    names = [
        each.name for each in question.hosts if each.takes and each.name not in question.drained
    ]
    return {
        each.name: Room(
            each.free,
            each.disk_free,
            [machine for machine in question.machines if machine.host == each.name],
        )
        for each in question.hosts
        if each.name in names
    }


def leaving_of(question: Question) -> list[Machine]:
    return [
        each
        for each in question.machines
        if each.host in question.drained and each.key not in question.stays
    ]


def place(machines: list[Machine], rooms: dict[str, Room]) -> bool:
    """Whether all of them can be placed, by trying every way."""
    if not machines:
        return True
    machine, rest = machines[0], machines[1:]
    for name, room in rooms.items():
        if room.takes(machine, name):
            room.add(machine, name)
            found = place(rest, rooms)
            room.add(machine, name, -1)
            if found:
                return True
    return False


def fits(question: Question) -> bool:
    """Whether there is a plan while all other machines remain."""
    return place(leaving_of(question), rooms_of(question))


def fewest_left(question: Question) -> int:
    """Return the least number of machines without a place while all others remain."""
    rooms, machines = rooms_of(question), leaving_of(question)

    def least(number: int, most: int) -> int:
        if number == len(machines):
            return 0
        machine, best = machines[number], most
        for name, room in rooms.items():
            if room.takes(machine, name):
                room.add(machine, name)
                best = min(best, least(number + 1, best))
                room.add(machine, name, -1)
        if best > 0:
            best = min(best, 1 + least(number + 1, best - 1)) if best > 1 else min(best, 1)
        return best

    return least(0, len(machines))


def fewest_moves(question: Question, at_most: int = 6) -> int | None:
    """Return how few moves of other machines a plan needs; None where none has one.

    A machine may move more than once. Every arrangement that can be reached is tried.
    """
    residents = [each for each in question.machines if each.host not in question.drained]
    start = tuple(each.host for each in residents)
    seen, front = {start}, [(start, rooms_of(question))]
    for moves in range(at_most + 1):
        further = []
        for where, rooms in front:
            if place(leaving_of(question), rooms):
                return moves
            for number, machine in enumerate(residents):
                for name, room in rooms.items():
                    after = (*where[:number], name, *where[number + 1 :])
                    if name == where[number] or after in seen or where[number] not in rooms:
                        continue
                    if room.takes(machine, name):
                        seen.add(after)
                        further.append((after, _moved(rooms, machine, where[number], name)))
        front = further
    return None


def _moved(rooms: dict[str, Room], machine: Machine, source: str, there: str) -> dict[str, Room]:
    copied = {name: Room(each.memory, each.disk, list(each.there)) for name, each in rooms.items()}
    copied[there].add(machine, there)
    # Its disk at the source is not counted as free.
    copied[source].memory += machine.memory
    copied[source].there.remove(machine)
    return copied
