"""Two runs held against each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livemigration.drift.facts import changed_facts
from livemigration.drift.model import Drift, Moved
from livemigration.facts.sheets import RunFacts
from livemigration.report.wording import counted
from livemigration.results import Result, Run, State

_Results = Mapping[tuple[str, str], Result]


def compare(
    baseline: Run,
    current: Run,
    *,
    label: str,
    before: RunFacts | None,
    after: RunFacts | None,
) -> Drift:
    """Return what changed from one run to another.

    Args:
        baseline: the earlier run.
        current: this run.
        label: how texts name the earlier run.
        before: the facts of the earlier run, where they are there.
        after: the facts of this run, where there are any.
    """
    was, now = _results(baseline), _results(current)
    kinds: dict[str, list[Moved]] = {}
    for key, result in now.items():
        kind = _kind(was[key], result) if key in was else ""
        if kind:
            kinds.setdefault(kind, []).append(_moved(was[key], result))
    facts = None
    if before is not None and after is not None:
        # The lab chooses the second number of its addresses anew for each run.
        lab = baseline.simulated and current.simulated
        facts = tuple(changed_facts(before, after, lab=lab))
    return Drift(
        baseline=label,
        started=baseline.started,
        facts=facts,
        remarks=tuple(_remarks(baseline, current, was, now, facts_compared=facts is not None)),
        **{kind: tuple(moved) for kind, moved in kinds.items()},
    )


def _results(run: Run) -> dict[tuple[str, str], Result]:
    return {(result.entry.check, result.entry.target): result for result in run.results}


def _kind(was: Result, now: Result) -> str:
    """Return the field of Drift that a pair belongs to; empty where nothing is to be told."""
    if now.red:
        return "still" if was.red else "new"
    if now.state is State.WAIVED:
        return "" if was.state is State.WAIVED else "waived"
    if now.state is State.BLOCKED:
        return "" if was.state is State.BLOCKED else "blocked"
    if now.state in {State.INTERNAL_ERROR, State.NOT_RUN}:
        return ""
    if was.red or was.state is State.WAIVED:
        return "fixed"
    return "seen" if was.state is State.BLOCKED else ""


def _moved(was: Result, now: Result) -> Moved:
    entry = now.entry
    return Moved(entry.check, entry.title, entry.target, was.state.value, now.state.value)


def _remarks(
    baseline: Run, current: Run, was: _Results, now: _Results, *, facts_compared: bool
) -> Iterator[str]:
    if baseline.simulated != current.simulated:
        yield "One of the two runs is simulated: what they have in common says nothing."
    if baseline.inventory != current.inventory:
        yield f"The earlier run is of another inventory: {baseline.inventory}."
    elif baseline.inventory_digest != current.inventory_digest:
        yield "The inventory has changed since."
    if _policy(baseline) != _policy(current):
        yield "The policy has changed since: what fails may be judged by other demands."
    if baseline.suite_version != current.suite_version:
        yield f"The earlier run is of livemigration {baseline.suite_version}."
    if baseline.started > current.started:
        yield "The earlier run began after this one."
    if missing := len(was.keys() - now.keys()):
        checks = f"{counted(missing, 'check')} of the earlier run"
        yield f"{checks} {_was(missing)} not part of this one."
    if added := len(now.keys() - was.keys()):
        yield f"{counted(added, 'check')} of this run {_was(added)} not part of the earlier one."
    if not facts_compared:
        yield "Settings were not compared: facts.json of the earlier run is not beside its results."


def _policy(run: Run) -> str:
    return run.demands.digest if run.demands is not None else ""


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
