"""Pairs of hosts as few statements, none of them lost and none added."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.placement.host_pairs import Group, grouped

HOSTS = ("a", "b", "c", "d", "e", "f")
PAIRS = tuple(combinations(HOSTS, 2))


@examples(300)
@given(st.sets(st.sampled_from(PAIRS)))
def test_the_groups_are_the_pairs_each_once(pairs: set[tuple[str, str]]) -> None:
    said = [
        tuple(sorted(pair))
        for group in grouped(pairs)
        for pair in (
            product(group.hosts, group.others) if group.others else combinations(group.hosts, 2)
        )
    ]

    assert sorted(said) == sorted(pairs)


def test_hosts_with_the_same_partners_are_named_together() -> None:
    full = [pair for pair in PAIRS if set(pair) <= {"a", "b", "c"}]
    across = list(product(("a", "b", "c"), ("e", "f")))

    assert list(grouped([*full, *across])) == [
        Group(("a", "b", "c")),
        Group(("a", "b", "c"), ("e", "f")),
    ]
