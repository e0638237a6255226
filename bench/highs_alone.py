"""A drain as HiGHS is given it by somebody who has nothing else: the peer of bench/drain.py.

A column for each machine and each host, and what has no place costs. What it says is believed: no
plan is carried out on paper, no "no" has a proof, and nobody makes room.
"""

from __future__ import annotations

from livemigration.placement.model import Question
from livemigration.placement.program import Column, Program, Row
from livemigration.placement.solver import Solver


def fits(question: Question, solver: Solver, nodes: int) -> bool | None:
    """Return whether all machines have a place; None: it was not decided in so many nodes."""
    found = solver.solve(_program(question), nodes)
    machines, targets = len(question.leaving), len(question.targets)
    if found is None:
        return None
    if not any(found.values[machines * targets :]):
        return True
    return False if found.best else None


def _program(question: Question) -> Program:
    machines, targets = question.leaving, question.targets
    columns = [
        Column(number, host, int(target.name in machine.allowed))
        for number, machine in enumerate(machines)
        for host, target in enumerate(targets)
    ]
    placed = len(columns)
    columns += [Column(number, None, 1) for number in range(len(machines))]
    costs = [0.0] * placed + [1.0] * len(machines)
    return Program((), tuple(columns), tuple(costs), (*_places(question), *_memory(question)))


def _places(question: Question) -> list[Row]:
    many, each = len(question.leaving), len(question.targets)
    return [
        Row(
            (
                *((number * each + host, 1) for host in range(each)),
                (many * each + number, 1),
            ),
            1,
            exact=True,
        )
        for number in range(many)
    ]


def _memory(question: Question) -> list[Row]:
    each = len(question.targets)
    return [
        Row(
            tuple(
                (number * each + host, machine.memory)
                for number, machine in enumerate(question.leaving)
            ),
            target.free,
        )
        for host, target in enumerate(question.targets)
    ]
