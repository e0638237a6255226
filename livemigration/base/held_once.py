"""Values that are equal on many machines, held once."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar, cast

# Of what stands hundreds of times in such values, for those who hold each of it once as well.
MOST_HELD = 8192
# Each host brings some that no other has: those of all hosts must not be lost among them.
_MOST_VALUES = 2048
T = TypeVar("T")


def held_once(kind: str, value: T) -> T:
    """Return the value of this kind that was equal to it first, or itself where it has no hash.

    Values of one kind have one type. Of two types they may be equal, as 1 and true are.
    """
    try:
        return cast("T", _first(kind, value))
    except TypeError:
        # A list or a dictionary, as a site's own facts may be.
        return value


@lru_cache(_MOST_VALUES)
def _first(_kind: str, value: object) -> object:
    return value
