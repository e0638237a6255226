"""The commands of one repair on many hosts as one block of PowerShell.

It is made from each host's own guarded commands. Their lines have to be equal once the host's name
is taken out; texts that differ go into a table by host. What differs in any other way makes a block
of its own. The first host is mended alone and read back; the others follow only where that held.

Windows PowerShell 3.0: about_Break, about_Try_Catch_Finally and about_Hash_Tables of Microsoft's
documents. It has never been run on Windows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from livemigration.run.repairs import changes
from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.quoting import quote, quote_list

# A text, or several in a row: what one value of a host may be.
_TEXT = r"'(?:[^']|'')*'"
_TEXTS = re.compile(rf"{_TEXT}(?:, {_TEXT})*")
_ONCE = ("$ErrorActionPreference = ", "Import-Module ", "Get-SCVMMServer ")
_OPENS = (*_ONCE, "$name = ", "$vmHost", "$session = ", "$service")
# What a guard says before anything was changed.
_REFUSES = "; nothing was changed.' }"
_UNCHANGED = re.compile(rf"(?<=throw \(\$name \+ ){_TEXT}(?=\))")
_STEP = "    "


@dataclass(frozen=True)
class Block:
    """Commands that mend some hosts at once."""

    hosts: tuple[str, ...]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class _Shape:
    """The lines of one host with its texts taken out, and these texts."""

    before: tuple[str, ...]
    once: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    read_back: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]


def mending_blocks(fixes: Mapping[str, Fix]) -> tuple[Block, ...]:
    """Return the commands of a repair as blocks: one for all hosts whose lines are alike."""
    return _blocks({name: (fix.commands, read_back(fix)) for name, fix in fixes.items()})


def undoing_blocks(fixes: Mapping[str, Fix]) -> tuple[Block, ...]:
    """Return what undoes a repair, in the same way; it is read back by what would mend it again."""
    return _blocks({name: (fix.undo, fix.commands) for name, fix in fixes.items()})


def read_back(fix: Fix) -> tuple[str, ...]:
    """Return the lines among which are those that throw unless the host is mended; or none."""
    undoes = any(changes(line) for line in fix.undo)
    return fix.done or (fix.undo if undoes else ())


def _guard(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that read and refuse; what opens the session stands before them already."""
    return tuple(
        _UNCHANGED.sub(quote(": the change does not show. Look at the host."), line)
        for line in lines
        if not _acts(line) and not any(part in line for part in _OPENS)
    )


def _acts(line: str) -> bool:
    return changes(line) or line.startswith("#") or "(Read-Host " in line


def _blocks(lines: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> tuple[Block, ...]:
    alike: dict[object, dict[str, _Shape]] = defaultdict(dict)
    for name, (commands, back) in lines.items():
        if any(changes(line) for line in commands):
            shape = _shape(name, commands, back)
            alike[shape.once, shape.lines, shape.read_back][name] = shape
    return tuple(Block(tuple(shapes), tuple(_block(shapes))) for shapes in alike.values())


def _shape(name: str, commands: Sequence[str], back: Sequence[str]) -> _Shape:
    without = [_without(name, line) for line in commands]
    again = _guard([_without(name, line) for line in back])
    told = [line for line in without if line.startswith("#")]
    rest = [line for line in without if not line.startswith(("#", "$name = "))]
    once = [line for line in rest if line.startswith(_ONCE)]
    each = [line for line in rest if not line.startswith(_ONCE)]
    return _Shape(
        tuple(told),
        tuple(once),
        tuple(map(_split, each)),
        tuple(map(_split, again)),
        tuple(text for line in (*each, *again) for text in _TEXTS.findall(line)),
    )


def _without(name: str, line: str) -> str:
    """Return a line that takes the host's name from `$name` where it refuses."""
    begin = f"throw {quote(name)[:-1]}: "
    if begin not in line or not line.endswith(_REFUSES):
        return line
    return line.replace(begin, "throw ($name + ': ", 1)[: -len(" }")] + ") }"


def _split(line: str) -> tuple[str, ...]:
    return tuple(_TEXTS.split(line))


def _block(shapes: Mapping[str, _Shape]) -> Iterator[str]:
    first = next(iter(shapes.values()))
    varying = [
        place
        for place in range(len(first.texts))
        if len({shape.texts[place] for shape in shapes.values()}) > 1
    ]
    keys = {place: f"v{number}" for number, place in enumerate(varying, 1)}
    lines = list(_filled(first, keys))
    commands, back = lines[: len(first.lines)], lines[len(first.lines) :]
    yield from _told(shapes)
    yield from first.once
    yield f"$hosts = {quote_list(shapes)}"
    if keys:
        yield "$known = @{"
        for name, shape in shapes.items():
            values = "; ".join(f"{key} = {_value(shape.texts[at])}" for at, key in keys.items())
            yield f"{_STEP}{quote(name)} = @{{ {values} }}"
        yield "}"
    yield from _loop(commands, back, known=bool(keys))


def _value(texts: str) -> str:
    return texts if re.fullmatch(_TEXT, texts) else f"@({texts})"


def _loop(commands: Sequence[str], back: Sequence[str], *, known: bool) -> Iterator[str]:
    yield "foreach ($name in $hosts) {"
    yield f"{_STEP}$session = $null"
    yield f"{_STEP}try {{"
    if known:
        yield f"{_STEP * 2}$its = $known[$name]"
    yield from (f"{_STEP * 2}{line}" for line in commands)
    yield from (f"{_STEP * 2}{line}" for line in back)
    yield f"{_STEP * 2}Write-Output ($name + ': done')"
    yield f"{_STEP}}} catch {{"
    yield f"{_STEP * 2}Write-Warning $_.Exception.Message"
    yield f"{_STEP * 2}if ($name -eq $hosts[0]) {{"
    yield f"{_STEP * 3}Write-Warning 'The other hosts were left alone.'"
    yield f"{_STEP * 3}break"
    yield f"{_STEP * 2}}}"
    yield f"{_STEP}}} finally {{"
    yield f"{_STEP * 2}if ($null -ne $session) {{ Remove-CimSession -CimSession $session }}"
    yield f"{_STEP}}}"
    yield "}"


def _filled(shape: _Shape, keys: Mapping[int, str]) -> Iterator[str]:
    """Yield the lines with the texts that all hosts share, and the others by their key."""
    place = 0
    for parts in (*shape.lines, *shape.read_back):
        line = parts[0]
        for part in parts[1:]:
            line += f"$its.{keys[place]}" if place in keys else shape.texts[place]
            line += part
            place += 1
        yield line


def _told(shapes: Mapping[str, _Shape]) -> Iterator[str]:
    """Yield the remarks of the hosts, equal ones once."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, shape in shapes.items():
        for line in shape.before:
            found[line].append(name)
    for line, names in found.items():
        whose = "" if len(names) == len(shapes) else f" ({', '.join(names)})"
        yield f"{line}{whose}"
