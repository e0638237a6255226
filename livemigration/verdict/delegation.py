"""Whose services a host's account may use on behalf of others, held against its peers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    FILE_SERVICE,
    MIGRATION_SERVICE,
    DirectoryAccount,
    ServiceName,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, DomainMembership
from livemigration.facts.model import Gathered
from livemigration.verdict.circles import Circle
from livemigration.verdict.exchange_circles import Place, are_mates, place_of
from livemigration.verdict.names import Order, Others


@dataclass(frozen=True)
class Member:
    """A host as its domain names it: `short` is its NetBIOS name."""

    host: str
    full: str
    short: str
    domain: str

    def names(self) -> tuple[ServiceName, ...]:
        """Return everything of it that another host is to be trusted for."""
        return tuple(
            ServiceName(service, name)
            for service in (MIGRATION_SERVICE, FILE_SERVICE)
            for name in dict.fromkeys((self.full, self.short))
        )


def member_of(host: str, said: DomainMembership, account: DirectoryAccount | None = None) -> Member:
    """Return a member of a domain, by what it says of itself, and by its account where known."""
    full = f"{said.dns_name or said.name}.{said.domain}"
    own = account.dns_name if account is not None else None
    return Member(host, own or full, said.name, said.domain)


class Book:
    """The members of a domain among the hosts of a circle, by their names; for `Circle.once`."""

    def __init__(self, circle: Circle) -> None:
        self._facts = circle.facts
        self.members: dict[str, Member] = {}
        self.accounts: dict[str, DirectoryAccount] = {}
        for host in circle.peers:
            sheet = circle.facts.hosts[host]
            said = sheet.outcome(DOMAIN_MEMBERSHIP)
            if not isinstance(said, Gathered) or not said.value.joined:
                continue
            outcome = sheet.outcome(DIRECTORY_ACCOUNT)
            account = outcome.value if isinstance(outcome, Gathered) else None
            self.members[host] = member_of(host, said.value, account)
            if account is not None:
                self.accounts[host] = account

    @cached_property
    def _by_place(self) -> Mapping[Place, list[str]]:
        found: dict[Place, list[str]] = defaultdict(list)
        for host in self.members:
            found[place_of(self._facts.hosts[host])].append(host)
        return found

    def mates(self, host: str) -> frozenset[str]:
        """Return the members that are nodes of one cluster with a host, itself too.

        Inside a cluster virtual machines move by the cluster's own account (windows-facts-2.md 13).
        """
        return frozenset((host, *self._standing(host, mates=True)))

    def doubtful(self, host: str) -> frozenset[str]:
        """Return the others of which is not known whether they are nodes of one cluster with it."""
        return frozenset(self._standing(host, mates=None)) - {host}

    def _standing(self, host: str, *, mates: bool | None) -> Iterator[str]:
        own = place_of(self._facts.hosts[host])
        there = (names for at, names in self._by_place.items() if are_mates(own, at) is mates)
        return chain.from_iterable(there)

    @cached_property
    def by_full(self) -> Mapping[str, str]:
        """The hosts by their full names."""
        return {each.full.casefold(): host for host, each in self.members.items()}

    @cached_property
    def by_short(self) -> Mapping[str, str]:
        """The hosts by their short names."""
        return {each.short.casefold(): host for host, each in self.members.items()}

    @cached_property
    def sids(self) -> Collection[str]:
        """The SIDs of all their accounts."""
        return {each.sid for each in self.accounts.values() if each.sid is not None}


class Reached:
    """The hosts of a book that an account may send virtual machines to.

    By each service and each form of name: `migration` and `files` by the full name, and
    `migration_short` and `files_short` by the short one.
    """

    def __init__(self, account: DirectoryAccount, book: Book) -> None:
        self.migration = _named(account, MIGRATION_SERVICE, book.by_full)
        self.files = _named(account, FILE_SERVICE, book.by_full)
        self.migration_short = _named(account, MIGRATION_SERVICE, book.by_short)
        self.files_short = _named(account, FILE_SERVICE, book.by_short)

    @property
    def whole(self) -> frozenset[str]:
        """The hosts of which both services are there by the full name."""
        return self.migration & self.files

    @property
    def everything(self) -> frozenset[str]:
        """The hosts of which nothing is missing."""
        return self.migration & self.files & self.migration_short & self.files_short


def _named(account: DirectoryAccount, service: str, names: Mapping[str, str]) -> frozenset[str]:
    wanted = service.casefold()
    said = (e.name.casefold() for e in account.delegates_to if e.service.casefold() == wanted)
    return frozenset(names[each] for each in said if each in names)


@dataclass(frozen=True)
class Lacking:
    """The peers that an account does not reach as it should, each under one heading.

    `nothing`: neither form of the name of the migration service; `by_short`: of migration or of
    files only the short form; `files`: migration, and no files in either form; `no_short`: all by
    the full name, and not all by the short one. `resource` are those of `nothing` and `files` that
    let the account act on its behalf instead, `perhaps` those of which that cannot be shown.
    """

    nothing: tuple[str, ...]
    files: tuple[str, ...]
    by_short: tuple[str, ...]
    no_short: tuple[str, ...]
    resource: tuple[str, ...]
    perhaps: tuple[str, ...]


def lacking(account: DirectoryAccount, peers: Iterable[str], book: Book) -> Lacking:
    """Return which peers an account does not reach as it should."""
    reached = Reached(account, book)
    found: dict[str, list[str]] = {each: [] for each in Lacking.__dataclass_fields__}
    for host in peers:
        if heading := heading_of(account, host, reached, book):
            found[heading].append(host)
    return Lacking(**{name: tuple(hosts) for name, hosts in found.items()})


def heading_of(account: DirectoryAccount, host: str, reached: Reached, book: Book) -> str:
    """Return the heading of Lacking under which a host is; empty: nothing is missing."""
    heading = _heading(reached, host)
    if heading in {"nothing", "files"}:
        return _instead(account, host, book) or heading
    return heading


def _heading(reached: Reached, host: str) -> str:
    if host in reached.migration and host in reached.files:
        short = host in reached.migration_short and host in reached.files_short
        return "" if short else "no_short"
    migrates = host in reached.migration or host in reached.migration_short
    if not migrates:
        return "nothing"
    return "by_short" if host in reached.files or host in reached.files_short else "files"


def _instead(account: DirectoryAccount, host: str, book: Book) -> str:
    """Return the heading of a host that may be reached because it lets the account act."""
    peer = book.accounts.get(host)
    if peer is None or not peer.found:
        return ""
    if peer.acting is None:
        return "perhaps"
    if account.sid is not None and account.sid in peer.acting:
        return "resource"
    # What is none of the hosts' own accounts may be a group, with this host in it.
    return "perhaps" if any(each not in book.sids for each in peer.acting) else ""


def named(hosts: Iterable[str]) -> Others:
    """Return hosts as findings name them."""
    return Others(Order(tuple(hosts)))
