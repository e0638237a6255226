"""Everything that is to be said of one repair, in parts: for -v, and for a ticket.

What holds for several hosts is said once, with `<host>` for their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from livemigration.base.text import listed
from livemigration.report.fix_script.loop import Block, mending_blocks, undoing_blocks
from livemigration.report.naming import ANY_HOST, Names, with_name, without_name
from livemigration.report.repairs import Mended, RepairGroup
from livemigration.run.repairs import changes
from livemigration.verdict.findings import HOSTS, Fix

# Above, a list of hosts goes on in the report.
MOST_HOSTS = 25


@dataclass(frozen=True)
class Part:
    """Lines under a label, and for which hosts, where they do not hold for all of the repair.

    `code`: PowerShell, to be copied as it is.
    """

    label: str
    lines: tuple[str, ...]
    code: bool = False
    whose: str = ""


def parts_of(group: RepairGroup, names: Names) -> Iterator[Part]:
    """Yield what is wrong, how it is mended and undone, what that costs, and the sources."""
    yield Part("wrong", (f"{group.wrong.rstrip('.')}.",))
    if len(group.names) > 1:
        yield Part("hosts", (named(group.names, names),))
    yield from _part("why", group, lambda fix: (fix.cause.why if fix.cause else "",), names)
    yield from _seen(group, names)
    if group.waiting:
        checks = tuple(sorted({entry.check for entry in group.waiting}))
        number = f"{len(group.waiting)} check{'s' if len(group.waiting) > 1 else ''}"
        yield Part("waiting", (f"{number} not examined until this is mended: {listed(checks)}",))
    yield from _part("fix", group, _beside_the_title, names)
    yield from _part("steps", group, lambda fix: fix.console, names, numbered=True)
    yield from _part("first", group, lambda fix: (fix.precondition,), names)
    yield from _code("PowerShell", group, lambda fix: fix.commands, mending_blocks, names)
    yield from _code("undo", group, lambda fix: fix.undo, undoing_blocks, names)
    yield from _part("cost", group, lambda fix: (fix.cost,), names)
    yield from _part("instead", group, lambda fix: (fix.alternative,), names)
    yield from (Part("see", (f"{ref.title} <{ref.url}>",)) for ref in group.refs)


def _beside_the_title(fix: Fix) -> Iterator[str]:
    """Yield the summary of a fix, unless it says what the title of its repair says."""
    before, _, after = fix.cause.title.partition(HOSTS) if fix.cause else (fix.summary, "", "")
    if not (fix.summary.startswith(before) and fix.summary.endswith(f"{after}.")):
        yield fix.summary


def named(hosts: tuple[str, ...], names: Names) -> str:
    """Return the names of hosts, of very many the first."""
    known = [names.short(each) for each in hosts]
    if len(known) <= MOST_HOSTS:
        return listed(known)
    return f"{', '.join(known[:MOST_HOSTS])} and {len(known) - MOST_HOSTS} more"


def _part(
    label: str,
    group: RepairGroup,
    get: Callable[[Fix], Iterable[str]],
    names: Names,
    *,
    numbered: bool = False,
) -> Iterator[Part]:
    found = group.told(get)
    for told in found[:MOST_HOSTS]:
        lines = _for_one(told.lines, told.names)
        if numbered:
            lines = tuple(f"{number}. {line}" for number, line in enumerate(lines, 1))
        whose = f"on {named(told.names, names)}" if len(found) > 1 else ""
        yield Part(label, lines, whose=whose)
    yield from _more(label, len(found), "more hosts, each with its own")


def _for_one(lines: tuple[str, ...], hosts: tuple[str, ...]) -> tuple[str, ...]:
    if len(hosts) > 1:
        return lines
    return tuple(with_name(line, hosts[0]) for line in lines)


def _more(label: str, number: int, what: str) -> Iterator[Part]:
    if number > MOST_HOSTS:
        yield Part(label, (f"{number - MOST_HOSTS} {what}: see the report",))


def _seen(group: RepairGroup, names: Names) -> Iterator[Part]:
    """Yield what was observed and expected, equal words once."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in group.machines:
        for check, observed, expected in _said(each):
            found[check, without_name(observed, each.name), expected].append(each.name)
    for (check, observed, expected), hosts in list(found.items())[:MOST_HOSTS]:
        shown = _for_one((observed,), tuple(hosts))[0]
        whose = f", {named(tuple(hosts), names)}" if len(group.names) > 1 else ""
        whose = "" if len(hosts) == len(group.names) else whose
        lines = (f"{check}{whose}: {shown}", *((f"Expected: {expected}",) if expected else ()))
        yield Part("observed", lines)
    yield from _more("observed", len(found), "more observations")
    shown_by = [check for check in group.checks if check not in {key[0] for key in found}]
    if shown_by:
        yield Part("also", (f"shown by {listed(shown_by)}",))


def _said(machine: Mended) -> Iterator[tuple[str, str, str]]:
    """Yield what the first check that failed says; others show the same from elsewhere."""
    first = machine.said[0].entry.check
    for each in machine.said:
        if each.entry.check == first:
            yield first, each.finding.observed, each.finding.expected


def _code(
    label: str,
    group: RepairGroup,
    get: Callable[[Fix], tuple[str, ...]],
    make: Callable[[Mapping[str, Fix]], tuple[Block, ...]],
    names: Names,
) -> Iterator[Part]:
    """Yield commands: of one host as they are, of many as one block where they change something."""
    for each in group.rounds:
        fixes = {name: fix for name, fix in each.items() if get(fix)}
        changing = {n: fix for n, fix in fixes.items() if any(map(changes, get(fix)))}
        reading = {name: fix for name, fix in fixes.items() if name not in changing}
        if len(changing) > 1:
            made = make(changing)
            for block in made:
                whose = "" if len(made) == 1 else f"for {named(block.hosts, names)}"
                yield Part(label, block.lines, code=True, whose=whose)
        else:
            yield from (Part(label, get(fix), code=True) for fix in changing.values())
        yield from _reading(label, {name: get(fix) for name, fix in reading.items()}, names)


def _reading(label: str, commands: Mapping[str, tuple[str, ...]], names: Names) -> Iterator[Part]:
    """Yield commands that change nothing, those of hosts that only differ in the name once."""
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, lines in commands.items():
        found[tuple(without_name(line, name) for line in lines)].append(name)
    for lines, hosts in list(found.items())[:MOST_HOSTS]:
        shown = tuple(line.replace(ANY_HOST, hosts[0]) for line in lines)
        whose = f"for {names.short(hosts[0])}" if len(commands) > 1 else ""
        if len(hosts) > 1:
            whose += f", and the same for {named(tuple(hosts[1:]), names)}"
        yield Part(label, shown, code=True, whose=whose)
    yield from _more(label, len(found), "more hosts, each with its own")
