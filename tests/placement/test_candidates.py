"""What stands against each destination of a machine without a place, one reason at a time."""

from __future__ import annotations

import pytest
from sites import machine, site

from livemigration.placement.candidates import Against, Candidate, candidates
from livemigration.placement.model import Machine

G = frozenset("g")


def found(*others: Machine, free: int = 4, space: int | None = None, **more: object) -> Candidate:
    """Return what stands against host a for a machine of 4 MB, which may go there."""
    own = machine("v", "d", 4, *([] if "unknown" in more else ["a"]), **more)
    rest = site(
        {"a": free, "d": 0}, [own, *others], "d", disk={} if space is None else {"a": space}
    )
    (candidate,) = candidates(own, rest)
    return candidate


def test_nothing_stands_against_a_host_with_just_enough_memory() -> None:
    assert found() == Candidate("a", Against.NOTHING)
    assert found(unknown=frozenset("a")) == Candidate("a", Against.UNKNOWN)


@pytest.mark.parametrize(("free", "said"), [(3, 3), (0, 0), (-2, 0)])
def test_too_little_memory_is_told_with_what_is_free(free: int, said: int) -> None:
    assert found(free=free) == Candidate("a", Against.MEMORY, free=said, needs=4)


@pytest.mark.parametrize(("space", "said"), [(8, 8), (0, 0), (-2, 0)])
def test_too_little_disk_is_told_with_what_is_free(space: int, said: int) -> None:
    to_a = frozenset("a")
    assert found(space=space, disk=9, storage_moves_to=to_a) == Candidate(
        "a", Against.DISK, free=said, needs=9
    )
    assert found(space=9, disk=9, storage_moves_to=to_a).against is Against.NOTHING
    assert found(space=space, disk=9).against is Against.NOTHING


def test_only_those_there_that_share_a_group_are_named() -> None:
    others = [
        machine("r2", "a", 1, apart=G | {"k"}),
        machine("r1", "a", 1, apart=G),
        machine("r3", "a", 1, apart=frozenset("k")),
        machine("r4", "b", 1, apart=G),
    ]
    assert found(*others, apart=G) == Candidate("a", Against.APART, others=("r1", "r2"))
    assert found(*others).against is Against.NOTHING
