"""The smallest changes by which something fits that does not, each of them alone.

All machines that do not have to leave remain where they are, and what is not known is not allowed.
What is called smallest is proven so under these conditions; of all else, perhaps less would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from livemigration.placement.in_place import InPlace
from livemigration.placement.model import Machine, Proof, Question, Witness


@dataclass(frozen=True)
class MoreMemory:
    """MB more that are free on one host."""

    host: str
    memory: int
    smallest: bool


@dataclass(frozen=True)
class InAll:
    """MB more that are free on all hosts together: at least so many, and so many suffice."""

    least: int
    most: int


@dataclass(frozen=True)
class Lift:
    """A destination that is refused to a machine, for a cause that could be mended."""

    machine: Machine
    host: str
    cause: str


@dataclass(frozen=True)
class Lifted:
    """Destinations that would have to be allowed, all of them."""

    pairs: tuple[Lift, ...]
    smallest: bool


@dataclass(frozen=True)
class Stopped:
    """Machines that would have to be shut down instead, all of them."""

    machines: tuple[Machine, ...]
    smallest: bool
    # Others, of which each alone would do as well as one machine here.
    instead: tuple[Machine, ...] = ()


def more_memory(
    question: Question, unplaced: Sequence[Machine], rest: Question, ask: InPlace, most: int
) -> Iterator[MoreMemory]:
    """Yield hosts on which more memory suffices.

    Args:
        question: what was asked.
        unplaced: the machines without a place.
        rest: how everything is when the others have theirs.
        ask: answers questions, until so many were asked.
        most: how many hosts are tried, those with the most free memory first.
    """
    free = {each.name: each.free for each in rest.hosts}
    wanted = {name for each in unplaced for name in each.allowed | each.unknown}
    hosts = [each.name for each in question.targets if each.name in wanted]
    hosts.sort(key=lambda name: (-free[name], name))
    for name in hosts[:most]:
        guess = sum(each.memory for each in unplaced) - free[name]
        whole = sum(each.memory for each in question.leaving)
        for enough in (guess, whole):
            if enough > 0 and ask.fits(_with_memory(question, name, enough)):
                yield _least_memory(question, name, enough, ask)
                break


def _with_memory(question: Question, name: str, memory: int) -> Question:
    hosts = tuple(
        replace(each, free=each.free + memory) if each.name == name else each
        for each in question.hosts
    )
    return replace(question, hosts=hosts)


def _least_memory(question: Question, name: str, enough: int, ask: InPlace) -> MoreMemory:
    """Return the least memory that is found to suffice on a host, where so much does."""
    # What is enough for machines as they are is mostly exact already.
    tried, too_little = enough - 1, 0
    proven = True
    while too_little < enough - 1:
        fits = ask.fits(_with_memory(question, name, tried))
        if fits:
            enough = tried
        else:
            proven = proven and fits is False
            too_little = tried
        tried = (too_little + enough) // 2
    return MoreMemory(name, enough, smallest=proven)


def in_all(witness: Witness | None, found: Iterable[MoreMemory]) -> InAll | None:
    """Return how much more memory suffices on all hosts together; None where that is not known."""
    most = min((each.memory for each in found), default=None)
    if most is None:
        return None
    sums = witness is not None and witness.proof in {Proof.SUM, Proof.HALL}
    least = witness.needed - witness.free if witness is not None and sums else 0
    return InAll(least, most)


def lifted(question: Question, sets: Iterable[Sequence[Machine]], ask: InPlace) -> Lifted | None:
    """Return refused destinations that suffice when they are allowed.

    Args:
        question: what was asked.
        sets: machines of which all destinations are tried, until it fits with those of one set.
        ask: answers questions, until so many were asked.
    """
    for machines in sets:
        pairs = [
            Lift(each, host.name, each.refused.get(host.name, ""))
            for each in machines
            for host in question.targets
            if host.name not in each.allowed | each.unknown
        ]
        plan = ask.plan(_allowing(question, pairs)) if pairs else ()
        if not plan:
            continue
        taken = {(each.machine.key, each.destination) for each in plan}
        used = [each for each in pairs if (each.machine.key, each.host) in taken]
        return _fewer(question, used, pairs, ask)
    return None


def _fewer(question: Question, used: list[Lift], pairs: list[Lift], ask: InPlace) -> Lifted:
    for each in tuple(used):
        rest = [other for other in used if other != each]
        if rest and ask.fits(_allowing(question, rest)):
            used = rest
    if len(used) == 1:
        return Lifted(tuple(used), smallest=True)
    for each in pairs:
        if ask.fits(_allowing(question, [each])):
            return Lifted((each,), smallest=True)
    # Of other machines' destinations, it is not known.
    return Lifted(tuple(used), smallest=False)


def _allowing(question: Question, pairs: Iterable[Lift]) -> Question:
    more: dict[str, set[str]] = {}
    for each in pairs:
        more.setdefault(each.machine.key, set()).add(each.host)
    return replace(
        question,
        machines=tuple(
            replace(
                each,
                allowed=each.allowed | more[each.key],
                # Taken only where nothing else does.
                warned=each.warned | more[each.key],
            )
            if each.key in more
            else each
            for each in question.machines
        ),
    )


def stopped(
    question: Question, unplaced: Sequence[Machine], together: Sequence[Machine], ask: InPlace
) -> Stopped | None:
    """Return machines that suffice when they are shut down: of low priority, then small ones.

    Args:
        question: what was asked.
        unplaced: machines without which the others are said to fit.
        together: machines that have no place together: one of them stops in any case.
        ask: answers questions, until so many were asked.
    """
    order = sorted(together, key=lambda each: (each.priority, each.memory, each.name, each.key))
    answers = [(each, ask.fits(_stopping(question, [each]))) for each in order]
    singly = [each for each, fits in answers if fits]
    if singly:
        return Stopped((singly[0],), smallest=True, instead=tuple(singly[1:]))
    if not ask.fits(_stopping(question, unplaced)):
        return None
    refuted = all(fits is False for _, fits in answers)
    machines = tuple(sorted(unplaced, key=lambda each: (each.priority, each.memory, each.name)))
    return Stopped(machines, smallest=refuted and len(machines) == 2)


def _stopping(question: Question, machines: Iterable[Machine]) -> Question:
    return replace(question, stays=question.stays | {each.key for each in machines})
