"""Addresses replaced so that subnets stay congruent.

Two addresses that share exactly n leading bits share exactly n leading bits afterwards: whether a
bit is flipped depends on a key and on the bits before it, and on nothing else. collect.ps1 does the
same; what both must know is declared here.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from livemigration.base.addresses import Address


def _bits(address: Address) -> str:
    return f"{int(address):0{address.max_prefixlen}b}"


def _prefix(network: str) -> str:
    parsed = ipaddress.ip_network(network)
    return _bits(parsed.network_address)[: parsed.prefixlen]


# Their leading bits stay, and no other address gets them: the checks tell link-local, loopback and
# unspecified addresses from the rest, and a person tells private ones from public ones.
KEPT_V4 = tuple(
    _prefix(each)
    for each in (
        "0.0.0.0/32",
        "10.0.0.0/8",
        "127.0.0.1/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
    )
)
KEPT_V6 = tuple(
    _prefix(each) for each in ("::/128", "::1/128", "2000::/3", "fc00::/7", "fe80::/10", "ff00::/8")
)
# Bits 64 to 95 of an ISATAP address; the rest of it is an IPv4 address.
ISATAP_MARKS = tuple(f"{mark:032b}" for mark in (0x00005EFE, 0x02005EFE))
_MARK_AT, _MARK_ENDS = 64, 96


def _ways_into(prefixes: tuple[str, ...]) -> frozenset[str]:
    """Return the bits after which a bit is still on the way into one of these prefixes."""
    return frozenset(each[:length] for each in prefixes for length in range(len(each)))


# By the length of an address.
_INTO_KEPT = {32: _ways_into(KEPT_V4), 128: _ways_into(KEPT_V6)}
_INTO_MARK = _ways_into(ISATAP_MARKS)


class AddressHiding:
    """Replaces addresses with the help of a key, which is never written anywhere."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # Addresses of a site share their first bits.
        self._flips: dict[str, int] = {}
        # Each stands in many places of a document.
        self._known: dict[str, str] = {}

    def hide(self, address: Address) -> Address:
        """Return the address that takes the place of this one."""
        return type(address)(int(self._hidden(_bits(address)), 2))

    def hide_in_subnet(self, address: Address, prefix_length: int) -> Address:
        """Return the replacement of a subnet's number; what ended in zeros still does."""
        bits = _bits(address)
        hidden = self._hidden(bits)
        if "1" not in bits[prefix_length:]:
            hidden = hidden[:prefix_length].ljust(len(bits), "0")
        return type(address)(int(hidden, 2))

    def _hidden(self, bits: str) -> str:
        if bits not in self._known:
            self._known[bits] = self._worked_out(bits)
        return self._known[bits]

    def _worked_out(self, bits: str) -> str:
        hidden = "".join(
            bit if _stays(bits[:place], len(bits)) else self._flipped(bits, place)
            for place, bit in enumerate(bits)
        )
        if len(bits) == 128 and bits[_MARK_AT:_MARK_ENDS] in ISATAP_MARKS:
            return hidden[:_MARK_ENDS] + self._hidden(bits[_MARK_ENDS:])
        return hidden

    def _flipped(self, bits: str, place: int) -> str:
        message = f"{len(bits)} {bits[:place]}"
        flip = self._flips.get(message)
        if flip is None:
            flip = hmac.digest(self._key, message.encode(), hashlib.sha256)[0] & 1
            self._flips[message] = flip
        return str(int(bits[place]) ^ flip)


def _stays(before: str, length: int) -> bool:
    """Whether the bit after these is on the way into a kept prefix."""
    if before in _INTO_KEPT[length]:
        return True
    return length == 128 and len(before) >= _MARK_AT and before[_MARK_AT:] in _INTO_MARK
