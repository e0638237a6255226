"""How a host's migration networks are set, read from their tagged rows."""

from __future__ import annotations

import ipaddress

import pytest

from livemigration.facts.migration import MigrationNetwork
from livemigration.networks import USER_MANAGED, USER_MANAGED_ALL, Selection, select

ALL, USER, OTHER = (USER_MANAGED_ALL,), (USER_MANAGED,), ("Microsoft:Something",)


def row(subnet: str, tags: tuple[str, ...]) -> MigrationNetwork:
    return MigrationNetwork(subnet=ipaddress.ip_network(subnet), tags=tags, metric=None)


@pytest.mark.parametrize(
    ("rows", "kind", "any_v4"),
    [
        ([], Selection.NONE, False),
        ([row("0.0.0.0/0", ALL), row("::/0", ALL)], Selection.ANY, True),
        ([row("0.0.0.0/0", ALL)], Selection.HALF_ANY, True),
        ([row("::/0", ALL)], Selection.HALF_ANY, False),
        ([row("10.0.50.0/24", USER)], Selection.ISOLATED, False),
        ([row("10.0.50.0/24", OTHER)], Selection.MANAGED_ELSEWHERE, False),
        ([row("10.0.50.0/24", ())], Selection.MANAGED_ELSEWHERE, False),
        ([row("10.0.50.0/24", USER), row("10.0.60.0/24", OTHER)], Selection.ISOLATED, False),
        (
            [row("10.0.50.0/24", USER), row("0.0.0.0/0", ALL), row("::/0", ALL)],
            Selection.ANY,
            True,
        ),
        ([row("0.0.0.0/0", (USER_MANAGED_ALL.upper(),))], Selection.HALF_ANY, True),
    ],
)
def test_the_any_rows_are_looked_at_first_then_the_users(
    rows: list[MigrationNetwork], kind: Selection, any_v4: bool
) -> None:
    selection = select(rows)
    assert (selection.kind, selection.any_v4) == (kind, any_v4)
    assert selection.accepts_any is (kind is Selection.ANY or any_v4)


def test_an_isolated_host_names_only_the_subnets_that_its_administrator_chose() -> None:
    rows = [row("10.0.50.0/24", USER), row("10.0.60.0/24", OTHER)]
    assert select(rows).words == "specific networks (10.0.50.0/24)"
