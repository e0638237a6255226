"""Whether the account of a host may send virtual machines to another one."""

from __future__ import annotations

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
    def likeness(self) -> tuple[object, ...]:
        """In what accounts are equals: who is reached, or who is not, whichever is shorter.

        Each reaches itself in no case that counts. Whom an account reaches by resource-based
        delegation is its own, as that depends on its SID.
        """
        parts: list[tuple[int, object]] = []
        for book, reached in self._parts:
            everything = reached.everything - {self._host}
            missing = book.members.keys() - everything - {self._host}
            if not missing:
                parts.append((id(book), "all"))
                continue
            details = self._details(book, reached, missing)
            parts.append((id(book), details))
        return self._any_service, self._kerberos_only, *parts

    def _details(self, book: Book, reached: Reached, missing: frozenset[str] | set[str]) -> object:
        found = {host: heading_of(self._account, host, reached, book) for host in missing}
        if set(found.values()) == {"nothing"} and len(found) + 1 >= len(book.members):
            return "none"
        return frozenset(found.items())


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
