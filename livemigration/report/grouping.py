"""What a report shows of a run: repairs, root causes, warnings and notes, each once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from livemigration.facts.model import Subject
from livemigration.findings import Finding, Fix, Level, Reference
from livemigration.report.wording import own_tests_failed
from livemigration.results import Blocker, PlanEntry, Result, Run, State

MANY_HOSTS = 3


@dataclass(frozen=True)
class Statement:
    """One finding with the check that made it."""

    entry: PlanEntry
    state: State
    observed: str
    expected: str = ""


@dataclass(frozen=True)
class Repair:
    """One fix and every finding that it mends. The first finding is the headline."""

    headline: Statement
    also: tuple[Statement, ...]
    fix: Fix | None
    refs: tuple[Reference, ...]

    @property
    def also_shown_by(self) -> tuple[str, ...]:
        """The other checks whose findings this repair mends."""
        checks = dict.fromkeys(each.entry.check for each in self.also)
        return tuple(check for check in checks if check != self.headline.entry.check)


@dataclass(frozen=True)
class Warned:
    """A warning. `same_fix_as` names the check beside which its fix is already shown."""

    statement: Statement
    fix: Fix | None
    same_fix_as: str
    refs: tuple[Reference, ...]


@dataclass(frozen=True)
class Root:
    """A root cause and the entries that wait behind it.

    `reason` is empty where a repair of the same target already tells it.
    """

    check: str
    reason: str
    next_step: str
    entries: tuple[PlanEntry, ...]

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that are blocked, each once."""
        return tuple(dict.fromkeys(entry.check for entry in self.entries))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The targets whose checks are blocked, each once."""
        return tuple(dict.fromkeys(entry.target for entry in self.entries))


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
    """Everything that a report says about one target.

    `blocked` holds the root causes of this target alone; `shared` those that `View.shared` explains
    for several hosts.
    """

    kind: Subject
    name: str
    about: tuple[str, ...]
    failing: bool
    undecided: bool
    repairs: tuple[Repair, ...] = ()
    blocked: tuple[Root, ...] = ()
    shared: tuple[Root, ...] = ()
    warnings: tuple[Warned, ...] = ()
    notes: tuple[Statement, ...] = ()
    not_applicable: tuple[Reason, ...] = ()
    waived: tuple[Waived, ...] = ()
    not_run: tuple[PlanEntry, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether the target has something to show beside its states."""
        return bool(self.repairs or self.blocked or self.shared or self.warnings or self.notes)


@dataclass(frozen=True)
class View:
    """A run as its reports show it, hosts in inventory order."""

    run: Run
    others: tuple[TargetView, ...]
    hosts: tuple[TargetView, ...]
    shared: tuple[Root, ...]
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
    def not_failing(self) -> tuple[TargetView, ...]:
        """Hosts without a red result."""
        return tuple(host for host in self.hosts if not host.failing)

    @property
    def waived(self) -> tuple[Waived, ...]:
        """Every waived failure, of all targets."""
        return tuple(each for target in (*self.others, *self.hosts) for each in target.waived)


def view_of(run: Run) -> View:
    """Return what the reports of a run show."""
    results: dict[tuple[Subject, str], list[Result]] = defaultdict(list)
    for result in run.results:
        results[result.entry.target_kind, result.entry.target].append(result)
    missing: dict[tuple[Subject, str], list[PlanEntry]] = defaultdict(list)
    for entry in run.not_run:
        missing[entry.target_kind, entry.target].append(entry)
    shared = _shared_roots(run.results)
    targets = tuple(
        _target_view(run, target, results[target], missing[target], shared)
        for target in _targets(run)
    )
    return View(
        run=run,
        others=tuple(each for each in targets if each.kind is not Subject.HOST),
        hosts=tuple(each for each in targets if each.kind is Subject.HOST),
        shared=tuple(shared.values()),
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
    run: Run,
    target: tuple[Subject, str],
    results: list[Result],
    missing: list[PlanEntry],
    shared: dict[tuple[str, str], Root],
) -> TargetView:
    kind, name = target
    repairs = _repairs(results)
    not_run = (*missing, *(each.entry for each in results if each.state is State.NOT_RUN))
    undecided = {State.BLOCKED, State.INTERNAL_ERROR, State.NOT_RUN}
    roots = _roots(results)
    return TargetView(
        kind=kind,
        name=name,
        about=_about(run, kind, name),
        failing=any(result.red for result in results),
        undecided=bool(not_run) or any(result.state in undecided for result in results),
        repairs=repairs,
        blocked=tuple(_untold(root, repairs) for key, root in roots.items() if key not in shared),
        shared=tuple(root for key, root in roots.items() if key in shared),
        warnings=_warnings(results, repairs),
        notes=tuple(_statements(results, Level.NOTE)),
        not_applicable=reasons(results),
        waived=tuple(_waived(results)),
        not_run=not_run,
    )


def _about(run: Run, kind: Subject, name: str) -> tuple[str, ...]:
    if kind is not Subject.HOST:
        return (run.vmm_release,) if run.vmm_release else ()
    for host in run.hosts:
        if host.name == name:
            groups = f"groups: {', '.join(host.groups)}" if host.groups else ""
            return tuple(each for each in (host.system, host.scope, groups) if each)
    return ()


def _statement(result: Result, finding: Finding) -> Statement:
    return Statement(result.entry, result.state, finding.observed, finding.expected)


def _statements(results: Iterable[Result], level: Level) -> Iterable[Statement]:
    for result in results:
        for finding in result.findings:
            if finding.level is level:
                yield _statement(result, finding)


def _is_red(result: Result) -> bool:
    return result.red and result.state in {State.FAIL, State.WARNING}


def _failures(result: Result) -> tuple[Finding, ...]:
    """Return the findings that make a red result red; never none."""
    level = Level.WARNING if result.state is State.WARNING else Level.FAIL
    found = tuple(finding for finding in result.findings if finding.level is level)
    said = result.reason or "The check failed without saying why."
    return found or (Finding(level, said),)


def _repairs(results: list[Result]) -> tuple[Repair, ...]:
    mended: dict[object, list[tuple[Result, Finding]]] = defaultdict(list)
    for result in results:
        if not _is_red(result):
            continue
        for finding in _failures(result):
            mended[finding.fix.key if finding.fix else object()].append((result, finding))
    return tuple(_repair(group) for group in mended.values())


def _repair(group: list[tuple[Result, Finding]]) -> Repair:
    said = [_statement(result, finding) for result, finding in group]
    fix = group[0][1].fix
    refs = [fix.source] if fix and fix.source else []
    refs += [ref for result, _ in group for ref in result.refs]
    return Repair(said[0], tuple(said[1:]), fix, _each_once(refs))


def _each_once(refs: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple({ref.url: ref for ref in reversed(list(refs))}.values())[::-1]


def _warnings(results: list[Result], repairs: tuple[Repair, ...]) -> tuple[Warned, ...]:
    shown = {repair.fix.key: repair.headline.entry.check for repair in repairs if repair.fix}
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


def _blocker(result: Result) -> Blocker:
    return result.blocked_by or Blocker("", result.reason or "The reason was not recorded.")


def _roots(results: Iterable[Result]) -> dict[tuple[str, str], Root]:
    roots: dict[tuple[str, str], Root] = {}
    for result in results:
        if result.state is not State.BLOCKED:
            continue
        by = _blocker(result)
        root = roots.get((by.check, by.reason), Root(by.check, by.reason, by.next_step, ()))
        roots[by.check, by.reason] = replace(
            root,
            next_step=root.next_step or by.next_step,
            entries=(*root.entries, result.entry),
        )
    return roots


def _untold(root: Root, repairs: tuple[Repair, ...]) -> Root:
    """Return the root without its reason where a repair already says it."""
    said = (each for repair in repairs for each in (repair.headline, *repair.also))
    reason = root.reason.rstrip(".")
    if any(each.entry.check == root.check and reason in each.observed for each in said):
        return replace(root, reason="")
    return root


def _shared_roots(results: Iterable[Result]) -> dict[tuple[str, str], Root]:
    """Return the root causes that are told once for all hosts: VMM's, and those of many hosts."""
    blocked: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        if result.state is State.BLOCKED:
            by = _blocker(result)
            blocked[by.check, by.reason].append(result)
    shared = {}
    for key, group in blocked.items():
        hosts = {result.entry.target for result in group}
        if key[0] == "LM001" or len(hosts) >= MANY_HOSTS:
            steps = (_blocker(result).next_step for result in group)
            entries = tuple(result.entry for result in group)
            shared[key] = Root(*key, next((step for step in steps if step), ""), entries)
    return shared


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
