"""IP addresses as Windows writes them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network

_IPV4_LINK_LOCAL = ipaddress.IPv4Network("169.254.0.0/16")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)


def parse_address(text: str) -> Address:
    """Return the address in a host's text, without a scope (`fe80::1%12`).

    Raises:
        ValueError: the text is not an address.
    """
    return ipaddress.ip_address(text.strip().partition("%")[0])


def is_isatap(address: Address) -> bool:
    """Whether the interface identifier is ISATAP's: ...:0:5efe:a.b.c.d or ...:200:5efe:a.b.c.d."""
    if address.version == 4:
        return False
    return (int(address) >> 32) & 0xFFFFFFFF in _ISATAP_MARKS


def is_usable(address: Address) -> bool:
    """Whether a peer can be expected to reach the address: not link-local, not ISATAP."""
    if address.version == 4:
        return address not in _IPV4_LINK_LOCAL
    return not (address.is_link_local or is_isatap(address))


def usable(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Return the usable addresses, in order, each once."""
    return tuple(dict.fromkeys(each for each in addresses if is_usable(each)))


def listed(items: Iterable[object]) -> str:
    """Return items for a sentence: `a, b and c`; `none` where there are none."""
    texts = [str(each) for each in items]
    if not texts:
        return "none"
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"
