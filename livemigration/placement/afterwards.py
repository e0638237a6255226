"""What a plan leaves behind: where every machine is then, what is free, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from livemigration.placement.model import Host, Machine, Move, Question
from livemigration.placement.replay import State


def after(question: Question, plan: Iterable[Move]) -> Question:
    """Return the same question with a plan carried out.

    A machine that has left a host may go back there, for it has run there. Whether the two hosts
    allow a migration in that direction is another question, to be asked again then.
    """
    machines = {each.key: each for each in question.machines}
    hosts = {each.name: each for each in question.hosts}
    for move in plan:
        machine = machines[move.machine.key]
        with_storage = move.destination in machine.storage_moves_to
        for name, sign in ((move.source, 1), (move.destination, -1)):
            if name in hosts:
                hosts[name] = _freed(hosts[name], machine, sign, with_storage=with_storage)
        machines[machine.key] = _moved(machine, move.destination, with_storage=with_storage)
    return replace(
        question,
        hosts=tuple(hosts[each.name] for each in question.hosts),
        machines=tuple(machines[each.key] for each in question.machines),
    )


def _freed(host: Host, machine: Machine, sign: int, *, with_storage: bool) -> Host:
    disk = host.disk_free
    if disk is not None and with_storage:
        # A copy that is complete is deleted where it came from.
        disk += sign * machine.disk
    return replace(host, free=host.free + sign * machine.memory, disk_free=disk)


def _moved(machine: Machine, destination: str, *, with_storage: bool) -> Machine:
    allowed = (machine.allowed | {machine.host}) - {destination}
    # Storage that moved once lies on the host's own disks, and moves each time.
    storage = allowed | machine.unknown if with_storage else machine.storage_moves_to
    return replace(
        machine,
        host=destination,
        allowed=allowed,
        unknown=machine.unknown - {destination},
        storage_moves_to=storage - {destination},
    )


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
