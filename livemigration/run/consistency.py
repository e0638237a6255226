"""Whether what a results.json says fits together: each part that follows from others is worked out.

Whoever changes a verdict in one place leaves it unlike the rest. Who changes all of it consistently
is found by what the facts lead to (bundle.verify), and beyond that by a signature alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from livemigration.base.errors import UsageError
from livemigration.facts.model import Subject
from livemigration.inventory.demands import Demands
from livemigration.inventory.inventory import LAB_PREFIX
from livemigration.inventory.policy import Policy
from livemigration.inventory.shard import shard_of
from livemigration.inventory.stamp import stamp_of
from livemigration.run.exit_code import OF_PYTEST, ExitCode, code_of
from livemigration.run.matrix_fits import contradictions_of
from livemigration.run.merge.join import joined_code
from livemigration.run.plan import RunSelection
from livemigration.run.record import evidence_ends
from livemigration.run.result import Result, State
from livemigration.run.run import READABLE_SCHEMAS, SCHEMA_VERSION, Run, what_was_not_examined
from livemigration.run.selected import asked_by_host, pairs_of, suite_checks, whole_suite
from livemigration.run.waivers.apply import uses_of, waive
from livemigration.run.waivers.model import Waiver
from livemigration.run.waivers.resolve import end_of
from livemigration.run.waivers.roots import signed_roots
from livemigration.verdict.findings import Level

_RED = Level.FAIL, Level.WARNING
# States that findings decide, and the worst level that each can have.
_LEVELS = {
    State.FAIL: {Level.FAIL},
    State.WARNING: {Level.WARNING},
    State.PASS: {Level.OK},
    State.NOT_APPLICABLE: {Level.OK, Level.WARNING},
    State.BLOCKED: {Level.OK, Level.WARNING},
    State.WAIVED: {Level.FAIL, Level.WARNING},
}


def contradictions(run: Run) -> Iterator[str]:
    """Yield a sentence for each thing that a run says of itself and that the rest of it denies."""
    if run.schema not in READABLE_SCHEMAS:
        yield f"schema is {run.schema}, not {SCHEMA_VERSION}."
    yield from _exit_code(run)
    yield from _plan(run)
    yield from _hosts(run)
    for result in run.results:
        yield from _result(run, result)
    yield from _waivers(run)
    yield from _times(run)
    yield from _evidence(run)
    if run.matrix is not None:
        yield from contradictions_of(run.matrix, [each.name for each in run.hosts])
    if run.parts:
        yield from _parts(run)


def led_to(run: Run) -> ExitCode:
    """Return the exit code that everything else in a run leads to."""
    if run.parts:
        return joined_code(run.parts, run.results, run.selection.unselected_hosts)
    return code_of(
        run.results,
        run.plan,
        run.besides,
        interrupted=run.interrupted,
        stopped_early=run.stopped_early,
    )


def _exit_code(run: Run) -> Iterator[str]:
    code = led_to(run)
    if run.exit_code is not code:
        other = replace(run, exit_code=code)
        yield (
            f"exit_code is {int(run.exit_code)} ({run.verdict}), its results lead to {int(code)} "
            f"({other.verdict})."
        )
    if run.besides.pytest_code not in {0, *OF_PYTEST}:
        yield f"besides says that pytest ended with {run.besides.pytest_code}."
    if run.besides.artefact_missing and not run.problems and not run.parts:
        yield "a file could not be written, and no problem says which."
    if run.problems and not run.besides.artefact_missing and not run.interrupted and not run.parts:
        yield "problems are told, and besides says that there was none."


def _plan(run: Run) -> Iterator[str]:
    planned = {(each.check, each.target): each for each in run.plan}
    if len(planned) < len(run.plan) or len({each.node_id for each in run.plan}) < len(run.plan):
        yield "the plan has a check of a target twice."
    seen = Counter((each.entry.check, each.entry.target) for each in run.results)
    if twice := [key for key, number in seen.items() if number > 1]:
        yield f"{' '.join(twice[0])} has two results."
    for result in run.results:
        entry = planned.get((result.entry.check, result.entry.target))
        if entry is None or (entry != result.entry and not run.parts):
            yield f"{result.entry.check} {result.entry.target} has a result and is not in the plan."
    titles: dict[str, tuple[object, ...]] = {}
    for each in run.plan:
        about = each.title, each.area, each.target_kind
        if titles.setdefault(each.check, about) != about and not run.parts:
            yield f"{each.check} {each.target} has another title, area or kind than elsewhere."
    selection = run.selection
    left_out = [
        each
        for each in selection.left_out
        if each.check in titles and each.check not in asked_by_host()
    ]
    if pairs_of(left_out) > selection.deselected_checks and not run.parts:
        yield "more checks are left out than it says were deselected."


def _hosts(run: Run) -> Iterator[str]:
    names = [host.name for host in run.hosts]
    if len(set(names)) < len(names):
        yield "a host is in it twice."
    planned = {each.target for each in run.plan if each.target_kind is Subject.HOST}
    for name in sorted(planned.symmetric_difference(names)):
        yield f"{name} is {'planned' if name in planned else 'a host'} and not among the others."
    selection = run.selection
    if selection.selected_hosts != len(names) or selection.inventory_hosts < len(names):
        yield (
            f"selection counts {selection.selected_hosts} of {selection.inventory_hosts} hosts, "
            f"and it has {len(names)}."
        )
    yield from _shard(selection, names)
    if run.not_examined != what_was_not_examined(
        selection, run.hosts, run.plan, run.results, run.gate, run.managed
    ):
        yield "not_examined is not what plan, selection and results leave out."
    if run.demands is not None and not run.parts:
        judged = [host for each in run.demands.policies for host in each.hosts]
        if sorted(judged) != sorted(names):
            yield "demands are of other hosts."
        managed = [] if run.gate else names
        if sorted(host for host, _ in run.demands.managers) != sorted(managed):
            yield "demands name the VMM servers of other hosts."


def _shard(selection: RunSelection, names: Sequence[str]) -> Iterator[str]:
    """Yield whether a shard has other hosts than its number and their names lead to."""
    if not selection.shard:
        return
    try:
        shard = shard_of(selection.shard)
    except UsageError:
        yield f"selection.shard is {selection.shard[:60]}, which is none."
        return
    held = map(shard.holds, names)
    if not all(held) or any(map(shard.holds, selection.unselected_hosts)):
        yield f"its hosts are not those of shard {shard}."


def _result(run: Run, result: Result) -> Iterator[str]:
    where = f"{result.entry.check} {result.entry.target}"
    state = result.state
    levels = {each.level for each in result.findings}
    worst = next((each for each in _RED if each in levels), Level.OK)
    if worst not in _LEVELS.get(state, {worst}):
        yield f"{where} is {state.value}, and its findings are not."
    if state is State.PASS and not result.findings:
        yield f"{where} is {state.value} and has no finding."
    red = state is State.FAIL or (
        state is State.WARNING and _policy(run.demands, result).fail_on == "warning"
    )
    if result.red is not red and not (run.parts and state is State.WARNING):
        yield f"{where} is {state.value}, and red is {str(result.red).lower()}."
    if (result.blocked_by is not None) is not (state is State.BLOCKED):
        yield f"{where} is {state.value}, and blocked_by says something else."


def _policy(demands: Demands | None, result: Result) -> Policy:
    if demands is None:
        return Policy()
    if result.entry.target_kind is Subject.HOST:
        return demands.policy_of(result.entry.target)
    return demands.site


def _waivers(run: Run) -> Iterator[str]:
    waivers = tuple(each.waiver for each in run.waivers)
    for waiver in waivers:
        yield from _waiver(run, waiver)
    if waivers and not run.parts:
        yield from _unsignable(run, waivers)
    if uses_of(waivers, run.results, run.started) != run.waivers:
        yield "waivers: what became of them does not follow from the results."
    roots = signed_roots(run.results, waivers, run.started)
    for result in run.results:
        if result.state is not State.WAIVED:
            continue
        again = waive(
            replace(result, state=State.FAIL, red=True),
            waivers,
            run.started,
            roots.get(result.entry.target, ()),
            warnings_count=_policy(run.demands, result).fail_on == "warning",
        )
        if again.state is not State.WAIVED or (again.reason != result.reason and not run.parts):
            yield (
                f"{result.entry.check} {result.entry.target} is waived, and no waiver of the run "
                "covers it with this reason."
            )


def _unsignable(run: Run, waivers: Sequence[Waiver]) -> Iterator[str]:
    """Yield what no file of waivers may hold: one that lasts too long, or all of the inventory."""
    at_most = run.demands.site.waivers_at_most if run.demands is not None else None
    for waiver in waivers:
        if at_most is not None and waiver.days_left > at_most:
            yield f"{waiver.place} lasts longer than the policy allows ({at_most} days)."
    selection = run.selection
    opt_in = {each.identifier for each in whole_suite() if each.opt_in is not None}
    kinds = {**suite_checks(), **{each.check: each.target_kind for each in run.plan}}
    servers = {each.target for each in run.plan if each.target_kind is Subject.VMM}
    # A single host is its own pattern: there, the VMM server's checks are part of everything.
    machines = {
        Subject.HOST: {host.name for host in run.hosts},
        Subject.VMM: servers if selection.inventory_hosts == 1 else set(),
    }
    pairs = {
        (check, name)
        for check, kind in kinds.items()
        if check not in opt_in and check not in selection.lacking
        for name in machines[kind]
    }
    lasting = {pair for each in waivers if run.started < each.ends for pair in each.pairs}
    if not selection.unselected_hosts and pairs and pairs <= lasting:
        yield "its waivers cover every check of every host."


def _waiver(run: Run, waiver: Waiver) -> Iterator[str]:
    """Yield what does not follow from a waiver's last day, where this machine knows its zone."""
    try:
        zone = ZoneInfo(waiver.zone)
    except (ValueError, OSError, KeyError):
        return
    left = (waiver.expires - run.started.astimezone(zone).date()).days
    if waiver.ends != end_of(waiver.expires, zone) or (waiver.days_left != left and not run.parts):
        yield f"{waiver.place} ends at another time than its last day does."


def _times(run: Run) -> Iterator[str]:
    if run.finished < run.started:
        yield "it finished before it started."
    gathered = run.gathered
    if gathered is None:
        if run.valid_until is not None and not run.parts:
            yield "it is valid until a time, and when its facts were gathered is not known."
        return
    if gathered.began > run.finished or (gathered.ended or gathered.began) > run.finished:
        yield "its facts were gathered after it finished."
    if gathered.workers < 0 or (gathered.workers and not gathered.executor):
        yield "it counts workers, and no cluster asked its hosts."
    if gathered.ended is not None and gathered.ended < gathered.began:
        yield "its facts were gathered before that began."
    if run.valid_until is None or run.parts or run.demands is None:
        return
    until = evidence_ends(gathered.began, run.demands.site)
    if run.valid_until != until:
        yield "valid_until is not as long after the gathering as the policy says."


def _evidence(run: Run) -> Iterator[str]:
    if (run.lab or run.inventory.startswith(LAB_PREFIX)) and not run.simulated:
        yield "its inventory is a simulated fleet, and simulated is false."
    digest = run.demands.digest if run.demands is not None else ""
    stamp = stamp_of(
        simulated=run.simulated,
        change=run.change,
        policy_digest=digest,
        valid_until=run.valid_until,
    )
    if run.stamp is not None and stamp != run.stamp:
        yield "stamp is not what the rest says of change, policy, simulation and time."
    if run.drift is not None and not run.parts:
        states = {(each.entry.check, each.entry.target): each.state.value for each in run.results}
        drift = run.drift
        for moved in (*drift.new, *drift.still, *drift.waived, *drift.blocked, *drift.seen):
            if states.get((moved.check, moved.target)) != moved.now:
                yield f"drift: {moved.check} {moved.target} is not {moved.now} now."


def _parts(run: Run) -> Iterator[str]:
    """Yield what a joined run says and its parts deny."""
    known: Sequence[object] = (
        min(part.started for part in run.parts),
        max(part.finished for part in run.parts),
        sum(part.besides.own_tests_failed for part in run.parts),
        any(part.besides.artefact_missing for part in run.parts),
    )
    said = run.started, run.finished, run.besides.own_tests_failed, run.besides.artefact_missing
    if tuple(known) != said:
        yield "times or failures are not those of the runs that it was joined from."
    untils = [part.valid_until for part in run.parts]
    until = None if None in untils else min(each for each in untils if each is not None)
    if run.valid_until != until:
        yield "valid_until is not the earliest of the runs that it was joined from."
