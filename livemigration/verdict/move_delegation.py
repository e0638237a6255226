"""Whether the account of a host may send virtual machines to another one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property

from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    TRUSTED_FOR_DELEGATION,
    DirectoryAccount,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.verdict.accounts import shown_account
from livemigration.verdict.delegation import Book, Reached, heading_of
from livemigration.verdict.delegation_scope import takes_kerberos_only, why_no_delegation
from livemigration.verdict.exchange import EXCHANGE
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    End,
    Pair,
    PairQuestion,
    Said,
    Standing,
)

_CAUSES = {
    "nothing": (Standing.REFUSED, "the source's account may not delegate live migration to it"),
    "files": (Standing.REFUSED, "the source's account may not delegate cifs to it"),
    "by_short": (Standing.WARNED, "delegation by the short form of the name only"),
    "resource": (Standing.WARNED, "resource-based delegation only"),
    "perhaps": (Standing.WARNED, "whether resource-based delegation lets it cannot be shown"),
}


class Reach:
    """An account that sends, and the hosts that its host may send to.

    Args:
        host: the name of its host.
        account: the account.
        books: the members of the domains of those with whom the host exchanges machines.
        kerberos_only: whether the account delegates for Kerberos alone, which is too little.
    """

    def __init__(
        self, host: str, account: DirectoryAccount, books: tuple[Book, ...], *, kerberos_only: bool
    ) -> None:
        self._host, self._account, self._kerberos_only = host, account, kerberos_only
        self._parts = [(book, Reached(account, book)) for book in books]

    @property
    def _any_service(self) -> bool:
        return bool((self._account.control or 0) & TRUSTED_FOR_DELEGATION)

    def said_of(self, other: str) -> tuple[Standing, str] | None:
        """Return what is said of moves to another host; None: nothing is missing."""
        if self._any_service:
            return None
        if self._kerberos_only:
            return Standing.REFUSED, "the source's account may delegate with Kerberos only"
        for book, reached in self._parts:
            if other in book.members:
                heading = heading_of(self._account, other, reached, book)
                if found := _CAUSES.get(heading):
                    return found
        return None

    @cached_property
    def likeness(self) -> Hashable:
        """In what accounts are equals: in whom they do not reach. Its own host is left out."""
        parts = tuple((id(book), self._lacking(book, reached)) for book, reached in self._parts)
        return self._any_service, self._kerberos_only, parts

    def exceptions(self) -> Iterator[tuple[str, str]]:
        """Yield the hosts that are not reached, and how, where that is not so of all of them."""
        for book, reached in self._parts:
            lacking = self._lacking(book, reached)
            if isinstance(lacking, frozenset):
                yield from lacking

    def _lacking(self, book: Book, reached: Reached) -> frozenset[tuple[str, str]] | str:
        missing = book.members.keys() - reached.everything - {self._host}
        found = {host: heading_of(self._account, host, reached, book) for host in missing}
        others = len(book.members.keys() - {self._host})
        nobody = len(found) == others and set(found.values()) == {"nothing"}
        return "nobody" if nobody else frozenset(found.items())


@dataclass(frozen=True)
class _Named:
    """A host that receives, which each account names by itself."""

    host: str


class Delegation(PairQuestion):
    """Whether the account of the source may delegate to the destination."""

    check = "LM401"
    groups = (DIRECTORY_ACCOUNT, DOMAIN_MEMBERSHIP, MIGRATION_SETTINGS, OPERATING_SYSTEM, *EXCHANGE)
    inside = False
    of_classes = False

    def source(self, end: End) -> Reach | None:
        """Return whom the account reaches; None: delegation is no question of the host."""
        if why_no_delegation(end.host, end.policy):
            return None
        account = shown_account(end.host)
        any_service = (account.control or 0) & TRUSTED_FOR_DELEGATION
        parts = end.exchange(DIRECTORY_ACCOUNT).parts
        return Reach(
            end.host.name,
            account,
            tuple(part.seen.circle.once(Book) for part in parts),
            kerberos_only=not any_service and takes_kerberos_only(end.host, account),
        )

    def destination(self, end: End) -> _Named:
        """Return the name of the destination."""
        return _Named(end.host.name)

    def between(self, pair: Pair[Reach | None, _Named]) -> Said:
        """Return what is missing."""
        found = pair.source.said_of(pair.destination.host) if pair.source is not None else None
        return NOTHING_SAID if found is None else self.said(*found)
