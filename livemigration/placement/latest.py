"""Machines that are to be moved last and make room: as late as what needs their place allows.

Those that leave a drained host are at the end of a plan anyway.
"""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.placement.model import Move, Question
from livemigration.placement.replay import State


def latest(question: Question, plan: Sequence[Move]) -> tuple[Move, ...]:
    """Return the moves of a plan, with those that are to be last behind all that can be before.

    Args:
        question: how everything is before.
        plan: in an order in which each move is possible.
    """
    found = list(plan)
    # From the last one: what another one waits for has its place then.
    for move in reversed(plan):
        if move.relocates and move.machine.last:
            found = _behind(question, found, found.index(move))
    return tuple(found)


def _behind(question: Question, moves: list[Move], at: int) -> list[Move]:
    """Return the moves with one of them behind each that is possible without it, in their order."""
    state = State(question)
    for each in moves[:at]:
        state.carry_out(each)
    before, after = [], [moves[at]]
    for number in range(at + 1, len(moves)):
        each = moves[number]
        if each.machine.last or state.refusal(each) or not _possible(state, after, moves[number:]):
            after.append(each)
        else:
            state.carry_out(each)
            before.append(each)
    return [*moves[:at], *before, *after]


def _possible(state: State, waiting: Sequence[Move], rest: Sequence[Move]) -> bool:
    """Whether, after the first of the rest, those that wait and then the others are possible."""
    done: list[Move] = []
    for each in (rest[0], *waiting, *rest[1:]):
        if state.refusal(each):
            break
        state.carry_out(each)
        done.append(each)
    for each in reversed(done):
        state.take_back(each)
    return len(done) == len(waiting) + len(rest)
