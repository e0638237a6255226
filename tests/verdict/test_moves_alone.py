"""Of one check alone, what is said of a move is as bad as the row of that check says.

`test_moves_cases.py` asks all of them at once, where one check hides another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fact_builders import HOST, OTHER
from test_moves_cases import ends, mates, moves_of, of, with_each_machine
from verdict_case import BLOCKED, FAIL, WARNING, Case

from livemigration.inventory.exchanging import declared_in
from livemigration.verdict import moves
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    Judged,
    Pair,
    PairQuestion,
    Said,
    Standing,
)
from livemigration.verdict.move_questions import DELEGATION

_TO = ("LM501", "LM502", "LM503", "LM504")
_FROM = ("LM401", "LM701", "LM702", "LM703", "LM704", "LM705")
_WEIGHT = list(Standing)
_AS_BAD = {
    FAIL: Standing.REFUSED,
    WARNING: Standing.WARNED,
    BLOCKED: Standing.UNKNOWN,
}
ALLOWED, UNKNOWN, REFUSED = Standing.ALLOWED, Standing.UNKNOWN, Standing.REFUSED
# What may be said as well, where a check speaks of more than the move: by check and row.
OTHERWISE = {
    # What else was not looked at is no end of this move.
    **{(check, "some not looked at"): ALLOWED for check in _TO},
    ("LM704", "not looked at"): ALLOWED,
    ("LM703", "vFC, not looked at"): ALLOWED,
    # Of machines that nobody sees, another check says it.
    **{(check, "unseen"): ALLOWED for check in ("LM701", "LM702", "LM705")},
    # Hosts that a check does not compare, as nothing declares that they exchange machines.
    ("LM504", "no other host"): REFUSED,
    # More than is needed is no obstacle.
    ("LM401", "any service"): ALLOWED,
    ("LM401", "cluster unread, any service"): ALLOWED,
    # Where they may be nodes of one cluster, it may not matter between the two.
    ("LM401", "cluster unread, Kerberos only"): UNKNOWN,
    ("LM401", "in-cluster"): UNKNOWN,
    # A drain by the cluster stops at it; a move does not.
    ("LM703", "private switch, node drained"): Standing.WARNED,
}


class _Silent(PairQuestion):
    """A question of which nothing is ever said."""

    groups = ()

    def between(self, pair: Pair[object, object]) -> Said:  # noqa: ARG002 - its face
        return NOTHING_SAID


@contextmanager
def alone(check: str) -> Iterator[None]:
    """Have moves ask this check alone."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("OF_PAIRS", "OF_MACHINES"):
            own = tuple(each for each in getattr(moves, name) if each.check == check)
            patch.setattr(moves, name, own)
        if check != DELEGATION.check:
            patch.setattr(moves, "DELEGATION", _Silent())
        yield


def said_of(case: Case) -> list[Judged]:
    """Return what the check of a case says of moves, of the host that the case judges."""
    host, other = ends(case)
    source, to = (other, host) if case.check in _TO else (host, other)
    with alone(case.check):
        return list(with_each_machine(moves_of(case), case.facts, source, to))


def expected(case: Case, *, declared: bool) -> set[Standing]:
    """Return what may be said of moves by a row of its check."""
    found = {_AS_BAD.get(case.state, ALLOWED)}
    if not declared and case.state is WARNING:
        # A check only warns of a peer that is just assumed; the move is impossible all the same.
        found.add(REFUSED)
    if (case.check, case.row) in OTHERWISE:
        found.add(OTHERWISE[case.check, case.row])
    return found


def test_a_move_is_as_bad_as_the_row_of_each_check_says() -> None:
    judged = 0
    for case in of(*_TO, *_FROM):
        meant = declared_in(case.exchanges)
        if case.check in _FROM and meant is not None and ends(case)[1] not in meant:
            continue
        said = said_of(case)
        if any(each.standing is Standing.NOT_MEANT for each in said):
            continue
        judged += 1
        worst = max((each.standing for each in said), key=_WEIGHT.index)
        context = f"{case.check} {case.row}: {said}"
        assert worst in expected(case, declared=said[0].declared), context
        for each in said:
            assert bool(each.cause) == (each.standing is not ALLOWED), context
            assert not each.cause.endswith("."), context
            if each.standing in {Standing.WARNED, REFUSED}:
                assert each.check == case.check, context
    assert judged > 300


# What LM601 says of more than the two ends of a move.
_OF_THE_CLUSTER = {
    "management first",
    "clients first",
    "another node is down",
    "another node has none up",
    "routes not read",
}


def test_a_node_is_as_good_an_end_of_a_move_as_the_row_of_its_check_says() -> None:
    judged = 0
    for case in of("LM601", "LM606"):
        moves = moves_of(case, mates(case.facts))
        if case.row in _OF_THE_CLUSTER or not {HOST, OTHER} <= set(moves.hosts):
            continue
        with alone(case.check):
            said = moves.between(OTHER, HOST)
        if said.standing is not Standing.NOT_MEANT:
            judged += 1
            assert said.standing in expected(case, declared=True), f"{case.row}: {said}"
    assert judged > 20
