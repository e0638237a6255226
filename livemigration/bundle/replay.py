"""What the checks need to reach the same verdicts again, with names and addresses replaced."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from livemigration import codec
from livemigration.collector.redact import redact
from livemigration.demands import Demands, HostsPolicy
from livemigration.policy import Policy
from livemigration.results import Run
from livemigration.stamp import Stamp

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
    # Only names and subnets pass through: a word of the suite may be the name of a host.
    hidden = redact(
        {
            "facts": {name: each for name, each in facts.items() if name not in _STAMPED},
            "targets": _named(result.entry.target for result in run.results),
            "hosts": [_named(each.hosts) for each in demands.policies],
            "subnets": [
                [str(subnet) for subnet in policy.migration_subnets]
                for policy in (demands.site, *(each.policy for each in demands.policies))
            ],
            "exchanges": [_named((host, *peers)) for host, peers in demands.exchanges],
            "managers": [_named(pair) for pair in demands.managers],
        },
        key_of(results),
    )
    stamped = {"change": stamp and (stamp["change"] or None), "stamp": stamp}
    subnets = iter(hidden["subnets"])
    return {**hidden["facts"], **stamped}, Replay(
        schema=SCHEMA_VERSION,
        stamp=run.stamp,
        targets=tuple(_names(hidden["targets"])),
        demands=Demands(
            digest=demands.digest,
            site=_with_subnets(demands.site, next(subnets)),
            policies=tuple(
                HostsPolicy(_with_subnets(each.policy, next(subnets)), tuple(_names(hosts)))
                for each, hosts in zip(demands.policies, hidden["hosts"], strict=True)
            ),
            exchanges=tuple(
                (host, tuple(peers)) for host, *peers in map(_names, hidden["exchanges"])
            ),
            managers=tuple((host, vmm) for host, vmm in map(_names, hidden["managers"])),
        ),
    )


def key_of(results: bytes) -> bytes:
    """Return the key by which addresses are replaced in a bundle of this results.json."""
    return hmac.new(b"livemigration bundle", results, hashlib.sha256).digest()


def _named(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def _names(named: Iterable[Mapping[str, str]]) -> Iterator[str]:
    return (each["name"] for each in named)


def _with_subnets(policy: Policy, subnets: list[str]) -> Policy:
    return Policy.model_validate({**policy.model_dump(), "migration_subnets": subnets})


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
