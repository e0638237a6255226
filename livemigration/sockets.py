"""Who listens on port 6600, by the host's own TCP table."""

from __future__ import annotations

from collections.abc import Iterable

from livemigration.addresses import Address
from livemigration.facts.network import ListeningSocket


def holders(sockets: Iterable[ListeningSocket], address: Address) -> tuple[int, ...]:
    """Return the processes that listen on an address: on itself, on 0.0.0.0 or on ::.

    Which of the three Windows shows is unconfirmed, so each counts (windows-facts.md 7, item 4).
    """
    return tuple(
        each.process_id
        for each in sockets
        if each.address == address or each.address.is_unspecified
    )
