"""An order of hosts, carried out from the first move to the way back."""

from __future__ import annotations

import pytest
from asked_sites import Asked
from carried_out import Site
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from sampling import sampled
from sites import machine, site, sites

from livemigration.placement.asking import Ask, can, without
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Question, Verdict
from livemigration.placement.rolling import Rolling, Way, rolled
from livemigration.placement.rolling_text import lines, way_back

HOSTS = ("hv01", "hv02", "hv03")


def roomy() -> Question:
    """Return three hosts with one machine each, and room for one more."""
    machines = [
        machine(f"vm{host}", host, 4, *(each for each in HOSTS if each != host)) for host in HOSTS
    ]
    return site(dict.fromkeys(HOSTS, 4), machines)


def simply(question: Question) -> Answer:
    """Answer as where nothing is found by which other machines make room."""
    found = answer(question)
    return Answer(Verdict.UNDECIDED) if found.verdict is Verdict.FITS_WITH_SWAPS else found


def stuck() -> Question:
    """Return hosts of which each can be emptied, and none after another one unless it is undone."""
    return site(
        {"hv01": 0, "hv02": 6, "hv03": 0},
        [
            machine("a", "hv01", 6, "hv02"),
            machine("b", "hv03", 6, "hv02"),
        ],
    )


def test_machines_stay_where_they_are_as_long_as_the_next_host_can_be_emptied() -> None:
    found = rolled(Asked(roomy(), answer), HOSTS)

    assert [each.host for each in found.steps] == list(HOSTS)
    assert {each.way for each in found.steps} == {Way.LEAVE}
    assert found.left_out == ()
    assert next(lines(found)) == (
        "1. hv01: 1 move, 4 MB. Leave: its machines stay where they are when it is back."
    )


def test_machines_are_brought_back_where_the_next_host_cannot_be_emptied_otherwise() -> None:
    found = rolled(Asked(stuck(), simply), ("hv01", "hv03"))

    assert [(each.host, each.way) for each in found.steps] == [
        ("hv01", Way.BRING_BACK),
        ("hv03", Way.LEAVE),
    ]
    assert [(each.source, each.destination) for each in found.steps[0].back] == [("hv02", "hv01")]
    assert list(lines(found)) == [
        "1. hv01: 1 move, 6 MB. Bring back: before the next host, 1 move back (6 MB).",
        "2. hv03: 1 move, 6 MB. Leave: its machines stay where they are when it is back.",
    ]
    assert way_back(found).startswith("The way back is 1 move, 6 MB; nothing moves back by itself.")


def test_room_made_by_a_machine_that_was_moved_before_is_said() -> None:
    found = rolled(Asked(stuck(), answer), ("hv01", "hv03"))

    assert list(lines(found))[1] == (
        "2. hv03: 2 moves, 12 MB, 1 machine of other hosts first. "
        "Leave: its machines stay where they are when it is back."
    )


def test_bringing_back_can_be_asked_for() -> None:
    found = rolled(Asked(roomy(), answer), HOSTS, way=Way.BRING_BACK)

    assert {each.way for each in found.steps} == {Way.BRING_BACK}
    assert found.memory == 2 * 3 * 4
    assert way_back(found) == "Every machine is where it was then."


def test_a_host_that_cannot_be_emptied_is_left_out_and_undoes_nothing() -> None:
    question = site(
        {"hv01": 0, "hv02": 6, "hv03": 0},
        [machine("a", "hv01", 6, "hv02"), machine("b", "hv03", 9, "hv02")],
    )

    found = rolled(Asked(question, answer), ("hv03", "hv01"))

    assert [(each.host, each.way) for each in found.steps] == [("hv01", Way.LEAVE)]
    assert [(each.host, each.answer.verdict) for each in found.left_out] == [
        ("hv03", Verdict.DOES_NOT_FIT)
    ]
    assert list(lines(found))[-1] == (
        "hv03 is left out: it cannot be emptied, at any place of this order that was tried."
    )


def test_a_host_that_is_down_already_takes_nothing() -> None:
    question = roomy()
    down = Question(question.hosts, question.machines[:2], frozenset({"hv03"}))

    found = rolled(Asked(down, answer), ("hv01", "hv02"))

    assert [each.host for each in found.steps] == ["hv01", "hv02"]
    moves = [move for step in found.steps for move in step.answer.plan]
    assert "hv03" not in {each.destination for each in moves}


def test_of_equal_orders_the_wanted_one_is_taken_and_each_host_once() -> None:
    found = rolled(Asked(roomy(), answer), ("hv02", "hv01", "hv02"))

    assert [each.host for each in found.steps] == ["hv02", "hv01"]


def test_no_more_is_asked_than_allowed_for_an_order_without_bringing_back() -> None:
    asked = []

    def counting(question: Question) -> Answer:
        asked.append(question)
        return answer(question)

    found = rolled(Asked(roomy(), counting), HOSTS, most=0)

    assert len(found.steps) == 3
    assert len(asked) == 3


@pytest.mark.parametrize("way", sampled(Way, every=2))
@pytest.mark.parametrize("ask", sampled([answer, simply], every=2))
@examples(200)
@given(sites(), st.data())
def test_the_whole_order_can_be_carried_out(
    ask: Ask, way: Way, question: Question, data: st.DataObject
) -> None:
    names = [each.name for each in question.hosts]
    down = data.draw(st.sampled_from([(), (names[-1],)]))
    machines = tuple(each for each in question.machines if each.host not in down)
    asked = Question(question.hosts, machines, frozenset(down))
    hosts = [each for each in names if each not in down]

    found = rolled(Asked(asked, ask), hosts, way=way)

    _carry_out(asked, found, set(down))
    assert {each.host for each in found.steps} | {each.host for each in found.left_out} == set(
        hosts
    )
    assert len(found.steps) + len(found.left_out) == len(hosts)
    alone = {each for each in hosts if can(ask(without(asked, each)))}
    # Brought back each time, a host is in the order exactly if it can be emptied by itself.
    if way is Way.BRING_BACK:
        assert {each.host for each in found.steps} == alone


def _carry_out(question: Question, found: Rolling, down: set[str]) -> None:
    state = Site(question)
    for step in found.steps:
        state.move(step.answer.plan, {*down, step.host})
        assert not state.on(step.host)
        state.move(step.back, down)
        assert (step.way is Way.BRING_BACK) == bool(step.back) or not step.answer.plan
    assert state.moved == found.memory
    state.move(found.way_back, down)
    assert state.where == {each.key: each.host for each in question.machines}
    assert state.memory == {each.name: each.free for each in question.hosts}
