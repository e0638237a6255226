"""One or two machines make room, and all hosts are filled anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from complete import fewest_moves, fits
from fleets import DRAINED, lacking, machine, simple, small

from livemigration.placement import making_room
from livemigration.placement.deciding import Tools
from livemigration.placement.effort import Effort
from livemigration.placement.loads import weights
from livemigration.placement.making_room import with_few
from livemigration.placement.model import Host, Machine, Question
from livemigration.placement.packing import Packing, everything, leaving, within_reach
from livemigration.placement.replay import fault
from livemigration.placement.search import searched
from livemigration.placement.solver import installed

TOOLS = Tools(Effort(), installed())
# Full to the last MB: nothing fits unless one moves off a and one off c.
TWO = simple(
    [6, 5, 6, 7, 5, 5, 5, 6],
    {"a": 9, "b": 15, "c": 8, "e": 13},
    machine("r1", 2, ["b"], "a"),
    machine("r2", 2, ["e"], "c"),
    machine("r3", 2, ["a"], "b"),
)


def weighed(question: Question) -> tuple[int, ...] | None:
    solver = installed()
    assert solver is not None
    return weights(leaving(question), [], solver, 40)


def test_two_make_room_where_one_is_not_enough() -> None:
    assert fewest_moves(TWO, 2) == 2
    against = weighed(TWO)
    assert against is not None
    found = with_few(TWO, against, TOOLS)
    assert found is not None
    assert (found.relocations, found.fewest) == (2, False)
    assert fault(TWO, found.plan) == ""
    assert [each.relocates for each in found.plan[:3]] == [True, True, False]


@pytest.mark.parametrize("known", [True, False])
def test_one_makes_room_with_weights_that_say_which_or_without(known: bool) -> None:
    question = simple([7], {"a": 4, "b": 4}, machine("r", 3, ["a"], "b"))
    against = weighed(question) if known else None
    found = with_few(question, against, TOOLS)
    assert found is not None
    assert (found.relocations, found.fewest) == (1, True)
    assert fault(question, found.plan) == ""


@pytest.mark.parametrize(("memory", "allowed"), [(3, []), (5, ["a"])])
def test_a_machine_that_cannot_move_makes_no_room(memory: int, allowed: list[str]) -> None:
    question = simple([7], {"a": 4, "b": 4}, machine("r", memory, allowed, "b"))
    assert with_few(question, None, TOOLS) is None


def test_no_plan_with_few_is_other_than_it_says() -> None:
    made = 0
    for seed in range(120):
        question = small(seed, residents=4)
        if fits(question):
            continue
        found = with_few(question, weighed(question), TOOLS)
        if found is None:
            continue
        made += 1
        assert fault(question, found.plan) == "", seed
        assert found.relocations in {1, 2}, seed
        least = fewest_moves(question, 2)
        assert least == 1 if found.fewest else least is not None, seed
    assert made


def possible(question: Question) -> bool:
    """Whether all have places, by the search that is itself held against trying everything."""
    found = searched(leaving(question), 100_000)
    assert found.complete
    return found.placed is not None


def moves_of(question: Question) -> list[tuple[Machine, str]]:
    """Return every move of another machine that is possible as it is, and of which none warns."""
    free = {each.name: each.free for each in question.hosts if each.takes}
    return [
        (each, name)
        for each in question.machines
        if each.host not in question.drained and each.host in free and not each.apart
        for name in sorted(each.allowed - each.storage_moves_to - each.warned)
        if name in free and name != DRAINED and each.memory <= free[name] and not each.last
    ]


def hosts_of(*moves: tuple[Machine, str]) -> set[str]:
    return {name for each, there in moves for name in (each.host, there)}


def moved_by(question: Question, *moves: tuple[Machine, str]) -> Question:
    free = {each.name: each.free for each in question.hosts}
    for each, name in moves:
        free[name] -= each.memory
        free[each.host] += each.memory
    hosts = tuple(replace(each, free=free[each.name]) for each in question.hosts)
    return replace(question, hosts=hosts)


def fits_after(question: Question, *moves: tuple[Machine, str]) -> bool:
    return possible(moved_by(question, *moves))


def relocations(question: Question, *, two: bool) -> int | None:
    """Return how few moves make room, each of hosts of its own; None where one or two do not."""
    moves = moves_of(question)
    if any(fits_after(question, each) for each in moves):
        return 1
    for first, second in combinations(moves, 2) if two else ():
        if len(hosts_of(first, second)) == 4 and fits_after(question, first, second):
            return 2
    return None


@pytest.mark.parametrize("residents", [True, False])
def test_where_nothing_says_which_every_one_is_tried(residents: bool) -> None:
    tools, made = Tools(Effort(others=1_000), None), 0
    for seed in range(100):
        question = small(seed, residents=4) if residents else lacking(seed)
        if possible(question):
            continue
        found = with_few(question, None, tools)
        expected = relocations(question, two=False)
        assert (None if found is None else found.relocations) == expected, seed
        assert found is None or fault(question, found.plan) == "", seed
        made += found is not None
    assert made


@pytest.mark.parametrize("residents", [True, pytest.param(False, marks=pytest.mark.long)])
def test_weights_leave_out_no_one_and_no_two_that_make_room(residents: bool) -> None:
    tools, made = Tools(Effort(others=1_000), None), Counter[int | None]()
    for seed in range(120):
        question = small(seed, residents=4) if residents else lacking(seed)
        against = None if possible(question) else weighed(question)
        if against is None:
            continue
        found = with_few(question, against, tools)
        count = None if found is None else found.relocations
        assert count == relocations(question, two=True), seed
        assert found is None or fault(question, found.plan) == "", seed
        assert found is None or found.fewest is (count == 1)
        made[count] += 1
    assert made[None]
    assert made[1]
    assert made[2] or residents


def test_what_is_on_hosts_that_have_no_part_in_it_is_not_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far = machine("r", 1, ["c"], "e")
    question = simple([7], {"a": 4, "b": 4, "c": 4, "e": 4}, far)
    large = replace(question.machines[0], allowed=frozenset("ab"))
    assert tried(replace(question, machines=(large, far)), 100, monkeypatch) == []


class TestWhatGainsMost:
    def tried(
        self, question: Question, against: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> list[tuple[int, ...]]:
        """Return what is free at each try, where there is to be one of each kind."""
        seen: list[tuple[int, ...]] = []
        monkeypatch.setattr(making_room, "quickly", lambda packing, _: seen.append(packing.memory))
        tools = Tools(Effort(others=1), None)
        assert with_few(question, against, tools) is None
        return seen

    def may(self, question: Question, *allowed: str) -> Question:
        """Return the question with such destinations of the first machines."""
        first = zip(question.machines, allowed, strict=False)
        changed = [replace(each, allowed=frozenset(names)) for each, names in first]
        return replace(question, machines=(*changed, *question.machines[len(changed) :]))

    def test_is_tried_of_one_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # With two MB more on a, one has a place there; with eleven, the other has as well.
        sizes = (2, 2, 3, 3, 4, 11, 12, 13, 14)
        others = [machine(f"r{number}", each, ["b"], "a") for number, each in enumerate(sizes)]
        question = self.may(simple([6, 9], {"a": 4, "b": 30}, *others), "a", "ab")
        ((on_a, _),) = self.tried(question, [6, 9], monkeypatch)
        assert on_a >= 15

    def test_is_tried_of_two(self, monkeypatch: pytest.MonkeyPatch) -> None:
        others = [
            machine(f"{source}{size}", size, [there], source)
            for source, there in ("ab", "ce")
            for size in (2, 3, 4, 5, 6)
        ]
        free = {"a": 4, "b": 30, "c": 4, "e": 30}
        question = self.may(simple([6, 9, 6, 9], free, *others), "a", "ab", "c", "ce")
        ((on_a, _, on_c, _),) = self.tried(question, [6, 9, 6, 9], monkeypatch)
        assert min(on_a, on_c) >= 9

    def test_must_be_as_much_as_there_is_too_little(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # One MB more on a gains one of two that are lacking. Nothing is free on c.
        others = [machine("r1", 1, ["b"], "a"), machine("r2", 4, ["b"], "a")]
        question = self.may(simple([6, 3], {"a": 2, "b": 9, "c": 0}, *others), "ac", "ab")
        assert self.tried(question, [2, 1], monkeypatch) == [(6, 5, 0)]


class TestWhatIsWithinReach:
    # r may go on to c; what is on e has no part in it.
    ASKED = simple(
        [2], {"a": 1, "c": 1, "e": 9}, machine("r", 1, ["c"], "a"), machine("s", 1, ["c"], "e")
    )
    QUESTION = replace(
        ASKED,
        hosts=(*ASKED.hosts, Host("f", 5)),
        machines=(replace(ASKED.machines[0], allowed=frozenset("a")), *ASKED.machines[1:]),
    )

    def test_is_where_machines_may_go_and_where_others_may_go_from_there(self) -> None:
        assert within_reach(self.QUESTION) == {"a", "c"}

    def test_only_machines_of_such_hosts_need_a_place(self) -> None:
        packed = [each.machine.name for each in everything(self.QUESTION).items]
        assert packed == ["v1", "r"]


def margin(packing: Packing, against: Sequence[int]) -> int:
    """Return how much more than the weights of all machines hosts can take by their memory."""
    total = 0
    for host, memory in enumerate(packing.memory):
        may = [number for number, each in enumerate(packing.items) if host in each.candidates]
        total += max(
            sum(against[each] for each in some)
            for count in range(len(may) + 1)
            for some in combinations(may, count)
            if sum(packing.items[each].machine.memory for each in some) <= memory
        )
    return total - sum(against)


def after(question: Question, *moves: tuple[Machine, str]) -> Packing:
    return leaving(moved_by(question, *moves))


@pytest.mark.long
def test_only_what_weights_do_not_deny_is_tried_and_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Packing] = []
    monkeypatch.setattr(making_room, "quickly", lambda packing, _: seen.append(packing))
    for seed in range(60):
        question = lacking(seed)
        against = None if possible(question) else weighed(question)
        if against is None:
            continue
        seen.clear()
        assert with_few(question, against, Tools(Effort(others=1_000), None)) is None
        moves = moves_of(question)
        ways = [(each,) for each in moves]
        ways += [pair for pair in combinations(moves, 2) if len(hosts_of(*pair)) == 4]  # type: ignore[misc]  # of one or two
        gains = [(len(each), margin(after(question, *each), against)) for each in ways]
        enough = sorted((gain for _, gain in gains if gain >= 0), reverse=True)
        assert sorted((margin(each, against) for each in seen), reverse=True) == enough, seed
        seen.clear()
        assert with_few(question, against, Tools(Effort(others=1), None)) is None
        # One of four that gain most by one machine, and one of those by two.
        best = [
            sorted((gain for count, gain in gains if count == one and gain >= 0), reverse=True)[:4]
            for one in (1, 2)
        ]
        least = [each[-1] for each in best if each]
        assert len(seen) == len(least)
        for each, gain in zip(seen, least, strict=True):
            assert margin(each, against) >= gain, seed


def tried(question: Question, others: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return what is free on b at each try, where nothing says which moves are worth one."""
    seen: list[int] = []
    monkeypatch.setattr(making_room, "quickly", lambda packing, _: seen.append(packing.memory[1]))
    assert with_few(question, None, Tools(Effort(others=others), None)) is None
    return seen


def test_of_many_moves_some_of_every_size_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [machine(f"r{size:02}", size, ["b"], "a") for size in range(1, 41)]
    question = simple([99], {"a": 0, "b": 40}, *others)
    assert tried(question, 16, monkeypatch) == [39, 29, 19, 9]
    # There are not so many: each of them is tried, and one at least.
    three = replace(question, machines=question.machines[:4])
    assert tried(three, 16, monkeypatch) == [39, 38, 37]
    assert tried(three, 3, monkeypatch) == [39]
    assert tried(three, 0, monkeypatch) == [39]


@pytest.mark.parametrize(
    "more",
    [
        {"memory": 0},
        {"memory": 5},
        {"apart": frozenset("g")},
        {"last": True},
        {"warned": frozenset("a")},
        {"storage_moves_to": frozenset("a")},
        {"host": "c"},
    ],
)
def test_only_what_matters_by_memory_alone_is_tried(
    more: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing may be moved off c, as nothing may be moved to it.
    question = simple([7], {"a": 4, "b": 3, "c": 4}, machine("r", 4, ["a", "d"], "b"))
    hosts = tuple(replace(each, takes=each.name != "c") for each in question.hosts)
    question = replace(question, hosts=hosts)
    assert tried(question, 100, monkeypatch) == [7]
    changed = replace(question.machines[-1], **more)  # type: ignore[arg-type]  # fields of it
    question = replace(question, machines=(question.machines[0], changed))
    assert tried(question, 100, monkeypatch) == []
