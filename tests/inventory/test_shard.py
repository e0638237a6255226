"""Which part of the hosts a host is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.base.errors import UsageError
from livemigration.inventory.shard import Shard, number_of, shard_of

NAMES = st.lists(st.text("abcdefgh0123456789", min_size=1, max_size=12), max_size=30, unique=True)


@given(NAMES, st.integers(1, 12))
@examples(100)
def test_each_host_is_in_one_part_whoever_else_is_there(names: list[str], of: int) -> None:
    parts = [Shard(number, of) for number in range(1, of + 1)]
    for name in names:
        (only,) = (each for each in parts if each.holds(name))
        assert only.number == number_of(name.upper(), of)


def test_parts_are_about_as_large_and_the_same_on_every_machine() -> None:
    names = [f"hv{number:05d}.contoso.com" for number in range(1, 8001)]
    numbers = [number_of(name, 8) for name in names]
    assert all(800 < numbers.count(each) < 1200 for each in range(1, 9))
    # Machines that cut one fleet have other versions of the suite, and of Python.
    assert numbers[:8] == [7, 3, 4, 3, 3, 1, 8, 1]


@in_turn("text", ["3/8", " 3/8 ", "1/1", "1000/1000"])
def test_a_part_is_named_by_its_number_and_how_many_there_are(text: str) -> None:
    assert str(shard_of(text)) == text.strip()


@in_turn(
    "text", ["", "3", "0/8", "9/8", "3/0", "-1/8", "3/8/2", "a/b", "1/1001", "1.0/2", "\u0661/2"]
)
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"not a part of the hosts\. Write its number"):
        shard_of(text)
