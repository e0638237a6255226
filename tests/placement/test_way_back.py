"""Which moves of a way back are under way side by side, and which wait for others."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

from asked_sites import Asked
from hypothesis import given
from in_turn import in_turn
from properties import examples
from sites import machine, site, sites

from livemigration.placement.afterwards import after, turned
from livemigration.placement.ladder import answer
from livemigration.placement.model import Move, Question, Verdict
from livemigration.placement.rolling import Way, rolled
from livemigration.placement.transfers import transfers_in

FREE = {"hv01": 4, "hv02": 0, "hv03": 9}
ONE, TWO = machine("one", "hv02", 4, "hv01"), machine("two", "hv03", 4, "hv02")


def stages(free: dict[str, int], *moves: Move) -> list[int]:
    question = site(free, dict.fromkeys(each.machine for each in moves))
    return [each.stage for each in transfers_in(question, moves)]


def test_a_move_waits_for_the_memory_that_another_frees() -> None:
    moves = Move(ONE, "hv02", "hv01"), Move(TWO, "hv03", "hv02")
    assert stages(FREE, *moves) == [0, 1]
    assert stages({**FREE, "hv02": 4}, *moves) == [0, 0]


def test_memory_that_was_freed_is_there_for_one_machine() -> None:
    three = machine("three", "hv03", 4, "hv02")
    moves = [Move(ONE, "hv02", "hv01"), Move(TWO, "hv03", "hv02"), Move(three, "hv03", "hv02")]
    four = Move(machine("four", "hv02", 4, "hv03"), "hv02", "hv03")
    assert stages(FREE, *moves[:2], four, moves[2]) == [0, 1, 1, 2]


def test_a_machine_moves_on_when_it_is_there() -> None:
    moves = Move(ONE, "hv02", "hv01"), Move(ONE, "hv01", "hv03"), Move(TWO, "hv03", "hv02")
    assert stages({**FREE, "hv02": 9}, *moves) == [0, 1, 1]


def test_a_machine_waits_for_one_that_it_is_kept_apart_from() -> None:
    one = machine("one", "hv02", 4, "hv01", apart=frozenset("x"))
    two = machine("two", "hv03", 4, "hv02", apart=frozenset("x"))
    moves = Move(one, "hv02", "hv01"), Move(two, "hv03", "hv02")
    assert stages({**FREE, "hv02": 9}, *moves) == [0, 1]


def test_a_machine_waits_for_none_of_another_group() -> None:
    one = machine("one", "hv02", 4, "hv01", apart=frozenset("x"))
    two = machine("two", "hv03", 4, "hv02", apart=frozenset("y"))
    moves = Move(one, "hv02", "hv01"), Move(two, "hv03", "hv02")
    assert stages({**FREE, "hv02": 9}, *moves) == [0, 0]


@in_turn("free", [{**FREE, "hv01": 9}, {"hv01": 9, "hv03": 9}])
def test_what_a_stage_freed_is_there_in_the_next_and_no_more(free: dict[str, int]) -> None:
    def last(memory: int) -> int:
        leaves = machine("leaves", "hv02", 1, "hv01")
        comes = machine("comes", "hv03", memory, "hv02")
        first = Move(ONE, "hv02", "hv01"), Move(ONE, "hv01", "hv03")
        return stages(free, *first, Move(leaves, "hv02", "hv01"), Move(comes, "hv03", "hv02"))[-1]

    # Of a host of which nothing is known, what was seen to leave it is known to be free.
    assert (last(4), last(5)) == (1, 2)


def test_of_a_host_of_which_nothing_is_known_nothing_is_waited_for() -> None:
    moves = Move(ONE, "hv02", "hv01"), Move(TWO, "hv03", "hv02")
    assert stages({}, *moves) == [0, 0]


def test_a_plan_is_turned_from_its_last_move_to_its_first() -> None:
    plan = Move(ONE, "hv02", "hv01", relocates=True), Move(TWO, "hv03", "hv02")
    assert turned(plan) == (
        Move(TWO, "hv02", "hv03"),
        Move(ONE, "hv01", "hv02", relocates=True),
    )


@examples(200)
@given(sites())
def test_moves_of_one_stage_are_possible_side_by_side(question: Question) -> None:
    hosts = [each.name for each in question.hosts]
    found = rolled(Asked(question, answer), hosts, way=Way.LEAVE)
    for step in found.steps:
        question = after(after(question, step.answer.plan), step.back)
    free = {each.name: each.free for each in question.hosts}
    transfers = transfers_in(question, found.way_back)
    assert [each.key for each in transfers] == [each.machine.key for each in found.way_back]
    for _, together in groupby(transfers, key=lambda each: each.stage):
        moves = list(together)
        for each in moves:
            free[each.destination] -= each.memory
            assert free[each.destination] >= 0
        for each in moves:
            free[each.source] += each.memory


def test_disk_that_is_kept_for_its_machine_is_free_for_no_other_and_always_for_itself() -> None:
    vm = replace(machine("vm", "a", 1, "b"), disk=5, storage_moves_to=frozenset("b"))
    other = replace(machine("other", "b", 1, "a"), disk=2, storage_moves_to=frozenset("a"))
    free = {False: [7, 4], True: [2, 4]}
    for kept, left in free.items():
        there = replace(vm, kept_at="a" if kept else "")
        question = site({"a": 1, "b": 9}, [there, other], "a", disk={"a": 2, "b": 9})
        now = after(question, answer(question).plan)
        assert [each.disk_free for each in now.hosts] == left
        back = answer(replace(now, drained=frozenset("b")))
        assert (back.verdict, sum(each.disk for each in back.plan)) == (Verdict.FITS, 7)
        end = after(now, back.plan)
        assert [each.disk_free for each in end.hosts] == [0, 11]
