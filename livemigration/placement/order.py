"""An order in which machines can make room for others, each at both ends while it moves."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.placement.model import Move, Question
from livemigration.placement.replay import State


def ordered(question: Question, moves: Sequence[Move], most: int) -> tuple[Move, ...] | None:
    """Return the moves in an order in which each is possible; None where none was found.

    Args:
        question: how everything is before.
        moves: one of each machine.
        most: how many steps are tried.
    """
    state, done = State(question), list[int]()
    # Which moves are done decides what is possible next, whatever their order was.
    failed: set[frozenset[int]] = set()
    tried = 0

    def run() -> bool:
        nonlocal tried
        if len(done) == len(moves):
            return True
        reached = frozenset(done)
        if reached in failed:
            return False
        for number, move in enumerate(moves):
            if number in reached or tried >= most or state.refusal(move):
                continue
            tried += 1
            state.carry_out(move)
            done.append(number)
            if run():
                return True
            done.pop()
            state.take_back(move)
        failed.add(reached)
        return False

    return tuple(moves[number] for number in done) if run() else None
