"""What the checks need to reach the same verdicts again, with names and addresses replaced."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from livemigration import codec
from livemigration.check import Check
from livemigration.collector.redact import redact
from livemigration.demands import Demands, HostsPolicy
from livemigration.facts import snapshot
from livemigration.policy import Policy
from livemigration.results import PlanEntry, Result, Run, State
from livemigration.runner import evaluate

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Replay:
    """What each result was judged by. `targets` are those of the run's results, in their order."""

    schema: int
    targets: tuple[str, ...]
    demands: Demands


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
    key = hmac.new(b"livemigration bundle", results, hashlib.sha256).digest()
    # Only names and subnets pass through: a word of the suite may be the name of a host.
    hidden = redact(
        {
            "facts": facts,
            "targets": _named(result.entry.target for result in run.results),
            "hosts": [_named(each.hosts) for each in demands.policies],
            "subnets": [
                [str(subnet) for subnet in policy.migration_subnets]
                for policy in (demands.site, *(each.policy for each in demands.policies))
            ],
            "exchanges": [_named((host, *peers)) for host, peers in demands.exchanges],
            "managers": [_named(pair) for pair in demands.managers],
        },
        key,
    )
    subnets = iter(hidden["subnets"])
    return hidden["facts"], Replay(
        schema=SCHEMA_VERSION,
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


def _named(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def _names(named: Iterable[Mapping[str, str]]) -> Iterator[str]:
    return (each["name"] for each in named)


def _with_subnets(policy: Policy, subnets: list[str]) -> Policy:
    return Policy.model_validate({**policy.model_dump(), "migration_subnets": subnets})


def differences(
    run: Run, facts: dict[str, Any], replay: Replay, checks: Mapping[str, Check]
) -> Iterator[str]:
    """Yield a sentence for each result that the facts do not lead to again.

    Args:
        run: the run whose results are replayed.
        facts: the document of the redacted facts.
        replay: what they were judged by.
        checks: the checks, by their identifiers.

    Raises:
        ValueError: the facts are not a facts file, or not those of this run.
    """
    sheets = snapshot.facts_of(facts)
    if len(replay.targets) != len(run.results):
        raise ValueError("replay.json is not of these results")
    for result, target in zip(run.results, replay.targets, strict=True):
        check = checks.get(result.entry.check)
        where = f"{result.entry.check} {result.entry.target}"
        if check is None:
            yield f"{where}: this check is not known here. Verify where the site's checks are."
            continue
        entry: PlanEntry = replace(result.entry, target=target)
        demands = replay.demands
        again = evaluate(
            check, sheets, entry, demands.policy_of(target), exchanges=demands.exchanges_of(target)
        )
        if _verdict(again) != _verdict(result):
            was, now = result.state.value, again.state.value
            yield f"{where}: the results say {was}, the facts lead to {now}."


def _verdict(result: Result) -> tuple[str, bool]:
    """Return what both runs must agree on: a waiver turns red into waived, and nothing else."""
    if result.red or result.state is State.WAIVED:
        return "red", True
    return result.state.value, False


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
