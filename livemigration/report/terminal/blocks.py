"""Each repair of a run in a few lines: the order, the hosts, what is wrong, how it is mended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.text import counted, some
from livemigration.facts.model import Subject
from livemigration.report.naming import Names
from livemigration.report.repairs import RepairGroup, ToMend, Unresolved
from livemigration.report.terminal.lines import Field, Line, Tone, fitted, height
from livemigration.verdict.findings import Fix

# How many hosts a line names; the report names all.
NAMED = 12
_MOST_BLOCKS = 12
# Lines that all blocks may become, of a terminal and of a log; where they are many, each has its
# least, and the worst have what is left.
_ROOM, _ROOM_OF_LOG = 29, 35
_MOST_LINES = 6
_LEAST_LINES = 4
_LABEL = 10
_STEP = 3


def blocks(found: ToMend, names: Names, width: int | None) -> Iterator[Line]:
    """Yield the worst repairs, then what nobody could see, each in a few lines."""
    repairs = found.repairs[:_MOST_BLOCKS]
    left = found.unresolved[: _MOST_BLOCKS - len(repairs)]
    spare = _ROOM_OF_LOG if width is None else _ROOM
    spare -= _LEAST_LINES * (len(repairs) + len(left))
    shown: tuple[RepairGroup | Unresolved, ...] = (*repairs, *left)
    for each in shown:
        room = _LEAST_LINES + max(0, min(spare, _MOST_LINES - _LEAST_LINES))
        made = fitted(tuple(_fields(each, names, room)), room, width)
        spare -= height(made, width) - _LEAST_LINES
        yield from made
    if more := len(found.repairs) - len(repairs):
        yield Line(f"and {counted(more, 'more repair')}: see the report")
    if more := len(found.unresolved) - len(left):
        yield Line(f"and {counted(more, 'more reason')} for checks not examined: see the report")


def _fields(each: RepairGroup | Unresolved, names: Names, room: int) -> Iterator[Field]:
    return _repair(each, names, room) if isinstance(each, RepairGroup) else _unresolved(each, names)


def _repair(group: RepairGroup, names: Names, room: int) -> Iterator[Field]:
    number = f"{group.number}. "
    yield Field(Line(number + group.about(names), len(number), Tone.TITLE), 0)
    several = len(group.names) > 1
    if several:
        yield _field("hosts", named(group.names, names), 3)
    # Where to read on stands behind what is cut soonest, and is told: what was seen, or else wrong.
    sees, anchor = room > _LEAST_LINES or not several, f"  #{group.anchor}"
    yield _field("wrong", group.wrong.rstrip(".") + _waiting(group), 2, "" if sees else anchor)
    yield _field("seen", _seen(group, names), 4, anchor if sees else "")
    yield _field("mend", _mended(group, names), 1)
    costs = group.told(lambda fix: (fix.cost,))
    if costs:
        yield _field("cost", costs[0].lines[0], 5)


def _unresolved(each: Unresolved, names: Names) -> Iterator[Field]:
    number = counted(len(each.entries), "check")
    title = f"-  {number} not examined: {each.reason or f'{each.check} failed'}"
    yield Field(Line(title, _STEP, Tone.TITLE), 0)
    yield _field("hosts", named(each.names, names), 1)
    if each.next_step:
        yield _field("next", each.next_step, 2)


def _field(label: str, text: str, rank: int, end: str = "") -> Field:
    shown = f"{'':{_STEP}}{label:<{_LABEL - _STEP}}{text}"
    return Field(Line(shown, _LABEL, end=end), rank)


def named(hosts: tuple[str, ...], names: Names) -> str:
    """Return the names of hosts, of many the first."""
    return some((names.short(each) for each in hosts), NAMED)


def _seen(group: RepairGroup, names: Names) -> str:
    """Return what was observed: the values that matter, or what the first check said."""
    first = group.machines[0]
    values = "; ".join(f"{label}: {value}" for label, value in first.values)
    said = values or first.said[0].finding.observed
    return said if len(group.names) == 1 else f"{names.short(first.name)}: {said}"


def _waiting(group: RepairGroup) -> str:
    number = len(group.waiting)
    if not number:
        return ""
    return "; 1 check waits for it" if number == 1 else f"; {number} checks wait for it"


def _mended(group: RepairGroup, names: Names) -> str:
    if group.scripted:
        first, *others = group.names
        then = f", then for {_others(len(others), group)}" if others else ""
        return f"script: the fix script with -HostName {first}{then}"
    told = group.told(_steps)
    if not told:
        return "by hand: no check says how; read in the report what was found"
    steps, on = told[0].lines, ""
    if not told[0].whole:
        # Only the page shows beside each placeholder what stands for it.
        shown = group.machines[0]
        steps, on = tuple(_steps(shown.fixes[0])), f", on {names.short(shown.name)}"
    more = f" (step 1 of {len(steps)})" if len(steps) > 1 else ""
    return f"by hand{on}: {steps[0].rstrip('.')}{more}"


def _steps(fix: Fix) -> Sequence[str]:
    return fix.console or fix.commands or (fix.summary,)


def _others(number: int, group: RepairGroup) -> str:
    what = "host" if group.kind is Subject.HOST else "VMM server"
    return f"the other {what}" if number == 1 else f"the other {counted(number, what)}"
