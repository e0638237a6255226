"""When a run's record has who can go where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import whole_run
from fact_builders import HOST, OTHER, run_facts

from livemigration.run.consistency import contradictions
from livemigration.run.record import begun_as, who_can_go_where
from livemigration.run.run import Run
from livemigration.run.selected import whole_suite


def test_a_whole_run_of_two_hosts_has_a_matrix() -> None:
    run, _ = whole_run.whole_run(run_facts(release="10.22.1287.0"))
    assert run.matrix is not None
    listed = [*run.matrix.alone, *run.matrix.unplaced]
    for group in run.matrix.groups:
        listed += [host for each in group.classes for host in each]
    assert sorted(listed) == [HOST, OTHER]


def test_a_part_of_a_run_has_none() -> None:
    run, asked = whole_run.whole_run(run_facts(release="10.22.1287.0"))
    beginning = begun_as(run, whole_suite(), servers=("vmm01.contoso.com",))
    assert asked.facts is not None
    assert who_can_go_where(beginning, asked.facts) == run.matrix
    some = tuple(each for each in beginning.plan if each.check != "LM502")
    assert who_can_go_where(replace(beginning, plan=some), asked.facts) is None
    one = replace(beginning, hosts=beginning.hosts[:1])
    assert who_can_go_where(one, asked.facts) is None


def denied(run: Run, **changed: Any) -> list[str]:
    assert run.matrix is not None
    return list(contradictions(replace(run, matrix=replace(run.matrix, **changed))))


def test_a_matrix_that_cannot_be_of_the_run_is_denied() -> None:
    run, _ = whole_run.whole_run(run_facts(release="10.22.1287.0"))
    assert run.matrix is not None
    (group,) = run.matrix.groups
    assert list(contradictions(run)) == []
    cells = "a group of the matrix has other cells than its classes and what is said."
    hosts = "the matrix has not each host of the run once."
    size = len(group.classes)
    far = tuple(tuple(99 for _ in row) for row in group.cells)
    for wrong in (far, group.cells[1:], tuple((None,) * size for _ in range(size + 1))):
        assert denied(run, groups=(replace(group, cells=wrong),)) == [cells]
    assert denied(run, groups=()) == [hosts]
    assert denied(run, alone=(HOST,)) == [hosts]
    assert denied(run, groups=(replace(group, rest=("hv99.contoso.com",)),)) == [hosts]
