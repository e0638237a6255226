"""A question as places to fill: what needs a place, where it may go, and what is free there.

Two forms of one question. In the first, only the machines that leave need a place. In the second,
every machine needs one, with what it holds now counted as free: what has no solution in that form
has none either when machines make room first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from livemigration.placement.model import Host, Machine, Question


@dataclass(frozen=True)
class Item:
    """A machine that needs a place, by the numbers of hosts in its packing."""

    machine: Machine
    # In the order of the hosts.
    candidates: tuple[int, ...]
    # Those of them at which its disk counts.
    disk_at: frozenset[int] = frozenset()
    # Where it is, and may remain; None for one that leaves.
    home: int | None = None


@dataclass(frozen=True)
class Kind:
    """Items that are alike in everything that decides where they may be."""

    memory: int
    disk: int
    candidates: tuple[int, ...]
    disk_at: frozenset[int]
    apart: frozenset[str]
    # Numbers of the items.
    items: tuple[int, ...]


# A machine, the names of hosts that it may go to, and the number of the one on which it may remain.
_Asked = tuple[Machine, frozenset[str], int | None]
# The host of each item by number; None for one without a place.
Placed = list[int | None]


@dataclass(frozen=True)
class Packing:
    """What needs a place, and what is free on each host."""

    hosts: tuple[str, ...]
    memory: tuple[int, ...]
    # None: not counted.
    disk: tuple[int | None, ...]
    # Of groups that hosts hold now: how many machines more may hold them there. Otherwise one.
    limits: tuple[Mapping[str, int], ...]
    items: tuple[Item, ...]

    def limit(self, host: int, group: str) -> int:
        """Return how many of the items may hold a group on a host."""
        return self.limits[host].get(group, 1)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Every group that an item holds, in the order of their names."""
        return tuple(sorted({each for item in self.items for each in item.machine.apart}))

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The items in kinds of equals, in the order of their first ones."""
        return self.kinds_by(lambda _: 0)

    def kinds_by(self, apart: Callable[[Machine], int]) -> tuple[Kind, ...]:
        """Return kinds whose items are also alike by one more number of their machines."""
        found: dict[tuple[object, ...], list[int]] = {}
        for number, item in enumerate(self.items):
            machine = item.machine
            disk_at = item.disk_at if machine.disk else frozenset[int]()
            key = (
                machine.memory,
                machine.disk if disk_at else 0,
                item.candidates,
                disk_at,
                machine.apart,
                apart(machine),
            )
            found.setdefault(key, []).append(number)
        return tuple(self._kind(tuple(numbers)) for numbers in found.values())

    def _kind(self, numbers: tuple[int, ...]) -> Kind:
        first = self.items[numbers[0]]
        disk_at = first.disk_at if first.machine.disk else frozenset[int]()
        disk = first.machine.disk if disk_at else 0
        return Kind(
            first.machine.memory, disk, first.candidates, disk_at, first.machine.apart, numbers
        )


def leaving(question: Question) -> Packing:
    """Return the packing in which the machines that leave need a place, and all others remain."""
    targets = question.targets
    held = _held(question)
    return _packing(
        targets,
        [max(0, each.free) for each in targets],
        [_known(each.disk_free) for each in targets],
        [dict.fromkeys(held[each.name], 0) for each in targets],
        [(machine, machine.allowed, None) for machine in question.leaving],
    )


def everything(question: Question) -> Packing:
    """Return the packing in which every machine that may go elsewhere needs a place.

    Room that a machine gives up is counted as free at once, its disk as well: more than a plan may
    count on, so that "no" is an answer for all plans.
    """
    return _with_residents(question, frozenset(each.name for each in question.targets), bound=True)


def between(question: Question, hosts: frozenset[str]) -> Packing:
    """Return the packing in which machines that may go between these targets need a place as well.

    Of disk, only what is free now is counted.
    """
    # Where more is used than there is, no sum says what a machine that leaves would free.
    return _with_residents(
        question,
        frozenset(each.name for each in question.targets if each.name in hosts and each.free >= 0),
        bound=False,
    )


def _with_residents(question: Question, hosts: frozenset[str], *, bound: bool) -> Packing:
    targets = question.targets
    at = {each.name: number for number, each in enumerate(targets)}
    memory = [max(0, each.free) for each in targets]
    disk = [_known(each.disk_free) for each in targets]
    residents = sorted(
        (each for each in question.machines if each.host in hosts and _elsewhere(each, hosts)),
        key=lambda each: (each.name, each.key),
    )
    held, movable = _held(question), [Counter[str]() for _ in targets]
    for machine in residents:
        number = at[machine.host]
        memory[number] += machine.memory
        movable[number].update(machine.apart)
        known = disk[number]
        if bound and known is not None:
            disk[number] = known + machine.disk
    # Where several hold a group already, those that hold it may remain.
    limits = [
        {
            group: max(movable[number][group], int(count == movable[number][group]))
            for group, count in held[each.name].items()
        }
        for number, each in enumerate(targets)
    ]
    items: list[_Asked] = [(each, each.allowed, None) for each in question.leaving]
    items += [(each, each.allowed & hosts, at[each.host]) for each in residents]
    return _packing(targets, memory, disk, limits, items)


def _elsewhere(machine: Machine, hosts: frozenset[str]) -> bool:
    return bool((machine.allowed & hosts) - {machine.host})


def _known(free: int | None) -> int | None:
    return None if free is None else max(0, free)


def _held(question: Question) -> dict[str, Counter[str]]:
    held = {each.name: Counter[str]() for each in question.hosts}
    for machine in question.machines:
        if machine.apart and machine.host in held:
            held[machine.host].update(machine.apart)
    return held


def _packing(
    targets: tuple[Host, ...],
    memory: list[int],
    disk: list[int | None],
    limits: list[dict[str, int]],
    machines: Sequence[_Asked],
) -> Packing:
    numbers = {each.name: number for number, each in enumerate(targets)}
    # Of thousands of machines, most may go to the same hosts.
    indices: dict[frozenset[str], tuple[int, ...]] = {}
    items = []
    for machine, names, home in machines:
        if names not in indices:
            indices[names] = tuple(sorted(numbers[each] for each in names if each in numbers))
        at = {numbers[each] for each in machine.storage_moves_to if each in numbers} - {home}
        at.discard(numbers.get(machine.kept_at, -1))
        needed, groups = machine.memory, machine.apart
        found = {each for each in indices[names] if needed <= memory[each]}
        for each in at & found if machine.disk else ():
            free = disk[each]
            if free is not None and machine.disk > free:
                found.remove(each)
        for group in groups:
            found -= {each for each in found if not limits[each].get(group, 1)}
        if home is not None:
            found.add(home)
        items.append(Item(machine, tuple(sorted(found)), frozenset(at & found), home))
    return Packing(
        tuple(each.name for each in targets),
        tuple(memory),
        tuple(disk),
        tuple(limits),
        tuple(items),
    )


class Filling:
    """What is left of a packing's hosts while items are put there."""

    def __init__(self, packing: Packing) -> None:
        self._packing = packing
        self.memory = list(packing.memory)
        self.disk = list(packing.disk)
        self._held = [Counter[str]() for _ in packing.hosts]

    def takes(self, item: Item, host: int) -> bool:
        """Whether an item fits on a host, of those that it may go to."""
        machine = item.machine
        if machine.memory > self.memory[host]:
            return False
        free = self.disk[host]
        if host in item.disk_at and free is not None and machine.disk > free:
            return False
        held = self._held[host]
        return all(held[each] < self._packing.limit(host, each) for each in machine.apart)

    def put(self, item: Item, host: int, sign: int = 1) -> None:
        """Put an item on a host; with -1, take it away again."""
        machine = item.machine
        self.memory[host] -= sign * machine.memory
        free = self.disk[host]
        if host in item.disk_at and free is not None:
            self.disk[host] = free - sign * machine.disk
        for each in machine.apart:
            self._held[host][each] += sign

    def left_of(self, host: int, groups: Iterable[str]) -> tuple[int, ...]:
        """Return how many more may hold each of the groups on a host."""
        held = self._held[host]
        return tuple(self._packing.limit(host, each) - held[each] for each in groups)
