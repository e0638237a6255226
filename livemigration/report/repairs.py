"""What a run has to mend, told by its causes: one repair for all hosts that need the same.

The order is that in which a person begins: most hosts, then most checks that failed or wait, then
the key of the repair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from livemigration.base.text import counted
from livemigration.facts.model import Subject
from livemigration.report.merging import merged_lines
from livemigration.report.naming import ANY_HOST, Names, without_name
from livemigration.report.result_text import not_so
from livemigration.run.plan import PlanEntry
from livemigration.run.repairs import each_once, is_scripted
from livemigration.run.result import Blocker, Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import HOSTS, Cause, Finding, Fix, Level, Reference


@dataclass(frozen=True)
class Said:
    """A finding, with the check that made it."""

    entry: PlanEntry
    finding: Finding


@dataclass(frozen=True)
class Mended:
    """One machine of a repair: what its checks found, and what mends it.

    `fixes` are several where one key stands for several things to do, such as one record for each
    address; none where no check knows how to mend it.
    """

    name: str
    said: tuple[Said, ...]
    fixes: tuple[Fix, ...]
    waiting: tuple[PlanEntry, ...] = ()

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that failed, each once."""
        return tuple(dict.fromkeys(each.entry.check for each in self.said))

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """What matters of this machine, each behind what it is."""
        cause = self.fixes[0].cause if self.fixes else None
        return cause.values if cause else ()


@dataclass(frozen=True)
class Told:
    """Lines that hold for some machines, with `ANY_HOST` where they hold for several.

    `whole` is false where placeholders stand for values that differ.
    """

    lines: tuple[str, ...]
    names: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True)
class RepairGroup:
    """One cause, and all machines that it is to be mended on. `number` is its place in the order.

    `anchor` is the same in every run for the first repair of its key.
    """

    number: int
    anchor: str
    kind: Subject
    title: str
    wrong: str
    word: str
    machines: tuple[Mended, ...]
    refs: tuple[Reference, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The machines, in the order of the inventory."""
        return tuple(each.name for each in self.machines)

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that failed for this cause, each once."""
        return tuple(sorted({check for each in self.machines for check in each.checks}))

    @property
    def waiting(self) -> tuple[PlanEntry, ...]:
        """What could not be evaluated until this is mended."""
        return tuple(entry for each in self.machines for entry in each.waiting)

    @property
    def weight(self) -> int:
        """How many checks failed or wait."""
        return sum(len(each.checks) + len(each.waiting) for each in self.machines)

    @property
    def scripted(self) -> bool:
        """Whether commands mend it; else a person must."""
        return any(is_scripted(fix) for each in self.machines for fix in each.fixes)

    @cached_property
    def rounds(self) -> tuple[dict[str, Fix], ...]:
        """Its fixes by machine: of each machine the first, then the second where there is one."""
        fixes = {each.name: each_once(each.fixes) for each in self.machines}
        return tuple(
            {name: each[place] for name, each in fixes.items() if place < len(each)}
            for place in range(max(map(len, fixes.values()), default=0))
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What the values are that differ between its machines, or that its only one has."""
        shared = {label for label, _ in self.shared}
        labels = dict.fromkeys(label for each in self.machines for label, _ in each.values)
        return tuple(label for label in labels if label not in shared)

    @cached_property
    def shared(self) -> tuple[tuple[str, str], ...]:
        """The values that all of its machines have, where they are several."""
        if len(self.machines) == 1:
            return ()
        first = self.machines[0].values
        rest = [dict(each.values) for each in self.machines[1:]]
        return tuple(
            (label, value) for label, value in first if all(r.get(label) == value for r in rest)
        )

    def about(self, names: Names) -> str:
        """Return the order to mend it, with its machine or how many there are."""
        one = names.short(self.names[0])
        return self.title.replace(HOSTS, one if len(self.names) == 1 else _many(self))

    def told(self, get: Callable[[Fix], Iterable[str]]) -> tuple[Told, ...]:
        """Return lines of the fixes, equal ones once, those of most machines first.

        Lines of several machines that differ in values alone are told once, with placeholders.
        """
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for each in self.machines:
            lines = tuple(dict.fromkeys(line for fix in each.fixes for line in get(fix) if line))
            if len(self.machines) > 1:
                lines = tuple(without_name(line, each.name) for line in lines)
            if lines:
                found[lines].append(each.name)
        if len(found) > 1 and (shared := merged_lines(tuple(found))) is not None:
            return (Told(shared, tuple(name for names in found.values() for name in names), False),)
        told = (Told(lines, tuple(names)) for lines, names in found.items())
        return tuple(sorted(told, key=lambda each: -len(each.names)))


@dataclass(frozen=True)
class Unresolved:
    """A reason for which checks were not evaluated, and that no repair of this run mends."""

    check: str
    reason: str
    next_step: str
    entries: tuple[PlanEntry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The machines whose checks wait, each once."""
        return tuple(dict.fromkeys(entry.target for entry in self.entries))

    def kind_of(self, name: str) -> Subject:
        """Return what kind of machine one of them is."""
        return next(entry.target_kind for entry in self.entries if entry.target == name)


@dataclass(frozen=True)
class ToMend:
    """Everything that a run leaves to do: its repairs, and what nobody could see."""

    repairs: tuple[RepairGroup, ...]
    unresolved: tuple[Unresolved, ...]

    def repairs_of(self, name: str) -> tuple[RepairGroup, ...]:
        """Return the repairs that a machine needs."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> dict[str, tuple[RepairGroup, ...]]:
        found: dict[str, list[RepairGroup]] = defaultdict(list)
        for group in self.repairs:
            for name in dict.fromkeys(group.names):
                found[name].append(group)
        return {name: tuple(groups) for name, groups in found.items()}


def to_mend(run: Run) -> ToMend:
    """Return what a run leaves to do, the worst first."""
    return run.once(_to_mend)


def _to_mend(run: Run) -> ToMend:
    found = _by_machine(run.results)
    waiting, left = _waiting(run.results, found)
    groups: dict[_Key, list[_Member]] = defaultdict(list)
    for (kind, name, key), items in found.items():
        mended = Mended(
            name,
            tuple(Said(result.entry, finding) for result, finding in items),
            tuple(dict.fromkeys(each.fix for _, each in items if each.fix)),
            tuple(waiting[kind, name, key]),
        )
        cause = _cause(mended)
        groups[kind, key, cause.title, cause.wrong].append((cause, mended, _refs(items)))
    made = sorted(
        (_group(kind, key, members) for (kind, key, *_), members in groups.items()),
        key=lambda each: (-len(each.names), -each.weight, each.anchor, each.title),
    )
    return ToMend(tuple(_numbered(made)), _unresolved(left))


# Kind of machine, key of the repair, and what its cause says.
_Key = tuple[Subject, str, str, str]
_Member = tuple[Cause, Mended, tuple[Reference, ...]]


def _numbered(groups: Iterable[RepairGroup]) -> Iterator[RepairGroup]:
    seen: dict[str, int] = defaultdict(int)
    for number, each in enumerate(groups, 1):
        seen[each.anchor] += 1
        again = f"-{seen[each.anchor]}" if seen[each.anchor] > 1 else ""
        yield replace(each, number=number, anchor=each.anchor + again)


def _group(kind: Subject, key: str, members: list[_Member]) -> RepairGroup:
    cause = members[0][0]
    refs = {ref.url: ref for _, _, some in members for ref in some}
    return RepairGroup(
        number=0,
        anchor=f"fix-{key}",
        kind=kind,
        title=cause.title,
        wrong=cause.wrong,
        word=cause.word,
        machines=tuple(mended for _, mended, _ in members),
        refs=tuple(refs.values()),
    )


def failures(result: Result) -> tuple[Finding, ...]:
    """Return the findings that make a result red, never none; none of one that is not red."""
    if not (result.red and result.state in {State.FAIL, State.WARNING}):
        return ()
    level = Level.WARNING if result.state is State.WARNING else Level.FAIL
    found = tuple(finding for finding in result.findings if finding.level is level)
    said = result.reason or "The check failed without saying why."
    return found or (Finding(level, said),)


_Items = dict[tuple[Subject, str, str], list[tuple[Result, Finding]]]


def _by_machine(results: Iterable[Result]) -> _Items:
    """Return what is red, by machine and key of its repair."""
    found: _Items = defaultdict(list)
    for result in results:
        entry = result.entry
        for finding in failures(result):
            key = finding.fix.key if finding.fix else f"none-{entry.check}"
            found[entry.target_kind, entry.target, key].append((result, finding))
    return found


def _waiting(
    results: Iterable[Result], found: _Items
) -> tuple[dict[tuple[Subject, str, str], list[PlanEntry]], list[tuple[Blocker, PlanEntry]]]:
    """Return what waits behind each repair, and what waits behind none."""
    behind: dict[tuple[str, str], tuple[Subject, str, str]] = {}
    servers: dict[str, tuple[Subject, str, str]] = {}
    for place, items in found.items():
        for result, _ in items:
            behind.setdefault((place[1], result.entry.check), place)
            if place[0] is not Subject.HOST:
                servers.setdefault(result.entry.check, place)
    waiting: dict[tuple[Subject, str, str], list[PlanEntry]] = defaultdict(list)
    left: list[tuple[Blocker, PlanEntry]] = []
    for result in results:
        if result.state is not State.BLOCKED:
            continue
        by = result.blocked_by or Blocker("", result.reason or "The reason was not recorded.")
        mended = behind.get((result.entry.target, by.check)) or servers.get(by.check)
        if mended is None:
            left.append((by, result.entry))
        else:
            waiting[mended].append(result.entry)
    return waiting, left


def _unresolved(left: Iterable[tuple[Blocker, PlanEntry]]) -> tuple[Unresolved, ...]:
    found: dict[tuple[str, str], Unresolved] = {}
    entries: dict[tuple[str, str], list[PlanEntry]] = defaultdict(list)
    for by, entry in left:
        key = by.check, without_name(by.reason, entry.target)
        step = without_name(by.next_step, entry.target)
        before = found.setdefault(key, Unresolved(*key, step, ()))
        if step and not before.next_step:
            found[key] = replace(before, next_step=step)
        entries[key].append(entry)
    made = (replace(each, entries=tuple(entries[key])) for key, each in found.items())
    return tuple(sorted(map(_named, made), key=lambda each: -len(each.names)))


def _named(each: Unresolved) -> Unresolved:
    """Return the reason with its host's name where it is one host's."""
    if len(each.names) != 1:
        return each
    name = each.names[0]
    return replace(
        each,
        reason=each.reason.replace(ANY_HOST, name),
        next_step=each.next_step.replace(ANY_HOST, name),
    )


def _cause(mended: Mended) -> Cause:
    """Return the cause that the fix tells; where it tells none, what the check itself says."""
    fix = mended.fixes[0] if mended.fixes else None
    if fix is not None and fix.cause is not None:
        return fix.cause
    entry = mended.said[0].entry
    title = without_name(fix.summary, mended.name).replace(ANY_HOST, HOSTS) if fix else ""
    # A warning may be of a check that holds: it fails only because the policy says so.
    warned = mended.said[0].finding.level is Level.WARNING
    wrong = f"{entry.check} warns, which the policy counts as a failure"
    failed = "warns" if warned else "failed"
    return Cause(
        title=title.rstrip(".") or f"Look at {HOSTS}: {entry.check} {failed}, and names no fix",
        wrong=wrong if warned else not_so(entry).rstrip("."),
        word=f"{entry.check} {'warns' if warned else 'fails'}",
    )


def _refs(items: Iterable[tuple[Result, Finding]]) -> tuple[Reference, ...]:
    """Return what the fixes rest on; what the checks rest on only where no fix says it."""
    sources = [finding.fix.source for _, finding in items if finding.fix and finding.fix.source]
    refs = sources or [ref for result, _ in items for ref in result.refs]
    return tuple({ref.url: ref for ref in refs}.values())


def _many(group: RepairGroup) -> str:
    what = "host" if group.kind is Subject.HOST else "VMM server"
    return counted(len(group.names), what)
