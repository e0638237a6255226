"""From where other hosts connect to one, and what its firewall does with them, for all at once.

Each host has as many senders as its domain has hosts. What a firewall does with them is worked out
for the senders of which it depends on more than that they are any, and for one of the others.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from livemigration.base.addresses import Address, Subnet
from livemigration.facts.firewall_words import Match, any_of
from livemigration.verdict.answers import Answers, Chain, Tables, Towards
from livemigration.verdict.circles import Circle
from livemigration.verdict.firewall.match import Scope, alike, all_of, read_scope
from livemigration.verdict.firewall.rules import Facing, Judgement, Peer
from livemigration.verdict.names import Names
from livemigration.verdict.source_address import Group, SourceTable, source_tables

# A rule for more addresses than these is written for their subnets.
MOST_ADDRESSES = 32
# Nobody looks over a rule for more subnets than these.
MOST_SUBNETS = 64
# Answers to so many lists of addresses are kept: hosts with lists of their own share none.
_MOST_SCOPES = 64

# What is needed of a sender could not be read.
_UNREAD = "unread"
# Of each scope: whether it includes a sender from wherever it comes, and on each of its addresses.
# A sender that no scope of numbers includes needs no such answer of its own.
_Fits = tuple[tuple[Match, Match], ...]
_Label = _Fits | str
# How many addresses a sender may come from, and their subnets.
_Source = tuple[int, tuple[Subnet, ...]] | str


@dataclass(frozen=True)
class Met:
    """What becomes of connections to one address of a host.

    `unread` are the senders of which it is not known; `any_sender` whether there are others.
    """

    judgement: Judgement
    unread: Names
    any_sender: bool


class Senders:
    """The hosts of a circle that may connect to each other, and from where each does."""

    def __init__(self, circle: Circle) -> None:
        sources = circle.facts.once(source_tables)
        self._order = circle.known
        # Of the unplaced, nobody knows whether they send.
        self._sources: Sequence[SourceTable | None] = (
            *(sources.get(name) for name in circle.peers),
            *(None for _ in circle.unplaced),
        )
        self._tables = Tables(
            self._order, [each.table if each is not None else {} for each in self._sources]
        )
        self._any: Towards[tuple[Group, ...], _Label] = Towards(self._tables, self._whether)
        self._from: Towards[tuple[Group, ...], _Source] = Towards(self._tables, self._source)
        self._scoped: dict[object, Towards[tuple[Group, ...], _Label]] = {}
        self._numbers_from: dict[Chain, int] = {}
        self._joined: dict[tuple[tuple[Chain, _Source | None], ...], tuple[Address | Subnet, ...]]
        self._joined = {}
        self._numbers = sorted(
            (address.version, int(address), place)
            for place, each in enumerate(self._sources)
            if each is not None
            for address in each.addresses
        )

    def meet(self, facing: Facing, address: Address, host: str) -> Met:
        """Return what becomes of connections to an address of a host."""
        lies = self._tables.chain(address, host)
        answers = self._answers(facing, lies).without(host)
        labels = [label for label in answers.counts if label != _UNREAD]
        first = sorted(((answers.first(label), label) for label in labels), key=lambda e: e[0])
        one_of_each = {label: self._peer(place, lies) for place, label in first}
        judgement = facing.judge(tuple(one_of_each.values()))
        told = [label for label, peer in one_of_each.items() if peer.name in judgement.peers]
        if told:
            judgement = replace(judgement, peers=answers.names(*told))
        return Met(judgement, answers.names(_UNREAD), bool(labels))

    def come_from(self, addresses: Iterable[Address], host: str) -> tuple[Address | Subnet, ...]:
        """Return from where others connect to these addresses of a host.

        Above a number of addresses their subnets, and above a number of these nothing.
        """
        place = self._order.places.get(host)
        lie = tuple(dict.fromkeys(self._tables.chain(each, host) for each in addresses))
        if all(self._number(each, place) <= MOST_ADDRESSES for each in lie):
            comes = dict.fromkeys(each for lies in lie for each in self._each(lies, host))
            if len(comes) <= MOST_ADDRESSES:
                return tuple(comes)
        # The same for all hosts but those without which a subnet has no other sender.
        key = tuple((each, self._alone(each, place)) for each in lie)
        if key not in self._joined:
            self._joined[key] = _joined(
                subnet
                for lies, alone in key
                for source in self._from.towards(lies).counts
                if not isinstance(source, str) and source != alone
                for subnet in source[1]
            )
        return self._joined[key]

    def _number(self, lies: Chain, place: int | None) -> int:
        """Return from how many addresses the hosts come, but for one."""
        answers = self._from.towards(lies)
        if lies not in self._numbers_from:
            counts = answers.counts.items()
            self._numbers_from[lies] = sum(
                number * source[0] for source, number in counts if not isinstance(source, str)
            )
        own = None if place is None else answers.of(place)
        return self._numbers_from[lies] - (0 if own is None or isinstance(own, str) else own[0])

    def _alone(self, lies: Chain, place: int | None) -> _Source | None:
        """Return where a host comes from, where no other comes from there."""
        answers = self._from.towards(lies)
        own = None if place is None else answers.of(place)
        return own if own is not None and answers.count(own) == 1 else None

    def _each(self, lies: Chain, host: str) -> Iterator[Address]:
        answers = self._from.towards(lies).without(host)
        labels = [label for label in answers.counts if not isinstance(label, str)]
        for place in answers.places(*labels):
            yield from self._peer(place, lies).addresses

    def _answers(self, facing: Facing, lies: Chain) -> Answers[_Label]:
        scopes = facing.scopes
        answers = self._any.towards(lies)
        if not scopes:
            return answers
        read = tuple(map(read_scope, scopes))
        local = facing.subnets if any(each.local for each in read) else ()
        places = self._included(read, local)
        if places is not None:
            # Nobody else is included, on whatever address.
            changed = {place: self._fits(place, lies, read, local) for place in places}
            return Answers(self._order, changed, answers)
        key = scopes, local
        if key not in self._scoped:
            if len(self._scoped) >= _MOST_SCOPES:
                self._scoped.pop(next(iter(self._scoped)))
            self._scoped[key] = Towards(
                self._tables, lambda place, chains: self._fits(place, chains[0], read, local)
            )
        return self._scoped[key].towards(lies)

    def _included(self, read: Iterable[Scope], local: Sequence[Subnet]) -> set[int] | None:
        """Return the places of hosts that have an address in any scope; None where many have."""
        most, found = len(self._order.names) // 4, set[int]()
        for scope in read:
            for version, low, high in scope.numbers(local):
                first = bisect_left(self._numbers, (version, low))
                last = bisect_left(self._numbers, (version, high + 1))
                if last - first > most:
                    return None
                found.update(place for *_, place in self._numbers[first:last])
            if len(found) > most:
                return None
        return found

    def _groups(self, place: int, lies: Chain) -> tuple[Group, ...] | str | None:
        """Return from where the host at a place connects; None: not at all."""
        source = self._sources[place]
        if source is None:
            return _UNREAD
        if not source.has(lies.version):
            return None
        groups = self._tables.value(place, lies)
        groups = source.otherwise(lies.version) if groups is None else groups
        return _UNREAD if groups is None else groups

    def _peer(self, place: int, lies: Chain) -> Peer:
        groups = self._groups(place, lies)
        if groups is None or isinstance(groups, str):
            raise RuntimeError("a sender comes from somewhere")
        return Peer(self._order.names[place], groups)

    def _whether(self, place: int, chains: tuple[Chain, ...]) -> _Label | None:
        groups = self._groups(place, chains[0])
        return groups if groups is None or isinstance(groups, str) else ()

    def _fits(
        self, place: int, lies: Chain, read: Iterable[Scope], local: Sequence[Subnet]
    ) -> _Label | None:
        groups = self._groups(place, lies)
        if groups is None or isinstance(groups, str):
            return groups
        return tuple(
            (
                alike(any_of(each.fits(one, local) for one in group) for group in groups),
                all_of(each.fits(one, local) for group in groups for one in group),
            )
            for each in read
        )

    def _source(self, place: int, chains: tuple[Chain, ...]) -> _Source | None:
        groups, source = self._groups(place, chains[0]), self._sources[place]
        if groups is None or isinstance(groups, str) or source is None:
            return _UNREAD if isinstance(groups, str) else None
        every = [each for group in groups for each in group]
        return len(every), source.subnets(every)


def _joined(subnets: Iterable[Subnet]) -> tuple[Address | Subnet, ...]:
    """Return the same addresses in as few subnets as they are in; nothing of too many."""
    several = dict.fromkeys(subnets)
    fourth = collapse_addresses([each for each in several if isinstance(each, IPv4Network)])
    sixth = collapse_addresses([each for each in several if isinstance(each, IPv6Network)])
    joined: tuple[Subnet, ...] = (*fourth, *sixth)
    if len(joined) > MOST_SUBNETS:
        return ()
    return tuple(each if each.num_addresses > 1 else each.network_address for each in joined)
