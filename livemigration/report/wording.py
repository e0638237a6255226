"""Sentences that every view of a run says in the same words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livemigration.base.text import counted, listed, some
from livemigration.inventory import stamp
from livemigration.inventory.change import Window
from livemigration.report.moments import utc
from livemigration.report.naming import Names
from livemigration.run.drift.model import Drift
from livemigration.run.merge.model import missing_shards
from livemigration.run.not_examined import managed_sentence
from livemigration.run.plan import RunSelection
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.run.selected import asked_by_host
from livemigration.run.sessions import (
    SignedIn,
    retry_sentence,
    second_sentence,
    slowed_sentence,
    store_sentences,
    unfiltered_sentences,
    unsafe_sentences,
)

SIMULATED = stamp.SIMULATED
# Of the machines that were signed in to in one way of several, these many are named.
_NAMED = 12

_SHARD = "Shard {} of the hosts: livemigration merge judges all shards as one run."
_COUNTED = (
    (State.PASS, "passed", "passed"),
    (State.WARNING, "warned", "warned"),
    (State.FAIL, "failed", "failed"),
    (State.BLOCKED, "blocked", "blocked"),
    (State.WAIVED, "waived", "waived"),
    (State.NOT_APPLICABLE, "not applicable", "not applicable"),
    (State.INTERNAL_ERROR, "internal error", "internal errors"),
    (State.NOT_RUN, "not run", "not run"),
)


def session_lines(sessions: Iterable[SignedIn], names: Names) -> tuple[str, ...]:
    """Return how machines were signed in to; where in several ways, which of them in which."""
    known = tuple(sessions)
    return tuple(
        f"{each.how}: {counted(len(each.machines), 'machine')}"
        + (f" ({some(map(names.short, each.machines), _NAMED)})" if len(known) > 1 else "")
        for each in known
    )


def state_word(state: State, *, red: bool = False) -> str:
    """Return the word for a state; a warning that the policy makes red says so."""
    if state is State.WARNING and red:
        return "warning (fails by policy)"
    return state.value.replace("-", " ")


def result_word(result: Result) -> str:
    """Return the word for what became of an entry."""
    return state_word(result.state, red=result.red)


def counts_sentence(run: Run) -> str:
    """Return how many checks ended in each state, as a sentence."""
    counts = run.counts
    counts[State.NOT_RUN] += len(run.not_run)
    parts = [
        f"{counts[state]} {one if counts[state] == 1 else many}"
        for state, one, many in _COUNTED
        if counts[state]
    ]
    total = counts.total()
    return f"{counted(total, 'check')}: {', '.join(parts)}." if parts else "No check was planned."


def scope_sentences(run: Run) -> tuple[str, ...]:
    """Return what the run looked at and what it left out, as sentences."""
    return (*selection_sentences(run), *remark_sentences(run))


def selection_sentences(run: Run) -> tuple[str, ...]:
    """Return what was selected for the run and what was not, as sentences."""
    selection = run.selection
    return (
        _hosts_sentence(run),
        *((f"Limited by --limit {selection.limit}.",) if selection.limit else ()),
        *((_SHARD.format(selection.shard),) if selection.shard else ()),
        _deselected_sentence(selection.deselected_checks),
        *_not_planned_sentence(selection),
    )


def remark_sentences(run: Run) -> tuple[str, ...]:
    """Return what is unusual about the run itself, as sentences."""
    return (
        *unsafe_sentences(run.sessions),
        *_own_tests_sentence(run),
        *_lacking_sentence(run),
        *_managed_sentences(run),
        *_gate_sentence(run),
        *_joined_sentences(run),
        *ending_sentences(run),
        *_red_warnings_sentence(run),
        *((told,) if (told := executor_sentence(run)) else ()),
        *((told,) if (told := retry_sentence(run.retries)) else ()),
        *((told,) if (told := second_sentence(run.traffic)) else ()),
        *((told,) if (told := slowed_sentence(run.slowed)) else ()),
        *unfiltered_sentences(run.unfiltered),
        *store_sentences(run.stores),
        *(
            (f"Replayed from the facts file {run.facts_from}: no machine was asked in this run.",)
            if run.facts_from
            else ()
        ),
        *(
            (f"Resumed: what the run of {utc(run.resumed)} had gathered was not asked for again.",)
            if run.resumed
            else ()
        ),
    )


def executor_sentence(run: Run) -> str:
    """Return from where the hosts were asked, where that was not the machine of the run."""
    gathered = run.gathered
    if gathered is None or not gathered.executor:
        return ""
    # A run that was cut off does not know how many.
    who = counted(gathered.workers, "worker") if gathered.workers else "workers"
    return (
        f"The hosts were asked by {who} of the Dask cluster at "
        f"{gathered.executor}, not by this machine."
    )


def narrowed_sentences(run: Run) -> tuple[str, ...]:
    """Return what `scope_sentences` says, without what says that nothing was left out."""
    selection = run.selection
    whole = () if selection.deselected_hosts or run.gate else (_hosts_sentence(run),)
    if not selection.deselected_checks:
        whole = (*whole, _deselected_sentence(0))
    return tuple(said for said in scope_sentences(run) if said not in whole)


def change_sentences(run: Run) -> tuple[str, ...]:
    """Return which change the run is evidence for, and until when, as sentences."""
    change, until = run.change, run.valid_until
    said = []
    if change is not None:
        window = f" for the window {_window(change.window)}" if change.window is not None else ""
        said.append(f"Change {change.identifier}{window}, run by {change.operator}.")
    if run.simulated:
        # What is no evidence has no day on which it stops to be.
        return tuple(said)
    if until is None and run.gathered is not None:
        return (*said, "Nothing was gathered, so this is no evidence: run again.")
    if until is None:
        return (*said, "Until when this is evidence is not known: the facts carry no time.")
    if until < run.finished:
        return (*said, f"This was evidence until {utc(until)}: gather again.")
    said.append(f"This is evidence until {utc(until)}.")
    if change is not None and change.window is not None and until < change.window.end:
        when = "starts" if until < change.window.start else "ends"
        said.append(f"That is before the window {when}: run again closer to it.")
    return tuple(said)


def stamp_sentences(run: Run) -> tuple[str, ...]:
    """Return what every file of a run carries: for which change, until when, by which demands."""
    policy = (f"Policy: digest {run.demands.digest}.",) if run.demands is not None else ()
    mark = (SIMULATED,) if run.simulated else ()
    return (*mark, *change_sentences(run), *policy)


def _window(window: Window) -> str:
    return f"{utc(window.start)} to {utc(window.end)}"


NO_EARLIER_RUN = "There is no earlier run of this inventory to compare with."


def drift_sentence(drift: Drift) -> str:
    """Return what changed since the earlier run, in one sentence."""
    if drift.started is None:
        return NO_EARLIER_RUN
    parts = [
        f"{len(items)} {word}"
        for items, word in (
            (drift.new, "new"),
            (drift.fixed, "fixed"),
            (drift.still, "still failing"),
            (drift.unjudged, "failed and not judged now"),
            (drift.unreached, "newly unreachable"),
            (drift.waived, "newly waived"),
            (drift.blocked, "newly blocked"),
            (drift.seen, "no longer blocked"),
        )
        if items
    ]
    if drift.facts:
        parts.append(f"{counted(len(drift.facts), 'setting')} moved")
    return f"Since {utc(drift.started)}: {', '.join(parts) or 'nothing changed'}."


def verdict_scope(run: Run) -> str:
    """Return for whom the verdict holds, to stand beside it; empty where nothing was left out."""
    selection = run.selection
    left_out = (
        selection.deselected_hosts or selection.deselected_checks or selection.lacking or run.gate
    )
    if not left_out:
        return ""
    parts = [_selected_hosts(selection)]
    if selection.deselected_checks:
        parts.append(_deselected_sentence(selection.deselected_checks).rstrip("."))
    if run.gate:
        parts.append(f"gate {run.gate}, without VMM")
    if selection.lacking:
        parts.append(f"{counted(len(selection.lacking), 'check')} of the suite not looked at")
    return "; ".join(parts)


def _selected_hosts(selection: RunSelection) -> str:
    total, selected = selection.inventory_hosts, selection.selected_hosts
    if not selected:
        return f"for no host: none of the {total} was selected"
    if selection.deselected_hosts:
        return f"for the {selected} selected {'host' if selected == 1 else 'hosts'} of {total}"
    return "for the only host" if total == 1 else f"for all {total} hosts"


def not_examined_sentence(run: Run) -> str:
    """Return how far the verdict reaches, to stand beside it; empty where the run does not say."""
    if not run.not_examined:
        return ""
    reach = "Ready as far as examined. " if run.verdict == "ready" else ""
    return f"{reach}Not examined: {' '.join(run.not_examined)}"


def verdict_words(run: Run) -> str:
    """Return the verdict as a reader sees it: READY, NOT READY, or NO VERDICT and why."""
    return "READY" if run.verdict == "ready" else run.verdict


def verdict_sentences(run: Run, hosts: str) -> str:
    """Return the verdict, how many hosts are ready, and for whom it holds.

    Args:
        run: the run.
        hosts: how many hosts are ready, as a sentence or two.
    """
    scope = verdict_scope(run)
    if not scope:
        return f"{verdict_words(run)}. {hosts}"
    if run.verdict == "ready":
        return f"{verdict_words(run)} {scope}."
    return f"{verdict_words(run)}. {hosts} This verdict is {scope}."


def _hosts_sentence(run: Run) -> str:
    total = run.selection.inventory_hosts
    left_out = run.selection.deselected_hosts
    if run.gate and not left_out:
        return f"{counted(total, 'host')} {_was(total)} named with --target."
    if not left_out:
        if total == 1:
            return "The only host of the inventory was selected; no host was deselected."
        return f"All {total} hosts of the inventory were selected; no host was deselected."
    return (
        f"{run.selection.selected_hosts} of {counted(total, 'host')} of the inventory selected; "
        f"{counted(left_out, 'host')} {_was(left_out)} deselected."
    )


def _deselected_sentence(number: int) -> str:
    if not number:
        return "No check was deselected."
    return f"{counted(number, 'check')} {_was(number)} deselected."


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _joined_sentences(run: Run) -> Iterator[str]:
    """Yield what a joined run was made of, and what its runs do not agree on."""
    if not run.parts:
        return
    yield f"Joined from {counted(len(run.parts), 'run')}."
    if lacking := missing_shards(run.parts, run.selection.unselected_hosts):
        which = f"shard{'s' if len(lacking) > 1 else ''} {listed(map(str, lacking))}"
        yield f"No results of {which}: run with --shard, and merge all of them."
    for what, values in (
        ("inventory", {part.inventory for part in run.parts}),
        ("livemigration", {part.suite_version for part in run.parts}),
        ("policy", {part.policy_digest for part in run.parts}),
        ("change", {part.change.identifier if part.change else "none" for part in run.parts}),
        ("gate", {part.gate or "none, VMM was asked" for part in run.parts}),
        ("facts file", {part.facts_from or "none, machines were asked" for part in run.parts}),
    ):
        if len(values) > 1:
            yield f"The runs differ in {what}: {listed(sorted(values))}."
    for each in run.conflicts:
        about = f"{each.check} {each.target}: {listed(each.states)}"
        if len(each.states) > 1:
            yield f"The runs disagree on {about}. The worst counts."
        else:
            yield f"The runs disagree on {about}, with different findings. One of them is shown."


def _managed_sentences(run: Run) -> Iterator[str]:
    for each in run.managed:
        if each.outside:
            yield managed_sentence(each, alone=len(run.managed) == 1)


def _gate_sentence(run: Run) -> tuple[str, ...]:
    if not run.gate:
        return ()
    return (f"Gate {run.gate}: VMM was not asked. Run the whole suite once VMM manages the host.",)


def _not_planned_sentence(selection: RunSelection) -> tuple[str, ...]:
    """Return which checks no selection took out and no plan has: of files that were not named."""
    left_out = [each for each in selection.left_out if each.check not in asked_by_host()]
    if sum(each.number for each in left_out) <= selection.deselected_checks:
        return ()
    return (f"Not planned: {listed(each.check for each in left_out)}.",)


def own_tests_failed(run: Run) -> str:
    """Return how many of the site's own tests failed, without a full stop; empty for none."""
    failed = run.besides.own_tests_failed
    return f"{failed} of the site's own tests failed" if failed else ""


def _own_tests_sentence(run: Run) -> tuple[str, ...]:
    failed = own_tests_failed(run)
    return (f"{failed}: the verdict cannot be ready.",) if failed else ()


def _lacking_sentence(run: Run) -> tuple[str, ...]:
    lacking = run.selection.lacking
    if not lacking:
        return ()
    several = counted(len(lacking), "check")
    of = f"{several} of livemigration {run.suite_version}"
    return (f"checks/ lacks {of}: {listed(lacking)}. Add: livemigration init --update .",)


def ending_sentences(run: Run) -> tuple[str, ...]:
    """Return how many checks ran, where that is not all that were planned."""
    ran = sum(result.state is not State.NOT_RUN for result in run.results)
    said = f"{ran} of {counted(len(run.plan), 'planned check')} ran."
    if run.interrupted:
        return (f"Interrupted: {said}",)
    if run.stopped_early:
        return (f"Stopped early ({run.stopped_early}): {said}",)
    return (said,) if ran < len(run.plan) else ()


def _red_warnings_sentence(run: Run) -> tuple[str, ...]:
    if any(result.red and result.state is State.WARNING for result in run.results):
        return ("Warnings count as failures: the policy says fail_on: warning.",)
    return ()
