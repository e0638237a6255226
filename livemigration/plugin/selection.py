"""What -k and -m of pytest select: words, which brackets and nots may lie around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

_WORDS = re.compile(r"[()]|[^\s()]+")
# pytest reads about three hundred; a person, three.
_DEEPEST_SELECTION = 50


def refuse_deep_selection(config: pytest.Config) -> None:
    """Refuse a selection in which pytest would lose itself: it ends in an internal error there.

    Raises:
        pytest.UsageError: it is one.
    """
    for option, name in (("-k", "keyword"), ("-m", "markexpr")):
        if _depth(getattr(config.option, name, None) or "") > _DEEPEST_SELECTION:
            raise pytest.UsageError(
                f"{option}: more than {_DEEPEST_SELECTION} brackets and nots lie in each other. "
                "Write it with fewer."
            )


def _depth(expression: str) -> int:
    """Return how deep brackets and nots of a selection lie in each other."""
    outer: list[int] = []
    depth = nots = deepest = 0
    for word in _WORDS.findall(expression):
        if word == "(":
            outer.append(nots)
            depth += nots + 1
        elif word == ")" and outer:
            depth -= outer.pop() + 1
        nots = nots + 1 if word == "not" else 0
        deepest = max(deepest, depth + nots)
    return deepest


def chosen_words(expression: str) -> Iterator[str]:
    """Yield the words of a selection that are not denied."""
    words = _WORDS.findall(expression)
    for before, word in pairwise(["", *words]):
        if before != "not":
            yield word
