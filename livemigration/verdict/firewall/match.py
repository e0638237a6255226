"""Whether the filters of a firewall rule fit an incoming connection to vmms on TCP port 6600.

What a filter may hold: the parameters of New-NetFirewallRule. What cannot be decided from the
text is unknown: it neither lets in nor keeps out.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from livemigration.base.addresses import Address, Subnet, parse_address
from livemigration.facts.firewall_words import (
    EVERYTHING,
    Match,
    word_of,
)

_LOCAL_SUBNET = {"localsubnet": (4, 6), "localsubnet4": (4,), "localsubnet6": (6,)}
_VMMS_PATH = re.compile(r"(%systemroot%|%windir%|[a-z]:\\windows)\\system32\\vmms\.exe")


def all_of(matches: Iterable[Match]) -> Match:
    """Return whether all filters fit; one that does not decides."""
    return min(matches, default=Match.YES)


def alike(matches: Iterable[Match]) -> Match:
    """Return what all say; where one says yes and another no, it is not known."""
    found = set(matches)
    return found.pop() if len(found) == 1 else Match.UNKNOWN


def program_fits(program: str) -> Match:
    """Return whether a filter's program is vmms; `System` is the kernel, which vmms is not."""
    word = word_of(program).strip('"').replace("/", "\\")
    if not word or word in EVERYTHING or _VMMS_PATH.fullmatch(word):
        return Match.YES
    return Match.UNKNOWN if word.rpartition("\\")[2] == "vmms.exe" else Match.NO


def service_fits(service: str) -> Match:
    """Return whether a filter's service is vmms; `*` is any service."""
    word = word_of(service)
    return Match.YES if not word or word in EVERYTHING or word == "vmms" else Match.NO


def everywhere(scope: Sequence[str]) -> bool:
    """Whether a filter's addresses restrict nothing."""
    return not scope or any(word_of(each) in EVERYTHING for each in scope)


def addresses_fit(
    scope: tuple[str, ...], address: Address, local_subnets: Sequence[Subnet]
) -> Match:
    """Return whether a filter's addresses include one; `local_subnets` are the host's."""
    return read_scope(scope).fits(address, local_subnets)


@dataclass(frozen=True)
class Scope:
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

    def fits(self, address: Address, local_subnets: Sequence[Subnet]) -> Match:
        """Return whether the addresses include one; `local_subnets` are the host's."""
        if self.everywhere or self.holds(address):
            return Match.YES
        if address.version in self.local and any(
            address.version == each.version and address in each for each in local_subnets
        ):
            return Match.YES
        return Match.UNKNOWN if self.unknown else Match.NO

    def numbers(self, local_subnets: Iterable[Subnet]) -> Iterator[tuple[int, int, int]]:
        """Yield the version, the first and the last of all addresses that are included.

        `local_subnets` are the host's. An address outside is not included, or nobody knows.
        """
        yield from ((version, number, number) for version, number in self.singles)
        yield from self.spans
        for each in local_subnets:
            if each.version in self.local:
                yield each.version, int(each.network_address), int(each.broadcast_address)


@lru_cache(maxsize=1024)
def read_scope(scope: tuple[str, ...]) -> Scope:
    """Return a filter's addresses, read once for all hosts that have the same."""
    words = frozenset(map(word_of, scope))
    local = words & _LOCAL_SUBNET.keys()
    spans = frozenset(map(_span, words - local))
    known = [each for each in spans if each is not None]
    return Scope(
        everywhere=everywhere(scope),
        singles=frozenset((version, low) for version, low, high in known if low == high),
        spans=tuple(each for each in known if each[1] != each[2]),
        local=frozenset(version for each in local for version in _LOCAL_SUBNET[each]),
        unknown=None in spans,
    )


def _span(word: str) -> tuple[int, int, int] | None:
    """Return the version, the first and the last address of an entry.

    None: it is no address, no subnet and no range. The address before a prefix length may be any
    of its subnet, as in 1.2.3.4/24 of the page of New-NetFirewallRule.
    """
    try:
        if "-" in word:
            low, high = map(parse_address, word.split("-"))
        else:
            subnet = ipaddress.ip_network(word, strict=False)
            low, high = subnet.network_address, subnet.broadcast_address
    except ValueError:
        return None
    if low.version != high.version or int(low) > int(high):
        return None
    return low.version, int(low), int(high)
