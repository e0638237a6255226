"""Matrices of who can go where, for tests of what is shown of them."""

from __future__ import annotations

from dataclasses import replace

import many_hosts

from livemigration.run.run import Run
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.move_matrix import Matrix, MoveGroup

ALLOWED = Judged(Standing.ALLOWED)
SAID = (
    ALLOWED,
    Judged(Standing.REFUSED, "LM501", "Intel to AMD: another manufacturer"),
    Judged(Standing.REFUSED, "LM502", 'the virtual switch "<b>Green</b>" is missing', some=True),
    Judged(Standing.WARNED, "LM503", "other releases of Windows lie between the two"),
    Judged(Standing.UNKNOWN, "LM302", "what is needed of the source could not be read"),
    Judged(Standing.UNKNOWN, cause="whether the two exchange virtual machines is not known"),
    Judged(Standing.NOT_MEANT, declared=False),
    Judged(Standing.REFUSED, "LM504", "the two authenticate with different protocols", False),
)


def group_of(hosts: int, classes: int, *, seed: int = 1) -> MoveGroup:
    """Return a group of so many hosts in classes of different sizes, of which anything is said."""
    names = [many_hosts.name_of(number) for number in range(hosts)]
    sizes = [1] * (classes - 1)
    members = [names[at : at + 1] for at in range(len(sizes))] + [names[len(sizes) :]]
    cells = tuple(
        tuple(
            None
            if source == to and len(members[to]) == 1
            else (source * 3 + to * seed + (source * to) % 5) % (len(SAID) - 1)
            for to in range(classes)
        )
        for source in range(classes)
    )
    return MoveGroup(tuple(map(tuple, members)), cells)


def with_matrix(run: Run, *groups: MoveGroup, unplaced: tuple[str, ...] = ()) -> Run:
    """Return a run that has a matrix of these groups."""
    return replace(run, matrix=Matrix(SAID, groups, (), unplaced))


def of_many() -> Run:
    """Return a run of 500 hosts: two groups, one of them of 24 classes."""
    run = many_hosts.run_of(500, 0.02)
    names = [each.name for each in run.hosts]
    free = MoveGroup((tuple(names[480:498]),), ((0,),))
    return with_matrix(run, group_of(470, 24), free, unplaced=(names[499],))
