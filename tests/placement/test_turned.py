"""The moves of a plan the other way."""

from __future__ import annotations

import pytest

from livemigration.placement.afterwards import turned
from livemigration.placement.model import Machine, Move
from livemigration.placement.transfers import transfers_of


@pytest.mark.parametrize("moves_to", [frozenset(), frozenset({"b"})])
def test_disks_that_moved_along_move_back(moves_to: frozenset[str]) -> None:
    machine = Machine("k", "a", "a", 1, frozenset({"b"}), disk=7, storage_moves_to=moves_to)
    (back,) = turned((Move(machine, "a", "b"),))
    assert (back.source, back.destination) == ("b", "a")
    assert [each.disk for each in transfers_of((back,))] == [7 if moves_to else 0]
