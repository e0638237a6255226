"""How one packing is decided: which step says so, and whether the solver was asked for it.

A solver that is told what to say stands in for HiGHS, so that each of its answers is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from fleets import simple, tight

from livemigration.placement.deciding import (
    EXACT,
    EXCHANGES,
    FULL_HOSTS,
    GREEDY,
    SEARCH,
    Decision,
    Tools,
    decided,
    kept,
    programmed,
    quickly,
    refuted,
)
from livemigration.placement.effort import Effort
from livemigration.placement.model import Proof
from livemigration.placement.packing import Packing, Placed, leaving
from livemigration.placement.program import Program, program
from livemigration.placement.solver import Solved, installed

# Of machines by their memory, how many go to which host.
Wanted = Mapping[tuple[int, str], int]
# Nothing of our own but the quick ways.
ALONE = Effort(steps=0, attempts=0, orders=0, machines=0)
# Ten and eleven on one host, the others on the other: neither quick ways nor exchanges see it.
MISSED = leaving(simple([10, 11, 4, 5, 4], {"a": 13, "b": 21}))
PLACES: Wanted = {(10, "b"): 1, (11, "b"): 1, (4, "a"): 2, (5, "a"): 1}
# 33 MB of 33 free, of which no two sets fill both hosts.
IN_PARTS = leaving(simple([12, 9, 7, 5], {"a": 15, "b": 18}))


class Told:
    """A solver that says, one after the other, what it is told to; halves in place of places."""

    name = "told"

    def __init__(
        self,
        packing: Packing,
        solved: Wanted | None = None,
        relaxed: Sequence[Wanted | None] = (),
        *,
        best: bool = True,
    ) -> None:
        self._hosts, self._best = packing.hosts, best
        self._solved, self._relaxed = solved, list(relaxed)
        self.cases = 0

    def solve(self, program: Program, nodes: int) -> Solved | None:  # noqa: ARG002 - its face
        if self._solved is None:
            return None
        return Solved(self._values(program, self._solved), self._best)

    def relaxed(self, program: Program) -> Told:
        self._program = program
        return self

    def at(
        self,
        lower: Sequence[int],  # noqa: ARG002 - its face
        upper: Sequence[int],  # noqa: ARG002 - its face
    ) -> tuple[Sequence[float], Sequence[float]]:
        self.cases += 1
        wanted = self._relaxed.pop(0) if self._relaxed else None
        nothing = [0.0] * len(self._program.rows)
        if wanted is None:
            return [0.5] * len(self._program.columns), nothing
        return self._values(self._program, wanted), nothing

    def _values(self, program: Program, wanted: Wanted) -> tuple[int, ...]:
        return tuple(
            0
            if each.host is None
            else wanted.get((program.kinds[each.kind].memory, self._hosts[each.host]), 0)
            for each in program.columns
        )


def believed(placed: Placed) -> bool:
    return None not in placed


def by(told: Told, packing: Packing = MISSED, effort: Effort = ALONE) -> Decision:
    return decided(packing, believed, Tools(effort, told))


def test_places_that_are_not_believed_are_none() -> None:
    easy = leaving(simple([1, 1], {"a": 5}))
    assert decided(easy, believed, Tools(Effort(), None)) == Decision(GREEDY, [0, 0])
    found = decided(easy, lambda _: False, Tools(Effort(), installed()))
    assert (found.placed, found.witness) == (None, None)


def test_too_little_room_for_some_is_seen_before_anything_is_searched() -> None:
    question = simple([3, 3, 1], {"a": 4, "b": 10})
    machines = tuple(
        replace(each, allowed=frozenset("a")) if each.memory == 3 else each
        for each in question.machines
    )
    found = decided(leaving(replace(question, machines=machines)), believed, Tools(ALONE, None))
    assert found.witness is not None
    assert (found.step, found.asked) == (Proof.HALL.value, False)
    assert (found.witness.needed, found.witness.free, found.witness.hosts) == (6, 4, ("a",))


def test_exchanges_of_what_was_placed_first_are_places() -> None:
    # Six and six on one host, five and two on the other: no quick way alone sees it.
    packing = leaving(simple([6, 2, 6, 5], {"a": 12, "b": 7}))
    found = decided(packing, believed, Tools(ALONE, None))
    assert found.step == EXCHANGES
    assert found.placed is not None
    assert kept(packing, found.placed) == found.placed


def test_where_there_are_many_machines_the_quick_ways_alone_are_quick() -> None:
    assert quickly(leaving(simple([2, 1], {"a": 3})), ALONE) == [0, 0]
    assert quickly(MISSED, ALONE) is None


def test_every_way_was_tried_is_a_step_of_its_own() -> None:
    searching = replace(ALONE, machines=10, steps=1_000)
    found = decided(IN_PARTS, believed, Tools(searching, None))
    assert (found.step, found.placed) == (Proof.SEARCH.value, None)
    assert found.witness is not None
    assert found.witness.machines == tuple(each.machine for each in IN_PARTS.items)
    assert found.witness.hosts == IN_PARTS.hosts
    assert found.witness.nodes > 1
    found = decided(MISSED, believed, Tools(searching, None))
    assert found.step == SEARCH
    assert found.placed is not None
    assert believed(found.placed)


def test_as_many_machines_as_may_be_are_searched_and_one_more_are_not() -> None:
    count = len(MISSED.items)
    for step, effort in (
        (SEARCH, replace(ALONE, steps=1_000)),
        (FULL_HOSTS, replace(ALONE, orders=16)),
    ):
        for machines, said in ((count, step), (count - 1, "")):
            tools = Tools(replace(effort, machines=machines), None)
            assert decided(MISSED, believed, tools).step == said
    assert quickly(MISSED, replace(ALONE, machines=count)) is not None


def test_a_program_of_as_many_columns_as_may_be_is_solved() -> None:
    columns = sum(len(each.candidates) for each in MISSED.kinds)
    told = Told(MISSED)
    assert programmed(MISSED, Tools(replace(ALONE, columns=columns), told)) is not None
    assert programmed(MISSED, Tools(replace(ALONE, columns=columns - 1), told)) is None


def test_a_relaxation_in_whole_numbers_is_places() -> None:
    found = by(Told(MISSED, relaxed=[PLACES]))
    assert (found.step, found.asked) == (EXACT, True)
    assert found.placed is not None
    assert kept(MISSED, found.placed) == found.placed
    assert believed(found.placed)


def test_what_the_solver_places_is_places() -> None:
    found = by(Told(MISSED, PLACES))
    assert (found.step, found.asked) == (EXACT, True)
    assert found.placed is not None
    assert believed(found.placed)


def test_what_it_places_in_part_is_made_whole() -> None:
    # The one that it leaves out fits beside the others.
    found = by(Told(MISSED, {(10, "b"): 1, (11, "b"): 1, (4, "a"): 2}))
    assert (found.step, found.asked) == (EXACT, True)
    assert found.placed is not None
    assert believed(found.placed)


def test_a_case_in_whole_numbers_is_places() -> None:
    # The first relaxation is not whole, and the solver places nothing.
    found = by(Told(MISSED, {}, relaxed=[None, PLACES]))
    assert (found.step, found.asked) == (EXACT, True)
    assert found.placed is not None
    assert believed(found.placed)


def test_places_for_nobody_are_not_believed() -> None:
    told = Told(MISSED, {})
    found = decided(MISSED, lambda _: True, Tools(ALONE, told))
    assert found.placed is None
    assert found.asked


def test_what_a_solver_found_before_it_gave_up_is_kept_as_far_as_it_fits() -> None:
    # Ten and five are more than one host takes, and no exchange makes room for all others.
    found = by(Told(MISSED, {(10, "a"): 1, (5, "a"): 1}, best=False))
    assert (found.step, found.placed, found.asked) == ("", None, True)
    assert found.partial == [0, None, None, None, None]


def test_a_solver_that_finds_nothing_decides_nothing() -> None:
    assert by(Told(MISSED)) == Decision(asked=True)


def test_weights_that_refute_are_the_answer_of_a_solver_that_was_asked() -> None:
    packing = leaving(simple([5, 12, 4, 3, 3], {"a": 14, "b": 13}))
    alone = replace(ALONE, machines=120)
    found = decided(packing, believed, Tools(alone, installed()))
    assert (found.step, found.asked) == (Proof.LOADS.value, True)
    assert found.weights is not None
    assert found.witness is not None
    assert len(found.witness.machines) == len(packing.items)
    assert found.witness.hosts == packing.hosts


@pytest.mark.parametrize(("numbers", "cases"), [(0, 2), (10**6, 10)])
def test_of_a_large_program_one_case_is_looked_at(numbers: int, cases: int) -> None:
    told = Told(MISSED, {})
    by(told, effort=replace(ALONE, numbers=numbers, cases=9))
    assert told.cases <= cases
    assert (told.cases == 2) == (numbers == 0)


def test_one_case_is_a_proof_by_weights_and_several_by_cases() -> None:
    tools = Tools(replace(ALONE, cases=300), installed())
    at_once = decided(leaving(simple([5, 5, 7], {"a": 9, "b": 8})), believed, tools)
    assert at_once.witness is not None
    assert (at_once.step, at_once.witness.nodes, at_once.asked) == (Proof.WEIGHTS.value, 1, True)
    by_cases = decided(IN_PARTS, believed, tools)
    assert by_cases.witness is not None
    assert (by_cases.step, by_cases.asked) == (Proof.CASES.value, True)
    assert by_cases.witness.nodes > 1
    assert by_cases.witness.machines == tuple(each.machine for each in IN_PARTS.items)
    assert by_cases.witness.hosts == IN_PARTS.hosts


def test_sums_are_a_step_of_their_own() -> None:
    for question, proof in (
        (simple([9], {"a": 4}), Proof.NO_CANDIDATE),
        (simple([4, 4], {"a": 4}), Proof.SUM),
    ):
        found = decided(leaving(question), believed, Tools(ALONE, None))
        assert found.witness is not None
        assert (found.step, found.witness.proof, found.asked) == (proof.value, proof, False)


def test_what_the_solver_decided_is_not_searched_again() -> None:
    searching = replace(ALONE, machines=10, steps=1_000)
    assert by(Told(MISSED, relaxed=[PLACES]), effort=searching).step == EXACT


def test_quick_places_come_from_as_many_orders_as_may_be() -> None:
    packing = leaving(tight(109))
    few = Effort(sets=40, few_orders=8)
    placed = quickly(packing, few)
    assert placed is not None
    assert kept(packing, placed) == placed
    assert quickly(packing, replace(few, few_orders=1)) is None


def test_of_one_packing_more_the_solver_is_asked_for_a_proof_and_then_every_way_is_tried() -> None:
    tools = Tools(replace(ALONE, cases=300), installed())
    proof = refuted(IN_PARTS, tools)
    assert proof is not None
    assert proof.proof is Proof.CASES
    assert refuted(IN_PARTS, Tools(ALONE, None)) is None
    every = refuted(IN_PARTS, Tools(replace(ALONE, machines=10, steps=1_000), None))
    assert every is not None
    assert every.proof is Proof.SEARCH
    assert refuted(MISSED, Tools(replace(ALONE, machines=10, steps=1_000), None)) is None


def test_exchanges_of_more_orders_are_tried_before_the_solver() -> None:
    packing = leaving(simple([7, 3, 6, 9, 8, 6, 5], {"a": 15, "b": 19, "c": 10}))
    assert decided(packing, believed, Tools(ALONE, None)).step == ""
    found = decided(packing, believed, Tools(replace(ALONE, attempts=40), None))
    assert found.step == EXCHANGES


def test_weights_are_asked_for_as_many_machines_as_may_be() -> None:
    packing = leaving(simple([5, 12, 4, 3, 3], {"a": 14, "b": 13}))
    for machines, step in ((5, Proof.LOADS.value), (4, "")):
        found = decided(
            packing, believed, Tools(replace(ALONE, machines=machines, cases=1), installed())
        )
        assert found.step == step


def test_so_many_cases_are_looked_at_as_numbers_allow() -> None:
    numbers = sum(len(each.factors) for each in program(MISSED).rows)
    for most, cases in ((2 * numbers - 1, 1), (2 * numbers, 2), (3 * numbers - 1, 2)):
        told = Told(MISSED, {})
        by(told, effort=replace(ALONE, numbers=most, cases=9))
        # One more, before the solver is asked for places.
        assert told.cases == 1 + cases


def test_what_does_not_fit_takes_nothing_from_what_comes_after_it() -> None:
    packing = leaving(simple([3, 4, 1], {"a": 5}))
    assert kept(packing, [0, 0, 0]) == [0, None, 0]
