"""What the words of a firewall rule's protocol and local ports include, of TCP port 6600.

What a filter may hold: the parameters of New-NetFirewallRule. What cannot be decided from the
text is unknown: it neither lets in nor keeps out. Which rows are asked for goes by the same words
as the verdict, so that no rule is left out that the verdict would have looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import lru_cache

from livemigration.facts.network import LIVE_MIGRATION_PORT


class Match(IntEnum):
    """Whether a filter fits, from no to yes."""

    NO = 0
    UNKNOWN = 1
    YES = 2


EVERYTHING = {"any", "*"}
# What a host says that was asked for the filters of no such protocol.
OTHER_PROTOCOL = "UDP or ICMP"
_TCP = {"tcp", "6"}
_OTHER_PROTOCOLS = {
    *("udp", "icmpv4", "icmpv6", "igmp", "gre", "ipv6", "l2tp", "vrrp", "pgm"),
    OTHER_PROTOCOL.casefold(),
}
# Ports that Windows assigns to other services; 6600 is a fixed number.
_OTHER_PORTS = {"rpc", "rpcepmap", "iphttps", "iphttpsin", "iphttpsout", "teredo"}


def word_of(text: str) -> str:
    """Return a filter's word as it compares: in any case, without white space around it."""
    return text.strip().casefold()


def any_of(matches: Iterable[Match]) -> Match:
    """Return whether one entry fits; one that does decides."""
    return max(matches, default=Match.NO)


@lru_cache(maxsize=1024)
def protocol_fits(protocol: str) -> Match:
    """Return whether a filter's protocol includes TCP."""
    word = word_of(protocol)
    if word in EVERYTHING | _TCP:
        return Match.YES
    if word in _OTHER_PROTOCOLS or (re.fullmatch("[0-9]{1,3}", word) and int(word) < 256):
        return Match.NO
    return Match.UNKNOWN


def ports_fit(ports: Sequence[str]) -> Match:
    """Return whether a filter's local ports include 6600; a filter without any restricts none."""
    return any_of(map(_port_fits, ports)) if ports else Match.YES


@lru_cache(maxsize=4096)
def _port_fits(text: str) -> Match:
    word = word_of(text)
    if word in EVERYTHING:
        return Match.YES
    if word in _OTHER_PORTS:
        return Match.NO
    found = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", word)
    if found is None:
        return Match.UNKNOWN
    first = int(found.group(1))
    last = int(found.group(2) or first)
    return Match.YES if first <= LIVE_MIGRATION_PORT <= last else Match.NO
