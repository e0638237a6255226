"""What a report shows of a run besides repairs: who is ready, warnings, notes, what is waived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from livemigration.facts.model import Subject
from livemigration.report.repairs import failures
from livemigration.report.wording import own_tests_failed
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Fix, Level, Reference


@dataclass(frozen=True)
class Statement:
    """One finding with the check that made it."""

    entry: PlanEntry
    state: State
    observed: str
    expected: str = ""


@dataclass(frozen=True)
class Warned:
    """A warning. `same_fix_as` names the check beside which its fix is already shown."""

    statement: Statement
    fix: Fix | None
    same_fix_as: str
    refs: tuple[Reference, ...]


@dataclass(frozen=True)
class Reason:
    """A reason for which checks do not apply, and the entries that it holds for."""

    reason: str
    entries: tuple[PlanEntry, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that do not apply, each once."""
        return tuple(dict.fromkeys(entry.check for entry in self.entries))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The targets to which they do not apply, each once."""
        return tuple(dict.fromkeys(entry.target for entry in self.entries))


@dataclass(frozen=True)
class Waived:
    """A failure that someone signed for."""

    statements: tuple[Statement, ...]
    entry: PlanEntry
    reason: str


@dataclass(frozen=True)
class TargetView:
    """What a report says about one target besides its repairs and what waits for them."""

    kind: Subject
    name: str
    about: tuple[str, ...]
    failing: bool
    undecided: bool
    warnings: tuple[Warned, ...] = ()
    notes: tuple[Statement, ...] = ()
    waived: tuple[Waived, ...] = ()
    not_run: tuple[PlanEntry, ...] = ()


@dataclass(frozen=True)
class View:
    """A run as its reports show it, hosts in inventory order."""

    run: Run
    others: tuple[TargetView, ...]
    hosts: tuple[TargetView, ...]
    internal_errors: tuple[Result, ...]

    @property
    def failing(self) -> tuple[TargetView, ...]:
        """Hosts with at least one red result."""
        return tuple(host for host in self.hosts if host.failing)

    @property
    def undecided(self) -> tuple[TargetView, ...]:
        """Hosts without a red result for which something could not be evaluated."""
        return tuple(host for host in self.hosts if host.undecided and not host.failing)

    @property
    def waived(self) -> tuple[Waived, ...]:
        """Every waived failure, of all targets."""
        return tuple(each for target in (*self.others, *self.hosts) for each in target.waived)


def view_of(run: Run) -> View:
    """Return what the reports of a run show."""
    return run.once(_view_of)


def _view_of(run: Run) -> View:
    results: dict[tuple[Subject, str], list[Result]] = defaultdict(list)
    for result in run.results:
        results[result.entry.target_kind, result.entry.target].append(result)
    missing: dict[tuple[Subject, str], list[PlanEntry]] = defaultdict(list)
    for entry in run.not_run:
        missing[entry.target_kind, entry.target].append(entry)
    abouts = _abouts(run)
    targets = tuple(
        _target_view(target, abouts.get(target, ()), results[target], missing[target])
        for target in _targets(run)
    )
    return View(
        run=run,
        others=tuple(each for each in targets if each.kind is not Subject.HOST),
        hosts=tuple(each for each in targets if each.kind is Subject.HOST),
        internal_errors=tuple(
            result for result in run.results if result.state is State.INTERNAL_ERROR
        ),
    )


def hosts_sentence(view: View) -> str:
    """Return how many hosts are ready, as a sentence or two."""
    total = len(view.hosts)
    hosts = f"of {total} {'host' if total == 1 else 'hosts'}"
    parts = []
    if any(each.failing for each in view.others):
        parts.append("The VMM server is not ready.")
    if failing := len(view.failing):
        parts.append(f"{failing} {hosts} {_are(failing)} not ready.")
    if undecided := len(view.undecided):
        parts.append(f"{undecided} {hosts} could not be judged.")
    if parts:
        return " ".join(parts)
    if not total:
        return "No host was checked."
    if view.run.verdict == "ready":
        return f"{total} {hosts} {_are(total)} ready."
    if failed := own_tests_failed(view.run):
        return f"No host failed a check, but {failed}."
    return "No host failed a check, but the run has no verdict."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _targets(run: Run) -> tuple[tuple[Subject, str], ...]:
    """Return every target: also one that only the plan or the results name."""
    seen = dict.fromkeys((Subject.HOST, host.name) for host in run.hosts)
    seen |= dict.fromkeys((entry.target_kind, entry.target) for entry in run.plan)
    seen |= dict.fromkeys((result.entry.target_kind, result.entry.target) for result in run.results)
    return tuple(seen)


def _target_view(
    target: tuple[Subject, str],
    about: tuple[str, ...],
    results: list[Result],
    missing: list[PlanEntry],
) -> TargetView:
    kind, name = target
    not_run = (*missing, *(each.entry for each in results if each.state is State.NOT_RUN))
    undecided = {State.BLOCKED, State.INTERNAL_ERROR, State.NOT_RUN}
    return TargetView(
        kind=kind,
        name=name,
        about=about,
        failing=any(result.red for result in results),
        undecided=bool(not_run) or any(result.state in undecided for result in results),
        warnings=_warnings(results),
        notes=tuple(_statements(results, Level.NOTE)),
        waived=tuple(_waived(results)),
        not_run=not_run,
    )


def _abouts(run: Run) -> dict[tuple[Subject, str], tuple[str, ...]]:
    """Return what is known of each machine whatever its checks found."""
    found: dict[tuple[Subject, str], tuple[str, ...]] = {
        (kind, name): (run.vmm_release,)
        for kind, name in _targets(run)
        if kind is not Subject.HOST and run.vmm_release
    }
    for host in run.hosts:
        groups = f"groups: {', '.join(host.groups)}" if host.groups else ""
        known = tuple(each for each in (host.system, host.scope, groups) if each)
        found.setdefault((Subject.HOST, host.name), known)
    return found


def _statement(result: Result, finding: Finding) -> Statement:
    return Statement(result.entry, result.state, finding.observed, finding.expected)


def _statements(results: Iterable[Result], level: Level) -> Iterable[Statement]:
    for result in results:
        for finding in result.findings:
            if finding.level is level:
                yield _statement(result, finding)


def _is_red(result: Result) -> bool:
    return result.red and result.state in {State.FAIL, State.WARNING}


def _checks_of_repairs(results: Iterable[Result]) -> dict[str, str]:
    """Return the first check that needs each repair, by its key."""
    shown: dict[str, str] = {}
    for result in results:
        for finding in failures(result):
            if finding.fix is not None:
                shown.setdefault(finding.fix.key, result.entry.check)
    return shown


def _each_once(refs: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple({ref.url: ref for ref in reversed(list(refs))}.values())[::-1]


def _warnings(results: list[Result]) -> tuple[Warned, ...]:
    shown = _checks_of_repairs(results)
    warned = []
    for result in results:
        if result.state is State.WAIVED or (_is_red(result) and result.state is State.WARNING):
            continue
        for finding in result.findings:
            if finding.level is not Level.WARNING:
                continue
            fix = finding.fix
            same = shown.get(fix.key, "") if fix else ""
            if fix and not same:
                shown[fix.key] = result.entry.check
            refs = [fix.source] if fix and fix.source else []
            warned.append(
                Warned(
                    _statement(result, finding),
                    None if same else fix,
                    same,
                    _each_once([*refs, *result.refs]),
                )
            )
    return tuple(warned)


def reasons(results: Iterable[Result]) -> tuple[Reason, ...]:
    """Return why checks do not apply, identical reasons once."""
    found: dict[str, list[PlanEntry]] = defaultdict(list)
    for result in results:
        if result.state is not State.NOT_APPLICABLE:
            continue
        said = [each.observed for each in result.findings if each.level is Level.NOT_APPLICABLE]
        for reason in said or [result.reason or "The reason was not recorded."]:
            found[reason].append(result.entry)
    return tuple(Reason(reason, tuple(entries)) for reason, entries in found.items())


def _waived(results: Iterable[Result]) -> Iterable[Waived]:
    for result in results:
        if result.state is State.WAIVED:
            said = tuple(
                _statement(result, each)
                for each in result.findings
                if each.level in {Level.FAIL, Level.WARNING}
            )
            yield Waived(said, result.entry, result.reason)
