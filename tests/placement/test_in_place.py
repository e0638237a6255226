"""Whether machines fit while all others remain: "yes", "no", or neither when it may ask no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sites import machine, site

from livemigration.placement import in_place
from livemigration.placement.core import core, only
from livemigration.placement.deciding import Decision
from livemigration.placement.in_place import EFFORT, InPlace
from livemigration.placement.model import Question


def question(*memory: int, free: int = 5) -> Question:
    machines = [machine(f"v{number}", "d", each, "a", "b") for number, each in enumerate(memory)]
    return site({"a": free, "b": free, "d": 0}, machines, "d")


def test_it_answers_so_many_questions() -> None:
    ask = InPlace(2)
    assert ask.fits(question(5, 5)) is True
    assert ask.fits(question(6)) is False
    assert ask.fits(question(5, 5)) is None
    assert ask.plan(question(5, 5)) == ()


def test_where_none_leaves_they_fit() -> None:
    assert InPlace(1).fits(question()) is True


def test_a_plan_says_who_goes_where() -> None:
    found = InPlace(1).plan(question(5, 4))
    assert {each.machine.name for each in found} == {"v0", "v1"}
    assert {each.destination for each in found} == {"a", "b"}
    assert InPlace(1).plan(question(6)) == ()


def test_what_is_neither_shown_nor_refuted_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_place, "decided", lambda *_: Decision())
    assert InPlace(1).fits(question(5)) is None
    assert InPlace(1).plan(question(5)) == ()


@pytest.mark.parametrize("solver", [True, False])
def test_the_solver_is_loaded_only_where_it_may_be_asked(
    solver: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[bool] = []
    monkeypatch.setattr(in_place, "installed", lambda: loaded.append(True))
    InPlace(1, replace(EFFORT, solver=solver))
    assert loaded == [True] * solver


def test_destinations_that_are_not_known_count_as_possible_in_a_no() -> None:
    machines = [
        replace(machine(f"v{each}", "d", 4, "a"), unknown=frozenset("b")) for each in range(3)
    ]
    asked = site({"a": 5, "b": 5, "d": 0}, machines, "d")
    found = core(asked, None, InPlace(100))
    assert (found.hosts, found.needed, found.free, found.minimal) == (("a", "b"), 12, 10, True)
    known = in_place.possible(asked)
    assert {each.allowed for each in known.machines} == {frozenset("ab")}
    assert {each.unknown for each in known.machines} == {frozenset()}
    assert in_place.possible(known) == known
    assert [each.name for each in only(asked, machines[:1]).leaving] == ["v0"]
