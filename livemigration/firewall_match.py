"""Whether the filters of a firewall rule fit an incoming connection to vmms on TCP port 6600.

What a filter may hold: the parameters of New-NetFirewallRule. What cannot be decided from the
text is unknown: it neither lets in nor keeps out.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from livemigration.addresses import Address, Subnet, parse_address
from livemigration.facts.network import LIVE_MIGRATION_PORT


class Match(IntEnum):
    """Whether a filter fits, from no to yes."""

    NO = 0
    UNKNOWN = 1
    YES = 2


_EVERYTHING = {"any", "*"}
_TCP = {"tcp", "6"}
_OTHER_PROTOCOLS = {"udp", "icmpv4", "icmpv6", "igmp", "gre", "ipv6", "l2tp", "vrrp", "pgm"}
# Ports that Windows assigns to other services; 6600 is a fixed number.
_OTHER_PORTS = {"rpc", "rpcepmap", "iphttps", "iphttpsin", "iphttpsout", "teredo"}
_LOCAL_SUBNET = {"localsubnet": (4, 6), "localsubnet4": (4,), "localsubnet6": (6,)}
_VMMS_PATH = re.compile(r"(%systemroot%|%windir%|[a-z]:\\windows)\\system32\\vmms\.exe")


def _word(text: str) -> str:
    return text.strip().casefold()


def all_of(matches: Iterable[Match]) -> Match:
    """Return whether all filters fit; one that does not decides."""
    return min(matches, default=Match.YES)


def any_of(matches: Iterable[Match]) -> Match:
    """Return whether one entry fits; one that does decides."""
    return max(matches, default=Match.NO)


def alike(matches: Iterable[Match]) -> Match:
    """Return what all say; where one says yes and another no, it is not known."""
    found = list(matches)
    lowest, highest = min(found, default=Match.NO), max(found, default=Match.NO)
    return lowest if lowest is highest else Match.UNKNOWN


def protocol_fits(protocol: str) -> Match:
    """Return whether a filter's protocol includes TCP."""
    word = _word(protocol)
    if word in _EVERYTHING | _TCP:
        return Match.YES
    if word in _OTHER_PROTOCOLS or (word.isdecimal() and int(word[:4]) < 256):
        return Match.NO
    return Match.UNKNOWN


def ports_fit(ports: Sequence[str]) -> Match:
    """Return whether a filter's local ports include 6600; a filter without any restricts none."""
    return any_of(map(_port_fits, ports)) if ports else Match.YES


def _port_fits(text: str) -> Match:
    word = _word(text)
    if word in _EVERYTHING:
        return Match.YES
    if word in _OTHER_PORTS:
        return Match.NO
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", word)
    if found is None:
        return Match.UNKNOWN
    first = int(found.group(1))
    last = int(found.group(2) or first)
    return Match.YES if first <= LIVE_MIGRATION_PORT <= last else Match.NO


def program_fits(program: str) -> Match:
    """Return whether a filter's program is vmms; `System` is the kernel, which vmms is not."""
    word = _word(program).strip('"').replace("/", "\\")
    if not word or word in _EVERYTHING or _VMMS_PATH.fullmatch(word):
        return Match.YES
    return Match.UNKNOWN if word.rpartition("\\")[2] == "vmms.exe" else Match.NO


def service_fits(service: str) -> Match:
    """Return whether a filter's service is vmms; `*` is any service."""
    word = _word(service)
    return Match.YES if not word or word in _EVERYTHING or word == "vmms" else Match.NO


def everywhere(scope: Sequence[str]) -> bool:
    """Whether a filter's addresses restrict nothing."""
    return not scope or any(_word(each) in _EVERYTHING for each in scope)


def addresses_fit(
    scope: tuple[str, ...], address: Address, local_subnets: Sequence[Subnet]
) -> Match:
    """Return whether a filter's addresses include one; `local_subnets` are the host's."""
    read = _read(scope)
    if read.everywhere or read.holds(address):
        return Match.YES
    if address.version in read.local and any(
        address.version == each.version and address in each for each in local_subnets
    ):
        return Match.YES
    return Match.UNKNOWN if read.unknown else Match.NO


@dataclass(frozen=True)
class _Scope:
    """A filter's addresses: spans of numbers, the single ones apart because a list may be long.

    `local` holds the IP versions of which the local subnets are meant. `unknown` says that there
    are words such as DNS or Intranet: Windows knows which addresses they are today.
    """

    everywhere: bool
    singles: frozenset[tuple[int, int]]
    spans: tuple[tuple[int, int, int], ...]
    local: frozenset[int]
    unknown: bool

    def holds(self, address: Address) -> bool:
        """Whether an address is among those that are written as numbers."""
        version, number = address.version, int(address)
        return (version, number) in self.singles or any(
            version == each and low <= number <= high for each, low, high in self.spans
        )


@lru_cache(maxsize=1024)
def _read(scope: tuple[str, ...]) -> _Scope:
    """Return a filter's addresses, read once for all hosts that have the same."""
    spans: set[tuple[int, int, int]] = set()
    local: set[int] = set()
    unknown = False
    for word in map(_word, scope):
        if word in _LOCAL_SUBNET:
            local.update(_LOCAL_SUBNET[word])
            continue
        try:
            spans.add(_span(word))
        except ValueError:
            unknown = True
    singles = frozenset((version, low) for version, low, high in spans if low == high)
    wide = tuple(each for each in spans if each[1] != each[2])
    return _Scope(everywhere(scope), singles, wide, frozenset(local), unknown)


def _span(word: str) -> tuple[int, int, int]:
    """Return the version, the first and the last address of an entry.

    Raises:
        ValueError: it is no address, no subnet and no range.
    """
    first, dash, last = word.partition("-")
    if not dash:
        subnet = ipaddress.ip_network(word, strict=False)
        return subnet.version, int(subnet.network_address), int(subnet.broadcast_address)
    low, high = parse_address(first), parse_address(last)
    if low.version != high.version or int(low) > int(high):
        raise ValueError("not a range")
    return low.version, int(low), int(high)
