"""Runs joined into one: in any order, any grouping and however often, with the same outcome.

Everything follows from sets: the runs' parts, and for each key the worst of what stands there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.text import listed
from livemigration.inventory.stamp import stamp_of
from livemigration.run.evidence.model import Evidence, Gathering, NetworkEvidence
from livemigration.run.exit_code import ExitCode, exit_code_of, worst
from livemigration.run.merge.demands import joined_demands
from livemigration.run.merge.model import Besides, Conflict, Part, missing_shards
from livemigration.run.paths import joined_paths
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Result, State
from livemigration.run.run import SCHEMA_VERSION, HostSummary, Run, what_was_not_examined
from livemigration.run.sessions import (
    joined_retries,
    joined_sessions,
    joined_slowed,
    joined_stores,
    joined_traffic,
    joined_unfiltered,
)
from livemigration.run.waivers.apply import uses_of

T = TypeVar("T")
K = TypeVar("K", str, tuple[str, str])

# The worst first: what counts where runs disagree.
_ORDER = (
    State.INTERNAL_ERROR,
    State.FAIL,
    State.BLOCKED,
    State.NOT_RUN,
    State.WAIVED,
    State.WARNING,
    State.PASS,
    State.NOT_APPLICABLE,
)


def join(runs: Sequence[Run]) -> Run:
    """Return one run that holds what all of these hold.

    What changed since an earlier run is left out: each run may have been held against another.

    Raises:
        UsageError: there is none, or simulated runs stand beside real ones.
    """
    if not runs:
        raise UsageError("name at least one results.json.")
    if len({run.simulated for run in runs}) > 1:
        raise UsageError(
            "simulated runs stand beside real ones, which they must not. Join them apart."
        )
    parts = _sorted({part for run in runs for part in _parts(run)})
    results = _results(runs)
    began = min(part.started for part in parts)
    waivers = _sorted({use.waiver for run in runs for use in run.waivers})
    demands = joined_demands([run.demands for run in runs])
    change = parts[0].change if len({part.change for part in parts}) == 1 else None
    until = _earliest(part.valid_until for part in parts)
    hosts = _hosts(runs)
    plan = _best((run.plan, lambda entry: (entry.check, entry.target)) for run in runs)
    selection = _selection(parts, runs, hosts, plan)
    gate = parts[0].gate if len({part.gate for part in parts}) == 1 else ""
    managed = _best((run.managed, lambda each: each.server) for run in runs)
    return Run(
        schema=SCHEMA_VERSION,
        suite_version=_one(part.suite_version for part in parts),
        inventory=_one(part.inventory for part in parts),
        inventory_digest=_one(part.inventory_digest for part in parts),
        started=began,
        finished=max(part.finished for part in parts),
        simulated=runs[0].simulated,
        vmm=_one(part.vmm for part in parts),
        vmm_release=_one(part.vmm_release for part in parts),
        selection=selection,
        hosts=hosts,
        plan=plan,
        results=results,
        exit_code=joined_code(parts, results, selection.unselected_hosts),
        facts_from=_replayed(parts),
        interrupted=any(run.interrupted for run in runs),
        stopped_early=_one(part.stopped_early for part in parts),
        problems=tuple(sorted({each for run in runs for each in run.problems})),
        zone=max((run.zone for run in runs if run.zone), key=_text, default=None),
        gathered=_gathered(runs),
        evidence=_evidence(runs),
        network=NetworkEvidence(
            _best(
                ((run.network or NetworkEvidence()).hosts, lambda host: host.name) for run in runs
            )
        ),
        change=change,
        valid_until=until,
        demands=demands,
        resumed=min((run.resumed for run in runs if run.resumed), default=None),
        waivers=uses_of(waivers, results, began),
        gate=gate,
        parts=parts,
        conflicts=_conflicts(runs),
        lab=_one(part.lab for part in parts),
        besides=_besides(parts),
        stamp=stamp_of(
            simulated=runs[0].simulated,
            change=change,
            policy_digest=demands.digest if demands is not None else "",
            valid_until=until,
        ),
        managed=managed,
        not_examined=what_was_not_examined(selection, hosts, plan, results, gate, managed),
        sessions=joined_sessions(run.sessions for run in runs),
        retries=joined_retries(run.retries for run in runs),
        traffic=joined_traffic(run.traffic for run in runs),
        unfiltered=joined_unfiltered(run.unfiltered for run in runs),
        slowed=joined_slowed(run.slowed for run in runs),
        stores=joined_stores(run.stores for run in runs),
        paths=joined_paths(run.paths for run in runs),
    )


def joined_code(
    parts: Sequence[Part], results: Iterable[Result], unselected: Iterable[str]
) -> ExitCode:
    """Return the exit code of a joined run: a part's own holds where results do not explain it.

    Without a shard there is no verdict on its hosts. `unselected`: hosts that no run looked at.
    """
    held = {ExitCode(part.holds) for part in parts if part.holds}
    if missing_shards(parts, unselected):
        held.add(ExitCode.NO_VERDICT)
    return worst({*held, exit_code_of(results)})


def _besides(parts: Sequence[Part]) -> Besides:
    return Besides(
        own_tests_failed=sum(part.besides.own_tests_failed for part in parts),
        artefact_missing=any(part.besides.artefact_missing for part in parts),
    )


def _parts(run: Run) -> tuple[Part, ...]:
    if run.parts:
        return run.parts
    return (
        Part(
            inventory=run.inventory,
            inventory_digest=run.inventory_digest,
            inventory_hosts=run.selection.inventory_hosts,
            deselected_checks=run.selection.deselected_checks,
            limit=run.selection.limit,
            lacking=run.selection.lacking,
            gate=run.gate,
            facts_from=run.facts_from or "",
            suite_version=run.suite_version,
            policy_digest=run.demands.digest if run.demands is not None else "",
            started=run.started,
            finished=run.finished,
            vmm=run.vmm,
            vmm_release=run.vmm_release,
            exit_code=int(run.exit_code),
            stopped_early=run.stopped_early,
            change=run.change,
            lab=run.lab,
            shard=run.selection.shard,
            valid_until=run.valid_until,
            besides=run.besides,
            holds=int(run.exit_code) if run.exit_code is not exit_code_of(run.results) else 0,
        ),
    )


def _text(value: object) -> str:
    return json.dumps(codec.to_json(value))


def _sorted(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(sorted(values, key=_text))


def _one(texts: Iterable[str]) -> str:
    found = sorted({each for each in texts if each})
    return listed(found) if found else ""


def _replayed(parts: Sequence[Part]) -> str | None:
    """Return the facts files, where no run asked a machine; else the parts tell them apart."""
    names = [part.facts_from for part in parts]
    return _one(names) if all(names) else None


def _best(groups: Iterable[tuple[Iterable[T], Callable[[T], K]]]) -> tuple[T, ...]:
    """Return for each key one of what stands there: the greatest, in the order of their texts."""
    found: dict[K, T] = {}
    for values, key_of in groups:
        for each in values:
            key = key_of(each)
            known = found.get(key)
            if known is None or _text(each) > _text(known):
                found[key] = each
    return tuple(found[key] for key in sorted(found))


def _key(result: Result) -> tuple[str, str]:
    return result.entry.check, result.entry.target


def _results(runs: Sequence[Run]) -> tuple[Result, ...]:
    """Return the worst result of each check and target."""
    found: dict[tuple[str, str], Result] = {}
    for run in runs:
        for result in run.results:
            known = found.get(_key(result))
            if known is None or _badness(result) < _badness(known):
                found[_key(result)] = result
    return tuple(found[key] for key in sorted(found))


def _badness(result: Result) -> tuple[bool, int, str]:
    return not result.red, _ORDER.index(result.state), _text(result)


def _conflicts(runs: Sequence[Run]) -> tuple[Conflict, ...]:
    states: dict[tuple[str, str], set[str]] = {}
    said: dict[tuple[str, str], set[str]] = {}
    known = {(each.check, each.target) for run in runs for each in run.conflicts}
    for run in runs:
        for result in run.results:
            states.setdefault(_key(result), set()).add(result.state.value)
            said.setdefault(_key(result), set()).add(_said(result))
        for each in run.conflicts:
            states.setdefault((each.check, each.target), set()).update(each.states)
    return tuple(
        Conflict(check, target, tuple(sorted(found)))
        for (check, target), found in sorted(states.items())
        if (check, target) in known or len(said[check, target]) > 1
    )


def _said(result: Result) -> str:
    """Return what a result says; how long it took is no matter of dispute."""
    blocked = result.blocked_by
    return _text(
        (
            result.state.value,
            result.red,
            [(each.level.value, each.observed) for each in result.findings],
            (blocked.check, blocked.reason) if blocked is not None else result.reason,
        )
    )


def _hosts(runs: Sequence[Run]) -> tuple[HostSummary, ...]:
    return _best((run.hosts, lambda host: host.name) for run in runs)


def _selection(
    parts: Sequence[Part],
    runs: Sequence[Run],
    hosts: Sequence[HostSummary],
    plan: Sequence[PlanEntry],
) -> RunSelection:
    """Return what the runs looked at together: what one left out, another may have taken in."""
    selections = [run.selection for run in runs]
    looked_at = {host.name for host in hosts}
    made = {entry.check for entry in plan}
    unselected = {name for each in selections for name in each.unselected_hosts} - looked_at
    sizes: dict[str, int] = {}
    for part in parts:
        known = sizes.get(part.inventory_digest, part.inventory_hosts)
        sizes[part.inventory_digest] = max(known, part.inventory_hosts)
    return RunSelection(
        inventory_hosts=max(len(hosts), sum(sizes.values())),
        selected_hosts=len(hosts),
        deselected_checks=sum(part.deselected_checks for part in parts),
        limit=_one(part.limit for part in parts),
        lacking=tuple(sorted({each for part in parts for each in part.lacking})),
        unselected_hosts=tuple(sorted(unselected)),
        unselected_checks=tuple(
            sorted({name for each in selections for name in each.unselected_checks} - made)
        ),
        opt_ins=_sorted(
            {opt_in for each in selections for opt_in in each.opt_ins if opt_in.check not in made}
        ),
        directory=all(each.directory for each in selections),
    )


def _gathered(runs: Sequence[Run]) -> Gathering | None:
    known = [run.gathered for run in runs]
    if any(each is None for each in known):
        return None
    whole = [each for each in known if each is not None]
    ends = [each.ended for each in whole]
    ended = None if None in ends else max(each for each in ends if each is not None)
    # Parts that went through one cluster met the same workers.
    workers: dict[str, int] = {}
    for each in whole:
        if each.executor:
            workers[each.executor] = max(each.workers, workers.get(each.executor, 0))
    executors = listed(sorted(workers)) if workers else ""
    return Gathering(min(each.began for each in whole), ended, executors, sum(workers.values()))


def _evidence(runs: Sequence[Run]) -> Evidence:
    known = [run.evidence or Evidence() for run in runs]
    return Evidence(
        _best((each.sources, _text) for each in known),
        _best((each.checks, lambda check: check.check) for each in known),
        _best((each.targets, lambda target: (target.kind.value, target.target)) for each in known),
    )


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    known = list(moments)
    return None if None in known else min(each for each in known if each is not None)
