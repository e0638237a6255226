"""A packing's program: its whole values are the ways to place machines, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from fleets import seeded, small
from sites import machine, site

from livemigration.placement.greedy import attempts
from livemigration.placement.model import Machine, Question
from livemigration.placement.packing import Filling, Packing, leaving
from livemigration.placement.program import Program, Row, program

SEEDS = range(80)
# So many values of columns at most are gone through for one fleet.
MANY = 3_000


def held(row: Row, values: tuple[int, ...]) -> bool:
    total = sum(factor * values[column] for column, factor in row.factors)
    return total == row.limit if row.exact else total <= row.limit


def kept(rules: Program, values: tuple[int, ...]) -> bool:
    return all(held(row, values) for row in rules.rows)


def whole(rules: Program, most: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield every way to fill the columns up to bounds, with each machine placed or without."""
    places = [number for number, each in enumerate(rules.columns) if each.host is not None]
    for chosen in product(*(range(most[number] + 1) for number in places)):
        taken = Counter[int]()
        for number, value in zip(places, chosen, strict=True):
            taken[rules.columns[number].kind] += value
        left = [len(kind.items) - taken[number] for number, kind in enumerate(rules.kinds)]
        if min(left, default=0) >= 0:
            yield (*chosen, *left)


def possible(packing: Packing, rules: Program, values: tuple[int, ...]) -> bool:
    """Whether hosts take what columns say, one machine after the other."""
    filling = Filling(packing)
    for column, value in zip(rules.columns, values, strict=True):
        if column.host is None:
            continue
        item = packing.items[rules.kinds[column.kind].items[0]]
        for _ in range(value):
            if column.host not in item.candidates or not filling.takes(item, column.host):
                return False
            filling.put(item, column.host)
    return True


def few(seed: int) -> Question:
    """Return a few machines, some of them alike, with disk and groups on three hosts."""
    random = seeded(seed)

    def some(name: str) -> Machine:
        return machine(
            name,
            "d",
            random.choice((0, 2, 3, 5)),
            *random.choice(("ab", "abc", "bc")),
            disk=random.choice((0, 2, 3)),
            storage_moves_to=frozenset(random.choice(("", "a", "ab"))),
            apart=frozenset(random.choice(("", "", "g", "gk"))),
        )

    machines = [some(f"v{number}") for number in range(random.randint(2, 4))]
    machines += [replace(each, key=f"{each.key} twin") for each in machines[: random.randint(0, 3)]]
    free = {name: random.randint(0, 12) for name in "abc"}
    there = [machine("r", "a", 1, apart=frozenset("k"))] if random.random() < 0.3 else []
    disk = {name: random.randint(0, 6) for name in "ab" if random.random() < 0.6}
    return site({**free, "d": 0}, [*machines, *there], "d", disk=disk)


def test_what_keeps_the_rules_is_possible_and_what_is_possible_keeps_them() -> None:
    seen: Counter[bool] = Counter()
    for seed in SEEDS:
        packing = leaving(few(seed))
        rules = program(packing)
        # Also beyond the bounds of the columns, of which none forbids what is possible.
        all_of = [len(rules.kinds[each.kind].items) for each in rules.columns]
        for number, values in enumerate(whole(rules, all_of)):
            if number >= MANY:
                break
            within = all(
                value <= each.most for value, each in zip(values, rules.columns, strict=True)
            )
            fits = possible(packing, rules, values)
            assert fits is (within and kept(rules, values)), (seed, values)
            seen[fits] += 1
    assert min(seen.values()) > 500


def test_each_bound_is_what_one_kind_alone_comes_to() -> None:
    for seed in SEEDS:
        packing = leaving(few(seed))
        rules = program(packing)
        for number, column in enumerate(rules.columns):
            count = len(rules.kinds[column.kind].items)
            if column.host is None:
                assert column.most == count
                continue
            alone = [0] * len(rules.columns)
            for value in range(count + 1):
                alone[number] = value
                if possible(packing, rules, tuple(alone)):
                    most = value
            assert column.most == most, seed


def test_each_rule_but_that_each_has_a_place_or_none_can_be_broken() -> None:
    for seed in SEEDS:
        rules = program(leaving(few(seed)))
        for row in rules.rows:
            assert all(factor for _, factor in row.factors)
            most = sum(factor * rules.columns[column].most for column, factor in row.factors)
            assert row.exact or most > row.limit, seed


@pytest.mark.parametrize(("parts", "seen"), [(2, True), (5, True), (9, True), (10, False)])
def test_of_machines_just_over_a_part_of_a_host_it_takes_fewer(parts: int, seen: bool) -> None:
    sizes = [20 + number for number in range(parts)]
    machines = [machine(f"v{each}", "d", each, "a") for each in sizes]
    rules = program(leaving(site({"a": 20 * parts - 1, "d": 0}, machines, "d")))
    rule = Row(tuple((number, 1) for number in range(parts)), parts - 1)
    assert (rule in rules.rows) is seen


def test_what_has_no_place_costs_one_or_what_is_told() -> None:
    packing = leaving(site({"a": 9, "d": 0}, [machine("v", "d", 3, "a", priority=3)], "d"))
    assert program(packing).costs == (0.0, 1.0)
    weighed = program(packing, cost=lambda each: 2.0 * each.priority)
    assert weighed.costs == (0.0, 6.0)


def test_the_values_of_a_solver_are_places_of_its_machines() -> None:
    for seed in range(40):
        packing = leaving(small(seed))
        rules = program(packing)
        for placed in attempts(packing):
            values = tuple(
                sum(placed[each] == column.host for each in rules.kinds[column.kind].items)
                for column in rules.columns
            )
            found = rules.placed(packing, values)
            # Which one of those that are alike is where, it does not say.
            for kind in rules.kinds:
                assert Counter(found[each] for each in kind.items) == Counter(
                    placed[each] for each in kind.items
                ), seed


def test_a_solver_that_says_too_much_too_little_or_not_all_places_no_others() -> None:
    machines = [machine(f"v{each}", "d", 3, "a", "b") for each in range(2)]
    packing = leaving(site({"a": 9, "b": 9, "d": 0}, machines, "d"))
    rules = program(packing)
    assert rules.placed(packing, (5, 1, 0)) == [0, 0]
    assert rules.placed(packing, (-1, 1, 1)) == [1, None]
    with pytest.raises(ValueError, match="zip"):
        rules.placed(packing, (1, 1))
