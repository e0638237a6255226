"""How a host's migration networks are set, read from their tagged rows."""

from __future__ import annotations

import pytest
from fact_parts import network_row
from in_turn import in_turn

from livemigration.facts.migration import MigrationNetwork
from livemigration.verdict.networks import (
    USER_MANAGED,
    USER_MANAGED_ALL,
    NetworkSelection,
    SelectionKind,
    select,
)

ALL, USER, OTHER = (USER_MANAGED_ALL,), (USER_MANAGED,), ("Microsoft:Something",)


def row(subnet: str, tags: tuple[str, ...]) -> MigrationNetwork:
    return network_row(subnet, *tags)


@in_turn(
    "rows, kind, any_v4",
    [
        ([], SelectionKind.NONE, False),
        ([row("0.0.0.0/0", ALL), row("::/0", ALL)], SelectionKind.ANY, True),
        ([row("0.0.0.0/0", ALL)], SelectionKind.HALF_ANY, True),
        ([row("::/0", ALL)], SelectionKind.HALF_ANY, False),
        ([row("10.0.50.0/24", USER)], SelectionKind.ISOLATED, False),
        ([row("10.0.50.0/24", OTHER)], SelectionKind.MANAGED_ELSEWHERE, False),
        ([row("10.0.50.0/24", ())], SelectionKind.MANAGED_ELSEWHERE, False),
        ([row("10.0.50.0/24", USER), row("10.0.60.0/24", OTHER)], SelectionKind.ISOLATED, False),
        (
            [row("10.0.50.0/24", USER), row("0.0.0.0/0", ALL), row("::/0", ALL)],
            SelectionKind.ANY,
            True,
        ),
        ([row("0.0.0.0/0", (USER_MANAGED_ALL.upper(),))], SelectionKind.HALF_ANY, True),
    ],
)
def test_the_any_rows_are_looked_at_first_then_the_users(
    rows: list[MigrationNetwork], kind: SelectionKind, any_v4: bool
) -> None:
    selection = select(tuple(rows))
    assert (selection.kind, selection.any_v4) == (kind, any_v4)
    assert selection.accepts_any is (kind is SelectionKind.ANY or any_v4)


def test_an_isolated_host_names_only_the_subnets_that_its_administrator_chose() -> None:
    rows = (row("10.0.50.0/24", USER), row("10.0.60.0/24", OTHER))
    assert select(rows).words == "specific networks (10.0.50.0/24)"


@pytest.mark.parametrize(("any_v4", "family"), [(True, "IPv4"), (False, "IPv6")])
def test_any_network_of_one_family_is_told_with_that_family(any_v4: bool, family: str) -> None:
    selection = NetworkSelection(SelectionKind.HALF_ANY, any_v4=any_v4)
    assert selection.words == f"any network, {family} only"
