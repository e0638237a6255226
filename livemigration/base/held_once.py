"""Tuples that are equal on many machines, held once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeVar, cast

# Of the values in such tuples, for those who hold each of these once as well.
MOST_HELD = 8192
_MOST_TUPLES = 512
T = TypeVar("T")


def held_once(values: Iterable[T]) -> tuple[T, ...]:
    """Return values as the tuple that was equal to it first."""
    return cast("tuple[T, ...]", _first(tuple(values)))


@lru_cache(_MOST_TUPLES)
def _first(values: tuple[object, ...]) -> tuple[object, ...]:
    return values
