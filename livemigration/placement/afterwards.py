"""What a plan leaves behind: where every machine is then, what is free, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from livemigration.placement.model import Host, Machine, Move, Question
from livemigration.placement.replay import State


def after(question: Question, plan: Iterable[Move]) -> Question:
    """Return the same question with a plan carried out.

    A machine that has left a host may go back there, for it has run there. Whether the two hosts
    allow a migration in that direction is another question, to be asked again then. What of its
    disks went along is what the moves say.
    """
    machines = {each.key: each for each in question.machines}
    hosts = {each.name: each for each in question.hosts}
    for move in plan:
        machine = machines[move.machine.key]
        for name, sign in ((move.source, 1), (move.destination, -1)):
            if name in hosts:
                disk = 0 if name == machine.kept_at else move.disk
                hosts[name] = _freed(hosts[name], sign * machine.memory, sign * disk)
        machines[machine.key] = _moved(machine, move)
    return replace(
        question,
        hosts=tuple(hosts[each.name] for each in question.hosts),
        machines=tuple(machines[each.key] for each in question.machines),
    )


def _freed(host: Host, memory: int, disk: int) -> Host:
    # A copy that is complete is deleted where it came from.
    space = None if host.disk_free is None else host.disk_free + disk
    return replace(host, free=host.free + memory, disk_free=space)


def _moved(machine: Machine, move: Move) -> Machine:
    there = move.destination
    found = replace(
        machine,
        host=there,
        allowed=(machine.allowed | {machine.host}) - {there},
        unknown=machine.unknown - {there},
        storage_moves_to=machine.storage_moves_to - {there},
    )
    if not move.disk:
        return found
    # Storage that moved once lies on the host's own disks, and moves each time.
    return replace(found, disk=move.disk, storage_moves_to=found.allowed | found.unknown)


def turned(plan: Sequence[Move]) -> tuple[Move, ...]:
    """Return the moves of a plan the other way, the last one first."""
    return tuple(map(_turned, reversed(plan)))


def _turned(move: Move) -> Move:
    machine, home = move.machine, move.source
    if move.disk:
        # What was copied there is copied back.
        machine = replace(machine, storage_moves_to=machine.storage_moves_to | {home})
    return Move(machine, move.destination, home, relocates=move.relocates)


def undone(question: Question, plan: Sequence[Move]) -> tuple[Move, ...]:
    """Return the moves that undo a plan of a question, in an order in which each is possible.

    Each has the memory that its machine left, as long as nothing else was put there meanwhile.
    """
    now = {each.key: each for each in after(question, plan).machines}
    return tuple(replace(each, machine=now[each.machine.key]) for each in turned(plan))


def directly_back(question: Question, homes: dict[str, str]) -> tuple[Move, ...] | None:
    """Return one move for each machine that is not at home; None where that has no order.

    Args:
        question: how everything is.
        homes: the host of each machine by its key.
    """
    state = State(question)
    away = [each for each in question.machines if each.host != homes.get(each.key, each.host)]
    moves: list[Move] = []
    while away:
        for machine in away:
            move = Move(machine, machine.host, homes[machine.key])
            if not state.refusal(move):
                state.carry_out(move)
                moves.append(move)
                away.remove(machine)
                break
        else:
            return None
    return tuple(moves)
