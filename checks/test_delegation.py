"""Whether the accounts of hosts may move virtual machines to each other on behalf of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livemigration.base.text import counted, one_line, some
from livemigration.facts.directory import (
    ANY_PROTOCOL,
    DIRECTORY_ACCOUNT,
    MIGRATION_SERVICE,
    TRUSTED_FOR_DELEGATION,
    DirectoryAccount,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.inventory.policy import Policy
from livemigration.verdict.accounts import shown_account
from livemigration.verdict.check import check
from livemigration.verdict.delegation import (
    Book,
    Lacking,
    Member,
    Reached,
    lacking,
    member_of,
    named,
)
from livemigration.verdict.delegation_scope import takes_kerberos_only, why_no_delegation
from livemigration.verdict.exchange import EXCHANGE, Exchange, Peers, exchange_of
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.delegation import Grant, any_protocol, constrain, delegate
from livemigration.verdict.references import SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import FactsView, GroupView


@check(
    "LM401",
    needs=(),
    may_need=(DIRECTORY_ACCOUNT, MIGRATION_SETTINGS, OPERATING_SYSTEM, *EXCHANGE),
    refs=(SET_UP_HOSTS, TROUBLESHOOT_LIVE_MIGRATION),
)
def test_the_account_may_delegate_to_the_hosts_it_sends_to(
    host: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The host's account may use the migration services of the hosts that it sends machines to.

    Why: with Kerberos, whoever starts a move elsewhere than on the host has it act on their behalf
    towards the other one. Active Directory must allow that on the account of each host that sends,
    for the services Microsoft Virtual System Migration Service and cifs of each that receives.

    Fails: towards a host of its migration group, where the inventory declares one, either service
    is missing; delegation takes Kerberos only, on Windows Server 2016 and later.

    Warns: the same between hosts of one domain for which the inventory declares no group; only the
    short form of a name is there; delegation to any service; only resource-based delegation, which
    works in places, and which no document names for live migration.

    Does not apply: no directory in the inventory; CredSSP; moves inside a cluster; a host in no
    domain; no other host exchanges virtual machines with this one.
    """
    if reason := why_no_delegation(host, policy):
        yield not_applicable(reason)
        return
    account = shown_account(host)
    exchange = exchange_of(host, policy, group, DIRECTORY_ACCOUNT)
    judging = _Judging(host, account, member_of(host.name, host[DOMAIN_MEMBERSHIP], account))
    if not any(part.seen.peers for part in exchange.parts):
        # What the account itself says needs nobody.
        if alone := list(judging.alone()):
            yield from exchange.concluded(alone, (), "accounts", policy)
            return
        yield from exchange.nobody(_was_shown, "accounts", policy, DIRECTORY_ACCOUNT)
        return
    found = list(judging.all(exchange))
    yield from exchange.concluded(found, (), "accounts", policy)
    judging.block_if_doubtful(exchange)


def _was_shown(host: FactsView) -> bool:
    return host[DIRECTORY_ACCOUNT].found


@dataclass(frozen=True)
class _Judging:
    """A host that sends, and its account."""

    host: FactsView
    account: DirectoryAccount
    own: Member

    @property
    def _control(self) -> int:
        return self.account.control or 0

    @property
    def _name(self) -> str:
        return one_line(self.account.account)

    def all(self, exchange: Exchange) -> Iterator[Finding]:
        """Yield what there is to say of delegation to the peers."""
        yield from self.alone()
        if self._control & TRUSTED_FOR_DELEGATION:
            return
        said = [each for part in exchange.parts for each in self._towards(part)]
        yield from said
        if not said and not self._doubtful(exchange):
            yield not_applicable(
                "No host outside its own cluster that it exchanges machines with is in a domain."
            )

    def alone(self) -> Iterator[Finding]:
        """Yield what the account says by itself."""
        if self._control & TRUSTED_FOR_DELEGATION:
            yield warn(
                f"The account {self._name} is trusted for delegation to any service.",
                "Constrained delegation to the hosts of its migration group.",
                constrain(self.own),
            )
            return
        yield from self._protocol()

    def block_if_doubtful(self, exchange: Exchange) -> None:
        """Raise where something is missing towards hosts that may be nodes of its own cluster.

        Raises:
            BlockedError: whether they are could not be read, of this host or of them.
        """
        any_service = self._control & TRUSTED_FOR_DELEGATION
        if not any_service and (doubtful := self._doubtful(exchange)):
            for group in EXCHANGE:
                self.host[group]
            raise unread_peers(exchange.group, doubtful, *EXCHANGE)

    def _doubtful(self, exchange: Exchange) -> Sequence[str]:
        """Return the hosts that it does not reach, and needs not to as nodes of one cluster."""
        found = []
        for part in exchange.parts:
            book = part.seen.circle.once(Book)
            if there := book.doubtful(self.host.name) - Reached(self.account, book).whole:
                found += [each for each in part.seen.peers if each in there]
        return found

    def _protocol(self) -> Iterator[Finding]:
        if not takes_kerberos_only(self.host, self.account):
            return
        yield fail(
            f"The account {self._name} may delegate with Kerberos only.",
            "Use any authentication protocol, from Windows Server 2016 on.",
            any_protocol(self.own),
        )

    def _towards(self, part: Peers) -> Iterator[Finding]:
        book = part.seen.circle.once(Book)
        reached, doubtful = Reached(self.account, book), book.doubtful(self.host.name)
        # Towards a host that may be a node of its cluster, only what is missing is not judged.
        mates = book.mates(self.host.name) | (doubtful - reached.whole)
        number = len(book.members.keys() - mates)
        if not number:
            return
        # Of most hosts nothing is missing, and then no list of the others is made.
        if len(reached.everything - mates) < number:
            peers = [e for e in part.seen.peers if e in book.members and e not in mates]
            yield from self._lacking(part, book, lacking(self.account, peers, book), number)
        if there := len(reached.whole - mates):
            yield ok(
                f"The account {self._name} may delegate live migration and cifs to "
                f"{counted(there, 'host')}."
            )

    def _lacking(self, part: Peers, book: Book, found: Lacking, number: int) -> Iterator[Finding]:
        if hosts := found.nothing:
            yield part.judged(
                named(hosts),
                f"The account {self._name} may not delegate live migration to "
                f"{_of(hosts, number)}.",
                f"Constrained delegation to {MIGRATION_SERVICE} and cifs of each.",
                self._repair(book, hosts),
            )
        if hosts := found.files:
            yield part.judged(
                named(hosts),
                f"The account {self._name} may delegate live migration, and not cifs, "
                f"to {_of(hosts, number)}: storage does not move there.",
                "Constrained delegation to cifs of each as well.",
                self._repair(book, hosts, files_only=True),
            )
        if hosts := found.by_short:
            yield part.warned(
                named(hosts),
                f"The account {self._name} may delegate to {_of(hosts, number)} by the "
                "short form of a name only.",
                "By the full name as well: that the short form alone will do is not documented.",
                self._repair(book, hosts),
            )
        yield from self._resource_based(part, book, found, number)
        if hosts := found.no_short:
            yield note(
                f"By the short form of its name, delegation is missing to {_of(hosts, number)}. "
                "The full name is there, and every published script writes both."
            )

    def _resource_based(
        self, part: Peers, book: Book, found: Lacking, number: int
    ) -> Iterator[Finding]:
        if hosts := found.resource:
            yield part.warned(
                named(hosts),
                f"To {_of(hosts, number)} there is resource-based delegation only.",
                "Constrained delegation on this host's own account: the other kind works in "
                "places, and no document names it for live migration.",
                self._repair(book, hosts),
            )
        if hosts := found.perhaps:
            yield part.warned(
                named(hosts),
                f"The account {self._name} may not delegate to {_of(hosts, number)}, and "
                "whether resource-based delegation lets it act there cannot be shown: it names "
                "accounts that are no host's, which may be groups.",
                "Constrained delegation on this host's own account.",
                self._repair(book, hosts),
            )

    def _repair(self, book: Book, hosts: Sequence[str], *, files_only: bool = False) -> Fix:
        peers = [book.members[each] for each in hosts]
        return delegate(self.own, list(self._grants(book, peers)), peers, files_only=files_only)

    def _grants(self, book: Book, peers: Sequence[Member]) -> Iterator[Grant]:
        """Yield what is missing: of this account first, then of those that are to send here."""
        known = {each.key for each in self.account.delegates_to}
        wanted = [each for peer in peers for each in peer.names() if each.key not in known]
        yield Grant(self.own, tuple(wanted), not self._control & ANY_PROTOCOL)
        for peer in peers:
            account = book.accounts.get(peer.host)
            if account is None or not account.found or account.control is None:
                continue
            there = {each.key for each in account.delegates_to}
            names = tuple(each for each in self.own.names() if each.key not in there)
            constrained = not account.control & TRUSTED_FOR_DELEGATION
            if names and constrained and peer.domain.casefold() == self.own.domain.casefold():
                yield Grant(peer, names, not account.control & ANY_PROTOCOL)


def _of(hosts: Sequence[str], number: int) -> str:
    """Return hosts for a sentence: `3 of 9 hosts (a, b and c)`."""
    if number == 1:
        return some(hosts)
    return f"{len(hosts)} of {counted(number, 'host')} ({some(hosts)})"
