"""Values that are equal on many machines are held once, and stay of their own type."""

from __future__ import annotations

from livemigration.base.held_once import held_once


def test_what_is_equal_is_one() -> None:
    first, second = (tuple(map(str, range(3))) for _ in range(2))
    assert first is not second
    assert held_once("words", first) is held_once("words", second)


def test_values_of_two_kinds_are_not_mixed() -> None:
    assert held_once("truths", (True, False)) == (True, False)
    assert held_once("numbers", (1, 0))[0] is not True
    assert held_once("truths", (True, False))[0] is True


def test_what_has_no_hash_stays_itself() -> None:
    first, second = {"rules": [1]}, {"rules": [1]}
    assert held_once("own facts", first) is first
    assert held_once("own facts", second) is second
