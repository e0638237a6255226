"""IP addresses as Windows writes them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network

# The addresses of a fleet come up again in every table and in every question about it.
_MOST_KEPT = 16384
# Of 169.254.0.0/16, the leading bits: this is asked of every address, again and again.
_IPV4_LINK_LOCAL = int(ipaddress.IPv4Address("169.254.0.0")) >> 16
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)


@lru_cache(maxsize=_MOST_KEPT)
def parse_address(text: str) -> Address:
    """Return the address in a host's text, without a scope (`fe80::1%12`).

    Raises:
        ValueError: the text is not an address.
    """
    return ipaddress.ip_address(text.strip().partition("%")[0])


@lru_cache(maxsize=_MOST_KEPT)
def subnet_of(address: Address, prefix_length: int) -> Subnet:
    """Return the subnet of this length that an address is on.

    Raises:
        ValueError: there is no such length.
    """
    return ipaddress.ip_network(f"{address}/{prefix_length}", strict=False)


def is_isatap(address: Address) -> bool:
    """Whether the interface identifier is ISATAP's: ...:0:5efe:a.b.c.d or ...:200:5efe:a.b.c.d."""
    if address.version == 4:
        return False
    return (int(address) >> 32) & 0xFFFFFFFF in _ISATAP_MARKS


def is_usable(address: Address) -> bool:
    """Whether a peer can be expected to reach the address: not link-local, not ISATAP."""
    if address.version == 4:
        return int(address) >> 16 != _IPV4_LINK_LOCAL
    return not (address.is_link_local or is_isatap(address))


def usable(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Return the usable addresses, in order, each once."""
    return tuple(dict.fromkeys(each for each in addresses if is_usable(each)))


# Bits of an address, by IP version.
BITS = {4: 32, 6: 128}

# A subnet as a key that is quick to make and to compare: version, prefix length, leading bits.
SubnetKey = tuple[int, int, int]


def subnet_key(subnet: Subnet) -> SubnetKey:
    """Return the key of a subnet."""
    shift = BITS[subnet.version] - subnet.prefixlen
    return subnet.version, subnet.prefixlen, int(subnet.network_address) >> shift
