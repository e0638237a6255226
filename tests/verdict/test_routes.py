"""The way of a host to an address: the longest prefix of its tables decides."""

from __future__ import annotations

import ipaddress
from typing import Any

from fact_parts import local_addresses, routes_by
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.addresses import Address, Subnet, parse_address
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
    Vantage,
)
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, LocalAddress, Route
from livemigration.verdict.routes import Way, Ways

GATEWAY = parse_address("10.0.0.1")
LOST = NotGathered(GatherFailure(FailureKind.FAULT, "Reading it", "failed", "Look.", ""))


def sheet(local: Outcome[Any], routes: Outcome[Any], name: str = "hv02") -> FactSheet:
    return FactSheet(Subject.HOST, name, {LOCAL_ADDRESSES.name: local, ROUTES.name: routes})


def addresses(*texts: str) -> Gathered[tuple[LocalAddress, ...]]:
    return Gathered(local_addresses(texts), Vantage.HOST)


def routes(*texts: str) -> Gathered[tuple[Route, ...]]:
    """Return routes by the gateway, or on-link where the text ends in `!`."""
    pairs = [(each.rstrip("!"), None if each.endswith("!") else str(GATEWAY)) for each in texts]
    return Gathered(routes_by(pairs), Vantage.HOST)


OWN = addresses("10.0.0.12/24")


def ways(sheets: dict[str, FactSheet], wanted: list[str], host: str = "") -> dict[str, Way]:
    """Return the way of each host but one to the best of these addresses."""
    answers = Ways(tuple(sheets), sheets).towards(map(parse_address, wanted), host)
    return {name: way for way in Way for name in answers.names(way)}


@in_turn(
    "local, table, wanted, expected",
    [
        (OWN, routes("0.0.0.0/0"), "10.0.0.11", Way.ON_LINK),
        (OWN, routes("0.0.0.0/0"), "10.0.50.11", Way.GATEWAY),
        (OWN, routes("10.0.0.0/16!"), "10.0.50.11", Way.ON_LINK),
        (OWN, routes("0.0.0.0/0!"), "10.0.50.11", Way.ON_LINK),
        (OWN, routes(), "10.0.50.11", Way.NONE),
        (OWN, routes("0.0.0.0/0"), "2001:db8::11", Way.NONE),
        (OWN, routes("::/0"), "2001:db8::11", Way.GATEWAY),
        # A more specific route takes the traffic away from the subnet.
        (OWN, routes("10.0.0.11/32"), "10.0.0.11", Way.GATEWAY),
        (OWN, routes("10.0.0.0/24"), "10.0.0.11", Way.ON_LINK),
        (OWN, LOST, "10.0.0.11", Way.ON_LINK),
        (OWN, LOST, "10.0.50.11", Way.UNKNOWN),
        (LOST, routes("0.0.0.0/0"), "10.0.0.11", Way.UNKNOWN),
        # What cannot have addresses is not asked.
        (Inapplicable("too old"), Inapplicable("too old"), "10.0.0.11", None),
    ],
)
def test_the_tables_of_a_host_decide_its_way(
    local: Outcome[Any], table: Outcome[Any], wanted: str, expected: Way | None
) -> None:
    found = ways({"hv02": sheet(local, table)}, [wanted])
    assert found == ({"hv02": expected} if expected is not None else {})


def test_the_best_of_several_listeners_counts_for_each_host_apart() -> None:
    sheets = {
        "near": sheet(addresses("10.1.1.2/30"), routes()),
        "far": sheet(OWN, routes("10.0.50.0/24")),
        "nowhere": sheet(addresses("10.9.9.9/24"), routes()),
    }
    assert ways(sheets, ["10.0.50.11", "10.1.1.1"]) == {
        "near": Way.ON_LINK,
        "far": Way.GATEWAY,
        "nowhere": Way.NONE,
    }
    assert ways({"near": sheets["near"]}, []) == {"near": Way.NONE}


subnets = st.one_of(
    st.builds(
        lambda base, length: ipaddress.ip_network(f"{base}/{length}", strict=False),
        st.ip_addresses(v=4, network="10.0.0.0/28"),
        st.integers(0, 32),
    ),
    st.builds(
        lambda base, length: ipaddress.ip_network(f"{base}/{length}", strict=False),
        st.ip_addresses(v=6, network="2001:db8::/124"),
        st.integers(0, 128),
    ),
)
targets = st.ip_addresses(v=4, network="10.0.0.0/28") | st.ip_addresses(
    v=6, network="2001:db8::/124"
)


def plainly(target: Address, rows: list[tuple[Subnet, bool]]) -> Way:
    """Return the way by looking at each row in turn; on-link wins between equal prefixes."""
    inside = [
        (subnet.prefixlen, on_link)
        for subnet, on_link in rows
        if subnet.version == target.version and target in subnet
    ]
    if not inside:
        return Way.NONE
    return Way.ON_LINK if max(inside)[1] else Way.GATEWAY


@given(st.lists(st.lists(st.tuples(subnets, st.booleans()), max_size=6), max_size=4), targets)
def test_the_longest_prefix_wins_as_it_does_row_by_row(
    tables: list[list[tuple[Subnet, bool]]], target: Address
) -> None:
    sheets = {
        f"hv{number}": sheet(
            addresses(),
            Gathered(
                tuple(Route(subnet, None if on_link else GATEWAY) for subnet, on_link in rows),
                Vantage.HOST,
            ),
        )
        for number, rows in enumerate(tables)
    }
    expected = {f"hv{number}": plainly(target, rows) for number, rows in enumerate(tables)}
    assert ways(sheets, [str(target)]) == expected
