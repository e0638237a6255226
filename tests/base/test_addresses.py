"""Addresses as Windows writes them, and which of them a peer can reach."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.base.addresses import is_isatap, is_usable, parse_address, usable
from livemigration.base.text import listed


@in_turn(
    "text, reachable",
    [
        ("10.0.0.1", True),
        ("169.254.0.1", False),
        ("169.255.0.1", True),
        ("fe80::1", False),
        ("fe80::1%12", False),
        ("fec0::1", True),
        ("2001:db8::1", True),
        ("2001:db8::5efe:10.0.0.1", False),
        ("2001:db8::200:5efe:10.0.0.1", False),
        ("fe80::5efe:10.0.0.1%14", False),
        ("2001:db8::5eff:10.0.0.1", True),
        ("2001:db8:0:5efe::1", True),
    ],
)
def test_link_local_and_isatap_addresses_are_not_usable(text: str, reachable: bool) -> None:
    assert is_usable(parse_address(text)) is reachable


def test_only_ipv6_has_isatap() -> None:
    assert not is_isatap(parse_address("0.0.94.254"))


def test_usable_addresses_keep_their_order_and_appear_once() -> None:
    given = ["10.0.0.2", "fe80::1%3", "10.0.0.1", "10.0.0.2"]
    assert [str(each) for each in usable(parse_address(text) for text in given)] == [
        "10.0.0.2",
        "10.0.0.1",
    ]


@in_turn("text", ["", "hv01", "10.0.0", "10.0.0.1/24", "<script>", "1" * 5000])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be an IPv4 or IPv6 address"):
        parse_address(text)


@in_turn("items, text", [([], "none"), ([1], "1"), ([1, 2], "1 and 2"), ([1, 2, 3], "1, 2 and 3")])
def test_items_are_listed_as_in_a_sentence(items: list[int], text: str) -> None:
    assert listed(items) == text
