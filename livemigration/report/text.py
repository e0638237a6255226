"""What a run says on the terminal: plain lines, without colour or control characters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from livemigration.addresses import listed
from livemigration.findings import Fix, Reference
from livemigration.report.grouping import (
    Repair,
    Root,
    Statement,
    TargetView,
    View,
    Warned,
    hosts_sentence,
    view_of,
)
from livemigration.report.wording import (
    SIMULATED,
    change_sentences,
    counted,
    counts_sentence,
    drift_sentence,
    not_examined_sentence,
    scope_sentences,
    state_word,
    verdict_sentences,
)
from livemigration.results import Run

_INDENT = "  "
_LABEL_WIDTH = 10
_NAMES = 12
# Azure Pipelines (azure-pipelines-agent, "Logging commands") and GitHub Actions (actions/runner,
# ActionCommand) obey such a beginning anywhere in a line of a log.
_PIPELINE_COMMAND = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)


def plain(text: str) -> str:
    """Return text that cannot steer a terminal, command a pipeline or reorder a line.

    White space of any kind becomes a space; control characters, bidirectional overrides, invisible
    format characters and lone surrogates become `?`; `##[` and `##vso[` are taken apart.
    """
    if not text.isprintable():
        text = "".join(
            each if each.isprintable() else " " if each.isspace() else "?"
            for each in text.replace("\r\n", "\n")
        )
    return _PIPELINE_COMMAND.sub("# #", text)


def host_blocks(run: Run) -> Iterator[str]:
    """Yield the lines of everything that is not in order, the worst first."""
    for line in _blocks(view_of(run)):
        yield plain(line)


def closing_lines(run: Run, report_path: str | None) -> tuple[str, ...]:
    """Return the last lines of the terminal: the verdict, its scope, and where the report is."""
    lines = (
        verdict_sentences(run, hosts_sentence(view_of(run))),
        f"{counts_sentence(run)} {not_examined_sentence(run)}".rstrip(),
        *((drift_sentence(run.drift), *run.drift.remarks) if run.drift else ()),
        *scope_sentences(run),
        *change_sentences(run),
        *((SIMULATED,) if run.simulated else ()),
        f"Report: {report_path}" if report_path else "No report was written.",
    )
    return tuple(plain(line) for line in lines)


def _blocks(view: View) -> Iterator[str]:
    for problem in view.run.problems:
        yield f"PROBLEM {problem}"
    for result in view.internal_errors:
        said = result.reason or "no reason was recorded"
        yield f"INTERNAL ERROR {result.entry.check} {result.entry.target}: {said}"
    for other in view.others:
        if other.repairs or other.blocked:
            yield from _target_lines(other, f"VMM server {other.name}")
    for host in view.failing:
        yield from _target_lines(host, host.name)
    for root in view.shared:
        yield ""
        yield from _root_lines(root, "")
        yield f"{_INDENT}on {_names(root.hosts)}"
    for host in view.undecided:
        if host.blocked:
            yield from _target_lines(host, host.name)
    yield from _quiet_lines(view)


def _quiet_lines(view: View) -> Iterator[str]:
    """Yield warnings, waived failures and what did not run: a line each."""
    shown = {host.name for host in (*view.failing, *view.undecided) if host.failing or host.blocked}
    shown |= {other.name for other in view.others if other.repairs or other.blocked}
    lines = [
        _warning_line(warned, f"{target.name}: ")
        for target in (*view.others, *view.hosts)
        if target.name not in shown
        for warned in target.warnings
    ]
    lines += [
        f"waived {each.entry.check} {each.entry.target}: {each.reason}" for each in view.waived
    ]
    lines += [f"waiver: {each.warning}" for each in view.run.waivers if each.warning]
    lines += [
        f"not run {target.name}: {listed(entry.check for entry in target.not_run)}"
        for target in (*view.others, *view.hosts)
        if target.not_run
    ]
    if lines:
        yield ""
    yield from lines


def _target_lines(target: TargetView, name: str) -> Iterator[str]:
    yield ""
    yield f"{name} ({', '.join(target.about)})" if target.about else name
    for repair in target.repairs:
        yield from _repair_lines(repair)
    for root in target.blocked:
        yield from _root_lines(root, _INDENT)
    for root in target.shared:
        mine = [entry.check for entry in root.entries if entry.target == target.name]
        yield f"{_INDENT}blocked by {root.check}, told below: {listed(mine)}"
    for warned in target.warnings:
        yield _INDENT + _warning_line(warned, "")


def _repair_lines(repair: Repair) -> Iterator[str]:
    said = repair.headline
    yield f"{_INDENT}{state_word(said.state).upper()} {said.entry.check} {said.entry.title}"
    yield from _field("observed", said.observed)
    yield from _field("expected", said.expected)
    for other in repair.also:
        if other.entry.check == said.entry.check:
            yield from _field("observed", other.observed)
    if repair.also_shown_by:
        yield from _field("also", f"shown by {listed(repair.also_shown_by)}")
    if repair.fix:
        yield from _fix_lines(repair.fix)
    for ref in repair.refs:
        yield from _field("see", _reference(ref))


def _fix_lines(fix: Fix) -> Iterator[str]:
    yield from _field("fix", fix.summary)
    yield from _field("cost", fix.cost)
    if fix.console:
        yield from _indented("in the console:", _numbered(fix.console))
    yield from _field("first", fix.precondition)
    if fix.commands:
        yield from _indented("PowerShell:", fix.commands)
    if fix.undo:
        yield from _indented("undo:", fix.undo)
    yield from _field("instead", fix.alternative)


def _numbered(steps: Iterable[str]) -> Iterator[str]:
    return (f"{number}. {step}" for number, step in enumerate(steps, 1))


def _indented(label: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{_INDENT * 2}{label}"
    for line in lines:
        yield f"{_INDENT * 4}{line}"


def _field(label: str, said: str) -> Iterator[str]:
    if said:
        yield f"{_INDENT * 2}{label:<{_LABEL_WIDTH}}{said}"


def _reference(ref: Reference) -> str:
    return f"{ref.title} <{ref.url}>"


def _names(hosts: tuple[str, ...]) -> str:
    if len(hosts) <= _NAMES:
        return listed(hosts)
    return listed((*hosts[:_NAMES], f"{len(hosts) - _NAMES} more, which the report names"))


def _root_lines(root: Root, indent: str) -> Iterator[str]:
    by = f" by {root.check}" if root.check else ""
    yield f"{indent}BLOCKED{by}: {root.reason or 'see its finding'}"
    if root.next_step:
        yield f"{indent}{_INDENT}next: {root.next_step}"
    number = counted(len(root.entries), "check")
    yield f"{indent}{_INDENT}{number} not evaluated: {listed(root.checks)}"


def _warning_line(warned: Warned, where: str) -> str:
    said: Statement = warned.statement
    fix = f" Fix: {warned.fix.summary}" if warned.fix else ""
    same = f" Same fix as {warned.same_fix_as}." if warned.same_fix_as else ""
    expected = f" Expected: {said.expected}" if said.expected else ""
    return f"warning {said.entry.check} {where}{said.observed}{expected}{fix}{same}"
