"""Every source and every destination of a run as one matrix: hosts in classes of equals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from livemigration.verdict.move_answers import Judged
from livemigration.verdict.move_delegation import Reach
from livemigration.verdict.moves import Moves
from livemigration.verdict.virtual_machines import Machine

# More classes of one group than these are no table that anybody reads.
MOST_CLASSES = 24
# Of so many classes, before those are put together of which the same is said.
_MOST_COMPARED = 160

T = TypeVar("T")


@dataclass(frozen=True)
class MoveGroup:
    """Hosts that exchange virtual machines with each other, in classes of equals.

    `cells` has a row for each class that sends, and in it a number of `Matrix.said` for each class
    that receives; None: a class of one host does not send to itself. `rest` are hosts beyond
    MOST_CLASSES classes, of which there is no row.
    """

    classes: tuple[tuple[str, ...], ...]
    cells: tuple[tuple[int | None, ...], ...]
    rest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Matrix:
    """Who can go where, from source to destination.

    `said` is what is said of two hosts, each thing once. `alone` are hosts that exchange virtual
    machines with none that was looked at, `unplaced` those of which that is not known.
    """

    said: tuple[Judged, ...] = ()
    groups: tuple[MoveGroup, ...] = ()
    alone: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()


@dataclass(frozen=True)
class HostMatrix:
    """Which virtual machine of a host can go where.

    `machines` are in classes of equals, by their names, and so are the `destinations`. `cells` has
    a row for each class of machines, and in it a number of `said` for each class of destinations.
    """

    host: str
    machines: tuple[tuple[str, ...], ...] = ()
    destinations: tuple[tuple[str, ...], ...] = ()
    cells: tuple[tuple[int, ...], ...] = ()
    said: tuple[Judged, ...] = ()


def of_one_host(moves: Moves, host: str) -> HostMatrix:
    """Return which virtual machine of a host can go where.

    Raises:
        BlockedError: its machines could not be read, or the account may not see them.
    """
    machines, partners = moves.machines(host), moves.partners(host)
    said: dict[Judged, int] = {}

    def number(machine: Machine, to: str) -> int:
        judged = moves.of_machine(host, machine.identifier, to)
        return said.setdefault(judged, len(said))

    by_column: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for to in partners:
        by_column[tuple(number(each, to) for each in machines)].append(to)
    by_row: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for at, machine in enumerate(machines):
        by_row[tuple(column[at] for column in by_column)].append(machine.name)
    return HostMatrix(
        host,
        tuple(map(tuple, by_row.values())),
        tuple(map(tuple, by_column.values())),
        tuple(by_row),
        tuple(said),
    )


def matrix_of(moves: Moves, hosts: Iterable[str]) -> Matrix:
    """Return the matrix of these hosts, which are among those of the moves."""
    wanted = tuple(hosts)
    placed = [each for each in wanted if moves.parts(each) is not None]
    said: dict[Judged, int] = {}
    groups, alone = [], []
    received = _received(moves, wanted)
    for members in _together(moves, placed):
        if len(members) == 1:
            alone += members
        else:
            groups.append(_group(moves, members, received, said))
    return Matrix(
        tuple(said),
        tuple(groups),
        tuple(alone),
        tuple(each for each in wanted if moves.parts(each) is None),
    )


def _together(moves: Moves, hosts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the hosts that exchange machines with each other, also by way of others."""
    leader: dict[Hashable, Hashable] = {}

    def lead(each: Hashable) -> Hashable:
        while (above := leader.setdefault(each, each)) != each:
            leader[each] = leader[above]
            each = above
        return each

    seen: set[int] = set()
    for host in hosts:
        for part in moves.parts(host) or ():
            circle = part.seen.circle
            if part.seen.peers:
                leader[lead(host)] = lead(id(circle))
            if id(circle) not in seen:
                seen.add(id(circle))
                # A host whose own policy narrows its peers is still one of these.
                for peer in circle.peers:
                    leader[lead(peer)] = lead(id(circle))
    found: dict[Hashable, list[str]] = defaultdict(list)
    for host in hosts:
        found[lead(host)].append(host)
    yield from found.values()


def _group(
    moves: Moves,
    members: Sequence[str],
    received: Mapping[str, Hashable],
    said: dict[Judged, int],
) -> MoveGroup:
    by_likeness: dict[Hashable, list[str]] = defaultdict(list)
    for host in members:
        by_likeness[moves.likeness(host), received.get(host)].append(host)
    classes = _largest(list(by_likeness.values()), _MOST_COMPARED, len)
    cells = [[_cell(moves, source, to, said) for to in classes] for source in classes]
    classes, cells = _merged(classes, cells)
    kept = _largest(range(len(classes)), MOST_CLASSES, lambda at: len(classes[at]))
    shown = {host for at in kept for host in classes[at]}
    return MoveGroup(
        tuple(tuple(classes[at]) for at in kept),
        tuple(tuple(cells[source][to] for to in kept) for source in kept),
        tuple(each for each in members if each not in shown),
    )


def _largest(found: Sequence[T], most: int, size: Callable[[T], int]) -> list[T]:
    """Return the largest of these, in their order."""
    largest = sorted(range(len(found)), key=lambda at: (-size(found[at]), at))[:most]
    return [found[at] for at in sorted(largest)]


def _merged(
    classes: Sequence[list[str]], cells: Sequence[Sequence[int | None]]
) -> tuple[list[list[str]], list[list[int | None]]]:
    """Return classes of which the same is said, put together, and what is said of them."""
    together: list[list[int]] = []
    for at in range(len(classes)):
        found = next((each for each in together if _alike(cells, each, at)), None)
        if found is None:
            together.append([at])
        else:
            found.append(at)
    return (
        [[host for at in each for host in classes[at]] for each in together],
        [[_of_several(cells, source, to) for to in together] for source in together],
    )


def _alike(cells: Sequence[Sequence[int | None]], group: Sequence[int], at: int) -> bool:
    """Whether of a class the same is said as of a group, and among both the same to each other."""
    first, inside = group[0], _of_several(cells, group, group)
    others = (each for each in range(len(cells)) if each != at and each not in group)
    own = {cells[first][at], cells[at][first], *(cells[each][at] for each in group)}
    own |= {each for each in (inside, cells[at][at]) if each is not None}
    return len(own) == 1 and all(
        cells[first][k] == cells[at][k] and cells[k][first] == cells[k][at] for k in others
    )


def _of_several(
    cells: Sequence[Sequence[int | None]], sources: Sequence[int], to: Sequence[int]
) -> int | None:
    """Return what is said from one group of equals to another, or to itself."""
    found = (cells[source][each] for source in sources for each in to)
    return next((each for each in found if each is not None), None)


def _cell(
    moves: Moves, source: Sequence[str], destination: Sequence[str], said: dict[Judged, int]
) -> int | None:
    """Return what is said of moves from one class to another, by one host of each."""
    to = next((each for each in destination if each != source[0]), None)
    if to is None:
        return None
    return said.setdefault(moves.of_pair(source[0], to), len(said))


def _received(moves: Moves, hosts: Iterable[str]) -> Mapping[str, Hashable]:
    """Return by whose accounts a host is not reached, where it is not reached as others are."""
    kinds: dict[Hashable, int] = {}
    found: dict[str, set[tuple[int, str]]] = defaultdict(set)
    for host in hosts:
        reach = moves.reach(host)
        if isinstance(reach, Reach) and (kind := reach.likeness) not in kinds:
            kinds[kind] = len(kinds)
            for other, heading in reach.exceptions():
                found[other].add((kinds[kind], heading))
    return {host: frozenset(each) for host, each in found.items()}
