"""Shards of one run, joined and judged anew: what a run that was never cut would have come to.

What is said of a host may depend on others. A shard has not seen those of the other shards, so that
its results are not joined: its facts are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livemigration.base.errors import UsageError
from livemigration.base.text import listed
from livemigration.facts.model import FactSheet, Gathered, Outcome, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.shard import shard_of
from livemigration.run.merge.join import join, joined_code
from livemigration.run.paths import paths_of
from livemigration.run.record import Observed, begun_as, of_the_run, with_evidence
from livemigration.run.result import Result
from livemigration.run.run import Run
from livemigration.run.runner import evaluate
from livemigration.run.waivers.apply import uses_of, waive_each
from livemigration.verdict.check import Check


@dataclass(frozen=True)
class ShardRun:
    """One shard's run, with its facts; `label` names it for sentences."""

    label: str
    run: Run
    facts: RunFacts


def are_shards(runs: Mapping[str, Run]) -> bool:
    """Whether runs, by their labels, are shards of one run.

    Raises:
        UsageError: only some are, or they are not of one division of one inventory.
    """
    joined = [label for label, run in runs.items() if any(part.shard for part in run.parts)]
    if joined:
        raise UsageError(
            f"{joined[0]} was joined from shards already. Name the shards' own runs instead."
        )
    shards = {label: run.selection.shard for label, run in runs.items() if run.selection.shard}
    if not shards:
        return False
    if whole := [label for label in runs if label not in shards]:
        label, shard = next(iter(shards.items()))
        raise UsageError(
            f"{label} is shard {shard}, and {whole[0]} is none. Merge the shards by themselves."
        )
    if len({shard_of(each).of for each in shards.values()}) > 1:
        raise UsageError(
            f"these are shards of several divisions: {listed(sorted(set(shards.values())))}. "
            "Merge those of one."
        )
    if len({run.inventory_digest for run in runs.values()}) > 1:
        raise UsageError(
            f"these are shards of several inventories, or of one that changed between them: "
            f"{listed(sorted({run.inventory for run in runs.values()}))}. Run all of them again."
        )
    twice = [each for each, number in Counter(shards.values()).items() if number > 1]
    if twice:
        both = [label for label, shard in shards.items() if shard == twice[0]]
        raise UsageError(f"{listed(both)} are both shard {twice[0]}. Name the newer one alone.")
    return True


def judged_as_one(shards: Sequence[ShardRun], checks: Mapping[str, Check]) -> Run:
    """Return the run that shards make, judged anew on the facts of all of them.

    Args:
        shards: of one division of one inventory, each once (`are_shards`).
        checks: the checks, by their identifiers.

    Raises:
        UsageError: a shard's facts are not its own, or a check of a shard is not known here.
    """
    for shard in shards:
        _refuse_others_facts(shard)
    whole = join([shard.run for shard in shards])
    if unknown := sorted({each.check for each in whole.plan} - checks.keys()):
        raise UsageError(
            f"{listed(unknown)}: no such check here. Run merge where the checks of the shards are."
        )
    facts = _joined(shards)
    results = tuple(_judged(whole, facts, checks))
    beginning = begun_as(
        whole,
        checks.values(),
        servers=tuple(facts.vmms),
        listed=facts.listed,
        listed_vmms=facts.listed_vmms,
    )
    observed = with_evidence(beginning, Observed(facts, whole.gathered), results)
    return replace(
        whole,
        results=results,
        evidence=observed.evidence,
        network=observed.network,
        paths=paths_of(of_the_run(beginning, facts)),
        waivers=uses_of(tuple(each.waiver for each in whole.waivers), results, whole.started),
        conflicts=(),
        exit_code=joined_code(whole.parts, results, whole.selection.unselected_hosts),
    )


def _refuse_others_facts(shard: ShardRun) -> None:
    run, facts = shard.run, shard.facts
    names = {host.name for host in run.hosts}
    if facts.inventory_digest != run.inventory_digest or not names <= facts.hosts.keys():
        raise UsageError(
            f"{shard.label}: the facts beside these results are not theirs. Name the folder that "
            "the run wrote, as it is."
        )


def _joined(shards: Sequence[ShardRun]) -> RunFacts:
    """Return the facts of all shards, the hosts as the inventory lists them."""
    first = shards[0].facts
    hosts = {
        host.name: shard.facts.hosts[host.name] for shard in shards for host in shard.run.hosts
    }
    order = {each.name: place for place, each in enumerate(first.listed)}
    managers = {host: manager for shard in shards for host, manager in shard.facts.managers.items()}
    gathered = [each.facts.gathered for each in shards if each.facts.gathered is not None]
    return replace(
        first,
        hosts={name: hosts[name] for name in sorted(hosts, key=lambda name: order.get(name, 0))},
        vmms=_servers(shards),
        managers={name: managers[name] for name in hosts if name in managers},
        gathered=min(gathered, default=None),
    )


def _servers(shards: Sequence[ShardRun]) -> dict[str, FactSheet]:
    """Return what the VMM servers said: to any shard, where one of them got no answer."""
    known: dict[str, dict[str, Outcome[Any]]] = {}
    for shard in shards:
        for name, sheet in shard.facts.vmms.items():
            outcomes = known.setdefault(name, {})
            for group, outcome in sheet.outcomes.items():
                if not isinstance(outcomes.get(group), Gathered):
                    outcomes[group] = outcome
    names = [each.name for each in shards[0].facts.listed_vmms]
    order = sorted(known, key=lambda name: names.index(name) if name in names else len(names))
    return {name: FactSheet(Subject.VMM, name, known[name]) for name in order}


def _judged(run: Run, facts: RunFacts, checks: Mapping[str, Check]) -> Sequence[Result]:
    demands = run.demands
    if demands is None:
        raise UsageError("a shard does not say what its hosts were judged by. Run it again.")
    done = {(each.entry.check, each.entry.target) for each in run.results}
    entries = [each for each in run.plan if (each.check, each.target) in done]
    policies = [demands.policy_of(each.target) for each in entries]
    found = [
        evaluate(
            checks[entry.check],
            facts,
            entry,
            policy,
            exchanges=demands.exchanges_of(entry.target),
        )
        for entry, policy in zip(entries, policies, strict=True)
    ]
    return waive_each(found, tuple(each.waiver for each in run.waivers), run.started, policies)
