"""A question divided into cases: refuted only where there is no plan, and solved where there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from complete import fits
from fleets import alike, simple, small, tight

from livemigration.placement.cases import Divided, divided
from livemigration.placement.deciding import kept
from livemigration.placement.model import Question
from livemigration.placement.packing import leaving
from livemigration.placement.program import Program, program
from livemigration.placement.solver import Solved, installed

FLEETS = 100
MORE = [(small, 174), (alike, 176)]


@pytest.mark.parametrize(
    ("made", "most"),
    [(tight, 144), *(pytest.param(*each, marks=pytest.mark.long) for each in MORE)],
)
def test_all_cases_are_refuted_or_one_is_solved(made: Callable[[int], Question], most: int) -> None:
    solver = installed()
    assert solver is not None
    seen, cases = Counter[bool](), 0
    for seed in range(FLEETS):
        question = made(seed)
        packing = leaving(question)
        found = divided(packing, program(packing), solver, 3_000)
        assert found.refuted is not fits(question), seed
        assert (found.placed is None) is found.refuted, seed
        if found.placed is not None:
            assert None not in found.placed, seed
            assert kept(packing, found.placed) == found.placed, seed
        seen[found.refuted] += 1
        cases += found.cases
        # Just as many cases are enough, and with one less nothing is said.
        assert divided(packing, program(packing), solver, found.cases) == found, seed
        less = divided(packing, program(packing), solver, found.cases - 1)
        assert less == Divided(refuted=False, placed=None, cases=found.cases - 1), seed
    assert min(seen[True], seen[False]) > 5
    # Where the largest machines are divided first, it takes the fewest.
    assert cases <= most


class Saying:
    """A solver of which each relaxation has the same values, and weighs nothing."""

    name = "saying"

    def __init__(self, values: Sequence[float] | None) -> None:
        self._said = values

    def solve(self, program: Program, nodes: int) -> Solved | None:  # noqa: ARG002 - its face
        return None

    def relaxed(self, program: Program) -> Saying:
        self._rows = len(program.rows)
        return self

    def at(
        self,
        lower: Sequence[int],  # noqa: ARG002 - its face
        upper: Sequence[int],  # noqa: ARG002 - its face
    ) -> tuple[Sequence[float], Sequence[float]] | None:
        return None if self._said is None else (self._said, [0.0] * self._rows)


@pytest.mark.parametrize("values", [None, (0.0, 0.0, 2.0), (1.0, 0.0, 1.0)])
def test_what_places_not_all_or_says_nothing_is_no_answer(values: Sequence[float] | None) -> None:
    packing = leaving(simple([3, 3], {"a": 5, "b": 5}))
    found = divided(packing, program(packing), Saying(values), 10)
    assert found == Divided(refuted=False, placed=None, cases=1)


def test_values_that_are_nearly_whole_are_taken_as_such() -> None:
    packing = leaving(simple([3, 3], {"a": 5, "b": 5}))
    nearly = Saying((0.999_999_5, 1.000_000_5, 0.000_000_1))
    found = divided(packing, program(packing), nearly, 10)
    assert found == Divided(refuted=False, placed=[0, 1], cases=1)
