"""An examination for people: the worst first, one line for a machine that is well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from livemigration.base.text import counted, one_line, some
from livemigration.doctor.directory import DIRECTORY
from livemigration.doctor.model import Examination, Examined, Level, Remark, State, Step

_STATES = {
    State.PROBLEM: "PROBLEM",
    State.NOT_TRIED: "not tried",
    State.WARNING: "warning",
    State.FINE: "ok",
}
_WIDEST_NAME = 60


def lines_of(found: Examination) -> Iterator[str]:
    """Yield the lines of an examination."""
    yield (
        f"livemigration doctor, from {found.runner}: {found.inventory}, "
        f"{counted(len(found.machines), 'machine')}, {found.began:%Y-%m-%d %H:%M} UTC"
    )
    if found.simulated:
        yield "SIMULATED: the machines are the lab's. This says nothing of a real one."
    yield "This says whether everything can be asked. What it comes to, a run of the checks says."
    if found.window is not None:
        start, end = (f"{each:%Y-%m-%d %H:%M} UTC" for each in found.window)
        yield f"Held against the window from {start} to {end}."
    yield ""
    for remark in found.remarks:
        yield f"{_word(remark)}  the {'directory' if remark.area == DIRECTORY else 'runner'}"
        yield from _remark(remark)
    width = min(max((len(each.name) for each in found.machines), default=0), _WIDEST_NAME)
    for machine in found.machines:
        yield _line(machine, width)
        for remark in machine.remarks:
            if remark.level is not Level.NOTE:
                yield from _remark(remark)
    yield ""
    yield from _notes(found.machines)
    yield from (f"Not examined. {each}" for each in found.not_examined)
    yield _end(found)


def _word(remark: Remark) -> str:
    return "PROBLEM" if remark.level is Level.PROBLEM else remark.level.value


def _line(machine: Examined, width: int) -> str:
    where = machine.answered_at or "-"
    where = f"[{where}]" if ":" in where else where
    parts = [f"{_STATES[machine.state]:<9} {machine.name:<{width}}  {where}:{machine.port}"]
    if machine.signed_in:
        who = f"{machine.account}, " if machine.account else ""
        parts.append(f"{who}{machine.signed_in}")
    if machine.tls is not None:
        days = "" if machine.tls.days is None else f", {machine.tls.days} days"
        parts.append(f"{machine.tls.version}{days}")
    if machine.ticket is not None:
        parts.append(f"ticket until {machine.ticket.ends:%Y-%m-%d %H:%M} UTC")
    if machine.ahead is not None:
        parts.append(f"clock {machine.ahead:+d} s")
    if machine.namespaces:
        usable = [each for each in machine.namespaces if each.outcome in {"readable", "absent"}]
        parts.append(f"WMI {len(usable)}/{len(machine.namespaces)}")
    if machine.vmm is not None and machine.vmm.hosts is not None:
        role = f" as {one_line(machine.vmm.role, 60)}" if machine.vmm.role else ""
        parts.append(f"VMM lists {counted(machine.vmm.hosts, 'host')}{role}")
    return "  ".join(parts)


def _remark(remark: Remark) -> Iterator[str]:
    yield f"    {remark.area}: {one_line(remark.told, 600)}"
    for step in remark.steps:
        yield from _step(step)


def _step(step: Step) -> Iterator[str]:
    yield f"      on {step.where}: {one_line(step.what, 600)}"
    if step.command:
        yield f"        {step.command}"
    if step.undo:
        yield f"        undo: {step.undo}"


def _notes(machines: Sequence[Examined]) -> Iterator[str]:
    """Yield each note once, with the machines that it is about."""
    about: dict[tuple[str, str], list[str]] = defaultdict(list)
    for machine in machines:
        for remark in machine.remarks:
            if remark.level is Level.NOTE:
                about[remark.area, remark.told].append(machine.name)
    for (area, told), names in about.items():
        yield f"note      {some(names, 4)}: {area}: {one_line(told, 600)}"


def _end(found: Examination) -> str:
    usable = [each for each in found.machines if each.state in {State.WARNING, State.FINE}]
    if found.everything_can_be_asked:
        return f"Everything can be asked of {counted(len(usable), 'machine')}."
    areas = [each.area for each in found.remarks if each.level is Level.PROBLEM]
    more = ", and the runner has a problem" if {*areas} - {DIRECTORY} else ""
    more += ", and the directory has one" if DIRECTORY in areas else ""
    return (
        f"Not everything can be asked: {len(usable)} of {counted(len(found.machines), 'machine')}"
        f"{more}."
    )
