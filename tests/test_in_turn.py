"""A test that goes over its cases tries each, with its fixtures, and names the one that fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_turn import in_turn

TRIED: list[tuple[str, int]] = []


@in_turn("word", ["a", "b"])
@in_turn("number, double", [(1, 2), (2, 4)])
def test_each_case_is_tried_with_the_fixtures(
    tmp_path: Path, word: str, number: int, double: int
) -> None:
    assert tmp_path.is_dir()
    assert double == 2 * number
    TRIED.append((word, number))
    # The last case of the last word.
    if (word, number) == ("b", 2):
        assert TRIED == [("a", 1), ("a", 2), ("b", 1), ("b", 2)]


def test_cases_of_a_function_are_looked_for_when_the_test_runs() -> None:
    asked: list[str] = []
    tried: list[int] = []

    def found() -> list[int]:
        asked.append("asked")
        return [1, 2]

    @in_turn("number", found)
    def each(number: int) -> None:
        tried.append(number)

    assert asked == []
    each()
    assert (asked, tried) == (["asked"], [1, 2])


def test_a_case_that_fails_is_named() -> None:
    @in_turn("number", [1, 3, 5])
    def small(number: int) -> None:
        assert number < 3

    with pytest.raises(AssertionError) as caught:
        small()
    assert caught.value.__notes__ == ["case 1: {'number': 3}"]
