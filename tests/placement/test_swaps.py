"""Plans in which others make room: as few as it says, and found where there are any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from complete import fewest_moves, fits
from fleets import crowded, machine, seeded, simple, small

from livemigration.placement import swaps
from livemigration.placement.deciding import Decision, Tools
from livemigration.placement.effort import Effort
from livemigration.placement.least import least_unplaced
from livemigration.placement.model import Machine, Question
from livemigration.placement.packing import Packing, between, leaving
from livemigration.placement.program import Program
from livemigration.placement.replay import fault
from livemigration.placement.solver import Relaxation, Solved, installed
from livemigration.placement.swaps import Swapped, swapped

FLEETS = 300
WITH, WITHOUT = Tools(Effort(), installed()), Tools(Effort(), None)
# Of the fewest that make room, those that are found first have no order.
WITHOUT_AN_ORDER = (350, 377, 1125)


def residents(seed: int) -> Question:
    return small(seed, residents=4)


def found(question: Question, tools: Tools) -> Swapped | None:
    packing = leaving(question)
    placed = least_unplaced(packing, Decision(), tools)
    made = swapped(question, packing, placed, tools)
    if made is not None:
        assert fault(question, made.plan) == ""
        assert made.relocations == sum(each.relocates for each in made.plan)
    return made


@pytest.mark.parametrize(
    ("made", "most"), [(crowded, 1), pytest.param(residents, 0, marks=pytest.mark.long)]
)
def test_as_few_as_possible_make_room(made: Callable[[int], Question], most: int) -> None:
    missed, proven = 0, Counter[bool]()
    for seed in range(FLEETS):
        question = made(seed)
        if fits(question):
            continue
        least, plan = fewest_moves(question), found(question, WITH)
        if plan is None:
            missed += least is not None
            continue
        assert plan.relocations == least, seed
        proven[plan.fewest] += 1
    assert missed <= most
    # Where the first that it finds have no order, it does not say so of others.
    assert proven[False] <= 1
    assert set(proven) <= {True, False}
    assert proven[True] > FLEETS // 20


@pytest.mark.parametrize(("made", "one", "more"), [(crowded, 30, 0), (residents, 17, 2)])
def test_without_a_solver_it_says_fewest_only_of_one(
    made: Callable[[int], Question], one: int, more: int
) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(FLEETS):
        question = made(seed)
        if fits(question):
            continue
        least, plan = fewest_moves(question), found(question, WITHOUT)
        if plan is not None:
            seen[plan.fewest] += 1
            assert least is not None, seed
            assert plan.relocations >= least, seed
            assert plan.fewest is (plan.relocations == 1), seed
    assert seen[True] >= one
    assert seen[False] >= more


def test_where_the_fewest_have_no_order_others_are_asked_for() -> None:
    for seed in WITHOUT_AN_ORDER:
        question = crowded(seed)
        plan = found(question, WITH)
        assert plan is not None
        assert plan.relocations == fewest_moves(question)
        # That fewer have none is not looked at.
        assert not plan.fewest
        assert found(question, Tools(Effort(swap_sets=0), installed())) is None


def some_last(seed: int) -> Question:
    random, question = seeded(seed), crowded(seed)
    machines = (replace(each, last=random.random() < 0.4) for each in question.machines)
    return replace(question, machines=tuple(machines))


@pytest.mark.long
def test_what_is_to_be_moved_last_makes_room_only_where_no_others_do() -> None:
    seen, several = Counter[bool](), 0
    for seed in range(FLEETS):
        question = some_last(seed)
        if fits(question):
            continue
        still = tuple(
            replace(each, allowed=frozenset()) if each.last and each.host != "d" else each
            for each in question.machines
        )
        least = fewest_moves(replace(question, machines=still))
        plan = found(question, WITH)
        if plan is None:
            continue
        last = any(each.machine.last and each.relocates for each in plan.plan)
        assert last is (least is None), seed
        seen[last] += 1
        if least is not None:
            assert plan.relocations == least, seed
            # With those that are to be moved last it might be fewer, but for one.
            if any(each.last and each.allowed and each.host != "d" for each in question.machines):
                assert plan.fewest is (plan.relocations == 1), seed
                several += plan.relocations > 1
        assert not plan.fewest or plan.relocations == fewest_moves(question), seed
    assert min(seen[True], seen[False]) > 5
    assert several


class Unsure:
    """The solver, which never says that its answer is the best."""

    def __init__(self) -> None:
        solver = installed()
        assert solver is not None
        self._solver, self.name = solver, solver.name

    def solve(self, program: Program, nodes: int) -> Solved | None:
        solved = self._solver.solve(program, nodes)
        return solved and solved._replace(best=False)

    def relaxed(self, program: Program) -> Relaxation:
        return self._solver.relaxed(program)


@pytest.mark.long
@pytest.mark.parametrize(
    "tools",
    [Tools(Effort(swap_hosts=2), installed()), Tools(Effort(), Unsure())],
    ids=["two hosts", "unsure"],
)
@pytest.mark.parametrize("made", [crowded, residents])
def test_fewest_is_not_said_where_not_all_was_looked_at(
    made: Callable[[int], Question], tools: Tools
) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(FLEETS):
        question = made(seed)
        if fits(question) or len(question.targets) == 2:
            continue
        plan, simple_plan = found(question, tools), found(question, WITHOUT)
        if plan is None:
            assert simple_plan is None, seed
            continue
        # But of one that is tried before the solver is asked.
        one = simple_plan is not None and simple_plan.relocations == 1
        assert plan.fewest is one, seed
        seen[one] += 1
    assert seen[True]
    assert seen[False] or made is residents


def asked_of(
    question: Question, effort: Effort, monkeypatch: pytest.MonkeyPatch
) -> list[frozenset[str]]:
    """Return the hosts that make room, in each packing that is made for the solver."""
    seen: list[frozenset[str]] = []

    def made(question: Question, hosts: frozenset[str]) -> Packing:
        seen.append(hosts)
        return between(question, hosts)

    monkeypatch.setattr(swaps, "between", made)
    found(question, Tools(effort, installed()))
    return seen


def test_where_there_are_too_many_pairs_fewer_hosts_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = simple([9], dict.fromkeys("abcdefghijklmnop".replace("d", "x"), 8))
    tried = asked_of(question, Effort(swap_pairs=-1), monkeypatch)
    assert [len(each) for each in tried] == [16, 12, 9, 6, 4, 3, 2]
    assert [len(each) for each in asked_of(question, Effort(), monkeypatch)] == [16]


def test_as_many_pairs_as_may_be_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two make room for one, which goes through no single host quickly.
    question = crowded(WITHOUT_AN_ORDER[0])
    hosts = frozenset(each.name for each in question.targets)
    pairs = sum(len(each.candidates) for each in between(question, hosts).items)
    assert len(asked_of(question, Effort(swap_pairs=pairs), monkeypatch)) == 1
    assert len(asked_of(question, Effort(swap_pairs=pairs - 1), monkeypatch)) > 1


@pytest.mark.parametrize(
    ("most", "hosts"), [(2, "cj"), (3, "cij"), (4, "bcij"), (6, "abchij"), (8, "abcfghij")]
)
def test_half_of_the_hosts_that_make_room_are_wanted_and_all_have_much_free(
    most: int, hosts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = {name: number for number, name in enumerate("abcefghij")}
    question = simple([20, 2], free, machine("r", 1, ["a"], "j"))
    large, small = question.machines[:2]
    large, small = replace(large, allowed=frozenset("abc")), replace(small, allowed=frozenset("j"))
    question = replace(question, machines=(large, small, question.machines[2]))
    tried = asked_of(question, Effort(swap_hosts=most), monkeypatch)
    assert ["".join(sorted(each)) for each in tried] == [hosts]


def sizes(question: Question) -> list[int] | None:
    """Return the memory of those that make room where each is tried after the other."""
    plan = found(question, WITHOUT)
    if plan is None:
        return None
    return [each.machine.memory for each in plan.plan if each.relocates]


def test_the_smallest_that_suffice_make_room() -> None:
    def others(*memory: int) -> list[Machine]:
        return [machine(f"r{number}", each, ["b"], "a") for number, each in enumerate(memory)]

    assert sizes(simple([7], {"a": 4, "b": 6}, *others(2, 3, 5))) == [3]
    assert sizes(simple([8], {"a": 4, "b": 6}, *others(1, 2, 2, 3))) == [2, 2]
    assert sizes(simple([8], {"a": 4, "b": 4}, *others(1, 1, 1, 1))) == [1, 1, 1, 1]
    # No more than four are moved for one.
    assert sizes(simple([9], {"a": 4, "b": 5}, *others(1, 1, 1, 1, 1))) is None


def bound_to(question: Question, *names: str) -> Question:
    """Return the question in which those that leave may go to such hosts only."""
    machines = tuple(
        replace(each, allowed=frozenset(names)) if each.host == "d" else each
        for each in question.machines
    )
    return replace(question, machines=machines)


def test_the_next_has_what_those_before_it_left() -> None:
    one, two = machine("r1", 3, ["c"], "a"), machine("r2", 4, ["c", "e"], "b")
    # The first takes of c what the second has not, or what it has.
    for free in ({"c": 6, "e": 5}, {"c": 7}):
        question = simple([7, 8], {"a": 5, "b": 3, **free}, one, two)
        assert sorted(sizes(bound_to(question, "a", "b")) or []) == [3, 4]
    # What one leaves beside the first is enough for the second.
    room = machine("r", 9, ["b"], "a")
    assert sizes(bound_to(simple([7, 5], {"a": 4, "b": 9}, room), "a")) == [9]
    # Or it is not: what is least moves as well.
    more = [room, machine("r2", 8, ["b"], "a"), machine("r3", 1, ["b"], "a")]
    assert sizes(bound_to(simple([16, 8], {"a": 7, "b": 18}, *more), "a")) == [9, 8]
    # The largest that has no place comes first.
    others = [machine(f"r{each}", each, ["b"], "a") for each in (3, 7)]
    assert sizes(bound_to(simple([3, 7], {"a": 0, "b": 10}, *others), "a")) == [7, 3]


def test_two_that_make_room_for_one_do_not_go_where_there_is_room_for_one() -> None:
    others = [machine(f"r{each}", each, ["c", "z"], "a") for each in (3, 4)]
    question = bound_to(simple([9], {"a": 2, "c": 3, "z": 6}, *others), "a")
    plan = found(question, WITHOUT)
    assert plan is not None
    assert [each.destination for each in plan.plan] == ["z", "c", "a"]


def test_it_goes_where_most_is_free_and_so_does_what_makes_room() -> None:
    others = [machine("r1", 2, ["c", "y"], "a"), machine("r2", 1, ["c", "y"], "z")]
    question = simple([5], {"a": 3, "c": 2, "y": 4, "z": 4}, *others)
    plan = found(bound_to(question, "a", "z"), WITHOUT)
    assert plan is not None
    assert [(each.machine.name, each.destination) for each in plan.plan] == [
        ("r2", "y"),
        ("v1", "z"),
    ]


def test_without_steps_for_an_order_there_is_no_plan() -> None:
    question = simple([7], {"a": 4, "b": 4}, machine("r", 3, ["b"], "a"))
    assert found(question, WITHOUT) is not None
    assert found(question, Tools(Effort(swap_orders=0), None)) is None
