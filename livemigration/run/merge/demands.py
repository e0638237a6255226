"""The demands of several runs together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from livemigration.base.text import listed
from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy

# What is said of a host, of which the greatest counts where runs differ.
T = TypeVar("T", str, tuple[str, ...])


def joined_demands(runs: Sequence[Demands | None]) -> Demands | None:
    """Return what the hosts of all runs were judged by; None where one of them does not say."""
    known = [each for each in runs if each is not None]
    if len(known) < len(runs):
        return None
    of_host: dict[str, Policy] = {}
    for demands in known:
        for group in demands.policies:
            for host in group.hosts:
                of_host[host] = max(of_host.get(host, group.policy), group.policy, key=_text)
    hosts: dict[str, list[str]] = {}
    policies: dict[str, Policy] = {}
    for host in sorted(of_host):
        text = _text(of_host[host])
        policies[text] = of_host[host]
        hosts.setdefault(text, []).append(host)
    return Demands(
        digest=listed(sorted({part for each in known for part in _digests(each)})),
        site=max((each.site for each in known), key=_text),
        policies=tuple(HostsPolicy(policies[text], tuple(hosts[text])) for text in sorted(hosts)),
        exchanges=_greatest(pair for each in known for pair in each.exchanges),
        managers=_greatest(pair for each in known for pair in each.managers),
        drain=_joined_drains([each.drain for each in known if each.drain is not None]),
    )


def _joined_drains(asked: Sequence[DrainRequest]) -> DrainRequest | None:
    """Return what all runs were asked of drains: the shortest window, where they differ."""
    if not asked:
        return None
    windows = [each.window for each in asked if each.window is not None]
    return DrainRequest(
        hosts=_all(each.hosts for each in asked),
        without=_all(each.without for each in asked),
        to=_all(each.to for each in asked),
        window=min(windows, default=None),
    )


def _all(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for each in names for name in each}))


def _digests(demands: Demands) -> list[str]:
    return demands.digest.replace(" and ", ", ").split(", ")


def _text(policy: Policy) -> str:
    return policy.model_dump_json()


def _greatest(pairs: Iterable[tuple[str, T]]) -> tuple[tuple[str, T], ...]:
    found: dict[str, T] = {}
    for name, value in pairs:
        found[name] = max(found.get(name, value), value)
    return tuple(sorted(found.items()))
