"""The fix script of a run: every scripted repair behind its guard, everything else as comments.

Windows PowerShell 3.0 or later, as the fixes themselves. It has never been run on Windows.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from livemigration.base.text import listed, one_line
from livemigration.report.fix_script.frame import CLOSING, HELPERS, OPENING, STALE
from livemigration.report.fix_script.pieces import definition
from livemigration.report.moments import utc
from livemigration.report.wording import SIMULATED, change_sentences, verdict_words
from livemigration.run.repairs import Repair, is_scripted, repairs_of, to_do
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.quoting import comment, quote

# A step or a command that is cut short is of no use; what a host said may be.
_LONGEST_STEP = 4000


def fix_script(run: Run) -> str:
    """Return the fix script of a run; one without repairs says so and does nothing."""
    repairs = repairs_of(run.results)
    lines = [
        *_heading(run, repairs),
        *OPENING,
        *_refusals(run),
        *HELPERS,
        "",
        "$repairs = @()",
        *(line for name in _targets(run, repairs) for line in _section(name, repairs)),
        *CLOSING,
    ]
    return "\n".join(lines) + "\n"


def fix_script_bytes(run: Run) -> bytes:
    """Return the script as a file.

    Windows PowerShell reads UTF-8 only behind a byte order mark, and the Notepad of Windows Server
    2016 and before shows lines that end as on Linux as a single one.
    """
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
    scripted, by_hand = (
        sum(is_scripted(fix) is by_script for repair in repairs for fix in repair.fixes)
        for by_script in (True, False)
    )
    if run.simulated:
        yield comment(SIMULATED)
    for said in unsafe_sentences(run.sessions):
        yield comment(said)
    yield comment(
        f"Fixes of the live-migration run from {utc(run.started)} to {utc(run.finished)}. "
        f"Verdict: {verdict_words(run)}."
    )
    for said in change_sentences(run):
        yield comment(said)
    yield comment(f"Inventory: {run.inventory}, digest {run.inventory_digest}.")
    if run.demands is not None:
        yield comment(f"Policy: digest {run.demands.digest}.")
    yield comment(f"Written by livemigration {run.suite_version}.")
    yield "#"
    yield comment(f"{scripted} by script, {by_hand} by a person (comments).")
    yield comment(
        "Run it in Windows PowerShell where the VMM console is installed, first with -WhatIf."
        if scripted or not run.gate
        else "Before VMM manages these hosts, a person mends them: this script changes nothing."
    )
    yield comment("-HostName chooses hosts, -Rollback undoes what the script did.")
    yield comment("It leaves alone what has changed since, and hosts on which a migration runs.")
    yield comment("Scripts like this one have never been run on Windows: read it first.")


def _refusals(run: Run) -> Iterator[str]:
    if run.simulated:
        yield f"throw {quote('This script was made from a simulated fleet. It mends nothing.')}"
    elif run.valid_until is not None:
        until = run.valid_until
        parts = (until.year, until.month, until.day, until.hour, until.minute, until.second)
        numbers = ", ".join(map(str, parts))
        yield f"$validUntil = New-Object System.DateTime -ArgumentList {numbers}"
        yield from STALE


def _section(name: str, repairs: Iterable[Repair]) -> Iterator[str]:
    yield ""
    yield comment(name)
    for repair in repairs:
        if repair.target == name:
            # One key may stand for several things to do, such as one record for each address.
            for fix in repair.fixes:
                yield from _told(repair, fix)
                yield from _scripted(name, fix) if is_scripted(fix) else _by_hand(fix)


def _told(repair: Repair, fix: Fix) -> Iterator[str]:
    yield comment(f"{listed(repair.checks)}: {fix.summary}")
    for finding in repair.findings:
        if finding.fix and to_do(finding.fix) == to_do(fix):
            yield comment(f"Observed: {finding.observed}")
    if fix.precondition:
        yield _step(f"First: {fix.precondition}")
    if fix.cost:
        yield _step(f"Cost: {fix.cost}")
    if fix.alternative:
        yield _step(f"Instead: {fix.alternative}")


def _by_hand(fix: Fix) -> Iterator[str]:
    yield "# A person must do this:"
    yield from _steps(fix)
    for line in fix.commands:
        yield _step(line if line.startswith("#") else f"> {line}")


def _scripted(target: str, fix: Fix) -> Iterator[str]:
    yield "# What the console does, and what comes before:"
    yield from _steps(fix)
    yield from definition(target, fix)


def _steps(fix: Fix) -> Iterator[str]:
    for number, step in enumerate(fix.console, start=1):
        yield _step(f"{number}. {step}")


def _step(text: str) -> str:
    return f"# {one_line(text, limit=_LONGEST_STEP)}"
