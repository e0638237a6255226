"""The fix script of a run: every scripted repair behind its guard, everything else as comments.

Windows PowerShell 3.0 or later, as the fixes themselves. It has never been run on Windows.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from livemigration.addresses import listed
from livemigration.fix_script.frame import CLOSING, OPENING, STALE
from livemigration.fixes.quoting import comment, quote
from livemigration.repairs import Repair, changes, repairs_of
from livemigration.report.moments import utc
from livemigration.report.wording import SIMULATED
from livemigration.results import Run

_INDENT = "    "


def fix_script(run: Run) -> str:
    """Return the fix script of a run; one without repairs says so and does nothing."""
    repairs = repairs_of(run.results)
    lines = [
        *_heading(run, repairs),
        *OPENING,
        *_refusals(run),
        "",
        "$repairs = @()",
        *(line for name in _targets(run, repairs) for line in _section(name, repairs)),
        *CLOSING,
    ]
    return "\n".join(lines) + "\n"


def fix_script_bytes(run: Run) -> bytes:
    """Return the script as a file: Windows PowerShell reads UTF-8 only behind a byte order mark."""
    return codecs.BOM_UTF8 + fix_script(run).replace("\n", "\r\n").encode("utf-8")


def _targets(run: Run, repairs: Iterable[Repair]) -> tuple[str, ...]:
    """Return what is mended: VMM servers first, then hosts in the order of the inventory."""
    hosts = [host.name for host in run.hosts]
    names = dict.fromkeys(repair.target for repair in repairs)
    return (
        *(each for each in names if each not in hosts),
        *(each for each in hosts if each in names),
    )


def _heading(run: Run, repairs: tuple[Repair, ...]) -> Iterator[str]:
    scripted = sum(repair.scripted for repair in repairs)
    said = [
        f"Fixes of the live-migration run of {utc(run.started)}. Verdict: {run.verdict}.",
        f"Inventory: {run.inventory}, digest {run.inventory_digest}.",
        f"{scripted} by script, {len(repairs) - scripted} by a person: those are comments.",
        "Run it where the VMM console is installed, first with -WhatIf.",
        "-HostName chooses hosts, -Rollback undoes what the script did.",
        "It leaves alone what has changed since, and hosts on which a migration runs.",
        "Scripts like this one have been held against the lab only, never run on Windows.",
    ]
    if run.change is not None:
        said.insert(1, f"Change {run.change.identifier}, run by {run.change.operator}.")
    if run.valid_until is not None and not run.simulated:
        said.append(f"What it was made from is evidence until {utc(run.valid_until)}.")
    if run.simulated:
        said.insert(0, SIMULATED)
    return (comment(line) for line in said)


def _refusals(run: Run) -> Iterator[str]:
    if run.simulated:
        yield f"throw {quote('This script was made from a simulated fleet. It mends nothing.')}"
    elif run.valid_until is not None:
        until = run.valid_until
        numbers = f"{until:%Y}, {until.month}, {until.day}, {until.hour}, {until.minute}, 0"
        yield f"$validUntil = New-Object System.DateTime -ArgumentList {numbers}"
        yield from STALE


def _section(name: str, repairs: Iterable[Repair]) -> Iterator[str]:
    yield ""
    yield comment(name)
    for repair in repairs:
        if repair.target == name:
            yield from _scripted(repair) if repair.scripted else _by_hand(repair)


def _told(repair: Repair) -> Iterator[str]:
    fix = repair.fix
    yield comment(f"{listed(repair.checks)}: {fix.summary}")
    for finding in repair.findings:
        yield comment(f"Observed: {finding.observed}")
    if fix.precondition:
        yield comment(f"First: {fix.precondition}")
    if fix.cost:
        yield comment(f"Cost: {fix.cost}")
    if fix.alternative:
        yield comment(f"Instead: {fix.alternative}")


def _by_hand(repair: Repair) -> Iterator[str]:
    yield from _told(repair)
    yield comment("A person must do this:")
    for number, step in enumerate(repair.fix.console, start=1):
        yield comment(f"{number}. {step}")
    for line in repair.fix.commands:
        yield comment(f"   {line}")


def _scripted(repair: Repair) -> Iterator[str]:
    yield from _told(repair)
    fix = repair.fix
    yield "$repairs += New-Object PSObject -Property @{"
    yield f"{_INDENT}Target = {quote(repair.target)}"
    yield f"{_INDENT}Summary = {quote(fix.summary)}"
    yield from _block("Wanted", _wanted(fix.undo))
    yield from _block("Change", _asking(repair.target, fix.commands))
    yield from _block("Undo", _asking(repair.target, _undo(fix.undo)))
    yield "}"


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{_INDENT}{name} = {{"
    for line in lines:
        yield f"{_INDENT * 2}{line}"
    yield f"{_INDENT}}}"


def _undoes(undo: Iterable[str]) -> bool:
    return any(changes(line) for line in undo)


def _undo(undo: tuple[str, ...]) -> tuple[str, ...]:
    if _undoes(undo):
        return undo
    return (*undo, "throw 'No command undoes this. Undo it in the console.'")


def _wanted(undo: tuple[str, ...]) -> tuple[str, ...]:
    """Return what throws unless the host is already as the repair leaves it: the undo's guard."""
    if not _undoes(undo):
        return ("throw 'not known'",)
    return tuple(line for line in undo if not changes(line))


def _asking(target: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines, each change of them behind ShouldProcess."""
    for line in lines:
        if changes(line):
            yield f"if ($PSCmdlet.ShouldProcess({quote(target)}, {quote(line)})) {{"
            yield f"{_INDENT}{line}"
            yield f"{_INDENT}$script:changed = $true"
            yield "}"
        elif "Read-Host" in line:
            # Under -WhatIf nobody is asked: nothing would follow from the answer.
            yield f"if (-not $WhatIfPreference) {{ {line} }}"
        else:
            yield line
