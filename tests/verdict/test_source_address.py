"""From which address a host connects: the longest route decides; what it leaves open is told."""

from __future__ import annotations

import ipaddress

from fact_builders import OF_OTHER, OTHER, failure, run_facts
from fact_parts import local_addresses, routes_by
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.base.addresses import Address, Subnet, parse_address
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, LocalAddress, Route
from livemigration.verdict.answers import Tables
from livemigration.verdict.names import Order
from livemigration.verdict.source_address import Group, SourceTable, source_tables

LISTENER = parse_address("10.0.50.11")


def towards(table: SourceTable, address: Address) -> tuple[Group, ...] | None:
    """Return from where a connection to an address comes, as the checks ask it for many hosts."""
    tables = Tables(Order(("host",)), [table.table])
    found = tables.value(0, tables.chain(address, ""))
    return table.otherwise(address.version) if found is None else found


def local(*texts: str) -> tuple[LocalAddress, ...]:
    return local_addresses(texts)


def routes(*pairs: tuple[str, str | None]) -> tuple[Route, ...]:
    return routes_by(pairs)


def told(table: SourceTable, address: Address = LISTENER) -> list[list[str]] | None:
    found = towards(table, address)
    return None if found is None else [[str(each) for each in group] for group in found]


HOST = local("10.0.0.12/24", "10.0.51.12/24", "fe80::1/64", "127.0.0.1/8")


def test_a_host_of_another_site_does_not_come_from_its_management_address() -> None:
    by_west = routes(("10.0.50.0/24", "10.0.51.254"), ("0.0.0.0/0", "10.0.0.1"))
    assert told(SourceTable(HOST, by_west)) == [["10.0.51.12"]]
    by_default = routes(("10.0.0.0/24", None), ("0.0.0.0/0", "10.0.0.1"))
    assert told(SourceTable(HOST, by_default)) == [["10.0.0.12"]]


def test_a_shared_subnet_wins_over_every_shorter_route_and_loses_to_a_longer_one() -> None:
    own = (*HOST, *local("10.0.50.12/24", "10.0.50.112/24"))
    shorter = routes(("10.0.48.0/20", "10.0.51.254"), ("0.0.0.0/0", "10.0.0.1"))
    assert told(SourceTable(own, shorter)) == [["10.0.50.12", "10.0.50.112"]]
    longer = routes(("10.0.50.11/32", "10.0.51.254"))
    assert told(SourceTable(own, longer)) == [["10.0.51.12"]]


def test_routes_of_one_length_leave_open_which() -> None:
    both = routes(("0.0.0.0/0", "10.0.0.1"), ("0.0.0.0/0", "10.0.51.254"))
    assert told(SourceTable(HOST, both)) == [["10.0.0.12"], ["10.0.51.12"]]
    on_link = routes(("10.0.50.0/24", None))
    assert told(SourceTable(HOST, on_link)) == [["10.0.0.12"], ["10.0.51.12"]]


def test_unread_routes_say_nothing_unless_only_one_subnet_is_left() -> None:
    assert told(SourceTable(HOST, None)) is None
    assert told(SourceTable(local("10.0.0.12/24"), None)) == [["10.0.0.12"]]
    near = local("10.0.0.12/24", "10.0.50.12/24")
    assert told(SourceTable(near, None)) == [["10.0.50.12"]]


def test_the_families_of_addresses_do_not_mix() -> None:
    both = (*HOST, *local("2001:db8:1::12/64", "2001:db8:2::12/64"))
    by_second = routes(("::/0", "2001:db8:2::1"), ("0.0.0.0/0", "10.0.0.1"))
    far = parse_address("2001:db8:50::11")
    assert told(SourceTable(both, by_second), far) == [["2001:db8:2::12"]]
    assert told(SourceTable(both, by_second)) == [["10.0.0.12"]]
    # Of a family of which nothing is known, no address is told.
    assert told(SourceTable(local("10.0.0.12/24"), ()), far) == [[]]


def test_a_route_to_the_hosts_own_subnet_says_no_more_than_its_address_does() -> None:
    own = local("10.0.0.12/24", "10.0.50.12/24")
    on_link = routes(("10.0.0.0/24", None), ("10.0.50.0/24", None))
    assert told(SourceTable(own, on_link)) == [["10.0.50.12"]]


def test_a_host_whose_routes_were_not_read_is_known_by_its_addresses_alone() -> None:
    facts = run_facts(lost={LOCAL_ADDRESSES.name: failure()}, other={ROUTES.name: failure()})
    (name, table), *more = source_tables(facts).items()
    assert (name, more) == (OTHER, [])
    assert told(table, parse_address("10.9.9.9")) == [[OF_OTHER]]


def test_a_host_without_a_way_may_be_given_any_of_its_addresses() -> None:
    assert told(SourceTable(HOST, ())) == [["10.0.0.12", "10.0.51.12"]]
    assert SourceTable(HOST, ()).has(4)
    assert not SourceTable(HOST, ()).has(6)


# Few bits, so that prefixes meet.
addresses = st.integers(min_value=0, max_value=255).map(
    lambda n: ipaddress.IPv4Address(0x0A000000 + n)
)


def subnets(shortest: int) -> st.SearchStrategy[Subnet]:
    return st.builds(
        lambda a, n: ipaddress.ip_network(f"{a}/{n}", strict=False),
        addresses,
        st.integers(min_value=shortest, max_value=32),
    )


owns = st.lists(
    st.builds(lambda a, n: LocalAddress(a, n, "Ethernet"), addresses, st.integers(24, 31)),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each.address,
)
tables = st.lists(st.builds(Route, subnets(20), st.none() | addresses), max_size=5)


@examples(150)
@given(owns, tables, addresses)
def test_no_address_is_told_that_the_longest_route_does_not_lead_to(
    own: list[LocalAddress], table: list[Route], address: ipaddress.IPv4Address
) -> None:
    found = towards(SourceTable(own, table), address)
    assert found is not None
    every = {each.address for each in own}
    assert {each for group in found for each in group} <= every
    reaching = [each.subnet.prefixlen for each in own if address in each.subnet]
    reaching += [each.destination.prefixlen for each in table if address in each.destination]
    if not reaching:
        assert {each for group in found for each in group} == every
        return
    longest = max(reaching)
    allowed: set[Address] = set()
    for each in own:
        if address in each.subnet and each.subnet.prefixlen == longest:
            allowed.add(each.address)
    for route in table:
        if address in route.destination and route.destination.prefixlen == longest:
            hop = route.next_hop
            near = [e for e in own if hop is not None and hop in e.subnet]
            near = near or [e for e in own if e.subnet == route.destination and hop is None]
            most = max((e.prefix_length for e in near), default=0)
            allowed |= {e.address for e in near if e.prefix_length == most or hop is None} or every
    assert {each for group in found for each in group} == allowed
