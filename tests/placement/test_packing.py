"""What a packing says of a question, held against the rules as a person would state them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product

import pytest
from complete import rooms_of
from fleets import small
from sites import machine, site

from livemigration.placement.model import Machine, Question
from livemigration.placement.packing import (
    Filling,
    Item,
    Packing,
    between,
    everything,
    leaving,
)

SEEDS = range(40)


def names(packing: Packing, item: Item) -> list[str]:
    return [packing.hosts[each] for each in item.candidates]


def test_each_that_leaves_may_go_where_it_fits_alone() -> None:
    for seed in SEEDS:
        question = small(seed, residents=4)
        rooms, packing = rooms_of(question), leaving(question)
        assert packing.hosts == tuple(sorted(rooms))
        assert [each.machine for each in packing.items] == list(question.leaving)
        for item in packing.items:
            found = names(packing, item)
            assert found == [
                name for name in packing.hosts if rooms[name].takes(item.machine, name)
            ], seed
            moves = {packing.hosts[each] for each in item.disk_at}
            assert moves == item.machine.storage_moves_to & set(found), seed
            assert item.home is None


def test_what_is_used_beyond_what_there_is_leaves_nothing_free() -> None:
    question = site({"a": -3, "b": 4, "d": 0}, [], "d", disk={"a": -2, "b": 7})
    packing = leaving(question)
    assert (packing.memory, packing.disk) == ((0, 4), (0, 7))
    assert leaving(site({"a": 0, "d": 0}, [], "d")).disk == (None,)


def kinds_of(**more: object) -> list[Machine]:
    """Return two of each of many machines, which differ in what decides and in what does not."""
    every = product((2, 3), (0, 1, 2), ("", "a", "ab"), ("", "g"), ("ab", "b"), range(2))
    return [
        machine(
            f"v{number}",
            "d",
            memory,
            *allowed,
            disk=disk,
            storage_moves_to=frozenset(moves),
            apart=frozenset(group),
            priority=1 + number % 2,
            **more,
        )
        for number, (memory, disk, moves, group, allowed, _) in enumerate(every)
    ]


def needs(packing: Packing, item: Item) -> object:
    """Return what of a machine decides where it may be."""
    each = item.machine
    disk = {name: each.disk * (name in each.storage_moves_to) for name in names(packing, item)}
    return each.memory, disk, each.apart


def test_machines_are_of_one_kind_where_they_are_alike_in_all_that_decides() -> None:
    packing = leaving(site({"a": 9, "b": 9, "d": 0}, kinds_of(), "d", disk={"a": 9, "b": 9}))
    kind_of = {number: kind for kind in packing.kinds for number in kind.items}
    assert sorted(kind_of) == list(range(len(packing.items)))
    for (one, first), (other, second) in combinations(enumerate(packing.items), 2):
        alike = needs(packing, first) == needs(packing, second)
        assert (kind_of[one] is kind_of[other]) == alike, (first, second)
    for kind in packing.kinds:
        item = packing.items[kind.items[0]]
        disk = {packing.hosts[each]: kind.disk * (each in kind.disk_at) for each in kind.candidates}
        assert (kind.memory, disk, kind.apart) == needs(packing, item)
        assert bool(kind.disk) == bool(kind.disk_at)
        assert list(kind.items) == sorted(kind.items)


def test_kinds_can_be_told_apart_by_one_thing_more() -> None:
    packing = leaving(site({"a": 9, "b": 9, "d": 0}, kinds_of(), "d"))
    for kind in packing.kinds_by(lambda each: each.priority):
        assert len({packing.items[each].machine.priority for each in kind.items}) == 1
    assert len(packing.kinds_by(lambda each: each.priority)) == 2 * len(packing.kinds)


G = frozenset("g")


def residents() -> Question:
    """Return a host to be drained beside others, on some of which machines may leave."""
    machines = [
        machine("v", "d", 5, "a", "b", "c"),
        # A machine on a that may leave for b, with its disk.
        machine("r1", "a", 3, "b", disk=2, storage_moves_to=frozenset("b"), apart=G),
        # Two on b: one that may leave for a, one that remains.
        machine("r2", "b", 4, "a", apart=G),
        machine("r3", "b", 6, "b", apart=G),
        # On c all of two may leave.
        machine("r4", "c", 1, "a", apart=G, disk=4),
        machine("r5", "c", 1, "b", apart=G),
        # Of its host nothing is known.
        machine("far", "z", 1, "a", apart=G),
    ]
    free = {"a": 2, "b": -1, "c": 0, "d": 0}
    return site(free, machines, "d", disk={"a": 8, "c": 1})


def test_everything_that_may_leave_gives_up_its_memory_and_disk_at_once() -> None:
    packing = everything(residents())
    # What runs on b beyond what it has is no reason for a "no" while something of it may leave.
    assert (packing.hosts, packing.memory) == (("a", "b", "c"), (5, 4, 2))
    assert packing.disk == (10, None, 5)
    # One remains on b: one more may be there, as now. All of c may.
    assert packing.limits == ({"g": 1}, {"g": 1}, {"g": 2})
    assert [
        (each.machine.name, names(packing, each), each.home, sorted(each.disk_at))
        for each in packing.items
    ] == [
        ("v", ["a"], None, []),
        ("r1", ["a", "b"], 0, [1]),
        ("r2", ["a", "b"], 1, []),
        ("r4", ["a", "c"], 2, []),
        ("r5", ["b", "c"], 2, []),
    ]


def test_between_some_hosts_only_machines_of_these_make_room_and_no_disk_is_given_up() -> None:
    packing = between(residents(), frozenset("ac"))
    assert packing.memory == (2, 0, 1)
    assert packing.disk == (8, None, 1)
    # What may leave none of them holds its group for good.
    assert packing.limits == ({"g": 0}, {"g": 0}, {"g": 1})
    assert [(each.machine.name, names(packing, each)) for each in packing.items] == [
        ("v", []),
        ("r4", ["c"]),
    ]
    # What is used on b beyond what it has, no sum gives back.
    assert "r2" not in [each.machine.name for each in between(residents(), frozenset("ab")).items]


def test_a_machine_whose_disk_moves_needs_none_where_it_is() -> None:
    own = machine("r", "a", 3, "a", "b", disk=9, storage_moves_to=frozenset("ab"))
    question = site({"a": 0, "b": 4, "d": 0}, [own], "d", disk={"a": 0, "b": 9})
    (item,) = between(question, frozenset("ab")).items
    assert (item.candidates, item.home) == ((0, 1), 0)
    assert item.disk_at == frozenset({1})


@pytest.mark.parametrize("lack", ["memory", "disk", "group"])
def test_what_is_put_on_a_host_is_not_free_until_it_is_taken_away(lack: str) -> None:
    each = {"storage_moves_to": frozenset("a"), "disk": 3 if lack == "disk" else 0}
    each["apart"] = G if lack == "group" else frozenset()
    question = site(
        {"a": 7 if lack == "memory" else 9, "d": 0},
        [machine("v1", "d", 4, "a", **each), machine("v2", "d", 4, "a", **each)],
        "d",
        disk={"a": 5},
    )
    packing = leaving(question)
    first, second = packing.items
    filling = Filling(packing)
    assert filling.takes(first, 0)
    assert filling.left_of(0, ["g"]) == (1,)
    filling.put(first, 0)
    assert not filling.takes(second, 0)
    assert filling.left_of(0, ["g", "k"]) == ((0, 1) if lack == "group" else (1, 1))
    filling.put(first, 0, -1)
    assert (filling.memory, filling.disk) == (list(packing.memory), list(packing.disk))
    assert filling.left_of(0, ["g"]) == (1,)
    assert filling.takes(second, 0)


def test_what_is_exactly_free_is_enough() -> None:
    own = machine("v", "d", 4, "a", disk=3, storage_moves_to=frozenset("a"))
    packing = leaving(site({"a": 4, "d": 0}, [own], "d", disk={"a": 3}))
    assert packing.items[0].candidates == (0,)
    assert Filling(packing).takes(packing.items[0], 0)


def test_a_disk_is_counted_only_where_it_moves_to_and_what_is_free_is_known() -> None:
    own = machine("v", "d", 4, "a", "b", disk=3, storage_moves_to=frozenset("b"))
    packing = leaving(site({"a": 4, "b": 4, "d": 0}, [own], "d", disk={"a": 5}))
    filling = Filling(packing)
    for host in (0, 1):
        filling.put(packing.items[0], host)
    assert filling.disk == [5, None]


def test_a_host_that_holds_a_group_takes_no_more_of_it() -> None:
    machines = [machine("v", "d", 1, "a", "b", apart=G), machine("r", "a", 1, apart=G)]
    question = site({"a": 9, "b": 9, "d": 0}, machines, "d")
    packing = leaving(question)
    assert names(packing, packing.items[0]) == ["b"]
    assert (packing.limit(0, "g"), packing.limit(1, "g")) == (0, 1)
    assert packing.groups == ("g",)
    alone = replace(question, machines=machines[:1])  # type: ignore[arg-type] # as given
    assert names(packing, leaving(alone).items[0]) == ["a", "b"]
