"""The frame of checks that hold a host, as the destination, against machines of the others."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic

from livemigration.facts.model import FactGroup
from livemigration.inventory.policy import Policy
from livemigration.verdict.classes import Key, KeyOf
from livemigration.verdict.exchange import Exchange, Peers
from livemigration.verdict.exchange_gaps import SAID, Hidden
from livemigration.verdict.findings import Finding, Level, ok
from livemigration.verdict.names import Joined
from livemigration.verdict.views import BlockedError


@dataclass(frozen=True)
class Compared(Generic[Key]):
    """What peers are compared by, and which groups that reads.

    `what` and `machines` are words for it, in the plural: alone, as `processors`, and with the
    machines that were looked at, as `processors or machines`.
    """

    key: KeyOf[Key]
    what: str
    machines: str
    groups: tuple[FactGroup[Any], ...]


class Comparison(ABC):
    """One host as the destination of others' machines.

    `hidden` are peers whose machines may matter and are not known; `open` says why something else
    is not known, which blocks unless something fails.
    """

    def __init__(self, why: str) -> None:
        self.hidden = Hidden(why)
        self.open: list[BlockedError] = []

    @abstractmethod
    def with_peers(self, peers: Peers) -> Iterator[Finding]:
        """Yield what comes of some peers and their machines."""

    @property
    @abstractmethod
    def well(self) -> str:
        """What to say where nothing was found."""


def compared_machines(
    exchange: Exchange,
    compared: Compared[Any],
    policy: Policy,
    begin: Callable[[], Comparison],
) -> Iterator[Finding]:
    """Yield what the machines of all peers come to on a host, and what is not known of them.

    Args:
        exchange: with whom the host exchanges virtual machines.
        compared: what they are compared by.
        policy: of the host.
        begin: reads the host; called where there is a peer to compare it with.

    Raises:
        BlockedError: what is not known decides; see `Exchange.nobody` and `Exchange.concluded`.
    """
    if not exchange.compares(compared.key):
        yield from exchange.nobody(compared.key, compared.what, policy, *compared.groups)
        return
    comparison = begin()
    found = [each for part in exchange.parts for each in comparison.with_peers(part)]
    if comparison.open and not any(each.level is Level.FAIL for each in found):
        raise comparison.open[0]
    if not any(each.level in SAID for each in found):
        found.insert(0, ok(comparison.well))
    unread = Joined((exchange.unread(compared.key), comparison.hidden.hosts))
    yield from exchange.concluded(
        found, unread, compared.machines, policy, hidden=comparison.hidden
    )
