"""Why hosts cannot be emptied, in short sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from livemigration.base.text import counted, one_line, some
from livemigration.placement.candidates import Against, Candidate, Unplaced
from livemigration.placement.changes import InAll, Lifted, MoreMemory, Stopped
from livemigration.placement.core import Core
from livemigration.placement.estimate_text import exact
from livemigration.placement.explanation import Explanation
from livemigration.placement.model import Answer

_SHOWN = 5


def lines(found: Explanation) -> Iterator[str]:
    """Yield why there is no plan, a sentence each, and then what would help, each alone."""
    for each in found.unplaced:
        yield from without_place(each)
    if found.more:
        yield f"{counted(found.more, 'machine')} more without a place, not shown."
    if found.core:
        yield from together(found.core)
    yield from changes(found)


def making_room(found: Answer) -> str:
    """Return how many other machines make room first, as a sentence; empty where none does."""
    count = sum(each.relocates for each in found.plan)
    if not count:
        return ""
    others = counted(count, "machine")
    make = "makes" if count == 1 else "make"
    if found.fewest:
        return f"It fits only when {others} of other hosts {make} room first."
    return f"It fits when {others} of other hosts {make} room first; perhaps fewer would do."


def without_place(found: Unplaced) -> Iterator[str]:
    """Yield which machine has no place, and each thing against it with the hosts it stands on."""
    machine = found.machine
    yield f"{one_line(machine.name)} ({exact(machine.memory)}) has no place."
    if not found.candidates:
        yield "No host takes machines."
    hosts = defaultdict(list)
    for each in found.candidates:
        hosts[against(each)].append(each.host)
    for told, names in hosts.items():
        yield f"{some(names)}: {told}."


def against(found: Candidate) -> str:
    """Return what stands against a destination, as a clause."""
    return _AGAINST[found.against](found)


def _refused(found: Candidate) -> str:
    return one_line(found.cause).removesuffix(".") or "not allowed"


def _memory(found: Candidate) -> str:
    return f"free {exact(found.free)} after the plan, needs {exact(found.needs)}"


def _disk(found: Candidate) -> str:
    return f"free {exact(found.free)} of disk after the plan, needs {exact(found.needs)}"


def _apart(found: Candidate) -> str:
    return f"must be kept apart from {some(found.others)} there"


def _unknown(_: Candidate) -> str:
    return "not known whether it may go there"


def _nothing(_: Candidate) -> str:
    return "has room for it, but not for all that have no place"


_AGAINST = {
    Against.REFUSED: _refused,
    Against.MEMORY: _memory,
    Against.DISK: _disk,
    Against.APART: _apart,
    Against.UNKNOWN: _unknown,
    Against.NOTHING: _nothing,
}


def together(found: Core) -> Iterator[str]:
    """Yield that machines have no place together; nothing where it is one machine alone."""
    if len(found.machines) < 2:
        return
    names = some(each.name for each in found.machines)
    if not found.hosts:
        yield f"{names} may go to no host."
        return
    so = (
        "that is too little"
        if found.needed > found.free
        else "but they cannot be divided among these hosts"
    )
    yield (
        f"{names} may only go to {some(found.hosts)}: {exact(found.needed)} are needed and "
        f"{exact(found.free)} are free, {so}."
    )
    yield (
        "Without any one of them the rest of them fits; there may be other such machines."
        if found.minimal
        else "Perhaps fewer of them are enough to show it."
    )


def changes(found: Explanation) -> Iterator[str]:
    """Yield what would make it fit, each alone, a sentence each."""
    told = [
        *(memory(each) for each in found.memory[:_SHOWN]),
        *([whole(found.in_all)] if found.in_all and _says_more(found.in_all, found) else []),
        *([allowed(found.lifted)] if found.lifted else []),
        *([shut_down(found.stopped)] if found.stopped else []),
    ]
    if told:
        yield "Each of these alone would make it fit, with all other machines where they are:"
    yield from told


def memory(found: MoreMemory) -> str:
    """Return how much more memory on one host would do."""
    return f"{exact(found.memory)} more free on {found.host}{_perhaps(found.smallest)}."


def whole(found: InAll) -> str:
    """Return how much more memory on all hosts together would do."""
    return f"Between {exact(found.least)} and {exact(found.most)} more free on all hosts together."


def allowed(found: Lifted) -> str:
    """Return which destinations would have to be allowed."""
    pairs = [
        f"{one_line(each.machine.name)} to {each.host} ({_cause(each.cause)})"
        for each in found.pairs
    ]
    return f"Allowed: {some(pairs)}{_perhaps(found.smallest)}."


def shut_down(found: Stopped) -> str:
    """Return which machines would have to be shut down."""
    text = f"Shut down: {some(each.name for each in found.machines)}{_perhaps(found.smallest)}"
    if found.instead:
        names = [each.name for each in found.instead]
        alone = names[0] if len(names) == 1 else f"any one of {some(names)}"
        text += f"; instead of it, {alone}"
    return f"{text}."


def _cause(cause: str) -> str:
    return f"now refused: {one_line(cause).removesuffix('.')}" if cause else "now refused"


def _perhaps(smallest: bool) -> str:
    return "" if smallest else "; perhaps less would do"


def _says_more(in_all: InAll, found: Explanation) -> bool:
    """Whether it is another thing than what one host alone needs."""
    return in_all.least > 0 and not any(
        each.smallest and each.memory == in_all.least for each in found.memory
    )
