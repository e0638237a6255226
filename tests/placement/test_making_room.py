"""One or two machines make room, and all hosts are filled anew."""

from __future__ import annotations

from dataclasses import replace

import pytest
from complete import fewest_moves, fits
from fleets import machine, simple, small

from livemigration.placement.deciding import Tools
from livemigration.placement.effort import Effort
from livemigration.placement.loads import weights
from livemigration.placement.making_room import with_few
from livemigration.placement.model import Host, Question
from livemigration.placement.packing import everything, leaving, within_reach
from livemigration.placement.replay import fault
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
