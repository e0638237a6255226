"""A packing as an integer program in which a machine may remain without a place, at a cost.

Its columns are how many of a kind a host takes, and then how many of a kind have no place. It
always has a solution, and what it says of a "no" is at once which machines have no place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from livemigration.placement.model import Machine
from livemigration.placement.packing import Kind, Packing, Placed

# Of how many machines a host may take fewer than so many: rules that follow from its memory, and
# that a solver without them does not see for very long.
_LARGEST_CUT = 9


class Column(NamedTuple):
    """How many of a kind, by number, a host takes; None: have no place."""

    kind: int
    host: int | None
    most: int


class Row(NamedTuple):
    """A rule: the sum of columns times factors is at most a number, or exactly it."""

    factors: tuple[tuple[int, int], ...]
    limit: int
    exact: bool = False


@dataclass(frozen=True)
class Program:
    """Columns, what one of each costs, and the rules."""

    kinds: tuple[Kind, ...]
    columns: tuple[Column, ...]
    costs: tuple[float, ...]
    rows: tuple[Row, ...]

    def placed(self, packing: Packing, values: Sequence[int]) -> Placed:
        """Return a host for each item of the packing, as the values of the columns have it."""
        placed: Placed = [None] * len(packing.items)
        left = [list(kind.items) for kind in self.kinds]
        for column, value in zip(self.columns, values, strict=True):
            if column.host is None:
                continue
            # A solver that says too many is found out by the replay, not here.
            for _ in range(min(max(value, 0), len(left[column.kind]))):
                placed[left[column.kind].pop(0)] = column.host
        return placed


def _alike(_: Machine) -> int:
    return 0


def _one(_: Machine) -> float:
    return 1.0


def program(
    packing: Packing,
    alike: Callable[[Machine], int] = _alike,
    cost: Callable[[Machine], float] = _one,
) -> Program:
    """Return the program of a packing.

    Args:
        packing: what needs a place.
        alike: a number in which machines of one kind are equal.
        cost: what it costs that a machine has no place; equal for those of one kind.
    """
    kinds = packing.kinds_by(alike)
    columns, costs = [], []
    for number, kind in enumerate(kinds):
        for host in kind.candidates:
            columns.append(Column(number, host, _most(packing, kind, host)))
            costs.append(0.0)
    for number, kind in enumerate(kinds):
        columns.append(Column(number, None, len(kind.items)))
        costs.append(cost(packing.items[kind.items[0]].machine))
    every = (*_places(kinds, columns), *_limits(packing, kinds, columns))
    return Program(kinds, tuple(columns), tuple(costs), every)


def _most(packing: Packing, kind: Kind, host: int) -> int:
    most = len(kind.items)
    if kind.memory:
        most = min(most, packing.memory[host] // kind.memory)
    disk = packing.disk[host]
    if kind.disk and host in kind.disk_at and disk is not None:
        most = min(most, disk // kind.disk)
    return min([most, *(packing.limit(host, each) for each in kind.apart)])


def _places(kinds: tuple[Kind, ...], columns: list[Column]) -> list[Row]:
    factors: list[list[tuple[int, int]]] = [[] for _ in kinds]
    for number, column in enumerate(columns):
        factors[column.kind].append((number, 1))
    return [
        Row(tuple(each), len(kind.items), exact=True)
        for each, kind in zip(factors, kinds, strict=True)
    ]


def _limits(packing: Packing, kinds: tuple[Kind, ...], columns: list[Column]) -> list[Row]:
    at: list[list[int]] = [[] for _ in packing.hosts]
    for number, column in enumerate(columns):
        if column.host is not None:
            at[column.host].append(number)
    rows: list[Row] = []
    for host, numbers in enumerate(at):
        of = {number: kinds[columns[number].kind] for number in numbers}
        memory = {number: kind.memory for number, kind in of.items()}
        free = packing.memory[host]
        rows.append(_row(memory, free))
        for parts in range(2, _LARGEST_CUT + 1):
            shares = {each: parts * needed // (free + 1) for each, needed in memory.items()}
            rows.append(_row(shares, parts - 1))
        disk = packing.disk[host]
        if disk is not None:
            needed = {each: kind.disk for each, kind in of.items() if host in kind.disk_at}
            rows.append(_row(needed, disk))
        for group in sorted({group for kind in of.values() for group in kind.apart}):
            holders = {each: 1 for each, kind in of.items() if group in kind.apart}
            rows.append(_row(holders, packing.limit(host, group)))
    return [
        row
        for row in rows
        # One that nothing can break only costs time.
        if sum(factor * columns[number].most for number, factor in row.factors) > row.limit
    ]


def _row(factors: dict[int, int], limit: int) -> Row:
    return Row(tuple((number, each) for number, each in factors.items() if each), limit)
