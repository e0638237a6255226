"""Who listens on port 6600, by the host's own TCP table."""

from __future__ import annotations

from collections.abc import Iterable

from livemigration.base.addresses import Address
from livemigration.facts.network import ListeningSocket


def holders(sockets: Iterable[ListeningSocket], address: Address) -> tuple[int, ...]:
    """Return the processes that listen on an address: on itself, on 0.0.0.0 or on ::.

    Which of the three Windows shows is unconfirmed, so each counts (windows-facts.md 7, item 4);
    but a socket on 0.0.0.0 serves IPv4 alone, one on :: both.
    """
    return tuple(each.process_id for each in sockets if _serves(each.address, address))


def _serves(bound: Address, address: Address) -> bool:
    if bound.is_unspecified:
        return bound.version == 6 or address.version == 4
    return bound == address
