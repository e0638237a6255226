"""The functional level of a cluster, beside what its nodes allow."""

from __future__ import annotations

from cluster_facts import node
from in_turn import in_turn

from livemigration.facts.cluster import Cluster
from livemigration.verdict.cluster_kind import level_behind


@in_turn(
    "level, builds, behind",
    [
        (9, (20348, 26100), "2022"),
        (10, (20348, 20348), "2022"),
        (11, (20348, 26100), ""),
        (11, (26100, 26100), "2025"),
        (12, (26100, 26100), ""),
        (8, (14393,), "2016"),
        (9, (17762,), ""),
        # Older than whatever has a level that is known here.
        (1, (9600,), ""),
        # What one node runs is not known, or the release says no level.
        (9, (20348, None), ""),
        (None, (20348,), ""),
    ],
)
def test_a_level_below_what_every_node_runs_is_told(
    level: int | None, builds: tuple[int | None, ...], behind: str
) -> None:
    nodes = [node(f"HV{number:02}", build=each) for number, each in enumerate(builds)]
    said = level_behind(Cluster("cl01", None, functional_level=level), nodes)
    if behind:
        assert said.startswith(
            f"The functional level of cl01 is {level}, below that of Server {behind}, "
        )
    else:
        assert said == ""
