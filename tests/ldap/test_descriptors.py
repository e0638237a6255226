"""SIDs, and whom a security descriptor lets in."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemigration.ldap.descriptor import allowed_by, sid_of

SIDS = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=15).map(
    lambda parts: "-".join(["S-1-5", *map(str, parts)])
)
ALLOWED, DENIED, ALLOWED_OBJECT, AUDIT = 0, 1, 5, 2


def packed(sid: str) -> bytes:
    authority, *parts = (int(each) for each in sid.split("-")[2:])
    numbers = struct.pack(f"<{len(parts)}I", *parts)
    return bytes([1, len(parts)]) + authority.to_bytes(6, "big") + numbers


def entry(sid: str, kind: int = ALLOWED, extra: bytes = b"") -> bytes:
    body = extra + packed(sid)
    return struct.pack("<BBHI", kind, 0, 8 + len(body), 0xF01FF) + body


def descriptor(entries: Sequence[bytes], control: int = 0x8004) -> bytes:
    owner = packed("S-1-5-32-544")
    data = b"".join(entries)
    acl = struct.pack("<BBHHH", 4, 0, 8 + len(data), len(entries), 0) + data
    return struct.pack("<BBHIIII", 1, 0, control, 20, 0, 0, 20 + len(owner)) + owner + acl


@given(SIDS)
def test_a_sid_is_read_as_it_was_written(sid: str) -> None:
    assert sid_of(packed(sid)) == sid


@given(st.lists(SIDS, max_size=8))
def test_who_is_let_in_is_read_in_its_order(sids: list[str]) -> None:
    assert allowed_by(descriptor([entry(each) for each in sids])) == tuple(dict.fromkeys(sids))


def test_who_is_denied_is_not_let_in_and_what_is_audited_lets_nobody_in() -> None:
    one, two, three = (f"S-1-5-21-1-2-3-{number}" for number in (1, 2, 3))
    guid = struct.pack("<I", 1) + bytes(16)
    both = struct.pack("<I", 3) + bytes(32)
    found = allowed_by(
        descriptor(
            [
                entry(one, DENIED),
                entry(one),
                entry(two, ALLOWED_OBJECT, guid),
                entry(three, AUDIT),
                entry(three, ALLOWED_OBJECT, both),
            ]
        )
    )
    assert found == (two, three)


@given(st.binary(max_size=200))
def test_other_bytes_are_none_and_raise_nothing_else(data: bytes) -> None:
    for read in (sid_of, allowed_by):
        with suppress(ValueError):
            read(data)


@given(st.lists(SIDS, min_size=1, max_size=3), st.data())
def test_a_descriptor_that_is_cut_short_is_none(sids: list[str], data: st.DataObject) -> None:
    whole = descriptor([entry(each) for each in sids])
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError, match=r"descriptor|SID"):
        allowed_by(whole[:cut])


def test_a_descriptor_without_a_list_lets_nobody_in_that_is_known() -> None:
    with pytest.raises(ValueError, match="no list"):
        allowed_by(descriptor([], control=0x8000))
