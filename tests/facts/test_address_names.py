"""Which names of hosts are addresses."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from livemigration.facts.identity import address_of

ADDRESSES = st.ip_addresses().map(str)


@given(
    st.one_of(
        ADDRESSES,
        ADDRESSES.map("{}%12".format),
        ADDRESSES.map("::ffff:{}".format),
        st.text(alphabet="0123456789abcdefhv.:%\u0661", max_size=20),
    )
)
def test_a_name_is_an_address_where_it_can_be_read_as_one(text: str) -> None:
    try:
        expected = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        assert address_of(text) is None
        return
    mapped = expected.ipv4_mapped if expected.version == 6 else None
    assert address_of(text) == (mapped or expected)
