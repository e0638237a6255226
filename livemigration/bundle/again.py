"""A run worked out again from what a bundle holds: the facts, and what they were judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from livemigration.base import codec
from livemigration.bundle.bounds import level
from livemigration.bundle.likeness import Likeness, Path
from livemigration.bundle.replay import Replay
from livemigration.bundle.stays import with_patterns
from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.drain import DrainRequest
from livemigration.run.drains import drains_of
from livemigration.run.evidence.model import Gathering
from livemigration.run.journal import ending_of
from livemigration.run.not_examined import OF_DRAINS
from livemigration.run.plan import PlanEntry
from livemigration.run.record import Observed, begun_as, concluded, with_evidence
from livemigration.run.result import Result
from livemigration.run.run import HostSummary, Run, what_was_not_examined
from livemigration.run.runner import evaluate
from livemigration.run.waivers.apply import waive_each
from livemigration.verdict.check import Check

# How long judging took follows from nothing, and changes nothing.
_UNJUDGED = "seconds"


@dataclass(frozen=True)
class Pairs:
    """Each machine of a run, and what it is called in the replaced facts."""

    of: Mapping[str, str]

    @classmethod
    def between(cls, run: Run, replay: Replay) -> Pairs:
        """Return the pairs of a run and of its replay.

        Raises:
            ValueError: they are not of each other.
        """
        if len(replay.targets) != len(run.results):
            raise ValueError("replay.json is not of these results")
        found: dict[str, str] = {}
        try:
            for said, hidden in _named_in_both(run, replay):
                if found.setdefault(said, hidden) != hidden:
                    raise ValueError("replay.json has two names for one machine")
        except IndexError:
            raise ValueError("replay.json is not of these results") from None
        if len(set(found.values())) < len(found):
            raise ValueError("replay.json has one name for two machines")
        return cls(found)

    def parts(self) -> dict[str, str]:
        """Return what takes the place of each part of a name, by that part in lower case."""
        return {
            part.casefold(): hidden
            for said, replaced in self.of.items()
            for part, hidden in zip(said.split("."), replaced.split("."), strict=False)
            if part
        }


def _named_in_both(run: Run, replay: Replay) -> Iterator[tuple[str, str]]:
    yield from zip((each.entry.target for each in run.results), replay.targets, strict=True)
    said, hidden = run.demands, replay.demands
    if said is None:
        return
    for own, other in zip(said.policies, hidden.policies, strict=True):
        yield from zip(own.hosts, other.hosts, strict=True)
    for (host, peers), (other_host, others) in zip(said.exchanges, hidden.exchanges, strict=True):
        yield host, other_host
        yield from zip(_as_many(host, peers, others), others, strict=True)
    for pair, others in zip(said.managers, hidden.managers, strict=True):
        yield from zip(pair, others, strict=True)
    yield from _drained_in_both(said.drain, hidden.drain)


def _drained_in_both(
    said: DrainRequest | None, hidden: DrainRequest | None
) -> Iterator[tuple[str, str]]:
    if (said is None) is not (hidden is None):
        raise ValueError("replay.json is not of these results")
    if said is not None and hidden is not None:
        for own, others in (
            (said.hosts, hidden.hosts),
            (said.without, hidden.without),
            (said.to, hidden.to),
        ):
            yield from zip(own, others, strict=True)


def _as_many(host: str, peers: Sequence[str], others: Sequence[str]) -> Sequence[str]:
    """Return the hosts of a group without the host itself, where its replay is without it."""
    if len(peers) == len(others) + 1:
        return [each for each in peers if each != host]
    return peers


def judged(
    run: Run, facts: RunFacts, replay: Replay, checks: Mapping[str, Check]
) -> Iterator[tuple[Result, Result | None]]:
    """Yield each result, and what the facts lead to: None where the check is not known here."""
    for result, target in zip(run.results, replay.targets, strict=True):
        check = checks.get(result.entry.check)
        if check is None:
            yield result, None
            continue
        entry: PlanEntry = replace(result.entry, target=target)
        demands = replay.demands
        policy = demands.policy_of(target)
        yield (
            result,
            evaluate(
                check,
                facts,
                entry,
                policy,
                exchanges=demands.exchanges_of(target),
                drain=demands.drain,
            ),
        )


def run_again(
    run: Run,
    facts: RunFacts,
    replay: Replay,
    found: Sequence[Result],
    checks: Mapping[str, Check],
    pairs: Pairs,
) -> Run:
    """Return the run that facts and demands lead to, with the replaced names.

    Args:
        run: of which all is taken that does not follow: the plan, the waivers, how it ended.
        facts: with the replaced names.
        replay: what they were judged by.
        found: what the checks come to on these facts, with the replaced targets.
        checks: the checks, by their identifiers.
        pairs: what each machine is called in the facts.
    """
    # What a run was before it began is taken as it says, but for the names in it.
    beginning = begun_as(
        run,
        checks.values(),
        servers=tuple(facts.vmms),
        hosts=tuple(
            HostSummary(pairs.of.get(host.name, host.name), host.groups) for host in run.hosts
        ),
        demands=replay.demands,
    )
    named = [replace(each, entry=said.entry) for said, each in zip(run.results, found, strict=True)]
    policies = [replay.demands.policy_of(each.entry.target) for each in found]
    signed = waive_each(named, beginning.waivers, run.started, policies)
    states = [replace(each, entry=other.entry) for each, other in zip(signed, found, strict=True)]
    observed = with_evidence(beginning, Observed(facts, _gathering(run, facts)), states)
    # Waivers name hosts as the results do; what was not examined names those of the facts.
    whole = concluded(beginning, observed, signed, ending_of(run))
    left = what_was_not_examined(
        run.selection, beginning.hosts, run.plan, states, run.gate, whole.managed
    )
    return replace(
        whole,
        not_examined=left,
        drains=drains_of(facts, replay.demands, states),
        demands=with_patterns(run.demands, replay.demands),
        schema=run.schema,
        drift=run.drift,
        trend=run.trend,
    )


def _gathering(run: Run, facts: RunFacts) -> Gathering | None:
    """Return how the facts were gathered; None where neither the run nor they say it."""
    # Facts without a time are saved with that of the run.
    if run.gathered is None and facts.gathered == run.started:
        return None
    began = facts.gathered or run.started
    return Gathering(began) if run.gathered is None else replace(run.gathered, began=began)


def unlike(run: Run, again: Run, likeness: Likeness) -> Iterator[str]:
    """Yield a sentence for each part of a run that the facts do not lead to."""
    said, other = codec.to_json(run), codec.to_json(again)
    for result, one, two in zip(
        run.results, said.pop("results"), other.pop("results"), strict=True
    ):
        yield from _of_result(result, one, two, likeness)
    level(said, other)
    for key in sorted(said):
        path = next(likeness.differing(said[key], other[key], (key,)), None)
        if path is not None:
            yield f"results.json: {_place(path)} is not what the facts lead to."


def _of_result(
    result: Result, said: dict[str, Any], again: dict[str, Any], likeness: Likeness
) -> Iterator[str]:
    if said["state"] != again["state"] or said["red"] != again["red"]:
        # Told as the verdict that it is.
        return
    said[_UNJUDGED] = again[_UNJUDGED]
    path = next(likeness.differing(said, again), None)
    if path is not None:
        where = f"{result.entry.check} {result.entry.target}"
        yield f"{where}: its {_place(path)} is not what the facts lead to."


def dropped(run: Run, facts: RunFacts, pairs: Pairs, suite: Mapping[str, Subject]) -> Iterator[str]:
    """Yield a sentence for each machine and each check of one that results and plan lack.

    Args:
        run: the run.
        facts: with the replaced names.
        pairs: what each machine is called in the facts.
        suite: the checks that every run makes, with what each is about.
    """
    hosts = [host.name for host in run.hosts]
    known = {pairs.of.get(name, name) for name in hosts}
    # A file of facts that is judged again holds what the selection leaves out as well, and those of
    # a drain hold the hosts to which machines could go.
    more = run.facts_from is not None or any(e.check.startswith(OF_DRAINS) for e in run.plan)
    known_out = len(run.selection.unselected_hosts) if more else 0
    if (missing := len(facts.hosts.keys() - known)) > known_out:
        yield f"facts.json has hosts that the results lack: {missing}."
    if missing := len(known - facts.hosts.keys()):
        yield f"facts.json lacks hosts that the results have: {missing}."
    servers = list(dict.fromkeys(vmm for _, vmm in run.demands.managers)) if run.demands else []
    planned = {(each.check, each.target) for each in run.plan}
    left_out = {each.check: each for each in run.selection.left_out}
    kinds = {**suite, **{each.check: each.target_kind for each in run.plan}}
    for check, kind in sorted(kinds.items()):
        if check in run.selection.lacking:
            continue
        machines = hosts if kind is Subject.HOST else servers
        absent = tuple(name for name in machines if (check, name) not in planned)
        told = left_out.pop(check, None)
        names = (told.targets or tuple(machines)) if told is not None else ()
        if set(names) != set(absent) or (told is not None and told.number != len(absent)):
            yield f"{check} is neither planned nor left out for {_some(absent, names)}."


def _some(absent: Iterable[str], told: Iterable[str]) -> str:
    names = sorted(set(absent).symmetric_difference(told)) or ["as many as it says"]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _place(path: Path) -> str:
    return ".".join(str(each) for each in path)
