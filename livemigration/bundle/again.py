"""A run worked out again from what a bundle holds: the facts, and what they were judged by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from livemigration import codec
from livemigration.bundle.likeness import Likeness, Path
from livemigration.bundle.replay import Replay
from livemigration.check import Check
from livemigration.evidence.facts import MAX_LINE
from livemigration.evidence.model import Gathering
from livemigration.facts.model import Subject
from livemigration.facts.sheets import RunFacts
from livemigration.journal import ending_of
from livemigration.record import Asked, Beginning, concluded, shown
from livemigration.results import HostSummary, PlanEntry, Result, Run
from livemigration.runner import evaluate
from livemigration.waivers.apply import waive
from livemigration.waivers.roots import signed_roots

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
        yield from zip(peers, others, strict=True)
    for pair, others in zip(said.managers, hidden.managers, strict=True):
        yield from zip(pair, others, strict=True)


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
            evaluate(check, facts, entry, policy, exchanges=demands.exchanges_of(target)),
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
    gathering = None
    # Facts without a time are saved with that of the run.
    if run.gathered is not None or facts.gathered != run.started:
        began = facts.gathered if facts.gathered is not None else run.started
        gathering = Gathering(began, run.gathered.ended if run.gathered is not None else None)
    waivers = tuple(each.waiver for each in run.waivers)
    # What a run was before it began is taken as it says, but for the names in it.
    taken = {
        each.name: getattr(run, each.name) for each in fields(Beginning) if hasattr(run, each.name)
    }
    taken |= {
        "servers": tuple(facts.vmms),
        "hosts": tuple(
            HostSummary(pairs.of.get(host.name, host.name), host.groups) for host in run.hosts
        ),
        "reads": {
            each.identifier: tuple(group.name for group in each.groups) for each in checks.values()
        },
        "demands": replay.demands,
        "waivers": waivers,
    }
    beginning = Beginning(**taken)
    named = [replace(each, entry=said.entry) for said, each in zip(run.results, found, strict=True)]
    roots = signed_roots(named, waivers, run.started)
    signed = [
        waive(
            each,
            waivers,
            run.started,
            roots.get(each.entry.target, ()),
            warnings_count=replay.demands.policy_of(other.entry.target).fail_on == "warning",
        )
        for each, other in zip(named, found, strict=True)
    ]
    states = [replace(each, entry=other.entry) for each, other in zip(signed, found, strict=True)]
    asked = shown(beginning, Asked(facts, gathering), states)
    whole = concluded(beginning, asked, signed, ending_of(run))
    return replace(whole, exit_code=run.exit_code, drift=run.drift)


def unlike(run: Run, again: Run, likeness: Likeness) -> Iterator[str]:
    """Yield a sentence for each part of a run that the facts do not lead to."""
    said, other = codec.to_json(run), codec.to_json(again)
    for result, one, two in zip(
        run.results, said.pop("results"), other.pop("results"), strict=True
    ):
        yield from _of_result(result, one, two, likeness)
    _level(said, other)
    for key in sorted(said.keys() | other.keys()):
        path = next(likeness.differing(said.get(key), other.get(key), (key,)), None)
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


def _level(said: dict[str, Any], again: dict[str, Any]) -> None:
    """Take from both what has another length once names are replaced: lines that were cut."""
    targets = [(each.get("evidence") or {}).get("targets", []) for each in (said, again)]
    for one, two in zip(*targets, strict=False):
        groups = {each["group"] for each in one["facts"]} & {each["group"] for each in two["facts"]}
        if one["left_out"] or two["left_out"]:
            for each in (one, two):
                each["facts"] = [fact for fact in each["facts"] if fact["group"] in groups]
                each["left_out"] = []
        for fact, other in zip(one["facts"], two["facts"], strict=False):
            if _cut(fact) or _cut(other):
                for each in (fact, other):
                    each["cut"], each["lines"] = True, []


def _cut(fact: dict[str, Any]) -> bool:
    return fact["cut"] and any(len(line) >= MAX_LINE for line in fact["lines"])


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
    # A file of facts that is judged again holds what the selection leaves out as well.
    known_out = len(run.selection.unselected_hosts) if run.facts_from is not None else 0
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
    return ".".join(str(each) for each in path) or "text"
