"""What each target of a run was judged by, so that the same verdicts can be reached again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livemigration.policy import Policy


@dataclass(frozen=True)
class HostsPolicy:
    """One policy, and the hosts that it applies to."""

    policy: Policy
    hosts: tuple[str, ...]


@dataclass(frozen=True)
class Demands:
    """The policies of a run, with whom its hosts exchange VMs, and which VMM server manages each.

    `digest` is the version of the policy: the SHA-256 of the demands of the inventory. `site`
    applies to what is no host. A host that is not in `exchanges` exchanges VMs with every host.
    """

    digest: str
    site: Policy
    policies: tuple[HostsPolicy, ...] = ()
    exchanges: tuple[tuple[str, tuple[str, ...]], ...] = ()
    managers: tuple[tuple[str, str], ...] = ()

    def policy_of(self, target: str) -> Policy:
        """Return the policy of a host; the site's for every other target."""
        return next((each.policy for each in self.policies if target in each.hosts), self.site)

    def exchanges_of(self, host: str) -> frozenset[str] | None:
        """Return the hosts with which a host exchanges VMs; None: with every host."""
        found = dict(self.exchanges).get(host)
        return None if found is None else frozenset(found)


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
        exchanges=tuple((each, tuple(sorted(peers[each]))) for each in hosts if each in peers),
        managers=tuple((each, managers[each]) for each in hosts if each in managers),
    )
