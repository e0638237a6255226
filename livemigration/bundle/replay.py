"""What the checks need to reach the same verdicts again, with names and addresses replaced."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livemigration.base import codec
from livemigration.bundle.stays import machine_names, policies_of, staying
from livemigration.collector.redact import redact
from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.inventory.stamp import Stamp
from livemigration.run.run import Run

SCHEMA_VERSION = 1
# What a facts file says of the run is no fact of a machine: a bundle says it in full.
_STAMPED = ("change", "stamp")


@dataclass(frozen=True)
class Replay:
    """What each result was judged by. `targets` are those of the run's results, in their order."""

    schema: int
    targets: tuple[str, ...]
    demands: Demands
    stamp: Stamp | None = None


def redacted(results: bytes, run: Run, facts: dict[str, Any]) -> tuple[dict[str, Any], Replay]:
    """Return the facts and what they were judged by, with the same replacements in both.

    The key is derived from results.json, so that the same run gives the same bytes. Who has the
    results has the names anyway; who has these facts alone cannot derive it.

    Args:
        results: the bytes of results.json.
        run: what they hold.
        facts: the document of facts.json.
    """
    demands = run.demands or Demands("", Policy())
    stamp = codec.to_json(run.stamp)
    hidden = redact(
        {
            "facts": {name: each for name, each in facts.items() if name not in _STAMPED},
            "targets": _named(result.entry.target for result in run.results),
            **_sites_words(demands, machine_names(facts)),
        },
        key_of(results),
    )
    stamped = {"change": stamp and (stamp["change"] or None), "stamp": stamp}
    return {**hidden["facts"], **stamped}, Replay(
        schema=SCHEMA_VERSION,
        stamp=run.stamp,
        targets=tuple(_names(hidden["targets"])),
        demands=_replaced_demands(hidden, demands),
    )


def _sites_words(demands: Demands, machines: Sequence[str]) -> dict[str, Any]:
    """Return what demands hold of a site, in the form in which it is replaced.

    Only names and subnets pass through: a word of the suite may be the name of a host.
    """
    policies = tuple(policies_of(demands))
    return {
        "hosts": [_named(each.hosts) for each in demands.policies],
        "subnets": [[str(subnet) for subnet in policy.migration_subnets] for policy in policies],
        "stays": [_named(staying(policy, machines)) for policy in policies],
        "exchanges": [_named((host, *peers)) for host, peers in demands.exchanges],
        "managers": [_named(pair) for pair in demands.managers],
        "drain": [_named(each) for each in _drain_names(demands.drain)],
    }


def _replaced_demands(hidden: Mapping[str, Any], demands: Demands) -> Demands:
    """Return demands in which what they hold of a site is replaced."""
    policies = map(_replaced, policies_of(demands), hidden["subnets"], hidden["stays"])
    return Demands(
        digest=demands.digest,
        site=next(policies),
        policies=tuple(
            HostsPolicy(policy, tuple(_names(hosts)))
            for policy, hosts in zip(policies, hidden["hosts"], strict=True)
        ),
        exchanges=tuple((host, tuple(peers)) for host, *peers in map(_names, hidden["exchanges"])),
        managers=tuple((host, vmm) for host, vmm in map(_names, hidden["managers"])),
        drain=_drain(demands.drain, hidden["drain"]),
    )


def key_of(results: bytes) -> bytes:
    """Return the key by which addresses are replaced in a bundle of this results.json."""
    return hmac.new(b"livemigration bundle", results, hashlib.sha256).digest()


def _drain_names(drain: DrainRequest | None) -> tuple[tuple[str, ...], ...]:
    return (drain.hosts, drain.without, drain.to) if drain is not None else ()


def _drain(
    drain: DrainRequest | None, hidden: Iterable[Iterable[Mapping[str, str]]]
) -> DrainRequest | None:
    """Return what is asked of drains with the replaced names."""
    if drain is None:
        return None
    hosts, without, to = (tuple(_names(each)) for each in hidden)
    return DrainRequest(hosts, without, to, drain.window)


def _named(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def _names(named: Iterable[Mapping[str, str]]) -> Iterator[str]:
    return (each["name"] for each in named)


def _replaced(policy: Policy, subnets: list[str], stays: Iterable[Mapping[str, str]]) -> Policy:
    names = tuple(dict.fromkeys(_names(stays)))
    changed = {"migration_subnets": subnets, "stays": names}
    return Policy.model_validate({**policy.model_dump(), **changed})


def to_document(replay: Replay) -> Any:
    """Return replay.json."""
    return codec.to_json(replay)


def from_document(document: Any) -> Replay:
    """Return what a replay.json holds.

    Raises:
        ValueError: it is none that this suite knows.
    """
    replay: Replay = codec.from_json(Replay, document)
    if replay.schema != SCHEMA_VERSION:
        raise ValueError(f"schema: this suite reads schema {SCHEMA_VERSION}")
    return replay
