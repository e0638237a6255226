"""Small fleets of every shape, held against a search that tries everything."""

from __future__ import annotations

from collections import Counter

import pytest
from complete import fewest_left, fewest_moves, fits
from fleets import small

from livemigration.placement.effort import Effort
from livemigration.placement.ladder import answer
from livemigration.placement.model import Verdict
from livemigration.placement.replay import fault

# Each is this many fleets; CI takes all of them.
FLEETS = 40
PARTS = [pytest.param(0), *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 25))]
BOTH = pytest.mark.parametrize("solver", [True, False], ids=["solver", "none"])


@BOTH
@pytest.mark.parametrize("part", PARTS)
def test_never_no_where_a_plan_exists_and_never_yes_where_none_does(
    part: int, solver: bool
) -> None:
    for seed in range(part * FLEETS, (part + 1) * FLEETS):
        question = small(seed)
        found = answer(question, effort=Effort(solver=solver))
        # They are small enough that nothing is left undecided, whatever is installed.
        expected = Verdict.FITS if fits(question) else Verdict.DOES_NOT_FIT
        assert found.verdict is expected, seed
        if expected is Verdict.FITS:
            assert fault(question, found.plan) == "", seed
        else:
            assert found.witness is not None, seed
        if solver:
            assert len(found.unplaced) == fewest_left(question), seed


@BOTH
@pytest.mark.parametrize("part", PARTS)
def test_machines_that_make_room_are_as_few_as_it_says(part: int, solver: bool) -> None:
    seen: Counter[Verdict] = Counter()
    for seed in range(part * FLEETS, (part + 1) * FLEETS):
        question = small(seed, residents=4)
        found = answer(question, effort=Effort(solver=solver))
        seen[found.verdict] += 1
        least = fewest_moves(question)
        relocations = sum(each.relocates for each in found.plan)
        assert not found.plan or fault(question, found.plan) == "", seed
        if found.verdict is Verdict.FITS:
            assert (least, relocations) == (0, 0), seed
        elif found.verdict is Verdict.FITS_WITH_SWAPS:
            assert least, seed
            assert relocations == least if found.fewest else relocations >= least, seed
        elif found.verdict is Verdict.DOES_NOT_FIT:
            assert least is None, seed
    assert seen[Verdict.FITS_WITH_SWAPS] or part
    # Some depend on moves of one machine after the other, or on disk that a move frees.
    assert seen[Verdict.UNDECIDED] <= (FLEETS // 20 if solver else FLEETS // 4)
