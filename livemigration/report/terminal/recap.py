"""What is not ready, in a line each: by host where they are few, by repair where they are many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator

from livemigration.base.text import counted, listed
from livemigration.facts.model import Subject
from livemigration.report.host_changes import changes_sentence, host_changes
from livemigration.report.naming import Names
from livemigration.report.repairs import RepairGroup, ToMend, Unresolved
from livemigration.report.terminal.blocks import NAMED, named
from livemigration.report.terminal.lines import Line, Tone
from livemigration.run.plan import PlanEntry
from livemigration.run.result import State
from livemigration.run.run import Run
from livemigration.verdict.findings import HOSTS

# A machine and its kind: a host may be called as a VMM server is.
_Place = tuple[Subject, str]


def changes(run: Run, names: Names) -> tuple[Line, ...]:
    """Return what changed since the earlier run, and which hosts; nothing without one."""
    if run.drift is None:
        return ()
    found = host_changes(run, run.drift)
    lists = (("newly not ready", found.newly), ("ready again", found.again))
    return (
        Line(changes_sentence(run, run.drift), 2, Tone.TITLE),
        *(Line(f"  {what}: {named(some, names)}", 4, most=2) for what, some in lists if some),
    )


def recap(run: Run, found: ToMend, names: Names) -> tuple[Line, ...]:
    """Return what is not ready, the worst first."""
    places = _not_ready(run, found)
    if len({*places, *_waiting_places(found)}) <= NAMED:
        width = max((len(names.short(name)) for _, name in places), default=0)
        return (
            *(
                Line(f"{names.short(place[1]):<{width}}  {'; '.join(said)}", width + 2, most=1)
                for place, said in places.items()
            ),
            *_not_seen(_of_several(found), names),
            *_held_up(found, names, (*places, *_waiting_places(found))),
        )
    return (*_by_repair(run, found, names), *_held_up(found, names, places))


def _of_several(found: ToMend) -> tuple[Unresolved, ...]:
    return tuple(each for each in found.unresolved if len(each.names) > 1)


def _waiting_places(found: ToMend) -> Iterator[_Place]:
    """Yield the machines of which a reason for several of them tells that they were not judged."""
    for each in _of_several(found):
        yield from _places(each.entries)


def _not_seen(some: Iterable[Unresolved], names: Names) -> Iterator[Line]:
    for each in some:
        what = _checks(each.entries)
        hosts = f"{counted(len(each.names), 'machine')}: {named(each.names, names)}"
        why = each.reason or f"{each.check} failed"
        yield Line(f"-  {what} not examined on {hosts}: {why}", 3, most=3)


def _held_up(found: ToMend, names: Names, told: Container[_Place]) -> Iterator[Line]:
    """Yield which machines wait for a repair of another, and need none that is known yet."""
    for group in found.repairs:
        places = dict.fromkeys((each.target_kind, each.target) for each in group.waiting)
        hosts = tuple(name for kind, name in places if (kind, name) not in told)
        if hosts:
            wait = f"-  not examined until {group.number} is mended: "
            yield Line(f"{wait}{counted(len(hosts), 'host')}: {named(hosts, names)}", 3, most=2)


def _not_ready(run: Run, found: ToMend) -> dict[_Place, list[str]]:
    """Return the machines that are not ready with what is to be said of each, the worst first."""
    said: dict[_Place, list[str]] = defaultdict(list)
    for group in found.repairs:
        for each in group.machines:
            said[group.kind, each.name].append(f"{group.number}. {group.wrong.rstrip('.')}")
    for left in found.unresolved:
        if len(left.names) > 1:
            # Told once for all of them.
            continue
        for place, entries in _places(left.entries).items():
            why = left.reason or f"{left.check} failed"
            said[place].append(f"{_checks(entries)} not examined: {why}")
    for word, entries in _unfinished(run).items():
        for place, mine in _places(entries).items():
            said[place].append(f"{_checks(mine)} {word}")
    return said


def _by_repair(run: Run, found: ToMend, names: Names) -> Iterator[Line]:
    for group in found.repairs:
        number = f"{group.number}. "
        about = f"{number}{_counted(group, names)}"
        if len(group.names) > 1:
            about += f": {named(group.names, names)}"
        yield Line(about, len(number), most=3)
    yield from _not_seen(found.unresolved, names)
    for word, entries in _unfinished(run).items():
        machines = tuple(dict.fromkeys(entry.target for entry in entries))
        some = f"{counted(len(entries), 'check')} on {counted(len(machines), 'machine')}"
        yield Line(f"-  {some} {word}: {named(machines, names)}", 3, most=2)


def _counted(group: RepairGroup, names: Names) -> str:
    if HOSTS in group.title or len(group.names) == 1:
        return group.about(names)
    what = "host" if group.kind is Subject.HOST else "VMM server"
    return f"{group.about(names)}, on {counted(len(group.names), what)}"


def _places(entries: tuple[PlanEntry, ...]) -> dict[_Place, tuple[PlanEntry, ...]]:
    places: dict[_Place, list[PlanEntry]] = defaultdict(list)
    for entry in entries:
        places[entry.target_kind, entry.target].append(entry)
    return {place: tuple(mine) for place, mine in places.items()}


def _checks(entries: tuple[PlanEntry, ...]) -> str:
    few = 3
    checks = tuple(dict.fromkeys(entry.check for entry in entries))
    return listed(checks) if len(checks) <= few else counted(len(checks), "check")


def _unfinished(run: Run) -> dict[str, tuple[PlanEntry, ...]]:
    """Return what broke and what did not run, by what is said of it."""
    states = {State.INTERNAL_ERROR: "broke: an internal error", State.NOT_RUN: "did not run"}
    found: dict[str, list[PlanEntry]] = defaultdict(list)
    for result in run.results:
        if result.state in states:
            found[states[result.state]].append(result.entry)
    found[states[State.NOT_RUN]] += run.not_run
    return {word: tuple(entries) for word, entries in found.items() if entries}
