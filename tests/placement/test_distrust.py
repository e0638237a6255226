"""Nothing that a solver says is believed: neither "no", nor a plan, nor the weights of a proof."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from fleets import planted, simple

from livemigration.placement import ladder
from livemigration.placement.effort import Effort
from livemigration.placement.ladder import EASE, INSTALL, answer
from livemigration.placement.model import Question, Verdict
from livemigration.placement.program import Program
from livemigration.placement.replay import fault
from livemigration.placement.solver import Relaxation, Solved, installed

# Nothing of our own that could set it right.
ALONE = Effort(steps=0, attempts=0, orders=0)


class Liar:
    """A solver that says what it is told to."""

    name = "liar"

    def __init__(
        self,
        values: Callable[[Program], Solved | None],
        weights: Callable[[Program], tuple[Sequence[float], Sequence[float]] | None],
    ) -> None:
        self._values, self._weights = values, weights
        self.asked = 0

    def solve(self, program: Program, nodes: int) -> Solved | None:  # noqa: ARG002 - its face
        self.asked += 1
        return self._values(program)

    def relaxed(self, program: Program) -> Relaxation:
        return Weights(self._weights(program))


class Weights:
    def __init__(self, said: tuple[Sequence[float], Sequence[float]] | None) -> None:
        self._said = said

    def at(
        self,
        lower: Sequence[int],  # noqa: ARG002 - its face
        upper: Sequence[int],  # noqa: ARG002 - its face
    ) -> tuple[Sequence[float], Sequence[float]] | None:
        return self._said


def nothing(program: Program) -> None:
    return None


def nobody_has_a_place(program: Program) -> Solved:
    return Solved(
        tuple(0 if each.host is not None else each.most for each in program.columns), True
    )


def all_on_the_first(program: Program) -> Solved:
    seen: set[int] = set()
    values = []
    for each in program.columns:
        values.append(len(program.kinds[each.kind].items) if each.kind not in seen else 0)
        seen.add(each.kind)
    return Solved(tuple(values), True)


def _weighing(weight: float) -> Callable[[Program], tuple[Sequence[float], Sequence[float]]]:
    def said(program: Program) -> tuple[Sequence[float], Sequence[float]]:
        return [0.5] * len(program.columns), [
            weight if row.exact else -weight for row in program.rows
        ]

    return said


LIES = [nothing, nobody_has_a_place, all_on_the_first]
WEIGHTS = [nothing, _weighing(1.0), _weighing(1e-3), _weighing(-7.0), _weighing(1e9)]


def hard() -> Iterator[Question]:
    """Fleets with a plan that no quick way finds."""
    for seed in range(40):
        question, _ = planted(seed, hosts=5)
        if answer(question, effort=replace(ALONE, solver=False)).verdict is Verdict.UNDECIDED:
            yield question


HARD = next(hard())


@pytest.mark.parametrize("values", LIES)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_lie_never_becomes_a_no_nor_a_plan(
    values: Callable[[Program], Solved | None],
    weights: Callable[[Program], tuple[Sequence[float], Sequence[float]] | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    liar = Liar(values, weights)
    monkeypatch.setattr(ladder, "installed", lambda: liar)
    found = answer(HARD, effort=ALONE)
    assert liar.asked
    assert (found.verdict, found.plan, found.witness) == (Verdict.UNDECIDED, (), None)
    assert found.advice == EASE
    assert found.unplaced


def test_a_true_solver_finds_its_plan() -> None:
    found = answer(HARD, effort=ALONE)
    assert (found.verdict, found.step) == (Verdict.FITS, "exact")
    assert found.solver.startswith("HiGHS 1.16.")
    assert fault(HARD, found.plan) == ""


def places_for_all_alone(program: Program) -> Solved | None:
    """Answer only where every machine has to have a place, as when others may make room."""
    if any(each.host is None and each.most for each in program.columns):
        return None
    solver = installed()
    assert solver is not None
    return solver.solve(program, 30)


def test_a_plan_that_needs_no_others_is_found_where_they_are_asked_to_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    liar = Liar(places_for_all_alone, nothing)
    monkeypatch.setattr(ladder, "installed", lambda: liar)
    hosts = tuple(replace(each, reserve=1) for each in HARD.hosts)
    question = replace(HARD, hosts=hosts)
    found = answer(question, effort=ALONE)
    assert (found.verdict, found.step, found.solver) == (Verdict.FITS, "exact", "liar")
    assert fault(question, found.plan) == ""
    assert not any(each.relocates for each in found.plan)
    # They are filled to the last MB.
    assert found.breaks_reserve == tuple(each.name for each in question.targets)


def test_without_a_solver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    installed.cache_clear()
    monkeypatch.setitem(sys.modules, "highspy", None)
    try:
        assert installed() is None
        found = answer(HARD, effort=ALONE)
        assert (found.verdict, found.solver, found.advice) == (Verdict.UNDECIDED, "", INSTALL)
        assert "livemigration[drain]" in INSTALL
        assert answer(HARD).verdict is Verdict.FITS
        assert answer(simple([5, 5, 7], {"a": 9, "b": 8})).verdict is Verdict.DOES_NOT_FIT
    finally:
        installed.cache_clear()
