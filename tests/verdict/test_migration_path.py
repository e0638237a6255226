"""Where a host accepts live migration: by its selection and its own addresses, beside VMM's."""

from __future__ import annotations

from typing import Any

import pytest
from fact_builders import (
    ANY,
    ANY_V4,
    ANY_V6,
    HOST,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NONE,
    REFUSED,
    VMM,
    failure,
)
from fact_parts import probes_of
from in_turn import in_turn
from test_resolution import OWN_V6, STALE, V6, sight, texts

from livemigration.base.addresses import parse_address
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.verdict.migration_path import MigrationPath, block_unless_own, path_of
from livemigration.verdict.networks import USER_MANAGED
from livemigration.verdict.views import BlockedError


def path(**given: Any) -> MigrationPath:
    host, server, _ = sight(**given)
    return path_of(host, server)


@in_turn(
    "networks, expected",
    [
        (ANY, [MANAGEMENT, MIGRATION, V6]),
        (ANY_V4, [MANAGEMENT, MIGRATION]),
        (ANY_V6, [V6]),
        (ISOLATED, [MIGRATION]),
        (NONE, []),
    ],
)
def test_a_host_that_works_listens_on_its_addresses_of_what_it_selects(
    networks: Any, expected: list[str]
) -> None:
    assert texts(path(networks=networks, local=OWN_V6).would_listen) == expected


def test_an_attempt_is_told_with_the_subnet_that_it_was_for() -> None:
    (probe,) = probes_of({(MIGRATION, 6600): REFUSED})
    narrow = (f"{MANAGEMENT}/24", f"{MIGRATION}/28")
    # The selected one, where the host's own mask is another; else its own; else nobody knows.
    chosen = path(networks=ISOLATED, local=narrow)
    assert chosen.attempt_text(probe) == (
        f"10.0.50.0/24: {MIGRATION} port 6600 refused (10061) from the VMM server {VMM}."
    )
    assert path(networks=ANY, local=narrow).subnet_text(probe.address) == "10.0.50.0/28"
    assert path(networks=ANY).subnet_text(parse_address(STALE)) == "unknown subnet"


def test_a_listener_that_is_missing_is_looked_for_on_the_address_that_vmm_uses() -> None:
    fix = path(listeners=(MIGRATION,), dns=(MANAGEMENT,)).repair
    assert fix.key == "listener-missing"
    assert f"the listener on {MANAGEMENT} on port 6600" in " ".join(fix.console)


def test_a_listener_is_the_hosts_own_address_where_its_table_cannot_be_read() -> None:
    lost = {LOCAL_ADDRESSES.name: failure()}
    listening = path(listeners=(MANAGEMENT,), dns=(MANAGEMENT,), lost=lost)
    assert texts(listening.used_listeners) == [MANAGEMENT]
    with pytest.raises(BlockedError):
        path(listeners=(MIGRATION,), dns=(MANAGEMENT,), lost=lost)


@in_turn(
    "given, says",
    [
        ({"local": ("127.0.0.1/8",)}, f"{HOST} shows no address of its own"),
        ({"local": ("127.0.0.1/8",)}, f"whether {MANAGEMENT} is its address"),
        ({"dns": (STALE,), "known_as": STALE}, f"{VMM} knows {HOST} by {STALE}"),
        # By its own address, however VMM knows it; or by a name, of which DNS decides (LM201).
        ({"known_as": MANAGEMENT}, ""),
        ({"dns": (STALE,)}, ""),
    ],
)
def test_an_address_that_is_not_shown_to_be_the_hosts_own_blocks(
    given: dict[str, Any], says: str
) -> None:
    host, _, _ = sight(**given)
    if not says:
        block_unless_own(host, VMM)
        return
    with pytest.raises(BlockedError) as blocked:
        block_unless_own(host, VMM)
    assert says in blocked.value.reason
    assert blocked.value.next_step


NOT_SELECTED = (("10.9.9.0/24", USER_MANAGED),)
PARTLY_SELECTED = (*ISOLATED, *NOT_SELECTED)


@in_turn(
    "given, expected, key",
    [
        # Why VMM meets no listener: the host lacks the address, or the listener, or it is the KB.
        (
            {"networks": NOT_SELECTED, "listeners": (), "dns": (MANAGEMENT,)},
            (True, False, False),
            "address-in-migration-subnets",
        ),
        (
            {"networks": PARTLY_SELECTED, "listeners": (), "dns": (MANAGEMENT,)},
            (False, False, True),
            "use-any-network",
        ),
        (
            {"networks": NOT_SELECTED, "listeners": (MIGRATION,), "dns": (MANAGEMENT,)},
            (False, False, True),
            "use-any-network",
        ),
        (
            {"networks": ISOLATED, "listeners": (), "dns": (MIGRATION,)},
            (False, True, False),
            "listener-missing",
        ),
        (
            {"networks": ISOLATED, "listeners": (MIGRATION,), "dns": (MIGRATION,)},
            (False, False, False),
            "listener-missing",
        ),
        (
            {"networks": ISOLATED, "listeners": (MIGRATION,), "dns": (MANAGEMENT, MIGRATION)},
            (False, False, False),
            "listener-missing",
        ),
        (
            {"networks": ISOLATED, "listeners": (MIGRATION,), "dns": (MANAGEMENT,)},
            (False, False, True),
            "use-any-network",
        ),
        (
            {"networks": ANY, "listeners": (), "dns": (MANAGEMENT,)},
            (False, False, False),
            "listener-missing",
        ),
        (
            {"networks": ANY_V4, "listeners": (), "dns": (MANAGEMENT,)},
            (False, False, False),
            "listener-missing",
        ),
        (
            {"networks": ANY_V6, "listeners": (), "dns": (MANAGEMENT,)},
            (False, False, True),
            "use-any-network",
        ),
        (
            {"networks": NONE, "listeners": (), "dns": (MANAGEMENT,)},
            (False, False, False),
            "use-any-network",
        ),
    ],
)
def test_what_keeps_vmm_from_a_listener_is_one_of_three_causes_or_none(
    given: dict[str, Any], expected: tuple[bool, bool, bool], key: str
) -> None:
    here = path(**given)
    assert (here.without_address, here.listener_lost, here.is_kb_case) == expected
    assert here.repair.key == key


def test_an_address_in_a_selected_network_that_is_not_the_hosts_has_no_listener_to_lose() -> None:
    stale = path(networks=ISOLATED, listeners=(), dns=(MANAGEMENT, "10.0.50.99"))
    assert not stale.listener_lost
    assert stale.is_kb_case


@in_turn(
    "networks, dns, because, nowhere",
    [
        (
            NOT_SELECTED,
            MANAGEMENT,
            ", because it has no address in 10.9.9.0/24",
            ", because it has no address in 10.9.9.0/24",
        ),
        (
            ISOLATED,
            MIGRATION,
            ", because its listener is missing although its network is selected",
            "; its listener is missing although its network is selected",
        ),
        (
            ISOLATED,
            MANAGEMENT,
            ", because it selects specific networks (10.0.50.0/24) (KB 2853203)",
            "; it selects specific networks (10.0.50.0/24) (KB 2853203)",
        ),
        (ANY, MANAGEMENT, ", although it selects any network", "; it selects any network"),
        (NONE, MANAGEMENT, ", because it selects no network", "; it selects no network"),
    ],
)
def test_why_a_host_listens_nowhere_is_told_and_only_a_cause_is_called_one(
    networks: Any, dns: str, because: str, nowhere: str
) -> None:
    here = path(networks=networks, listeners=(), dns=(dns,))
    assert here.because == because
    assert here.nowhere == f"The host listens on no address{nowhere}."
    assert here.cause.startswith(("the host ", "its listener "))
