"""What the fixes of the network selection run, undo and name, for one host's own values."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

import pytest
from in_turn import in_turn

from livemigration.base.addresses import Subnet, parse_address
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.network import LocalAddress
from livemigration.verdict.fixes import network_selection as fixes
from livemigration.verdict.fixes.script import (
    PRECONDITION,
    FixTarget,
    any_network_still_set,
    console,
    networks_are,
    opening,
    recorded,
    rows_unchanged,
    set_host,
)
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL, select
from livemigration.verdict.references import KB_2853203, SET_UP_HOSTS

MACHINE = FixTarget("hv07.contoso.com", "vmm01.contoso.com")
FIRST, SECOND, THIRD = (ipaddress.ip_network(f"10.1.{each}.0/24") for each in (1, 2, 3))
ALL_FALSE = "-UseAnyMigrationSubnet $false"


def local(*addresses: str) -> tuple[LocalAddress, ...]:
    return tuple(LocalAddress(parse_address(each), 24, "Ethernet") for each in addresses)


def row(subnet: Subnet, tag: str = USER_MANAGED, metric: int | None = None) -> MigrationNetwork:
    return MigrationNetwork(subnet=subnet, tags=(tag,), metric=metric)


ANY_V4 = row(ipaddress.ip_network("0.0.0.0/0"), USER_MANAGED_ALL)
ANY_V6 = row(ipaddress.ip_network("::/0"), USER_MANAGED_ALL)


def test_networks_are_set_by_script_where_the_host_has_an_address_in_each() -> None:
    fix = fixes.choose_networks(MACHINE, [FIRST, SECOND], local("10.1.1.7", "10.1.2.7"))
    assert fix.commands == (
        *opening(MACHINE),
        *rows_unchanged(MACHINE, ()),
        set_host(ALL_FALSE, "-MigrationSubnet @('10.1.1.0/24', '10.1.2.0/24')"),
    )
    assert fix.undo[:-1] == recorded(())
    assert "remove these networks" in fix.undo[-1]
    assert fix.done == (*opening(MACHINE), *networks_are(MACHINE, [FIRST, SECOND]))
    assert fix.precondition == PRECONDITION
    assert fix.source == SET_UP_HOSTS


@in_turn(
    "wanted, addresses, says",
    [
        ((FIRST, SECOND), ("10.1.1.7", "127.0.0.1"), "The policy names 10.1.1.0/24 and 10.1.2."),
        ((FIRST,), (), "The policy names 10.1.1.0/24."),
        ((), ("10.1.1.7", "10.1.1.8", "127.0.0.1"), "The host has addresses in 10.1.1.0/24."),
        ((), (), ""),
    ],
)
def test_no_network_is_set_by_script_that_the_host_has_no_address_in(
    wanted: Sequence[Subnet], addresses: Sequence[str], says: str
) -> None:
    fix = fixes.choose_networks(MACHINE, wanted, local(*addresses))
    assert (fix.commands, fix.undo, fix.done, fix.precondition) == ((), (), (), "")
    where, add, verify = fix.console
    assert (where,) == console(MACHINE)
    assert add.startswith("Add the migration networks to the list. ")
    assert says in add
    assert says or add.endswith("list. ")
    assert "listener" in verify
    assert "hv07.contoso.com" in fix.summary


@pytest.mark.parametrize(
    ("rows", "back"),
    [
        (
            (row(FIRST, metric=5), row(SECOND)),
            (
                set_host("-MigrationSubnet @('10.1.1.0/24', '10.1.2.0/24')"),
                set_host(ALL_FALSE, "-MigrationSubnet @('10.1.1.0/24', '10.1.2.0/24')"),
            ),
        ),
        ((), (set_host(ALL_FALSE),)),
    ],
    ids=["two networks", "no network"],
)
def test_any_network_is_set_on_the_observed_rows_and_undone_to_them(
    rows: tuple[MigrationNetwork, ...], back: tuple[str, ...]
) -> None:
    fix = fixes.any_network(MACHINE, rows, (), ())
    assert fix.commands == (
        *opening(MACHINE),
        *rows_unchanged(MACHINE, rows),
        set_host("-UseAnyMigrationSubnet $true"),
    )
    assert fix.undo == (
        *recorded(rows),
        *opening(MACHINE),
        *any_network_still_set(MACHINE),
        *back,
    )
    assert fix.precondition == PRECONDITION
    assert fix.console[:1] == console(MACHINE)
    assert "hv07.contoso.com" in fix.summary
    assert fix.source == KB_2853203


@in_turn(
    "rows, accepts",
    [
        ((ANY_V4, ANY_V6), True),
        # With IPv6 disabled, its row is missing.
        ((ANY_V4,), True),
        # A host that VMM 2012 SP1 does not reach, and that any_network is to mend.
        ((ANY_V6,), False),
        ((row(FIRST),), False),
        ((row(ipaddress.ip_network("0.0.0.0/0")),), False),
        ((), False),
    ],
)
def test_a_host_is_mended_where_it_accepts_any_network_over_ipv4(
    rows: tuple[MigrationNetwork, ...], accepts: bool
) -> None:
    line = any_network_still_set(MACHINE)[-1]
    asked = re.search(
        r"Where-Object \{ \$_\.Tags -contains '(\S+)' -and \$_\.SubnetNumber -eq '(\S+)' \}\)"
        r"\.Count -eq 0\) \{ throw ",
        line,
    )
    assert asked is not None
    tag, number = asked.groups()
    found = [each for each in rows if tag in each.tags and str(each.subnet[0]) == number]
    assert bool(found) is accepts
    assert select(rows).accepts_any is accepts


def test_networks_of_another_manager_are_said_to_be_set_back_by_it() -> None:
    fix = fixes.any_network(MACHINE, (row(FIRST, "Some.Other:Manager"),), (), ())
    assert fix.precondition.startswith(PRECONDITION)
    assert "another manager" in fix.precondition


@in_turn(
    "rows, resolved, added",
    [
        ((), ("10.1.9.9", "10.1.3.7"), ("add 10.1.3.0/24, the subnet of 10.1.3.7,", "10.1.3.0/24")),
        (
            (row(FIRST), row(SECOND)),
            ("10.1.1.7", "10.1.3.7"),
            ("add 10.1.3.0/24, the subnet of 10.1.3.7,", "10.1.1.0/24, 10.1.2.0/24 and 10.1.3.0"),
        ),
        ((row(FIRST),), ("10.1.1.7",), ()),
        ((row(FIRST),), ("10.1.9.9",), ()),
    ],
)
def test_the_alternative_adds_the_subnet_of_an_own_address_that_vmm_uses(
    rows: tuple[MigrationNetwork, ...], resolved: Sequence[str], added: tuple[str, ...]
) -> None:
    addresses = [parse_address(each) for each in resolved]
    own = local("10.1.1.7", "10.1.2.7", "10.1.3.7")
    said = fixes.any_network(MACHINE, rows, addresses, own).alternative
    assert said.startswith("Upgrade VMM to 2012 R2")
    assert ("; or add" in said) is bool(added)
    assert all(each in said for each in added)


def test_isolation_records_the_rows_and_leaves_the_switch_to_a_person() -> None:
    rows = (row(FIRST, metric=5), row(SECOND))
    fix = fixes.isolate(MACHINE, rows, [THIRD], local("10.1.1.7"))
    assert fix.commands == ()
    assert fix.undo[:-1] == recorded(rows)
    assert "hv07.contoso.com" in fix.summary
    assert fix.console[:1] == console(MACHINE)
    assert "The policy names 10.1.3.0/24." in fix.console[1]
    assert "10.1.1.0/24" in fixes.isolate(MACHINE, rows, [], local("10.1.1.7")).console[1]
    assert "no common network" in fix.cost
    assert fix.source == SET_UP_HOSTS


def test_networks_of_another_manager_are_changed_where_they_are_managed() -> None:
    fix = fixes.managed_elsewhere(MACHINE, [FIRST, SECOND])
    assert "10.1.1.0/24 and 10.1.2.0/24" in fix.console[0]
    assert "hv07.contoso.com" in fix.summary
    assert "hv07.contoso.com" in fix.console[-1]
    assert fix.commands == ()
    assert fix.source == SET_UP_HOSTS
