"""A run as Markdown, to paste into a ticket: what a person asks first comes first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from livemigration.base.text import counted, listed, some
from livemigration.report.boards import BESIDES, boards_of
from livemigration.report.boards_text import cause_lines
from livemigration.report.grouping import View, hosts_sentence, view_of
from livemigration.report.host_changes import changes_sentence
from livemigration.report.markdown_drains import drain_sections
from livemigration.report.markdown_text import fenced, span
from livemigration.report.moments import gathered, utc
from livemigration.report.naming import Names
from livemigration.report.paths import kinds_of
from livemigration.report.repair_detail import Part, named, parts_of
from livemigration.report.repairs import RepairGroup, ToMend, Unresolved, to_mend
from livemigration.report.text import plain
from livemigration.report.warned import waived_lines, warning_lines
from livemigration.report.wording import (
    SIMULATED,
    change_sentences,
    counts_sentence,
    drift_sentence,
    narrowed_sentences,
    not_examined_sentence,
    scope_sentences,
    verdict_words,
)
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences

_LABEL_WIDTH = 10
# How many repairs the list at the top names; each has its section.
_LISTED = 20
_BOARDS = 24


def export(run: Run, _folder: Path) -> str:
    """Return the run as Markdown."""
    return markdown_text(run)


def markdown_text(run: Run, most_bytes: int | None = None) -> str:
    """Return the run as Markdown that reads as well unrendered.

    Everything that comes from hosts, from the inventory or from options stands in code, where
    Markdown, HTML, links and mentions mean nothing.

    Args:
        run: the run.
        most_bytes: how long it may be. Sections that do not fit are left out, which is said.
    """
    # Who reads a ticket may not know of which domain it speaks: no name is cut short.
    found, names, view = to_mend(run), Names(()), view_of(run)
    head, about = _head(view, found, names), _about(run)
    sections = list(_sections(view, found, names))
    if most_bytes is None:
        return _joined([head, *sections, about])
    return _bounded(head, sections, about, most_bytes)


def _bounded(head: str, sections: list[str], about: str, most_bytes: int) -> str:
    kept, left_out = [head], 0
    room = most_bytes - _size(head) - _size(_left_out(len(sections) + 1)) - _size(about)
    # Where the run itself is told comes last, and is kept before anything else.
    last = [about] if room >= 0 else []
    room += 0 if last else _size(about)
    for section in sections:
        if _size(section) <= room:
            kept.append(section)
            room -= _size(section)
        else:
            left_out += 1
    left_out += not last
    if left_out:
        kept.append(_left_out(left_out))
    whole = _joined([*kept, *last])
    return whole if len(whole.encode()) <= most_bytes else ""


def _left_out(number: int) -> str:
    are = "section is" if number == 1 else "sections are"
    return f"**{number} {are} left out here for want of room.** The HTML report has them all."


def _size(section: str) -> int:
    return len(section.encode()) + len("\n\n")


def _joined(sections: list[str]) -> str:
    return "\n\n".join(sections) + "\n"


def _head(view: View, found: ToMend, names: Names) -> str:
    run = view.run
    marks = (*((SIMULATED,) if run.simulated else ()), *unsafe_sentences(run.sessions))
    mark = "".join(f"**{each}**\n\n" for each in marks)
    said = f"{hosts_sentence(view)} {counts_sentence(run)}"
    lines = [
        *((changes_sentence(run, run.drift),) if run.drift else ()),
        *((not_examined_sentence(run),) if run.not_examined else ()),
        *narrowed_sentences(run),
        *change_sentences(run),
        *_list(found, names),
    ]
    told = f"\n\n{fenced(lines)}" if lines else ""
    return f"# Live migration: {verdict_words(run)}\n\n{mark}{said}{told}"


def _list(found: ToMend, names: Names) -> Iterator[str]:
    if found.repairs:
        yield ""
        yield f"{counted(len(found.repairs), 'repair')}, the worst first:"
    for group in found.repairs[:_LISTED]:
        hosts = f": {named(group.names, names)}" if len(group.names) > 1 else ""
        yield f"{group.number}. {group.about(names)}{hosts}"
    if (more := len(found.repairs) - _LISTED) > 0:
        yield f"and {counted(more, 'more repair')}"


def _about(run: Run) -> str:
    return f"## About this run\n\n{fenced(_about_lines(run))}"


def _about_lines(run: Run) -> Iterator[str]:
    yield from scope_sentences(run)
    if run.drift is not None:
        yield drift_sentence(run.drift)
        yield from run.drift.remarks
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


def _sections(view: View, found: ToMend, names: Names) -> Iterator[str]:
    if view.run.problems:
        yield f"## Problems of this run\n\n{fenced(view.run.problems)}"
    if view.internal_errors:
        lines = (
            f"{each.entry.check} {each.entry.target}: {each.reason or 'no reason was recorded'}"
            for each in view.internal_errors
        )
        yield f"## Internal errors\n\n{fenced(lines)}"
    for group in found.repairs:
        yield "\n\n".join(_repair(group, names))
    if found.unresolved:
        told = (line for each in found.unresolved for line in _unresolved(each, names))
        yield f"## Not examined for other reasons\n\n{fenced(told)}"
    yield from drain_sections(view.run, names)
    yield from _lists(view, names)


def _repair(group: RepairGroup, names: Names) -> Iterator[str]:
    yield f"## {group.number}. {span(group.about(names))}"
    told: list[str] = []
    for part in parts_of(group, names):
        if not part.code:
            told += _lines(part)
            continue
        if told:
            yield fenced(told)
            told = []
        yield f"{_CODE[part.label]}{span(part.whose) if part.whose else ''}".rstrip() + ":"
        yield fenced(part.lines, "powershell")
    if told:
        yield fenced(told)


_CODE = {"PowerShell": "Commands of the fix ", "undo": "To undo it "}


def _lines(part: Part) -> Iterator[str]:
    label = part.label
    if part.whose:
        yield f"{label} {part.whose}:"
        label = ""
    for line in part.lines:
        yield f"{label:<{_LABEL_WIDTH}}{plain(line)}"
        label = ""


def _unresolved(each: Unresolved, names: Names) -> Iterator[str]:
    by = f"blocked by {each.check}" if each.check else "blocked"
    checks = dict.fromkeys(entry.check for entry in each.entries)
    yield f"{named(each.names, names)}: {listed(checks)} {by}: {each.reason or 'see its finding'}"
    if each.next_step:
        yield f"    next: {each.next_step}"


def _paths(run: Run, names: Names) -> Iterator[str]:
    kinds = kinds_of(run.paths, names)
    for each in kinds[:_LISTED]:
        yield f"{some(each.clusters)}: {each.sentence}"
    if (more := len(kinds) - _LISTED) > 0:
        yield f"and {counted(more, 'more path')}"


def _lists(view: View, names: Names) -> Iterator[str]:
    warned = tuple(warning_lines(view, names))
    if warned:
        yield f"## Warnings\n\n{fenced(warned)}"
    if view.run.paths:
        yield f"## Where clusters move virtual machines\n\n{fenced(_paths(view.run, names))}"
    waived = tuple(waived_lines(view, names))
    if waived:
        yield f"## Waived\n\n{fenced(waived)}"
    signed = [each.warning for each in view.run.waivers if each.warning]
    if signed:
        yield f"## Waivers to look at\n\n{fenced(signed)}"
    if moves := tuple(_moves(view.run, names)):
        yield f"## Who can go where\n\n{fenced(moves)}"
    not_run = [
        f"{target.name}: {listed(entry.check for entry in target.not_run)}"
        for target in (*view.others, *view.hosts)
        if target.not_run
    ]
    if not_run:
        yield f"## Not run\n\n{fenced(not_run)}"


def _moves(run: Run, names: Names) -> Iterator[str]:
    """Yield the causes for which hosts cannot send to others, and no table of all ways."""
    if run.matrix is None:
        return
    found = boards_of(run.matrix, names)
    for board in found.boards[:_BOARDS]:
        yield board.sentence
        yield from (f"{each.letter} is {each.label[2:]}" for each in board.alike[:_BOARDS])
        yield from cause_lines(board)
    if (more := len(found.boards) - _BOARDS) > 0:
        yield f"and {counted(more, 'more group')}: livemigration matrix prints them"
    yield from found.lines
    if found.boards or found.free:
        yield BESIDES
