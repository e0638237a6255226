"""Whether the matrix of a run is one: of its hosts, and of nothing that is not said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from livemigration.verdict.move_matrix import Matrix, MoveGroup


def contradictions_of(matrix: Matrix, hosts: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each thing in a matrix that cannot be of these hosts."""
    listed = Counter([*matrix.alone, *matrix.unplaced])
    for group in matrix.groups:
        listed.update([*group.rest, *(host for each in group.classes for host in each)])
        if not _has_its_cells(group, len(matrix.said)):
            yield "a group of the matrix has other cells than its classes and what is said."
    if listed.keys() != set(hosts) or any(number > 1 for number in listed.values()):
        yield "the matrix has not each host of the run once."


def _has_its_cells(group: MoveGroup, said: int) -> bool:
    classes = group.classes
    if not all(classes) or [len(row) for row in group.cells] != [len(classes)] * len(classes):
        return False
    return all(
        (len(classes[at]) == 1 and at == to) if cell is None else 0 <= cell < said
        for at, row in enumerate(group.cells)
        for to, cell in enumerate(row)
    )
