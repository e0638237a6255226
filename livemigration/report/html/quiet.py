"""What a page says besides repairs: warnings, waivers, what changed, what was not examined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from livemigration.base.text import counted
from livemigration.facts.model import Subject
from livemigration.report.grouping import TargetView, View, Warned
from livemigration.report.merging import merged
from livemigration.report.naming import ANY_HOST, Names, without_name
from livemigration.report.repairs import RepairGroup, ToMend
from livemigration.run.drift.model import ChangedFact, Drift, Moved
from livemigration.run.plan import PlanEntry
from livemigration.run.run import Run
from livemigration.verdict.findings import Fix, Reference

NOTES = 40
_NAMED = 3


@dataclass(frozen=True)
class WarningCause:
    """A cause of warnings, once, with what was observed of each machine."""

    checks: tuple[str, ...]
    headline: str
    expected: str
    observed: tuple[tuple[str, str], ...]
    fix: Fix | None
    same_fix_as: str
    refs: tuple[Reference, ...]
    keys: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The machines, each once."""
        return tuple(dict.fromkeys(name for name, _ in self.observed))


def warnings_of(view: View) -> tuple[WarningCause, ...]:
    """Return the warnings of a run, each cause once, those of most machines first."""
    found: dict[object, list[tuple[TargetView, Warned]]] = defaultdict(list)
    for target in (*view.others, *view.hosts):
        for warned in target.warnings:
            said = warned.statement
            cause = warned.fix.cause if warned.fix else None
            what = cause.wrong if cause else without_name(said.expected, target.name)
            key = (target.kind, warned.fix.key if warned.fix else said.entry.check, what)
            found[key].append((target, warned))
    made = [_warning(items) for items in found.values()]
    return tuple(sorted(made, key=lambda each: -len(each.names)))


def _warning(items: list[tuple[TargetView, Warned]]) -> WarningCause:
    target, first = items[0]
    cause = first.fix.cause if first.fix else None
    texts = [without_name(each.statement.observed, of.name) for of, each in items]
    observed = merged(tuple(dict.fromkeys(texts))) or f"For example {target.name}: {texts[0]}"
    if len(items) == 1:
        observed = observed.replace(ANY_HOST, target.name)
    refs = {ref.url: ref for _, each in items for ref in each.refs}
    return WarningCause(
        checks=tuple(dict.fromkeys(each.statement.entry.check for _, each in items)),
        headline=cause.wrong if cause else observed,
        expected=first.statement.expected,
        observed=tuple((of.name, each.statement.observed) for of, each in items),
        fix=first.fix,
        same_fix_as=first.same_fix_as,
        refs=tuple(refs.values()),
    )


@dataclass(frozen=True)
class Open:
    """Something that was not examined: a sentence, and the repair that it waits for, if any."""

    text: str
    until: RepairGroup | None = None
    next_step: str = ""
    names: tuple[str, ...] = ()


def not_examined(run: Run, mend: ToMend, names: Names) -> tuple[Open, ...]:
    """Return what nobody knows after the run, each reason once."""
    waiting = tuple(
        Open(_checks_on(each.waiting, names), each) for each in mend.repairs if each.waiting
    )
    stuck = tuple(
        Open(f"{_checks_on(each.entries, names)}: {each.reason}", None, each.next_step, each.names)
        for each in mend.unresolved
    )
    not_run = (Open(f"{_checks_on(run.not_run, names)}: not run"),) if run.not_run else ()
    return (*waiting, *stuck, *not_run, *(Open(each) for each in run.not_examined))


def _checks_on(entries: Iterable[PlanEntry], names: Names) -> str:
    some = tuple(entries)
    where = tuple(dict.fromkeys(entry.target for entry in some))
    kinds = {entry.target_kind for entry in some}
    what = "host" if kinds == {Subject.HOST} else "machine"
    said = ", ".join(map(names.short, where)) if len(where) <= _NAMED else counted(len(where), what)
    return f"{counted(len(some), 'check')} on {said}"


@dataclass(frozen=True)
class Change:
    """Something that is another now, and the machines of which that holds."""

    what: str
    names: tuple[str, ...]
    was: str = ""
    now: str = ""
    check: str = ""


@dataclass(frozen=True)
class Changes:
    """What changed since the earlier run, equal changes together."""

    title: str
    items: tuple[Change, ...]
    tone: str = ""


def changes_of(drift: Drift) -> tuple[Changes, ...]:
    """Return what changed, the worst first; empty parts are left out."""
    parts = (
        Changes("New failures", _moved(drift.new), "bad"),
        Changes("Failed before, not judged now: not known to be fixed", _moved(drift.unjudged)),
        Changes(
            "Newly unreachable",
            tuple(Change(each.said, (each.target,)) for each in drift.unreached),
            "bad",
        ),
        Changes("Fixed", _moved(drift.fixed), "ok"),
        Changes("Newly waived", _moved(drift.waived)),
        Changes("Newly blocked", _moved(drift.blocked)),
        Changes("No longer blocked", _moved(drift.seen)),
        Changes("Settings that moved, also where they are still right", _facts(drift.facts or ())),
        Changes("Still failing", _moved(drift.still)),
    )
    return tuple(each for each in parts if each.items)


def _moved(items: Iterable[Moved]) -> tuple[Change, ...]:
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for each in items:
        found[each.title, each.was, each.now, each.check].append(each.target)
    return tuple(
        Change(title, tuple(names), was.replace("-", " "), now.replace("-", " "), check)
        for (title, was, now, check), names in found.items()
    )


def _facts(items: Iterable[ChangedFact]) -> tuple[Change, ...]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in items:
        what = f"{each.group}: {each.name}" if each.name else each.group
        found[what, each.was or "not there", each.now or "not there"].append(each.target)
    return tuple(Change(what, tuple(names), was, now) for (what, was, now), names in found.items())


def notes_of(view: View) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return checks, text and hosts of each note; equal ones once, those of most hosts first."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for target in (*view.others, *view.hosts):
        for note in target.notes:
            text = without_name(note.observed, target.name)
            found[note.entry.check, text].append(target.name)
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (check, text), names in found.items():
        alike[text, tuple(names)].append(check)
    made = ((", ".join(checks), text, names) for (text, names), checks in alike.items())
    return tuple(sorted(made, key=lambda each: (-len(each[2]), each[0])))
