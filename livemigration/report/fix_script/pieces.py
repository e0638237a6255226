"""One scripted fix as pieces of PowerShell: two looks that change nothing, change and undo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from livemigration.base.text import one_line
from livemigration.run.repairs import changes
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.quoting import quote

_INDENT = "    "
_MIGRATING = "ActiveVirtualSystemMigrationCount"
_UNKNOWN = "throw 'Nothing tells whether this is done.'"
_NO_UNDO = "throw 'No command undoes this: undo it in the console.'"


def definition(target: str, fix: Fix) -> Iterator[str]:
    """Yield the lines that add a fix of a machine to those of the script."""
    yield "$repairs += New-Object PSObject -Property @{"
    yield f"{_INDENT}Target = {quote(one_line(target))}"
    yield f"{_INDENT}Summary = {quote(fix.summary)}"
    yield from _block("Done", _look(fix.done or _guard_of(fix.undo)))
    yield from _block("Change", _asking(target, fix.commands))
    yield from _block("Before", _look(fix.commands))
    yield from _block("Undo", _asking(target, _undo(fix)))
    yield "}"


def _block(name: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{_INDENT}{name} = {{"
    for line in lines:
        yield f"{_INDENT * 2}{line}"
    yield f"{_INDENT}}}"


def _guard_of(undo: tuple[str, ...]) -> tuple[str, ...]:
    """Return an undo that has a guard, which is the host as its repair leaves it."""
    return undo if any(changes(line) for line in undo) else ()


def _undo(fix: Fix) -> tuple[str, ...]:
    return fix.undo if _guard_of(fix.undo) else (*fix.undo, _NO_UNDO)


def _look(lines: tuple[str, ...]) -> Iterator[str]:
    """Yield what throws unless the host is as these lines take it to be; nobody is asked.

    Whether a migration runs does not matter: what only looks disturbs none.
    """
    if not lines:
        yield _UNKNOWN
    for line in lines:
        if not (changes(line) or line.startswith("#") or _asks(line) or _MIGRATING in line):
            yield _with_credentials(line)


def _asking(target: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines, what they change behind ShouldProcess: changes in a row are one decision."""
    for changing, row in groupby(lines, key=changes):
        if changing:
            together = list(row)
            asked = f"{quote(one_line(target))}, {quote('; '.join(together))}"
            yield f"if ($PSCmdlet.ShouldProcess({asked})) {{"
            yield f"{_INDENT}$script:begun = $true"
            yield from (f"{_INDENT}{line}" for line in together)
            yield "}"
        else:
            yield from map(_unasked, row)


def _unasked(line: str) -> str:
    if _asks(line):
        # Under -WhatIf nobody is asked: nothing would follow from the answer.
        return f"if (-not $WhatIfPreference) {{ {line} }}"
    return _with_credentials(line)


def _asks(line: str) -> bool:
    return "(Read-Host " in line


def _with_credentials(line: str) -> str:
    if line.startswith("$session = "):
        return line.replace("(Get-Credential)", "(Get-HostCredential $name)")
    return line
