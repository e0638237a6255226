"""With whom a host exchanges virtual machines, and whether that is declared or only assumed.

What a migration group of the inventory says, and that the nodes of one cluster move their virtual
machines among each other, is taken at its word. Hosts of one domain for which the inventory
declares nothing are only assumed to exchange them: what is found between those warns at most. Hosts
of a group exchange them with each other only, also as others see it. The nodes of different
clusters are not compared unless a group has both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from livemigration.base.text import some
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import DOMAIN_MEMBERSHIP, SERVICES
from livemigration.facts.model import FactGroup
from livemigration.inventory.exchanging import grouped_in
from livemigration.inventory.policy import Policy
from livemigration.verdict.circles import Circle, Seen
from livemigration.verdict.classes import Classes, ClassesBy, Key, KeyOf, PartsOf
from livemigration.verdict.compared import NOBODY, nobody_compared, with_what_is_missing
from livemigration.verdict.exchange_circles import ClusterKey, ExchangeCircles, place_of
from livemigration.verdict.exchange_gaps import Hidden, block_if_undecided
from livemigration.verdict.findings import Finding, Fix, fail, not_applicable, note, warn
from livemigration.verdict.names import Joined, Names, Order, Others, united
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.unread_peers import unread_peers
from livemigration.verdict.views import BlockedError, FactsView, GroupView

# What says who exchanges virtual machines with whom. A pair check declares all three.
EXCHANGE: tuple[FactGroup[Any], ...] = (SERVICES, CLUSTER, DOMAIN_MEMBERSHIP)


@dataclass(frozen=True)
class Peers:
    """The hosts with which one host exchanges virtual machines for one reason.

    `declared`: by a group of the inventory or as nodes of one cluster; else they are only assumed
    to, being hosts of one domain. `groups` are the fact groups that are compared.
    """

    seen: Seen
    declared: bool
    groups: tuple[FactGroup[Any], ...]

    def others(self, key: KeyOf[Key]) -> Iterator[tuple[Key, Names]]:
        """Yield the peers in classes of equals, without the host itself, in O(classes)."""
        return self._classes(key).seen_by(self.seen.host)

    def sharing(
        self, key: KeyOf[Key], parts_of: PartsOf[Key], own: Key
    ) -> Iterator[tuple[Key, Names]]:
        """Yield the classes of the peers that have any part of the host's own key."""
        return self._classes(key).having(self.seen.host, parts_of, parts_of(own))

    def differing(self, key: KeyOf[Key], own: Key) -> Iterator[tuple[Key, Names]]:
        """Yield the classes of the peers that differ from the host's own key."""
        return (each for each in self.others(key) if each[0] != own)

    def unread(self, key: KeyOf[Key]) -> Names:
        """Return the peers of which could not be read what the key needs."""
        return self._classes(key).unread(self.seen.host)

    def _classes(self, key: KeyOf[Key]) -> Classes[Key]:
        return self.seen.circle.once(ClassesBy(key, self._readable))

    @cached_property
    def _readable(self) -> frozenset[str]:
        return frozenset(each.name for each in (*self.groups, *EXCHANGE))

    def judged(self, names: Collection[str], observed: str, expected: str, repair: Fix) -> Finding:
        """Return what stops a move between the host and these: a fail only where declared."""
        if self.declared:
            return fail(observed, expected, repair)
        return self.warned(names, observed, expected, repair)

    def warned(
        self, names: Collection[str], observed: str, expected: str, repair: Fix | None = None
    ) -> Finding:
        """Return a warning; where they are only assumed peers, it says on what it depends."""
        if not self.declared:
            expected = f"If {meant(self.seen.host, names)}: {expected}"
        return warn(observed, expected, repair)


def meant(host: str, names: Collection[str]) -> str:
    """Return on what it depends whether hosts that are only assumed peers matter to each other."""
    both = Joined((Others(Order((host,))), names))
    return f"{some(both)} are meant to exchange virtual machines"


@dataclass(frozen=True)
class Exchange:
    """With whom one host exchanges virtual machines: declared peers, and then assumed ones."""

    host: str
    group: GroupView
    parts: tuple[Peers, ...]

    @property
    def unplaced(self) -> Collection[str]:
        """The hosts of which nobody can say whether they are peers."""
        return united(part.seen.unplaced for part in self.parts)

    @property
    def unseen(self) -> Collection[str]:
        """The hosts that may be peers, and were not looked at."""
        return united(part.seen.unseen for part in self.parts)

    @property
    def deciding(self) -> Collection[str]:
        """The hosts that may be declared peers, and were not looked at: what they have may fail."""
        return united(part.seen.unseen for part in self.parts if part.declared)

    def compares(self, key: KeyOf[Any]) -> bool:
        """Whether there is any peer of which could be read what a key needs."""
        return any(True for part in self.parts for _ in part.others(key))

    def unread(self, key: KeyOf[Any]) -> Names:
        """Return the peers of which could not be read what a key needs."""
        return Joined(part.unread(key) for part in self.parts)

    def nobody(
        self, key: KeyOf[Any], what: str, policy: Policy, *groups: FactGroup[Any]
    ) -> Iterator[Finding]:
        """Yield why nothing is compared, where no peer could be read.

        Args:
            key: what would be compared.
            what: that, in the plural, as `processors`.
            policy: of the host.
            groups: what the key reads.

        Raises:
            BlockedError: there are peers and none could be read; of no other host of the run can be
                said whether it is one; or hosts that were not looked at could add a warning, and
                the policy lets warnings fail.
        """
        unread, unplaced, unseen = self.unread(key), self.unplaced, self.unseen
        if not unseen and unread:
            raise unread_peers(self.group, unread, *groups)
        if not unseen and unplaced and len(unplaced) == len(self.group.sheets) - 1:
            raise unread_peers(self.group, unplaced, *EXCHANGE)
        why = NOBODY
        if unseen:
            why = nobody_compared(unseen)
        yield from self.concluded([not_applicable(why)], unread, what, policy)

    def concluded(
        self,
        found: Iterable[Finding],
        unread: Collection[str],
        what: str,
        policy: Policy,
        *,
        hidden: Hidden | None = None,
    ) -> Iterator[Finding]:
        """Yield the findings of a comparison, and notes of the hosts that had no part in it.

        Args:
            found: the findings.
            unread: peers of which something could not be read.
            what: that, in the plural, as `processors`.
            policy: of the host.
            hidden: the peers that hide machines which may matter; None: machines are no part of it.

        Raises:
            BlockedError: what is not known decides (`block_if_undecided`); or hosts that were not
                looked at could add a warning, and the policy lets warnings fail.
        """
        said = list(found)
        block_if_undecided(said, self.deciding, hidden, what)
        if unread:
            said.append(
                note(f"Not judged, because their {what} could not be read: {some(unread)}.")
            )
        said += _not_placed(self.unplaced)
        yield from with_what_is_missing(said, self.unseen, policy)


def exchange_of(
    host: FactsView, policy: Policy, group: GroupView, *groups: FactGroup[Any]
) -> Exchange:
    """Return with whom a host exchanges virtual machines.

    Args:
        host: reads EXCHANGE where the inventory and the policy leave it open.
        policy: of the host; its migration_scope may say that it is in-cluster or cross-host.
        group: the hosts of the run.
        groups: the fact groups that are compared. A host of which one was not asked for was not
            looked at.

    Raises:
        BlockedError: its domain or its cluster could not be read, and one of them decides.
    """
    return Exchange(host.name, group, tuple(_parts(host, policy, group, groups)))


def _parts(
    host: FactsView, policy: Policy, group: GroupView, groups: tuple[FactGroup[Any], ...]
) -> Iterator[Peers]:
    circles: ExchangeCircles = group.facts.once(ExchangeCircles)
    said = None if policy.migration_scope == "in-cluster" else group.declared
    own = _cluster_of(host, may_be_unknown=said is not None)

    def peers(circle: Circle, *, declared: bool) -> Peers:
        return Peers(Seen(circle, host.name), declared, groups)

    if said is not None:
        yield peers(circles.declared(said, own, (*groups, *EXCHANGE)), declared=True)
        return
    if own is not None:
        yield peers(circles.nodes(own, (*groups, *EXCHANGE)), declared=True)
    crossing = policy.migration_scope == "cross-host"
    # A workgroup is no domain: what its hosts have in common is a word.
    joined = host[DOMAIN_MEMBERSHIP].joined
    if joined and (crossing or (own is None and policy.migration_scope == "auto")):
        with_nodes = crossing and own is None
        domain = place_of(host.sheet).domain or ""
        grouped = grouped_in(group.exchanges)
        circle = circles.assumed(domain, (*groups, *EXCHANGE), grouped, with_nodes=with_nodes)
        yield peers(circle, declared=False)


def _cluster_of(host: FactsView, *, may_be_unknown: bool) -> ClusterKey | None:
    """Return which cluster a host is a node of, by its name and domain.

    Raises:
        BlockedError: that, or its domain, could not be read, and it decides.
    """
    try:
        host[DOMAIN_MEMBERSHIP]
        if not is_cluster_node(host[SERVICES]):
            return None
        host[CLUSTER]
    except BlockedError:
        if may_be_unknown:
            return None
        raise
    place = place_of(host.sheet)
    if place.cluster is None and not may_be_unknown:
        raise BlockedError(
            "",
            f"{host.name} is a cluster node by its services, and shows no cluster.",
            "Start the cluster service, or compare with what Get-Cluster shows on the host.",
        )
    if place.cluster is None or place.domain is None:
        return None
    return place.cluster, place.domain


def _not_placed(names: Collection[str]) -> Iterator[Finding]:
    if names:
        yield note(f"Not judged, because their domain or cluster could not be read: {some(names)}.")
