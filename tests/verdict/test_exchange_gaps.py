"""Whether what is not known of peers keeps a comparison from a verdict."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.verdict.exchange_gaps import Hidden, block_if_undecided
from livemigration.verdict.findings import Finding, Level
from livemigration.verdict.names import Names, Order, Others
from livemigration.verdict.views import BlockedError

MACHINES = "not be read: hv03."
UNSEEN = "was not looked at: hv02."


def hidden(*, hides: bool, others_known: bool) -> Hidden:
    made = Hidden("Their machines could not be read")
    made.look_at(one("hv03"), hides=hides)
    if others_known:
        made.look_at(one("hv04"), hides=False)
    return made


def one(name: str) -> Names:
    return Others(Order((name,)))


@in_turn(
    "level, not_looked_at, hides, others_known, blocks",
    [
        (Level.OK, (), False, True, ""),
        (Level.OK, (), True, True, ""),
        (Level.OK, (), True, False, MACHINES),
        (Level.WARNING, (), True, False, ""),
        (Level.OK, ("hv02",), False, True, UNSEEN),
        (Level.OK, ("hv02",), True, True, UNSEEN),
        (Level.OK, ("hv02",), True, False, MACHINES),
        (Level.WARNING, ("hv02",), True, False, UNSEEN),
        (Level.FAIL, ("hv02",), True, False, ""),
    ],
)
def test_what_is_not_known_of_peers_blocks_where_it_decides(
    level: Level, not_looked_at: tuple[str, ...], hides: bool, others_known: bool, blocks: str
) -> None:
    found = [Finding(level, "It is so.")]
    unknown = hidden(hides=hides, others_known=others_known)
    if not blocks:
        block_if_undecided(found, not_looked_at, unknown, "processors")
        return
    with pytest.raises(BlockedError, match=blocks) as blocked:
        block_if_undecided(found, not_looked_at, unknown, "processors")
    assert blocked.value.next_step


def test_where_machines_are_no_part_of_it_only_who_was_not_looked_at_blocks() -> None:
    block_if_undecided([], (), None, "settings")
    with pytest.raises(BlockedError, match="Their settings may stop"):
        block_if_undecided([], ("hv02",), None, "settings")
