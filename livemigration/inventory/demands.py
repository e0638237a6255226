"""What each target of a run was judged by, so that the same verdicts can be reached again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges, Outside
from livemigration.inventory.policy import Policy


@dataclass(frozen=True)
class HostsPolicy:
    """One policy, and the hosts that it applies to."""

    policy: Policy
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Demands:
    """The policies of a run, with whom its hosts exchange VMs, and which VMM server manages each.

    `digest` is the version of the policy: the SHA-256 of the demands of the inventory. `site`
    applies to what is no host. A host is among those with which `exchanges` says that it exchanges
    VMs, or not; one that is not in it exchanges VMs with those of its domain that are not either.
    `drain` is what is asked of drains; None: nothing.
    """

    digest: str
    site: Policy
    policies: tuple[HostsPolicy, ...] = ()
    exchanges: tuple[tuple[str, tuple[str, ...]], ...] = ()
    managers: tuple[tuple[str, str], ...] = ()
    drain: DrainRequest | None = None

    def policy_of(self, target: str) -> Policy:
        """Return the policy of a host; the site's for every other target."""
        return self._policies.get(target, self.site)

    def exchanges_of(self, host: str) -> Exchanges:
        """Return what is said of with whom a host exchanges VMs; None: nothing of any host."""
        return self._exchanges.get(host, self._outside)

    @cached_property
    def _policies(self) -> Mapping[str, Policy]:
        found: dict[str, Policy] = {}
        for each in self.policies:
            for host in each.hosts:
                found.setdefault(host, each.policy)
        return found

    @cached_property
    def _outside(self) -> Outside | None:
        # Hosts that exchange VMs among each other have one set.
        several = {id(each): each for each in self._exchanges.values()}.values()
        grouped = frozenset(self._exchanges).union(*several)
        return Outside(grouped) if grouped else None

    @cached_property
    def _exchanges(self) -> Mapping[str, frozenset[str]]:
        # Hosts that exchange VMs among each other have one set, which is compared once.
        same: dict[frozenset[str], frozenset[str]] = {}
        by_hosts: dict[int, frozenset[str]] = {}
        found = {}
        for host, peers in self.exchanges:
            if id(peers) not in by_hosts:
                group = frozenset(peers)
                by_hosts[id(peers)] = same.setdefault(group, group)
            found[host] = by_hosts[id(peers)]
        return found


def demands_of(
    hosts: Sequence[str],
    *,
    digest: str,
    site: Policy,
    policies: Mapping[str, Policy],
    peers: Mapping[str, frozenset[str]],
    managers: Mapping[str, str],
) -> Demands:
    """Return the demands on these hosts, each policy once."""
    grouped: list[tuple[Policy, list[str]]] = []
    # Hosts that exchange VMs among each other have one set, and so one tuple.
    sets = {id(each): each for each in peers.values()}
    in_order = {key: tuple(sorted(each)) for key, each in sets.items()}
    for host in hosts:
        policy = policies[host]
        known = next((names for each, names in grouped if each == policy), None)
        if known is None:
            grouped.append((policy, [host]))
        else:
            known.append(host)
    return Demands(
        digest=digest,
        site=site,
        policies=tuple(HostsPolicy(policy, tuple(names)) for policy, names in grouped),
        exchanges=tuple((each, in_order[id(peers[each])]) for each in hosts if each in peers),
        managers=tuple((each, managers[each]) for each in hosts if each in managers),
    )
