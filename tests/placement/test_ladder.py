"""What the ladder answers, step by step."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fleets import crowded, lacking, machine, simple

from livemigration.placement import ladder
from livemigration.placement.effort import Effort
from livemigration.placement.ladder import EASE, INSTALL, answer, broken_reserves
from livemigration.placement.model import Answer, Proof, Question, Verdict
from livemigration.placement.replay import fault

WITHOUT = Effort(solver=False)
BOTH = pytest.mark.parametrize("effort", [Effort(), WITHOUT], ids=["solver", "none"])
# Six on each host, or five and two: no quick way sees it.
MISSED = simple([6, 2, 6, 5], {"a": 12, "b": 7})
# With r1 on b and r2 on a, v1 fits; but neither has room for the other before it has left.
CHANGING_PLACES = simple(
    [2], {"a": 1, "b": 1}, machine("r1", 5, ["b"], "a"), machine("r2", 6, ["a"], "b")
)


def moves(found: Answer) -> list[tuple[str, str, bool]]:
    return [(each.machine.name, each.destination, each.relocates) for each in found.plan]


def changed(question: Question, name: str, **values: object) -> Question:
    machines = tuple(
        replace(each, **values) if each.name == name else each  # type: ignore[arg-type] # fields of it
        for each in question.machines
    )
    return replace(question, machines=machines)


def hosts(question: Question, **values: object) -> Question:
    return replace(
        question,
        hosts=tuple(replace(each, **values) for each in question.hosts),  # type: ignore[arg-type] # fields of it
    )


def test_a_host_that_carries_nothing_can_be_emptied() -> None:
    found = answer(simple([], {"a": 1}))
    assert (found.verdict, found.plan) == (Verdict.FITS, ())


@BOTH
def test_a_plan_that_quick_ways_miss_is_found(effort: Effort) -> None:
    found = answer(MISSED, effort=effort)
    assert found.verdict is Verdict.FITS
    assert not fault(MISSED, found.plan)
    assert len(found.plan) == 4
    # Where our own ways find it, no solver is named.
    assert (found.step, found.solver) == ("exchanges", "")


@BOTH
def test_what_fits_only_in_parts_does_not_fit(effort: Effort) -> None:
    # 17 MB of 17 free, of which five, five and seven fill neither nine nor eight.
    found = answer(simple([5, 5, 7], {"a": 9, "b": 8}), effort=effort)
    assert found.verdict is Verdict.DOES_NOT_FIT
    assert [each.memory for each in found.unplaced] == [5]
    assert found.witness is not None
    assert found.witness.relocations


@BOTH
def test_another_machine_makes_room(effort: Effort) -> None:
    question = simple([7], {"a": 4, "b": 4}, machine("r", 3, ["a"], "b"))
    found = answer(question, effort=effort)
    assert found.verdict is Verdict.FITS_WITH_SWAPS
    assert moves(found) == [("r", "a", True), ("v1", "b", False)]
    assert found.fewest
    assert found.witness is not None
    assert found.witness.proof is Proof.NO_CANDIDATE
    assert not found.witness.relocations


@BOTH
def test_a_machine_makes_room_only_where_it_may_go(effort: Effort) -> None:
    question = simple([7], {"a": 4, "b": 4}, machine("r", 3, [], "b"))
    found = answer(question, effort=effort)
    assert found.verdict is Verdict.DOES_NOT_FIT


def test_machines_make_room_in_an_order_that_has_room_for_both_ends() -> None:
    # r2 can only leave for a when r1 has left it for c.
    question = simple(
        [8],
        {"a": 1, "b": 3, "c": 4},
        machine("r1", 4, ["c"], "a"),
        machine("r2", 5, ["a"], "b"),
    )
    found = answer(question)
    assert moves(found) == [("r1", "c", True), ("r2", "a", True), ("v1", "b", False)]


def test_machines_that_would_have_to_change_places_have_no_order() -> None:
    found = answer(CHANGING_PLACES)
    assert (found.verdict, found.plan, found.advice) == (Verdict.UNDECIDED, (), EASE)
    assert found.unplaced == (CHANGING_PLACES.machines[0],)
    assert found.solver.startswith("HiGHS ")
    alone = answer(CHANGING_PLACES, effort=WITHOUT)
    assert (alone.verdict, alone.advice, alone.solver) == (Verdict.UNDECIDED, INSTALL, "")


@BOTH
@pytest.mark.parametrize(
    ("question", "proof"),
    [
        (simple([9], {"a": 4, "b": 4}), Proof.NO_CANDIDATE),
        (simple([4, 4, 4], {"a": 4, "b": 4}), Proof.SUM),
        # Whoever makes room for them takes it elsewhere.
        (simple([4, 4, 4], {"a": 4, "b": 4}, machine("r", 1, ["b"], "a")), Proof.SUM),
        (
            changed(
                changed(simple([3, 3, 1], {"a": 5, "b": 5}), "v1", allowed=frozenset("a")),
                "v2",
                allowed=frozenset("a"),
            ),
            Proof.HALL,
        ),
    ],
)
def test_a_no_has_the_simplest_proof(question: Question, proof: Proof, effort: Effort) -> None:
    found = answer(question, effort=effort)
    assert found.verdict is Verdict.DOES_NOT_FIT
    assert found.witness is not None
    assert (found.witness.proof, found.step) == (proof, proof.value)
    if proof is not Proof.NO_CANDIDATE:
        assert found.witness.needed > found.witness.free


@BOTH
def test_more_machines_just_over_a_third_than_pairs_of_hosts_do_not_fit(effort: Effort) -> None:
    found = answer(simple([34] * 21, {f"h{each}": 100 for each in range(10)}), effort=effort)
    assert found.verdict is Verdict.DOES_NOT_FIT
    assert len(found.unplaced) == 1


def test_what_matters_more_has_a_place_first() -> None:
    question = simple([5, 5, 7], {"a": 9, "b": 8})
    for name in ("v1", "v2"):
        question = changed(question, name, priority=3)
    assert [each.name for each in answer(question).unplaced] == ["v3"]


def test_a_machine_that_is_shut_down_needs_no_place() -> None:
    question = replace(simple([4, 4, 4], {"a": 4, "b": 4}), stays=frozenset({"v2"}))
    found = answer(question)
    assert found.verdict is Verdict.FITS
    assert {each.machine.name for each in found.plan} == {"v1", "v3"}


def test_a_host_that_takes_nothing_is_no_destination() -> None:
    assert answer(hosts(simple([1], {"a": 4}), takes=False)).verdict is Verdict.DOES_NOT_FIT


def test_high_priority_is_moved_first_and_what_is_last_at_the_end() -> None:
    question = changed(simple([1, 1, 1], {"a": 9}), "v1", last=True, priority=3)
    question = changed(question, "v3", priority=3)
    assert [each.machine.name for each in answer(question).plan] == ["v3", "v2", "v1"]


def test_disk_counts_where_storage_moves() -> None:
    question = hosts(simple([1], {"a": 9, "b": 2}), disk_free=3)
    question = changed(question, "v1", disk=5, storage_moves_to=frozenset({"a"}))
    assert moves(answer(question)) == [("v1", "b", False)]


def test_machines_of_a_group_are_apart_also_from_those_that_are_there() -> None:
    question = simple([1, 1], {"a": 9, "b": 9, "c": 9}, machine("r", 1, [], "a"))
    question = replace(
        question, machines=tuple(replace(each, apart=frozenset("g")) for each in question.machines)
    )
    assert {each.destination for each in answer(question).plan} == {"b", "c"}


def test_a_reserve_is_broken_by_what_is_left_after_all_moves() -> None:
    question = hosts(simple([7], {"a": 4, "b": 4}, machine("r", 3, ["a"], "b")), reserve=1)
    found = answer(question)
    assert (found.verdict, found.breaks_reserve) == (Verdict.FITS_WITH_SWAPS, ("b",))
    assert found.solver.startswith("HiGHS ")
    moved, arrived = found.plan
    assert (moved.relocates, arrived.destination) == (True, "b")
    # One MB is left on a, and none on b, to which three came back.
    assert broken_reserves(question, (moved, arrived)) == ("b",)
    assert broken_reserves(question, (moved,)) == ()
    # With two MB more, two are left on it; what came back is no more than that.
    enough = hosts(simple([7], {"a": 4, "b": 6}, machine("r", 3, ["a"], "b")), reserve=1)
    assert answer(enough).breaks_reserve == ()
    assert answer(hosts(enough, reserve=3)).breaks_reserve == ("a", "b")


class TestPairsThatAreNotKnown:
    def asked(self, *, known: str = "", unknown: str = "") -> Question:
        return changed(
            simple([5], {"a": 5, "b": 5, "c": 1}),
            "v1",
            allowed=frozenset(known),
            unknown=frozenset(unknown),
        )

    def test_matter_nothing_where_it_fits_without(self) -> None:
        found = answer(self.asked(known="a", unknown="b"))
        assert (found.verdict, found.open) == (Verdict.FITS, ())

    def test_matter_nothing_where_it_does_not_fit_with_them(self) -> None:
        found = answer(self.asked(unknown="c"))
        assert found.verdict is Verdict.DOES_NOT_FIT

    def test_decide_otherwise(self) -> None:
        question = self.asked(known="c", unknown="ac")
        question = changed(question, "v1", unknown=frozenset("a"))
        found = answer(question)
        assert found.verdict is Verdict.UNKNOWN
        assert [(each.machine, each.destination) for each in found.open] == [
            (question.machines[0], "a")
        ]
        assert found.unplaced == (question.machines[0],)
        (move,) = found.plan
        assert (move.machine, move.destination) == (question.machines[0], "a")
        # Without it there is no plan, which is shown of the machine as it was asked about.
        assert found.witness is not None
        assert found.witness.proof is Proof.NO_CANDIDATE
        assert found.witness.machines == (question.machines[0],)

    @pytest.mark.parametrize(("other", "known"), ["ab", "ba"])
    def test_are_avoided_where_others_are_possible(self, other: str, known: str) -> None:
        question = simple([5, 6], {other: 50, known: 5})
        question = changed(question, "v1", allowed=frozenset(known), unknown=frozenset(other))
        question = changed(question, "v2", allowed=frozenset(), unknown=frozenset(other))
        found = answer(question)
        assert {name: to for name, to, _ in moves(found)} == {"v1": known, "v2": other}
        assert [each.machine.name for each in found.open] == ["v2"]

    def test_leave_undecided_what_is_undecided_with_them(self) -> None:
        question = changed(CHANGING_PLACES, "v1", allowed=frozenset(), unknown=frozenset("ab"))
        found = answer(question)
        assert (found.verdict, found.witness, found.advice) == (Verdict.UNDECIDED, None, EASE)
        assert found.unplaced == (question.machines[0],)


class TestThePlanThatIsChosen:
    def test_avoids_pairs_that_are_warned_of(self) -> None:
        question = changed(simple([5], {"a": 50, "b": 5}), "v1", warned=frozenset("a"))
        assert moves(answer(question)) == [("v1", "b", False)]

    def test_takes_a_warned_pair_where_nothing_else_is_possible(self) -> None:
        question = changed(simple([5], {"a": 50, "b": 4}), "v1", warned=frozenset("a"))
        assert moves(answer(question)) == [("v1", "a", False)]

    def test_goes_to_preferred_owners(self) -> None:
        question = changed(simple([5], {"a": 50, "b": 5}), "v1", preferred=frozenset("b"))
        assert moves(answer(question)) == [("v1", "b", False)]

    def test_keeps_apart_what_prefers_it(self) -> None:
        question = simple([5, 5], {"a": 50, "b": 5})
        for name in ("v1", "v2"):
            question = changed(question, name, prefers_apart=frozenset("g"))
        assert {each.destination for each in answer(question).plan} == {"a", "b"}

    def test_keeps_together_what_prefers_it(self) -> None:
        question = simple([5, 5, 1], {"a": 50, "b": 50})
        for name in ("v1", "v2"):
            question = changed(question, name, prefers_with=frozenset("g"))
        places = {each.machine.name: each.destination for each in answer(question).plan}
        assert places["v1"] == places["v2"] != places["v3"]

    def test_moves_to_what_is_there_already_and_wants_it(self) -> None:
        question = simple([5], {"a": 50, "b": 6}, machine("r", 1, [], "b"))
        for name in ("v1", "r"):
            question = changed(question, name, prefers_with=frozenset("g"))
        assert moves(answer(question)) == [("v1", "b", False)]

    def test_leaves_nobody_without_a_place_to_keep_others_together(self) -> None:
        question = simple([5, 5], {"a": 5, "b": 6})
        for name in ("v1", "v2"):
            question = changed(question, name, prefers_with=frozenset("g"))
        assert {each.destination for each in answer(question).plan} == {"a", "b"}

    def test_fills_hosts_evenly(self) -> None:
        found = answer(simple([5] * 4, {"a": 20, "b": 20}))
        assert sorted(each.destination for each in found.plan) == ["a", "a", "b", "b"]

    def test_keeps_what_should_stay_free(self) -> None:
        # By memory alone, a would be emptier.
        question = simple([5], {"a": 50, "b": 6})
        question = replace(
            question,
            hosts=tuple(
                replace(each, reserve=46) if each.name == "a" else each for each in question.hosts
            ),
        )
        found = answer(question)
        assert moves(found) == [("v1", "b", False)]
        assert found.breaks_reserve == ()

    def test_names_the_hosts_of_which_it_takes_more(self) -> None:
        found = answer(hosts(simple([5], {"a": 6, "b": 4}), reserve=2))
        assert found.verdict is Verdict.FITS
        assert found.breaks_reserve == ("a",)

    def test_avoids_them_also_where_no_quick_way_comes_to_it(self) -> None:
        # Six on each of two hosts, or five and two: c would take all of them, and is warned of.
        question = simple([6, 2, 6, 5], {"a": 12, "b": 7, "c": 50})
        for each in question.machines:
            question = changed(question, each.name, warned=frozenset("c"))
        assert {each.destination for each in answer(question).plan} == {"a", "b"}

    def test_is_none_that_is_not_possible(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ladder, "preferred", lambda _, places, __: dict.fromkeys(places, "a"))
        found = answer(MISSED)
        assert len(found.plan) == 4
        assert fault(MISSED, found.plan) == ""


def test_one_makes_room_by_filling_all_hosts_anew() -> None:
    # With the others where they were put, no host has room for what is left.
    question = lacking(1)
    found = answer(question, effort=WITHOUT)
    assert (found.verdict, found.fewest) == (Verdict.FITS_WITH_SWAPS, True)
    assert fault(question, found.plan) == ""


def test_fewest_is_not_said_where_the_first_that_make_room_have_no_order() -> None:
    question = crowded(350)
    found = answer(question)
    assert found.verdict is Verdict.FITS_WITH_SWAPS
    assert fault(question, found.plan) == ""
    assert not found.fewest


def test_nor_where_it_is_not_proven_that_no_one_has_to() -> None:
    # Nothing of our own that would refute it, and no solver.
    alone = Effort(steps=0, attempts=0, orders=0, machines=0, solver=False)
    question = simple([10, 11, 4, 5, 4], {"a": 13, "b": 21, "c": 1}, machine("r", 1, ["c"], "a"))
    found = answer(question, effort=alone)
    assert (found.verdict, found.witness) == (Verdict.FITS_WITH_SWAPS, None)
    assert fault(question, found.plan) == ""
    assert (sum(each.relocates for each in found.plan), found.fewest) == (1, False)


def test_a_proof_of_machines_that_all_leave_is_not_asked_for_twice() -> None:
    # Sets of machines prove it; the search that would prove it again has no steps.
    question = simple([5, 5, 7], {"a": 9, "b": 8})
    found = answer(question, effort=Effort(solver=False, steps=0))
    assert (found.verdict, found.solver) == (Verdict.DOES_NOT_FIT, "")
    assert answer(question).solver.startswith("HiGHS ")


def test_the_same_question_has_the_same_answer_whatever_the_order_of_its_parts() -> None:
    turned = replace(MISSED, hosts=MISSED.hosts[::-1], machines=MISSED.machines[::-1])
    assert answer(MISSED) == answer(turned)
