"""When a run's record has who can go where."""

from __future__ import annotations

from dataclasses import replace

import whole_run
from fact_builders import HOST, OTHER, run_facts

from livemigration.run.record import begun_as, who_can_go_where
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
