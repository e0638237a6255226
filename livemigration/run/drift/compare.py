"""Two runs held against each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from livemigration.base.text import counted, listed
from livemigration.facts.sheets import RunFacts
from livemigration.run.drift.facts import changed_facts, newly_unreached
from livemigration.run.drift.model import ChangedFact, Drift, Moved, Unreached
from livemigration.run.result import Result, State
from livemigration.run.run import Run

# A page with more is read by nobody, and results.json stays readable for a thousand hosts.
MOST_FACTS = 2000
_NAMED = 3

_Results = Mapping[tuple[str, str], Result]


def compare(
    baseline: Run,
    current: Run,
    *,
    label: str,
    before: RunFacts | None,
    after: RunFacts | None,
    damaged: str = "",
) -> Drift:
    """Return what changed from one run to another.

    Args:
        baseline: the earlier run.
        current: this run.
        label: how texts name the earlier run.
        before: the facts of the earlier run, where they are there.
        after: the facts of this run, where there are any.
        damaged: what is wrong with the facts of the earlier run, where they cannot be used.
    """
    was, now = _results(baseline), _results(current)
    kinds: dict[str, list[Moved]] = {}
    for key, result in now.items():
        kind = _kind(was[key], result) if key in was else ""
        if kind:
            kinds.setdefault(kind, []).append(_moved(was[key], result))
    # The lab chooses the second number of its addresses anew for each run.
    lab = baseline.simulated and current.simulated
    facts, said = _facts(before, after, damaged, lab=lab)
    return Drift(
        baseline=label,
        started=baseline.started,
        facts=facts,
        remarks=(*_unlike(baseline, current), *_apart(was, now), *said),
        unreached=_unreached(before, after),
        **{kind: tuple(moved) for kind, moved in kinds.items()},
    )


def _facts(
    before: RunFacts | None, after: RunFacts | None, damaged: str, *, lab: bool
) -> tuple[tuple[ChangedFact, ...] | None, tuple[str, ...]]:
    """Return the facts that changed, None where they are not known, and what to say of them."""
    if damaged:
        said = "Put the file back as its bundle has it, or compare with another run."
        return None, (f"Settings were not compared: {damaged}. {said}",)
    if before is None:
        said = "keep facts.json of the earlier run beside its results."
        return None, (f"Settings were not compared: {said}",)
    if after is None:
        return None, ("Settings were not compared: this run has no facts.",)
    moved = changed_facts(before, after, lab=lab)
    found = tuple(islice(moved, MOST_FACTS))
    if next(moved, None) is None:
        return found, ()
    return found, (f"More settings moved than the {MOST_FACTS} that are listed.",)


def _unreached(before: RunFacts | None, after: RunFacts | None) -> tuple[Unreached, ...]:
    if before is None or after is None:
        return ()
    return tuple(newly_unreached(before, after))


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
    failed = was.red or was.state is State.WAIVED
    if now.state in {State.NOT_APPLICABLE, State.INTERNAL_ERROR, State.NOT_RUN}:
        # Another scope, a gate or a broken check says nothing about what was wrong.
        return "unjudged" if failed else ""
    if failed:
        return "fixed"
    return "seen" if was.state is State.BLOCKED else ""


def _moved(was: Result, now: Result) -> Moved:
    entry = now.entry
    return Moved(entry.check, entry.title, entry.target, was.state.value, now.state.value)


def _unlike(baseline: Run, current: Run) -> Iterator[str]:
    """Yield what makes two runs hard to compare."""
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
    if baseline.interrupted or baseline.stopped_early:
        yield "The earlier run did not come to its end."


def _apart(was: _Results, now: _Results) -> Iterator[str]:
    """Yield what only one of the runs looked at: it is neither new nor fixed."""
    for one, other, here, there in (
        (was, now, "the earlier run", "this one"),
        (now, was, "this run", "the earlier one"),
    ):
        if number := len(one.keys() - other.keys()):
            checks = f"{counted(number, 'check')} of {here} {_was(number)} not part of {there}"
            yield f"{checks}{_whole_targets(one, other)}."


def _whole_targets(one: _Results, other: _Results) -> str:
    """Return which targets only one of the runs has, as the end of a sentence."""
    known = {target for _, target in other}
    names = list(dict.fromkeys(target for _, target in one if target not in known))
    if len(names) > _NAMED:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    return f": all of {listed(names)}" if names else ""


def _policy(run: Run) -> str:
    return run.demands.digest if run.demands is not None else ""


def _was(number: int) -> str:
    return "was" if number == 1 else "were"
