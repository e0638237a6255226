"""Few machines that have no place together: how they are found, and when that is minimal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from complete import fits
from fleets import simple, small, tight
from sites import machine, site

from livemigration.placement.core import core, only
from livemigration.placement.in_place import InPlace
from livemigration.placement.ladder import answer
from livemigration.placement.model import Machine, Move, Proof, Question, Witness


class Asking(InPlace):
    """Answers by trying everything, or not at all, and keeps what it was asked."""

    def __init__(self, *unsure: int) -> None:
        super().__init__(0)
        self.asked: list[tuple[str, ...]] = []
        self._unsure = unsure

    def fits(self, question: Question) -> bool | None:
        self.asked.append(tuple(each.name for each in question.leaving))
        return None if len(question.leaving) in self._unsure else fits(question)

    def plan(self, question: Question) -> tuple[Move, ...]:
        raise NotImplementedError


@pytest.mark.parametrize("made", [small, tight])
def test_they_have_no_place_and_all_but_any_one_of_them_do(
    made: Callable[[int], Question],
) -> None:
    found = 0
    for seed in range(60):
        question = made(seed)
        if fits(question):
            continue
        few = core(question, answer(question).witness, Asking())
        found += 1
        assert few.minimal, seed
        assert list(few.machines) == sorted(few.machines, key=lambda each: each.name)
        assert not fits(only(question, few.machines)), seed
        for each in few.machines:
            rest = [other for other in few.machines if other != each]
            assert fits(only(question, rest)), seed
        may = {name for each in few.machines for name in each.allowed}
        hosts = [each for each in question.targets if each.name in may]
        assert few.hosts == tuple(each.name for each in hosts)
        assert few.needed == sum(each.memory for each in few.machines)
        assert few.free == sum(each.free for each in hosts)
    assert found > 10


def test_what_is_used_beyond_what_there_is_is_not_counted_as_free() -> None:
    own = machine("v", "d", 5, "a", "b")
    few = core(site({"a": -3, "b": 4, "d": 0}, [own], "d"), None, Asking())
    assert (few.hosts, few.needed, few.free) == (("a", "b"), 5, 4)


# One of six is too large; each half is left out where it can be, the smallest first.
SIX = simple([1, 1, 1, 1, 1, 9], {"a": 5, "b": 4})


def witness(*names: str) -> Witness:
    machines = tuple(each for each in SIX.machines if each.name in names)
    return Witness(Proof.HALL, machines)


def test_half_of_them_is_left_out_at_once() -> None:
    ask, eight = Asking(), simple([1, 1, 1, 1, 1, 1, 1, 9], {"a": 5, "b": 4})
    assert [each.name for each in core(eight, None, ask).machines] == ["v8"]
    assert ask.asked == [("v5", "v6", "v7", "v8"), (), ("v7", "v8"), (), ("v8",), ()]


@pytest.mark.parametrize(
    ("named", "first"),
    [
        # What is proven of some is asked of them alone.
        (("v1", "v6"), ("v1", "v6")),
        # Where the proof is of all, or of none that leave, nothing is asked for it.
        (("v1", "v2", "v3", "v4", "v5", "v6"), ("v4", "v5", "v6")),
        ((), ("v4", "v5", "v6")),
    ],
)
def test_it_begins_with_those_of_the_proof(named: tuple[str, ...], first: tuple[str, ...]) -> None:
    ask = Asking()
    assert [each.name for each in core(SIX, witness(*named), ask).machines] == ["v6"]
    assert ask.asked[0] == first
    if len(named) == 2:
        # None but these was asked about any more.
        assert all(set(each) <= set(named) for each in ask.asked)


def test_where_those_of_the_proof_do_have_a_place_all_are_looked_at() -> None:
    ask = Asking()
    assert [each.name for each in core(SIX, witness("v1", "v2"), ask).machines] == ["v6"]
    assert ask.asked[:2] == [("v1", "v2"), ("v4", "v5", "v6")]


def three(*sizes: int) -> list[Machine]:
    return [machine(f"v{number}", "d", each, "a") for number, each in enumerate(sizes)]


def test_what_is_not_known_of_one_leaves_open_whether_it_could_be_less() -> None:
    question = site({"a": 5, "d": 0}, three(3, 3), "d")
    assert core(question, None, Asking()).minimal
    few = core(question, None, Asking(1))
    assert (len(few.machines), few.minimal) == (2, False)
    # Of more than one at a time it matters nothing: each is asked about alone then.
    question = site({"a": 11, "d": 0}, three(3, 3, 3, 3), "d")
    few = core(question, None, Asking(2))
    assert (len(few.machines), few.minimal) == (4, True)
