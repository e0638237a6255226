"""Whether a tree says the same as the one in which its names and addresses were replaced."""

from __future__ import annotations

import ipaddress
from typing import Any

from in_turn import in_turn

from livemigration.base.addresses import parse_address
from livemigration.bundle.likeness import Likeness
from livemigration.collector.hiding import AddressHiding
from livemigration.collector.redact import REMOVED

KEY = b"k" * 32
NAMES = {"hv01": "host1", "contoso": "domain1", "vmm": "host2"}
# What is in the facts: placeholders of known names, and of names that only they hold.
FACTS = '{"a": "host1.domain1", "b": "switch7 of host9", "c": "host2"}'


def hidden(text: str) -> str:
    return str(AddressHiding(KEY).hide(parse_address(text)))


def likeness() -> Likeness:
    return Likeness(KEY, NAMES, FACTS)


def hidden_subnet(text: str) -> str:
    subnet = ipaddress.ip_network(text)
    hiding = AddressHiding(KEY)
    number = hiding.hide_in_subnet(subnet.network_address, subnet.prefixlen)
    return f"{number}/{subnet.prefixlen}"


OWN, NEXT, V6, OTHER_V6 = "10.0.0.11", "10.0.0.12", "2001:db8::11", "2001:db8::12"


@in_turn(
    "said, again, expected",
    [
        ("It holds.", "It holds.", True),
        ("It holds.", "It does not.", False),
        ("It holds.", "It holds. It holds.", False),
        # Known names by their replacements, in any case; a word that is also a name may stay.
        ("HV01.contoso answers.", "host1.domain1 answers.", True),
        ("hv01 answers.", "host2 answers.", False),
        ("hv01 answers.", "answers.", False),
        ("The vmm answers.", "The vmm answers.", True),
        ("hv01 of the vmm.", "host1 of the vmm.", True),
        # A placeholder that only the facts have stands for any word, and no other does.
        ("The switch Blue Team.", "The switch switch7.", True),
        ("The switch Blue.", "The switch switch8.", False),
        ("The switch " + "x " * 24 + ".", "The switch switch7.", True),
        ("The switch " + "x " * 25 + ".", "The switch switch7.", False),
        ("The switch.", "The switch switch7.", True),
        ("The switch Blue of Red.", "The switch switch7 of host9.", True),
        # Addresses: each has its replacement, and no more of them.
        (f"It uses {OWN}.", f"It uses {hidden(OWN)}.", True),
        (f"It uses {OWN}.", f"It uses {hidden(NEXT)}.", False),
        (f"It uses {OWN}.", "It uses .", False),
        (f"It uses {OWN} and {NEXT}.", f"It uses {hidden(OWN)} and {hidden(OWN)}.", False),
        (f"It uses {OWN} and {NEXT}.", f"It uses {hidden(NEXT)} and {hidden(OWN)}.", True),
        (f"It uses {OWN} and {OWN}.", f"It uses {hidden(OWN)} and {hidden(NEXT)}.", False),
        (f"It uses {OWN}, {OWN}.", f"It uses {hidden(OWN)}, {hidden(OWN)}.", True),
        (f"It uses {V6}.", f"It uses {hidden(V6)}.", True),
        # A sentence goes on behind an address.
        (f"{V6}: no answer.", f"{hidden(V6)}: no answer.", True),
        (f"{V6}: no answer.", f"{hidden(OTHER_V6)}: no answer.", False),
        # In a line of facts, a range is the subnets that it is made of.
        ('["10.0.0.8-10.0.0.15"]', f'["{hidden_subnet("10.0.0.8/29")}"]', True),
        ('["10.0.0.8-10.0.0.15"]', f'["{hidden_subnet("10.0.0.16/29")}"]', False),
        (
            '["10.0.0.8-10.0.0.9", "10.0.0.11"]',
            f'["{hidden_subnet("10.0.0.8/31")}", "{hidden(OWN)}"]',
            True,
        ),
        (f"Of {OWN}/24.", f"Of {hidden(OWN)}/24.", True),
        ("At 20:05:30 it was.", "At 20:05:30 it was.", True),
        ("At 20:05:30 it was.", "At 21:05:30 it was.", False),
        # What a machine said is not in the facts: words are not compared, addresses neither.
        (f"It said: no, {OWN}.", f"It said: {REMOVED}", True),
        ("It said: no.", f"It did: {REMOVED}", False),
    ],
)
def test_a_text_says_the_same_where_only_names_and_addresses_differ(
    said: str, again: str, expected: bool
) -> None:
    assert likeness().alike(said, again) is expected


def test_where_the_facts_have_no_other_name_known_ones_are_still_replaced() -> None:
    alone = Likeness(KEY, NAMES, '{"a": "host1"}')
    assert alone.alike("hv01 answers.", "host1 answers.")
    assert not alone.alike("hv02 answers.", "host1 answers.")


def test_a_subnet_is_replaced_by_the_subnet_of_its_replacement() -> None:
    network = ipaddress.ip_network("10.0.16.0/20")
    address = parse_address(hidden("10.0.16.0"))
    replaced = ipaddress.ip_network(f"{address}/{network.prefixlen}", strict=False)
    assert likeness().alike(f"In {network}.", f"In {replaced}.")
    other = int(replaced.network_address) ^ (1 << 20)
    assert not likeness().alike(f"In {network}.", f"In {ipaddress.IPv4Address(other)}/20.")


def test_the_number_of_a_subnet_says_how_short_it_may_be() -> None:
    told = []
    for third in range(1, 16, 2):
        # Twelve bits of it end in zeros: its subnet has at least twenty others.
        text = f"10.0.{16 * third}.0"
        number = int(ipaddress.IPv4Address(hidden(text)))
        for bits in (12, 13, 14):
            again = ipaddress.IPv4Address(number >> bits << bits)
            alike = likeness().alike(f"In {text}.", f"In {again}.")
            assert alike is (int(again) == number >> 12 << 12)
            told.append(alike)
    assert not all(told)


def test_what_quotes_a_machine_is_counted() -> None:
    alike = likeness()
    assert alike.unread == 0
    assert alike.alike("It said: no.", f"It said: {REMOVED}")
    assert alike.unread == 1
    assert alike.alike("It holds.", "It holds.")
    assert alike.alike("hv01 said: no.", f"host1 said: {REMOVED}")
    assert alike.unread == 2


@in_turn(
    "said, again, places",
    [
        ({"a": ["hv01", 1]}, {"a": ["host1", 1]}, []),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, [("a", "b", 1, "c")]),
        ({"a": 1}, {"a": 1, "b": 2}, [("b",)]),
        ({"a": 1, "b": 2}, {"a": 1}, [("b",)]),
        ({"a": 1}, {"a": True}, [("a",)]),
        ({"a": None}, {"a": 0}, [("a",)]),
        ({"a": "1"}, {"a": 1}, [("a",)]),
        ({"a": [1, 2]}, {"a": [1]}, [("a",)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a",)]),
        ([], {}, [()]),
        # Sorted by a name, a list has another order once the names are replaced.
        (["vmm", "hv01"], ["host1", "host2"], []),
        ([["hv01", 1], ["vmm", 2]], [["host2", 2], ["host1", 1]], []),
        (["vmm", "vmm"], ["host2", "host1"], [(1,)]),
        ([1, 2, 3], [1, 4, 5], [(1,)]),
    ],
)
def test_a_tree_is_compared_place_by_place(
    said: Any, again: Any, places: list[tuple[str | int, ...]]
) -> None:
    assert list(likeness().differing(said, again)) == places
    assert likeness().same(said, again) is (not places)
    below = list(likeness().differing(said, again, ("top",)))
    assert below == [("top", *place) for place in places]
