"""A question divided into cases until each one is solved, or refuted in whole numbers.

The solver only says where to divide and by which weights to refute: a wrong word of it costs a
proof, and never makes one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.placement.packing import Packing, Placed
from livemigration.placement.program import Program
from livemigration.placement.solver import Solver
from livemigration.placement.witness import contradicts

# A value so near to a whole number is taken as one; what follows of it is replayed.
_NEAR = 1e-6


@dataclass(frozen=True)
class Divided:
    """What became of the cases."""

    # Every case is refuted.
    refuted: bool
    # A place for each item, as one case has it; it has to be replayed.
    placed: Placed | None
    cases: int


def divided(packing: Packing, program: Program, solver: Solver, most: int) -> Divided:
    """Divide until all cases are refuted, one is solved, or there were so many of them.

    Every machine of the program costs the same where it has no place.
    """
    relaxation = solver.relaxed(program)
    open_: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
        (tuple(0 for _ in program.columns), tuple(each.most for each in program.columns))
    ]
    count = 0
    while open_ and count < most:
        lower, upper = open_.pop()
        count += 1
        if _too_many(program, lower):
            continue
        point = relaxation.at(lower, upper)
        if point is None:
            return Divided(refuted=False, placed=None, cases=count)
        values, duals = point
        if contradicts(program, duals, lower, upper):
            continue
        number = _divide_at(program, values)
        if number is None:
            whole = [round(each) for each in values]
            placed = program.placed(packing, whole)
            # It neither contradicts nor places all: floating numbers do not tell more.
            complete = None not in placed
            return Divided(refuted=False, placed=placed if complete else None, cases=count)
        below = int(values[number])
        up = (*lower[:number], below + 1, *lower[number + 1 :])
        down = (*upper[:number], below, *upper[number + 1 :])
        open_ += [(lower, down), (up, upper)]
    return Divided(refuted=not open_, placed=None, cases=count)


def _too_many(program: Program, lower: Sequence[int]) -> bool:
    """Whether what a case has placed already breaks a rule: then its relaxation has no solution."""
    if not any(lower):
        return False
    return any(
        sum(factor * lower[column] for column, factor in row.factors) > row.limit
        for row in program.rows
    )


def _divide_at(program: Program, values: Sequence[float]) -> int | None:
    """Return the column that is farthest from whole, the largest machines first; None: none is."""

    def worth(number: int) -> tuple[int, float, int]:
        part = values[number] % 1
        kind = program.kinds[program.columns[number].kind]
        return (kind.memory, min(part, 1 - part), -number)

    broken = [
        number
        for number, column in enumerate(program.columns)
        if column.host is not None and abs(values[number] - round(values[number])) > _NEAR
    ]
    return max(broken, key=worth) if broken else None
