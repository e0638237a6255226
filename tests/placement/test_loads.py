"""Weights that prove that there is no plan: whatever they are, never where there is one."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import product

import pytest
from complete import fits
from fleets import planted, seeded, simple, small, tight

from livemigration.placement import greedy, loads
from livemigration.placement.effort import Effort
from livemigration.placement.ladder import answer
from livemigration.placement.loads import weights
from livemigration.placement.model import Proof, Question, Verdict
from livemigration.placement.packing import Packing, leaving
from livemigration.placement.program import Column, Program, Row
from livemigration.placement.solver import Relaxation, Solved, Solver, installed
from livemigration.placement.witness import by_sums, overweight

FLEETS = 120
PARTS = [pytest.param(0), *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 8))]
# 27 MB of 27 free, of which no two sets fill both hosts.
REFUTED = simple([5, 12, 4, 3, 3], {"a": 14, "b": 13})


def solver() -> Solver:
    found = installed()
    assert found is not None
    return found


def found(question: Question) -> tuple[int, ...] | None:
    packing = leaving(question)
    return weights(packing, list(greedy.attempts(packing)), solver(), 60)


@pytest.mark.parametrize("part", PARTS)
def test_weights_are_only_found_where_there_is_no_plan(part: int) -> None:
    refuted = 0
    for seed in range(part * FLEETS, (part + 1) * FLEETS):
        question = small(seed)
        if found(question):
            refuted += 1
            assert not fits(question), seed
    assert refuted


def left_over(packing: Packing) -> float:
    """Return what has no place when hosts take parts of every load that their memory allows."""
    kinds, columns = packing.kinds, list[Column]()
    takes: list[list[tuple[int, int]]] = [[] for _ in kinds]
    one: list[list[tuple[int, int]]] = [[] for _ in packing.hosts]
    for host, memory in enumerate(packing.memory):
        counts = (range(1 + len(each.items) * (host in each.candidates)) for each in kinds)
        for load in product(*counts):
            if sum(many * kind.memory for many, kind in zip(load, kinds, strict=True)) > memory:
                continue
            one[host].append((len(columns), 1))
            for number, many in enumerate(load):
                takes[number].append((len(columns), -many))
            columns.append(Column(0, host, 1))
    taken = len(columns)
    for number, kind in enumerate(kinds):
        takes[number].append((len(columns), -1))
        columns.append(Column(number, None, len(kind.items)))
    rows = [Row(tuple(each), -len(kind.items)) for each, kind in zip(takes, kinds, strict=True)]
    rows += [Row(tuple(each), 1) for each in one]
    costs = (*(0.0 for _ in range(taken)), *(1.0 for _ in kinds))
    rules = Program(kinds, tuple(columns), costs, tuple(rows))
    point = solver().relaxed(rules).at([0] * len(columns), [each.most for each in columns])
    assert point is not None
    return sum(point[0][taken:])


@pytest.mark.parametrize("begun", [True, pytest.param(False, marks=pytest.mark.long)])
def test_weights_are_found_where_no_parts_of_loads_take_everything(begun: bool) -> None:
    refuted = 0
    for seed in range(FLEETS):
        packing = leaving(small(seed))
        # Every load of more machines would be too many.
        if len(packing.items) > 7:
            continue
        attempts = list(greedy.attempts(packing)) if begun else []
        against = weights(packing, attempts, solver(), 60)
        assert (against is not None) == (left_over(packing) > 1e-6), seed
        if against is not None:
            refuted += 1
            assert len(against) == len(packing.items)
            assert overweight(packing, against), seed
    assert refuted


def test_a_solver_that_is_not_asked_finds_no_weights() -> None:
    packing = leaving(REFUTED)
    assert weights(packing, [], solver(), 0) is None
    assert weights(packing, [], solver(), 60) is not None


class Counting:
    """The solver, and how often it was asked; or one that says nothing."""

    def __init__(self, *, silent: bool = False) -> None:
        self.asked, self._silent, self._solver = 0, silent, solver()
        self.name = self._solver.name

    def solve(self, program: Program, nodes: int) -> Solved | None:
        return self._solver.solve(program, nodes)

    def relaxed(self, program: Program) -> Relaxation:
        self.asked += 1
        return self if self._silent else self._solver.relaxed(program)

    def at(
        self,
        lower: Sequence[int],  # noqa: ARG002 - its face
        upper: Sequence[int],  # noqa: ARG002 - its face
    ) -> None:
        return None


def test_a_solver_that_says_nothing_ends_it() -> None:
    silent = Counting(silent=True)
    assert weights(leaving(REFUTED), [], silent, 60) is None
    assert silent.asked == 1


@pytest.mark.long
@pytest.mark.parametrize(
    ("made", "begun", "most"),
    [(tight, False, 350), (tight, True, 185), (small, False, 140), (small, True, 68)],
)
def test_what_is_counted_again_is_so_and_the_solver_is_asked_no_more_than_it_takes(
    made: Callable[[int], Question], begun: bool, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[bool] = []

    def again(packing: Packing, against: Sequence[int]) -> bool:
        counted.append(overweight(packing, against))
        return counted[-1]

    monkeypatch.setattr(loads, "overweight", again)
    counting = Counting()
    for seed in range(40):
        packing = leaving(made(seed))
        weights(packing, list(greedy.attempts(packing)) if begun else [], counting, 60)
    assert all(counted)
    assert counted
    assert counting.asked <= most


@pytest.mark.parametrize("hosts", [3, 4, 5])
def test_no_weights_are_against_a_planted_plan(hosts: int) -> None:
    for seed in range(3):
        assert found(planted(seed, hosts)[0]) is None, seed


def any_weights(draw: random.Random, count: int) -> list[int]:
    most = draw.choice([1, 3, 20, 1024])
    return [draw.randint(-1, most) for _ in range(count)]


def test_whatever_the_weights_are_they_never_deny_a_plan() -> None:
    denied = 0
    for seed in range(FLEETS):
        question, draw = small(seed), seeded(seed)
        packing = leaving(question)
        for _ in range(5):
            if overweight(packing, any_weights(draw, len(packing.items))):
                denied += 1
                assert not fits(question), seed
    assert denied


def test_what_no_sum_denies_weights_do() -> None:
    packing = leaving(REFUTED)
    assert by_sums(packing) is None
    # Memory itself is such a weight, of which the hosts do not take all that they have free.
    assert overweight(packing, [each.machine.memory for each in packing.items])
    assert not overweight(packing, [1] * len(packing.items))
    weighed = found(REFUTED)
    assert weighed is not None
    assert overweight(packing, weighed)


def test_a_no_by_weights_is_an_answer_of_the_exact_solver() -> None:
    # Nothing of our own that would prove it first.
    alone = Effort(orders=0, attempts=0, steps=0, others=0)
    told = answer(REFUTED, effort=alone)
    assert told.verdict is Verdict.DOES_NOT_FIT
    assert told.witness is not None
    assert (told.witness.proof, told.step) == (Proof.LOADS, "loads")
    assert told.solver.startswith("HiGHS 1.16.")
    assert len(told.witness.machines) == 5
