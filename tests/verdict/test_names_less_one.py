"""Names of hosts are equal where they are the same ones, however they are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemigration.verdict import names
from livemigration.verdict.names import Joined, Order, Others, united

_HOSTS = [f"hv{number:02}" for number in range(6)]


@given(st.permutations(_HOSTS), st.permutations(_HOSTS), st.integers(0, 6), st.sampled_from(_HOSTS))
def test_names_less_one_are_those_that_are_left(
    some: list[str], others: list[str], number: int, host: str
) -> None:
    found, same = Others(Order(some[:number]), host), Others(Order(others[:number]), host)
    left = [each for each in some[:number] if each != host]
    assert list(found) == left
    assert len(found) == len(left)
    assert [each in found for each in _HOSTS] == [each in left for each in _HOSTS]
    assert (found == same) is (set(found) == set(same))
    assert found == Others(Order(left))
    assert hash(found) == hash(Others(Order(left)))
    first, rest = left[:1], left[1:]
    assert found == Joined((first, Others(Order(rest), "hv99")))


def test_a_class_is_read_once_for_all_hosts_that_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    token_of = names.token_of

    def token(name: str) -> int:
        counted.append(name)
        return token_of(name)

    monkeypatch.setattr(names, "token_of", token)
    fleet = [f"hv{number:04}" for number in range(500)]
    order = Order(fleet)
    marks = {Others(order, host).mark for host in fleet}
    assert len(marks) == 500
    assert sorted(counted) == fleet


def test_equal_names_are_united_to_one() -> None:
    one, other = Others(Order(("a", "b", "c")), "a"), Others(Order(("c", "b")))
    assert united((one, other)) is one
    assert list(united((one, Others(Order(("d", "c")))))) == ["b", "c", "d"]
