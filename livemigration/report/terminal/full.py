"""Everything of a run that is not in order, for -v: steps, commands, undo and sources."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import counted, listed
from livemigration.report.grouping import View, view_of
from livemigration.report.naming import Names
from livemigration.report.repair_detail import MOST_HOSTS, parts_of
from livemigration.report.repairs import Mended, RepairGroup, ToMend, Unresolved
from livemigration.report.terminal.lines import Line, Tone
from livemigration.report.warned import waived_lines, warning_lines
from livemigration.report.wording import drift_sentence, scope_sentences
from livemigration.run.run import Run

_INDENT = 4
_LABEL = 15


def full(run: Run, found: ToMend, names: Names) -> Iterator[Line]:
    """Yield each repair in full, what nobody could see, warnings, and what the run left out."""
    view = view_of(run)
    about = {(each.kind, each.name): each.about for each in (*view.others, *view.hosts)}
    for group in found.repairs:
        yield Line("")
        yield from _repair(group, names)
        for each in group.machines[:MOST_HOSTS]:
            yield _machine(each, about.get((group.kind, each.name), ()))
        if (more := len(group.machines) - MOST_HOSTS) > 0:
            yield Line(f"{'':{_INDENT}}and {counted(more, 'more machine')}: see the report")
    for left in found.unresolved:
        yield Line("")
        yield from _unresolved(left)
    quiet = tuple(_quiet(view, names))
    if quiet:
        yield Line("")
    yield from quiet
    yield Line("")
    drift = (drift_sentence(run.drift), *run.drift.remarks) if run.drift else ()
    yield from (Line(said, 2) for said in (*scope_sentences(run), *drift))


def _repair(group: RepairGroup, names: Names) -> Iterator[Line]:
    number = f"{group.number}. "
    title = f"{number}{group.about(names)}"
    yield Line(title, len(number), Tone.TITLE, end=f"  #{group.anchor} ({listed(group.checks)})")
    for part in parts_of(group, names):
        whose = f" {part.whose}" if part.whose else ""
        if part.code:
            yield Line(f"{'':{_INDENT}}{part.label}{whose}:", _INDENT)
            yield from (Line(f"{'':{_INDENT * 2}}{line}", whole=True) for line in part.lines)
            continue
        label = part.label
        if whose:
            yield Line(f"{'':{_INDENT}}{label}{whose}:", _LABEL)
            label = ""
        for line in part.lines:
            yield Line(f"{'':{_INDENT}}{label:<{_LABEL - _INDENT}}{line}", _LABEL)
            label = ""


def _machine(each: Mended, about: tuple[str, ...]) -> Line:
    known = f" ({', '.join(about)})" if about else ""
    values = "".join(f"; {label}: {value}" for label, value in each.values)
    return Line(f"{'':{_INDENT}}{each.name}{known}: {listed(each.checks)}{values}", _LABEL)


def _unresolved(each: Unresolved) -> Iterator[Line]:
    by = f" by {each.check}" if each.check else ""
    yield Line(f"BLOCKED{by}: {each.reason or 'see its finding'}", 4, Tone.TITLE)
    if each.next_step:
        yield Line(f"{'':{_INDENT}}{'next':<{_LABEL - _INDENT}}{each.next_step}", _LABEL)
    checks = tuple(dict.fromkeys(entry.check for entry in each.entries))
    number = counted(len(each.entries), "check")
    yield Line(f"{'':{_INDENT}}{number} not evaluated: {listed(checks)}", _LABEL)
    yield Line(f"{'':{_INDENT}}on {listed(each.names)}", _LABEL)


def _quiet(view: View, names: Names) -> Iterator[Line]:
    """Yield warnings, waived failures and what did not run: a line each."""
    for said in warning_lines(view, names):
        yield Line(f"warning {said}", 4, Tone.WARNING)
    for said in waived_lines(view, names):
        yield Line(f"waived {said}", 4)
    for signed in view.run.waivers:
        if signed.warning:
            yield Line(f"waiver: {signed.warning}", 4, Tone.WARNING)
    for target in (*view.others, *view.hosts):
        if target.not_run:
            checks = listed(entry.check for entry in target.not_run)
            yield Line(f"not run {target.name}: {checks}", 4)
