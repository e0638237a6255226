"""What is binary in a directory: SIDs, and who a security descriptor lets in."""

from __future__ import annotations

import struct
from collections.abc import Iterator

# Types of entries (MS-DTYP 2.4.4.1): those for an object as a whole, and those for a part of it.
_ALLOWED, _ALLOWED_OBJECT = 0, 5
_DENIED, _DENIED_OBJECT = 1, 6
_HAS_TYPE, _HAS_INHERITED_TYPE = 1, 2
_GUID_BYTES = 16
_DACL_PRESENT = 0x0004
_MOST_AUTHORITIES = 15


def sid_of(data: bytes) -> str:
    """Return a SID as Windows writes it (MS-DTYP 2.4.2.2).

    Raises:
        ValueError: these bytes are none.
    """
    if len(data) < 8 or data[0] != 1 or data[1] > _MOST_AUTHORITIES or len(data) < 8 + 4 * data[1]:
        raise ValueError("a SID is not as it must be")
    parts = struct.unpack_from(f"<{data[1]}I", data, 8)
    authority = int.from_bytes(data[2:8], "big")
    return "-".join(["S-1", str(authority), *map(str, parts)])


def allowed_by(data: bytes) -> tuple[str, ...]:
    """Return the SIDs that a self-relative security descriptor lets in (MS-DTYP 2.4.6).

    Which is what msDS-AllowedToActOnBehalfOfOtherIdentity holds (windows-facts-2.md 13). A SID that
    an entry denies is left out.

    Raises:
        ValueError: these bytes are no such descriptor.
    """
    try:
        control, place = struct.unpack_from("<2xH12xI", data)
        if not control & _DACL_PRESENT or not place:
            raise ValueError("a security descriptor has no list of who is let in")
        entries = list(_entries(data, place))
    except struct.error:
        raise ValueError("a security descriptor ends early") from None
    denied = {sid for kind, sid in entries if kind in {_DENIED, _DENIED_OBJECT}}
    allowed = (sid for kind, sid in entries if kind in {_ALLOWED, _ALLOWED_OBJECT})
    return tuple(dict.fromkeys(sid for sid in allowed if sid not in denied))


def _entries(data: bytes, place: int) -> Iterator[tuple[int, str]]:
    """Yield the type and the SID of each entry of a list that begins at a place."""
    (number,) = struct.unpack_from("<4xH", data, place)
    place += 8
    for _ in range(number):
        kind, size = struct.unpack_from("<BxH", data, place)
        if size < 8:
            raise ValueError("an entry of a security descriptor is too short")
        body = data[place + 8 : place + size]
        if kind in {_ALLOWED_OBJECT, _DENIED_OBJECT}:
            (flags,) = struct.unpack_from("<I", body)
            guids = bool(flags & _HAS_TYPE) + bool(flags & _HAS_INHERITED_TYPE)
            body = body[4 + _GUID_BYTES * guids :]
        if kind in {_ALLOWED, _ALLOWED_OBJECT, _DENIED, _DENIED_OBJECT}:
            yield kind, sid_of(body)
        place += size
