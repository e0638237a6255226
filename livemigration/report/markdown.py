"""A run as Markdown, to paste into a ticket: the verdict first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from livemigration.addresses import listed
from livemigration.facts.model import Subject
from livemigration.findings import Fix
from livemigration.report.grouping import (
    Repair,
    Root,
    TargetView,
    View,
    Warned,
    hosts_sentence,
    view_of,
)
from livemigration.report.markdown_text import fenced, span
from livemigration.report.moments import gathered, utc
from livemigration.report.text import plain
from livemigration.report.wording import (
    SIMULATED,
    change_sentences,
    counts_sentence,
    drift_sentence,
    not_examined_sentence,
    scope_sentences,
    state_word,
)
from livemigration.results import Run

_LABEL_WIDTH = 10


def markdown_text(run: Run, most_bytes: int | None = None) -> str:
    """Return the run as Markdown that reads as well unrendered.

    Everything that comes from hosts, from the inventory or from options stands in code, where
    Markdown, HTML, links and mentions mean nothing.

    Args:
        run: the run.
        most_bytes: how long it may be. Sections that do not fit are left out, which is said.
    """
    view = view_of(run)
    head, sections = _head(view), list(_sections(view))
    if most_bytes is None:
        return _joined([head, *sections])
    return _bounded(head, sections, most_bytes)


def _bounded(head: str, sections: list[str], most_bytes: int) -> str:
    kept, left_out = [head], 0
    room = most_bytes - _size(head) - _size(_left_out(len(sections)))
    for section in sections:
        if _size(section) <= room:
            kept.append(section)
            room -= _size(section)
        else:
            left_out += 1
    if left_out:
        kept.append(_left_out(left_out))
    whole = _joined(kept)
    return whole if len(whole.encode()) <= most_bytes else ""


def _left_out(number: int) -> str:
    are = "section is" if number == 1 else "sections are"
    return f"**{number} {are} left out here for want of room.** The HTML report has them all."


def _size(section: str) -> int:
    return len(section.encode()) + len("\n\n")


def _joined(sections: list[str]) -> str:
    return "\n\n".join(sections) + "\n"


def _head(view: View) -> str:
    run = view.run
    mark = f"**{SIMULATED}**\n\n" if run.simulated else ""
    said = f"{hosts_sentence(view)} {counts_sentence(run)}"
    return f"# Live migration: {run.verdict}\n\n{mark}{said}\n\n{fenced(_about(run))}"


def _about(run: Run) -> Iterator[str]:
    if run.not_examined:
        yield not_examined_sentence(run)
    if run.drift is not None:
        yield drift_sentence(run.drift)
        yield from run.drift.remarks
    yield from scope_sentences(run)
    yield from change_sentences(run)
    yield gathered(run)
    yield f"Run from {utc(run.started)} to {utc(run.finished)}."
    yield ""
    yield f"Inventory  {run.inventory}"
    yield f"           SHA-256 {run.inventory_digest}"
    if run.demands is not None:
        yield f"Policy     SHA-256 {run.demands.digest}"
    server = f"{run.vmm} {run.vmm_release}" if run.vmm else "no server was asked"
    yield f"VMM        {server}".rstrip()
    yield f"Suite      livemigration {run.suite_version}"
    yield f"Exit code  {int(run.exit_code)}"


def _sections(view: View) -> Iterator[str]:
    if view.run.problems:
        yield f"## Problems of this run\n\n{fenced(view.run.problems)}"
    if view.internal_errors:
        lines = (
            f"{each.entry.check} {each.entry.target}: {each.reason or 'no reason was recorded'}"
            for each in view.internal_errors
        )
        yield f"## Internal errors\n\n{fenced(lines)}"
    for target in (*view.others, *view.hosts):
        if target.repairs:
            yield _failing(target)
    yield from _blocked(view)
    yield from _lists(view)


def _failing(target: TargetView) -> str:
    parts = [f"## {_kind(target)} {span(target.name)}"]
    if target.about:
        parts.append(fenced(target.about))
    for repair in target.repairs:
        parts += _repair(repair)
    return "\n\n".join(parts)


def _kind(target: TargetView) -> str:
    return "Host" if target.kind is Subject.HOST else "VMM server"


def _repair(repair: Repair) -> Iterator[str]:
    said = repair.headline
    entry = said.entry
    yield f"**{state_word(said.state).upper()}** {span(f'{entry.check} {entry.title}')}"
    lines = [*_field("observed", said.observed), *_field("expected", said.expected)]
    for other in repair.also:
        if other.entry.check == entry.check:
            lines += _field("observed", other.observed)
    if repair.also_shown_by:
        lines += _field("also", f"shown by {listed(repair.also_shown_by)}")
    lines += chain.from_iterable(_field("see", f"{ref.title} {ref.url}") for ref in repair.refs)
    yield fenced([*lines, *(_fix_fields(repair.fix) if repair.fix else ())])
    if repair.fix is not None and repair.fix.commands:
        yield f"Commands of the fix:\n\n{fenced(repair.fix.commands, 'powershell')}"
    if repair.fix is not None and repair.fix.undo:
        yield f"To undo it:\n\n{fenced(repair.fix.undo, 'powershell')}"


def _fix_fields(fix: Fix) -> Iterator[str]:
    yield from _field("fix", fix.summary)
    yield from _field("cost", fix.cost)
    for number, step in enumerate(fix.console, 1):
        yield from _field(f"step {number}", step)
    yield from _field("first", fix.precondition)
    yield from _field("instead", fix.alternative)


def _field(label: str, said: str) -> Iterator[str]:
    if said:
        yield f"{label:<{_LABEL_WIDTH}}{plain(said)}"


def _blocked(view: View) -> Iterator[str]:
    lines: list[str] = []
    for root in view.shared:
        lines += _root(root, listed(root.hosts))
    for target in (*view.others, *view.hosts):
        for root in target.blocked:
            lines += _root(root, target.name)
    if lines:
        yield f"## Blocked: these checks could not be made\n\n{fenced(lines)}"


def _root(root: Root, targets: str) -> Iterator[str]:
    by = f"blocked by {root.check}" if root.check else "blocked"
    yield f"{targets}: {listed(root.checks)} {by}: {root.reason or 'see its finding'}"
    if root.next_step:
        yield f"    next: {root.next_step}"


def _lists(view: View) -> Iterator[str]:
    targets = (*view.others, *view.hosts)
    warned = [_warning(each, target) for target in targets for each in target.warnings]
    if warned:
        yield f"## Warnings\n\n{fenced(warned)}"
    waived = [
        f"{each.entry.check} {each.entry.target}: {each.reason} "
        f"Waived: {' '.join(said.observed for said in each.statements)}"
        for each in view.waived
    ]
    if waived:
        yield f"## Waived\n\n{fenced(waived)}"
    signed = [each.warning for each in view.run.waivers if each.warning]
    if signed:
        yield f"## Waivers to look at\n\n{fenced(signed)}"
    not_run = [
        f"{target.name}: {listed(entry.check for entry in target.not_run)}"
        for target in targets
        if target.not_run
    ]
    if not_run:
        yield f"## Not run\n\n{fenced(not_run)}"


def _warning(warned: Warned, target: TargetView) -> str:
    said = warned.statement
    expected = f" Expected: {said.expected}" if said.expected else ""
    fix = f" Fix: {warned.fix.summary}" if warned.fix else ""
    same = f" Same fix as {warned.same_fix_as}." if warned.same_fix_as else ""
    return f"{said.entry.check} {target.name}: {said.observed}{expected}{fix}{same}"
