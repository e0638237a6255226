"""What a host says of itself that is no such thing: a build, or the prefix of an address."""

from __future__ import annotations

import pytest
from in_turn import in_turn

from livemigration.base import codec
from livemigration.base.addresses import parse_address
from livemigration.facts.cim import CimValue, WmiRow
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.network import LOCAL_ADDRESSES, LocalAddress


@in_turn("text", ("", "ten", "-1", "9" * 5000, "\u0661\u0664"))
def test_a_build_that_is_no_number_is_told_in_the_words_of_the_suite(text: str) -> None:
    row = WmiRow("Win32_OperatingSystem", {"BuildNumber": text, "Version": "10.0"})
    with pytest.raises(ValueError, match=r"is no build of Windows$"):
        OPERATING_SYSTEM.parse([row])


def test_a_build_is_read_with_the_blanks_around_it() -> None:
    row = WmiRow("Win32_OperatingSystem", {"BuildNumber": " 20348 ", "Version": "10.0"})
    assert OPERATING_SYSTEM.parse([row]).build == 20348


@in_turn("address, length", (("10.0.0.5", 255), ("10.0.0.5", 33), ("fd00::5", 129)))
def test_a_prefix_length_that_no_subnet_has_is_refused(address: str, length: int) -> None:
    values: dict[str, CimValue] = {"IPAddress": address, "PrefixLength": length}
    with pytest.raises(ValueError, match=f"^{address} has no prefix length of {length}$"):
        LOCAL_ADDRESSES.parse([WmiRow("MSFT_NetIPAddress", values)])
    # So it is in a file of facts that somebody wrote.
    document = {"address": address, "prefix_length": length, "interface": "Ethernet"}
    with pytest.raises(ValueError, match=f"^the document: {address} has no prefix length"):
        codec.from_json(LocalAddress, document)


@in_turn("address, length", (("10.0.0.5", 0), ("10.0.0.5", 32), ("fd00::5", 128)))
def test_each_length_that_a_subnet_can_have_is_taken(address: str, length: int) -> None:
    (found,) = LOCAL_ADDRESSES.parse(
        [WmiRow("MSFT_NetIPAddress", {"IPAddress": address, "PrefixLength": length})]
    )
    assert found == LocalAddress(parse_address(address), length, "")
    assert found.subnet.prefixlen == length
