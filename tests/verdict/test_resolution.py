"""Which addresses of a host VMM should meet, which it should not, and what blocks the question."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from fact_builders import (
    BOTH,
    HOST,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NONE,
    OF_OTHER,
    OTHER,
    REFUSED,
    TIMED_OUT,
    UNREACHABLE,
    VMM,
    VMM_2012,
    failure,
    run_facts,
)
from fact_parts import routes_by
from in_turn import in_turn

from livemigration.base.addresses import parse_address
from livemigration.facts.host import DOMAIN_MEMBERSHIP, HOST_ACCESS
from livemigration.facts.migration import MIGRATION_NETWORKS
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, Route
from livemigration.facts.vmm import VMM_PROBES, VMM_RECORD, VMM_RESOLUTION, Probe
from livemigration.verdict import blocking, readings, resolution
from livemigration.verdict.fixes import names, vmm
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.views import BlockedError, FactsView, GroupView

STALE, LINK_LOCAL = "10.0.0.99", "fe80::1"
V6 = "2001:db8::11"
MACHINE = FixTarget(HOST, VMM)


def sight(**given: Any) -> tuple[FactsView, FactsView, GroupView]:
    """Return the host, the VMM server and the hosts of a run, with every fact declared."""
    facts = run_facts(**given)
    host, server = facts.hosts[HOST], facts.vmm
    every = frozenset({*host.outcomes, *server.outcomes, *facts.hosts[OTHER].outcomes})
    return FactsView(host, every), FactsView(server, every), GroupView(facts)


def gateways(*texts: str) -> dict[str, Any]:
    """Return the facts of a host with these default gateways."""
    routes = tuple(
        Route(
            ipaddress.ip_network("::/0" if ":" in text else "0.0.0.0/0"),
            parse_address(text),
        )
        for text in texts
    )
    return {"also": {ROUTES.name: routes}}


BY_MIGRATION = routes_by((("0.0.0.0/0", "10.0.0.1"), ("10.9.0.0/16", "10.0.50.254")))
ON_LINK = routes_by((("0.0.0.0/0", None),))


def texts(addresses: Any) -> list[str]:
    return [str(each) for each in addresses]


@in_turn(
    "given, expected",
    [
        ({}, False),
        ({"known_as": MANAGEMENT}, True),
        ({"perimeter": True}, False),
        ({"perimeter": True, "known_as": MANAGEMENT}, True),
    ],
)
def test_vmm_knows_a_perimeter_host_by_an_address_it_may_resolve_by_name(
    given: dict[str, Any], expected: bool
) -> None:
    host, _, _ = sight(**given)
    known = resolution.known_by_address(host[VMM_RESOLUTION], host.outcome(VMM_RECORD))
    assert known is expected
    assert resolution.named_by_address(host[VMM_RESOLUTION]) is ("known_as" in given)
    # The record alone says it as well, where another name was resolved.
    by_name, _, _ = sight()
    of_record = resolution.known_by_address(by_name[VMM_RESOLUTION], host.outcome(VMM_RECORD))
    assert of_record is (expected and "perimeter" in given)


@in_turn(
    "given, expected",
    [
        # With the gateway and outside of the migration networks, before with it alone.
        ({"networks": ISOLATED, **gateways("10.0.0.1", "10.0.50.1")}, [MANAGEMENT]),
        ({"networks": BOTH, **gateways("10.0.50.1")}, [MIGRATION]),
        ({"networks": ISOLATED, **gateways("10.0.50.1")}, [MIGRATION]),
        # Without a gateway, those outside; else all.
        ({"networks": ISOLATED, **gateways()}, [MANAGEMENT]),
        ({"networks": BOTH, **gateways()}, [MANAGEMENT, MIGRATION]),
        ({"networks": NONE, **gateways()}, [MANAGEMENT, MIGRATION]),
        # A route to somewhere is no default gateway, and a default route on-link has none.
        ({"networks": NONE, "also": {ROUTES.name: BY_MIGRATION}}, [MANAGEMENT]),
        ({"networks": NONE, "also": {ROUTES.name: ON_LINK}}, [MANAGEMENT, MIGRATION]),
        ({"networks": ISOLATED, "lost": {ROUTES.name: failure()}}, [MANAGEMENT]),
        ({"lost": {LOCAL_ADDRESSES.name: failure()}}, []),
    ],
)
def test_the_addresses_to_manage_by_have_the_gateway_outside_the_migration_networks(
    given: dict[str, Any], expected: list[str]
) -> None:
    host, _, _ = sight(**given)
    assert texts(resolution.addresses_to_manage_by(host)) == expected


@in_turn(
    "given, expected",
    [
        ({"dns": (MANAGEMENT, MIGRATION), "networks": ISOLATED}, [MANAGEMENT]),
        ({"dns": (STALE, MANAGEMENT)}, [MANAGEMENT]),
        ({"dns": (LINK_LOCAL, MANAGEMENT)}, [MANAGEMENT]),
        ({"dns": (MIGRATION,), "networks": ISOLATED, **gateways("10.0.0.1")}, []),
        ({"dns": (MIGRATION,), "networks": ISOLATED, **gateways("10.0.50.1")}, [MIGRATION]),
        ({"dns": (MIGRATION,), "networks": ISOLATED, **gateways("2001:db8::1")}, [MIGRATION]),
        ({"dns": ("127.0.0.1",)}, []),
    ],
)
def test_what_may_stay_in_a_name_is_the_hosts_own_and_not_for_migration(
    given: dict[str, Any], expected: list[str]
) -> None:
    host, _, _ = sight(**given)
    assert texts(resolution.good_addresses(host)) == expected


@in_turn(
    "dns, own, expected",
    [
        ((STALE, MANAGEMENT), (f"{MANAGEMENT}/24",), STALE),
        ((MANAGEMENT, STALE), (f"{MANAGEMENT}/24",), None),
        ((), (f"{MANAGEMENT}/24",), None),
        ((STALE,), (), None),
        ((STALE,), ("127.0.0.1/8",), None),
    ],
)
def test_an_address_is_foreign_where_it_is_the_first_and_the_own_ones_are_known(
    dns: tuple[str, ...], own: tuple[str, ...], expected: str | None
) -> None:
    host, server, _ = sight(dns=dns, local=own)
    found = resolution.foreign_address(host[VMM_RESOLUTION].addresses, host[LOCAL_ADDRESSES])
    assert found == (None if expected is None else parse_address(expected))
    if expected is None:
        resolution.block_if_foreign(host, server)
        return
    with pytest.raises(BlockedError) as blocked:
        resolution.block_if_foreign(host, server)
    assert blocked.value.by == "LM201"
    assert f"{VMM} uses {STALE} for {HOST}" in blocked.value.reason
    assert blocked.value.next_step


def test_foreign_addresses_are_looked_for_where_the_host_was_reached() -> None:
    host, _, _ = sight(dns=(MANAGEMENT, STALE, MIGRATION, OF_OTHER))
    assert texts(resolution.foreign_addresses(host)) == [STALE, OF_OTHER]
    known, _, _ = sight(dns=(STALE,), known_as=STALE)
    assert resolution.foreign_addresses(known) == ()
    unread, _, _ = sight(dns=(STALE,), lost={LOCAL_ADDRESSES.name: failure()})
    with pytest.raises(BlockedError):
        resolution.foreign_addresses(unread)
    lost = {LOCAL_ADDRESSES.name: UNREACHABLE, HOST_ACCESS.name: UNREACHABLE}
    unreached, _, _ = sight(dns=(STALE,), lost=lost)
    assert resolution.foreign_addresses(unreached) == ()


OWN_V6 = (f"{MANAGEMENT}/24", f"{MIGRATION}/24", f"{V6}/64", "fe80::1/64")
UNANSWERED = {(MIGRATION, 5985): TIMED_OUT, (MANAGEMENT, 5985): 0}


@in_turn(
    "given, expected",
    [
        ({"dns": (MANAGEMENT,)}, {}),
        # The first one that is not the host's own is more than a doubt; those after it are said.
        (
            {"dns": (STALE, OF_OTHER, LINK_LOCAL, "10.0.0.98")},
            {
                OF_OTHER: f"is an address of {OTHER}",
                LINK_LOCAL: "is a link-local or ISATAP address",
                "10.0.0.98": "is not an address of the host (stale, or another machine's)",
            },
        ),
        (
            {"dns": (MANAGEMENT, MIGRATION), "networks": ISOLATED},
            {MIGRATION: "is in the migration subnet 10.0.50.0/24"},
        ),
        (
            {"dns": (MANAGEMENT, MIGRATION), "networks": ISOLATED, **gateways("10.0.50.1")},
            {},
        ),
        ({"dns": (MIGRATION,), "networks": ISOLATED}, {}),
        ({"dns": (MANAGEMENT, MIGRATION), "networks": BOTH}, {}),
        # Another family may be the same adapter's.
        ({"dns": (MIGRATION, V6), "networks": ISOLATED, "local": OWN_V6}, {}),
        (
            {"dns": (MANAGEMENT, MIGRATION), "networks": NONE, "answers": UNANSWERED},
            {MIGRATION: "does not answer on port 5985: timed out"},
        ),
        (
            {
                "dns": (MANAGEMENT, MIGRATION),
                "networks": NONE,
                "answers": {(MIGRATION, 5985): TIMED_OUT, (MANAGEMENT, 5985): TIMED_OUT},
            },
            {},
        ),
        # Whether VMM gets in by the first one is another check's.
        ({"dns": (MIGRATION, MANAGEMENT), "networks": NONE, "answers": UNANSWERED}, {}),
        # The last one that VMM could manage by is not doubted, whatever else is in the name.
        ({"dns": (STALE, MIGRATION), "networks": NONE, "answers": UNANSWERED}, {}),
        (
            {"dns": (LINK_LOCAL, MIGRATION), "networks": NONE, "answers": UNANSWERED},
            {LINK_LOCAL: "is a link-local or ISATAP address"},
        ),
        ({"dns": (MANAGEMENT, MIGRATION), "answers": {(MIGRATION, 5985): REFUSED}}, None),
    ],
)
def test_each_address_that_vmm_should_not_meet_has_its_reason(
    given: dict[str, Any], expected: dict[str, str] | None
) -> None:
    host, _, group = sight(**given)
    found = {str(address): reason for address, reason in resolution.unsuitable(host, group)}
    if expected is None:
        # A refusal is an answer of the machine, or is not; either way nothing else is said.
        assert set(found) <= {MIGRATION}
        return
    assert set(found) == set(expected)
    for address, reason in expected.items():
        assert found[address].startswith(reason)


@pytest.mark.parametrize("group", [MIGRATION_NETWORKS, VMM_PROBES])
def test_a_doubt_that_cannot_be_looked_into_blocks_where_there_are_several(group: Any) -> None:
    lost = {group.name: failure()}
    host, _, hosts = sight(dns=(MANAGEMENT, MIGRATION), lost=lost)
    with pytest.raises(BlockedError):
        list(resolution.unsuitable(host, hosts))
    alone, _, hosts = sight(dns=(MANAGEMENT,), lost=lost)
    assert list(resolution.unsuitable(alone, hosts)) == []


def test_vmm_manages_again_by_the_port_or_by_dns_where_no_address_in_it_is_right() -> None:
    tried = (Probe(parse_address(MANAGEMENT), 5985, 10060, 2000),)
    right = vmm.control_path(MACHINE, 5985, tried)
    for given in (
        {"dns": (MANAGEMENT,)},
        {"dns": (STALE,), "known_as": STALE},
        {"dns": (STALE,), "lost": {LOCAL_ADDRESSES.name: failure()}},
    ):
        host, _, _ = sight(**given)
        assert resolution.manage_again(host, MACHINE, tried) == right
    host, _, _ = sight(dns=(STALE,), networks=ISOLATED, **gateways("10.0.0.1"))
    stale, own = parse_address(STALE), parse_address(MANAGEMENT)
    assert resolution.manage_again(host, MACHINE, tried) == names.replace(
        MACHINE, HOST, (stale,), (own,)
    )


@pytest.mark.parametrize("joined", [True, False])
def test_a_machine_is_a_member_of_a_domain_unless_it_says_otherwise(joined: bool) -> None:
    host, server, _ = sight(joined=joined)
    assert readings.machine_of(host, server) == FixTarget(HOST, VMM, joined)
    lost, server, _ = sight(joined=joined, lost={DOMAIN_MEMBERSHIP.name: failure()})
    assert readings.machine_of(lost, server) == MACHINE


@pytest.mark.parametrize(
    ("given", "by", "says"),
    [
        ({"enabled": False, "listeners": ()}, "LM101", "disabled"),
        ({"networks": NONE, "listeners": ()}, "LM102", "no usable listener"),
        ({"networks": ISOLATED, "listeners": (LINK_LOCAL,)}, "LM103", "no usable listener"),
    ],
)
def test_a_host_that_does_not_listen_is_blocked_by_the_check_that_says_why(
    given: dict[str, Any], by: str, says: str
) -> None:
    host, _, _ = sight(**given)
    with pytest.raises(BlockedError) as blocked:
        blocking.block_if_not_listening(host)
    assert (blocked.value.by, says in blocked.value.reason) == (by, True)
    assert blocked.value.next_step
    listening, _, _ = sight(enabled=False)
    blocking.block_if_not_listening(listening)


@pytest.mark.parametrize(
    ("release", "says"),
    [(None, f"{VMM} is not known (no version)"), (VMM_2012, f"VMM {VMM_2012} on {VMM} cannot")],
)
def test_a_release_that_decides_nothing_blocks_with_the_server_and_its_version(
    release: str | None, says: str
) -> None:
    _, server, _ = sight(release=release)
    with pytest.raises(BlockedError) as blocked:
        blocking.release_for(server)
    assert blocked.value.by == "LM001"
    assert says in blocked.value.reason
    assert blocked.value.next_step


def test_a_name_that_does_not_resolve_blocks_with_both_names() -> None:
    host, server, _ = sight(dns=())
    with pytest.raises(BlockedError) as blocked:
        blocking.addresses_vmm_uses(host, server)
    assert blocked.value.by == "LM201"
    assert blocked.value.reason == f"The VMM server {VMM} does not resolve {HOST}."
    assert blocked.value.next_step
    found, server, _ = sight(dns=(MIGRATION, MANAGEMENT))
    assert texts(blocking.addresses_vmm_uses(found, server)) == [MIGRATION, MANAGEMENT]


def test_a_probe_that_was_not_made_is_asked_of_vmm() -> None:
    host, _, _ = sight()
    error = blocking.not_tried(host, VMM, "Port 6600")
    assert error.by == "LM001"
    assert error.reason == f"Port 6600 of {HOST} was not tried from the VMM server {VMM}."
    assert error.next_step


def test_probes_are_told_apart_by_their_port() -> None:
    host, _, _ = sight(dns=(MANAGEMENT,), listeners=(MIGRATION,))
    probes = host[VMM_PROBES]
    both = (parse_address(MIGRATION), parse_address(MANAGEMENT), parse_address(STALE))
    control = readings.control_probes(probes, both)
    assert [(str(each.address), each.port) for each in control] == [(MANAGEMENT, 5985)]
    migration = readings.migration_probes(probes, both)
    assert [str(each.address) for each in migration] == [MIGRATION, MANAGEMENT]
    assert {each.port for each in migration} == {6600}
