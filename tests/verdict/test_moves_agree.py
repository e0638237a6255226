"""What is said of moves is what the checks say: pair by pair, of made-up hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from properties import examples
from test_pairs_naive import Fleet, fleets

from livemigration.inventory.policy import Policy
from livemigration.run.result import Result, State
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.move_matrix import matrix_of
from livemigration.verdict.moves import Moves

_PAIR_CHECKS = ("LM501", "LM502", "LM503", "LM504")


def moves_of(fleet: Fleet) -> Moves:
    return Moves(fleet.facts, lambda _: Policy(), lambda _: fleet.exchanges)


def listed_moves_of(fleet: Fleet) -> Moves:
    """Return the moves of an inventory: a host outside the group exchanges machines with none."""
    group = fleet.exchanges

    def exchanges_of(host: str) -> frozenset[str] | None:
        return group if group is None or host in group else frozenset({host})

    return Moves(fleet.facts, lambda _: Policy(), exchanges_of)


def of_two(fleet: Fleet, source: str, destination: str) -> Mapping[str, Result]:
    """Return what the pair checks say of a destination where the source is its only peer."""
    both = tuple(each for each in fleet.hosts if each.name in {source, destination})
    names = frozenset({source, destination})
    pair = replace(fleet, hosts=both, exchanges=None if fleet.exchanges is None else names)
    host = next(each for each in both if each.name == destination)
    return {check: pair.result(check, pair.facts, host) for check in _PAIR_CHECKS}


@pytest.mark.long
@examples(150)
@given(fleets())
def test_two_hosts_are_refused_exactly_where_a_pair_check_fails(fleet: Fleet) -> None:
    names = [each.name for each in fleet.hosts]
    for source in names:
        for destination in names:
            if source == destination:
                continue
            both = replace(
                fleet,
                hosts=tuple(e for e in fleet.hosts if e.name in {source, destination}),
                exchanges=None if fleet.exchanges is None else frozenset({source, destination}),
            )
            said = moves_of(both).of_pair(source, destination)
            agrees(said, of_two(fleet, source, destination), declared=fleet.exchanges is not None)


def agrees(said: Judged, results: Mapping[str, Result], *, declared: bool) -> None:
    states = {check: each.state for check, each in results.items()}
    assert said.declared is declared
    if State.FAIL in states.values():
        assert said.standing is Standing.REFUSED
        assert states[said.check] is State.FAIL
    elif declared:
        assert said.standing is not Standing.REFUSED
    if State.BLOCKED in states.values() and State.FAIL not in states.values() and declared:
        assert said.standing is Standing.UNKNOWN
        assert states[said.check] is State.BLOCKED
    if said.standing is Standing.UNKNOWN:
        assert states[said.check] is State.BLOCKED
    if declared and said.standing is Standing.WARNED:
        assert states[said.check] is State.WARNING
    if set(states.values()) == {State.PASS}:
        assert said.standing is Standing.ALLOWED


@examples(150)
@given(fleets())
def test_the_matrix_says_of_each_pair_what_is_said_of_the_pair_alone(fleet: Fleet) -> None:
    moves = listed_moves_of(fleet)
    matrix = matrix_of(moves, moves.hosts)
    listed = [*matrix.alone, *matrix.unplaced]
    for group in matrix.groups:
        listed += [*group.rest, *(host for each in group.classes for host in each)]
        for row, sources in zip(group.cells, group.classes, strict=True):
            for cell, destinations in zip(row, group.classes, strict=True):
                for source in sources:
                    for destination in destinations:
                        if source != destination:
                            assert cell is not None
                            said = moves.of_pair(source, destination)
                            assert matrix.said[cell].standing is said.standing
                            assert matrix.said[cell].check == said.check
    assert sorted(listed) == sorted(moves.hosts)
    for host in (*matrix.alone, *matrix.unplaced):
        assert not any(
            moves.of_pair(host, other).standing is Standing.ALLOWED
            for other in moves.hosts
            if other != host
        )


@examples(150)
@given(fleets())
def test_a_destination_fails_exactly_where_a_move_to_it_is_refused(fleet: Fleet) -> None:
    if fleet.exchanges is None:
        return
    moves, facts = moves_of(fleet), fleet.facts
    for host in fleet.hosts:
        states = {fleet.result(check, facts, host).state for check in _PAIR_CHECKS}
        senders = [each.name for each in fleet.senders(host)]
        said = {moves.of_pair(each, host.name).standing for each in senders}
        assert (State.FAIL in states) is (Standing.REFUSED in said)
        if states == {State.BLOCKED}:
            assert said <= {Standing.UNKNOWN, Standing.REFUSED}
