"""Whether a rule's filters fit: against plain arithmetic, and never where a word leaves it open."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.addresses import Address, Subnet
from livemigration.facts.firewall_words import Match, any_of, ports_fit, protocol_fits
from livemigration.verdict.firewall.match import (
    addresses_fit,
    alike,
    all_of,
    program_fits,
    service_fits,
)

YES, NO, UNKNOWN = Match.YES, Match.NO, Match.UNKNOWN
PEER = ipaddress.ip_address("10.0.0.12")
NEAR: tuple[Subnet, ...] = (ipaddress.ip_network("10.0.0.0/24"),)

addresses = st.ip_addresses(v=4) | st.ip_addresses(v=6)
numbers = st.integers(0, 65535)


@st.composite
def in_some_case(draw: st.DrawFn, text: str) -> str:
    flips = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    return "".join(c.upper() if up else c.lower() for c, up in zip(text, flips, strict=True))


@in_turn(
    "protocol, expected",
    [
        *((each, YES) for each in ("TCP", "tcp", "6", " 6 ", "Any", "any", "*")),
        *((each, NO) for each in ("UDP", "17", "ICMPv4", "1", "66", "255")),
        *((each, UNKNOWN) for each in ("", "Odd", "256", "00256", "9999999", "-6", "TCP,UDP")),
    ],
)
def test_a_protocol_is_tcp_by_name_or_by_number(protocol: str, expected: Match) -> None:
    assert protocol_fits(protocol) is expected


@in_turn(
    "ports, expected",
    [
        ((), YES),
        (("6600",), YES),
        (("6000-7000",), YES),
        (("Any",), YES),
        (("443", "6600"), YES),
        (("443", "Odd", "6600"), YES),
        (("RPC",), NO),
        (("RPCEPMap", "445"), NO),
        (("7000-6000",), NO),
        (("Odd",), UNKNOWN),
        (("443", "Odd"), UNKNOWN),
        (("6600.0",), UNKNOWN),
        (("",), UNKNOWN),
    ],
)
def test_ports_are_numbers_ranges_lists_and_words(ports: tuple[str, ...], expected: Match) -> None:
    assert ports_fit(ports) is expected


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5))
def test_a_list_of_ranges_fits_exactly_where_one_of_them_holds_6600(
    ranges: list[tuple[int, int]],
) -> None:
    texts = [str(low) if low == high else f"{low}-{high}" for low, high in ranges]
    inside = any(low <= 6600 <= high for low, high in ranges)
    assert ports_fit(texts) is (YES if inside else NO)


@given(
    st.sampled_from(
        [
            r"%systemroot%\system32\vmms.exe",
            r"%windir%\system32\vmms.exe",
            r"c:\windows\system32\vmms.exe",
            "any",
        ]
    ).flatmap(in_some_case)
)
def test_the_program_of_vmms_fits_in_any_case(program: str) -> None:
    assert program_fits(program) is YES


@in_turn(
    "program, expected",
    [
        ("System", NO),
        (r"%SystemRoot%\system32\svchost.exe", NO),
        (r"C:\Tools\notvmms.exe", NO),
        (r"D:\Odd\vmms.exe", UNKNOWN),
        (r"%Odd%\System32\vmms.exe", UNKNOWN),
        ("vmms.exe", UNKNOWN),
    ],
)
def test_another_program_does_not_fit_and_another_folder_is_not_known(
    program: str, expected: Match
) -> None:
    assert program_fits(program) is expected


@in_turn(
    "service, expected",
    [("vmms", YES), ("VMMS", YES), ("Any", YES), ("*", YES), ("", YES), ("WinRM", NO)],
)
def test_a_service_is_vmms_or_any(service: str, expected: Match) -> None:
    assert service_fits(service) is expected


@in_turn(
    "scope, expected",
    [
        ((), YES),
        (("Any",), YES),
        (("10.0.0.12",), YES),
        (("10.0.0.13",), NO),
        (("10.0.0.0/24",), YES),
        # Windows takes any address of a subnet before its prefix length.
        (("10.0.0.99/24",), YES),
        (("10.0.0.99/255.255.255.0",), YES),
        (("10.0.0.0/255.255.255.0",), YES),
        (("10.0.1.0/255.255.255.0",), NO),
        (("10.0.0.1-10.0.0.99",), YES),
        (("10.0.0.13-10.0.0.99",), NO),
        (("10.0.0.99-10.0.0.1",), UNKNOWN),
        (("10.0.0.1-2001:db8::1",), UNKNOWN),
        (("10.0.0.1-10.0.0.50-10.0.0.99",), UNKNOWN),
        (("2001:db8::/32", "fe80::/10"), NO),
        (("LocalSubnet",), YES),
        (("localsubnet4",), YES),
        (("LocalSubnet6",), NO),
        (("LocalSubnet6", "10.0.0.12"), YES),
        (("DNS", "10.0.0.12"), YES),
        (("DNS", "10.0.0.13"), UNKNOWN),
        *(((word,), UNKNOWN) for word in ("DNS", "DHCP", "WINS", "Intranet", "Internet", "")),
    ],
)
def test_remote_addresses_are_single_ones_subnets_ranges_and_words(
    scope: tuple[str, ...], expected: Match
) -> None:
    assert addresses_fit(scope, PEER, NEAR) is expected


def test_the_local_subnet_is_that_of_the_host() -> None:
    far = (ipaddress.ip_network("10.9.0.0/24"),)
    assert addresses_fit(("LocalSubnet",), PEER, far) is NO


@given(addresses, addresses, st.integers(0, 32))
def test_a_subnet_fits_exactly_the_addresses_in_it(
    base: Address, address: Address, length: int
) -> None:
    subnet = ipaddress.ip_network(f"{base}/{length}", strict=False)
    inside = address.version == subnet.version and address in subnet
    assert addresses_fit((str(subnet),), address, ()) is (YES if inside else NO)
    written = f"{subnet.network_address}/{subnet.netmask}"
    if subnet.version == 4:
        assert addresses_fit((written,), address, ()) is (YES if inside else NO)
    assert addresses_fit((str(subnet),), subnet.broadcast_address, ()) is YES


@given(st.ip_addresses(v=6), st.ip_addresses(v=6), st.ip_addresses(v=6))
def test_a_range_of_ipv6_fits_exactly_the_addresses_between(
    one: Address, other: Address, address: Address
) -> None:
    low, high = sorted((one, other), key=int)
    inside = int(low) <= int(address) <= int(high)
    assert addresses_fit((f"{low}-{high}",), address, ()) is (YES if inside else NO)


@given(st.text(max_size=40), addresses)
def test_a_scope_of_any_text_never_fits_unless_it_is_an_address_or_a_known_word(
    text: str, address: Address
) -> None:
    known = {"any", "*", "localsubnet", "localsubnet4", "localsubnet6"}
    found = addresses_fit((text,), address, ())
    if not any(each.isdigit() or each == ":" for each in text) and text.strip().casefold() not in (
        known
    ):
        assert found is UNKNOWN


@given(st.lists(st.sampled_from(Match)))
def test_one_filter_that_does_not_fit_decides_and_one_entry_that_does(found: list[Match]) -> None:
    assert (all_of(found) is YES) == all(each is YES for each in found)
    assert (all_of(found) is NO) == (NO in found)
    assert (any_of(found) is YES) == (YES in found)
    assert (any_of(found) is NO) == all(each is NO for each in found)


@in_turn(
    "said, expected",
    [
        *(((each,) * times, each) for each in Match for times in (1, 2)),
        *(((one, other), UNKNOWN) for one in Match for other in Match if one is not other),
        ((YES, NO, YES), UNKNOWN),
        ((), UNKNOWN),
    ],
)
def test_ways_that_do_not_say_the_same_leave_it_open(
    said: tuple[Match, ...], expected: Match
) -> None:
    assert alike(said) is expected
