"""The migration path of a cluster: which networks, in which order, and which nodes meet on them."""

from __future__ import annotations

import ipaddress

from hypothesis import given
from hypothesis import strategies as st

from livemigration.facts.cluster import ClusterMigrationNetworks, ClusterNetwork
from livemigration.facts.cluster_interfaces import ClusterInterface
from livemigration.verdict.cluster_path import SELECTS_OTHERWISE, ClusterPath, path_of

BUILD = 20348
NODES = ("N1", "N2", "N3")
NAMES = ("a", "b", "c", "d")


def network(name: str, role: int = 1, metric: int | None = 100) -> ClusterNetwork:
    subnet = ipaddress.ip_network("10.0.0.0/24")
    return ClusterNetwork(f"{{ID-{name}}}", name, subnet, role, 3, metric)


networks = st.lists(
    st.builds(
        network,
        st.sampled_from(NAMES),
        st.sampled_from((0, 1, 3)),
        st.integers(1, 5),
    ),
    min_size=1,
    unique_by=lambda each: each.name,
)
identifiers = st.lists(st.sampled_from((*NAMES, "gone")).map(lambda name: f"id-{name}"))
interfaces = st.lists(
    st.builds(
        ClusterInterface,
        st.sampled_from(NODES),
        st.sampled_from(NAMES),
        st.sampled_from((-1, 0, 1, 2, 3)),
    )
)


def names(path: ClusterPath) -> list[str]:
    return [each.name for each in path.networks]


@given(networks, interfaces, identifiers, identifiers, st.sampled_from((14393, 20348, 26100)))
def test_each_network_is_used_excluded_or_not_offered_and_the_order_is_kept(
    every: list[ClusterNetwork],
    meeting: list[ClusterInterface],
    excluded: list[str],
    order: list[str],
    build: int,
) -> None:
    settings = ClusterMigrationNetworks(tuple(excluded), tuple(order))
    path = path_of(every, meeting, settings, build)
    found = [*names(path), *(each.name for each in (*path.excluded, *path.unoffered))]
    assert sorted(found) == sorted(each.name for each in every)
    assert {each.name for each in path.excluded} == {
        each.name for each in every if f"id-{each.name}" in excluded
    }
    places = [order.index(f"id-{each}") for each in names(path) if f"id-{each}" in order]
    assert places == sorted(places)
    # What the order does not name follows what it names.
    named = [f"id-{each}" in order for each in names(path)]
    assert named == sorted(named, reverse=True)
    assert path.ordered is any(named)
    for one in NODES:
        for other in NODES:
            assert path.shared(one, other) == path.shared(other.lower(), one.lower())


@given(networks)
def test_without_an_order_the_network_of_the_clusters_own_traffic_is_the_last(
    every: list[ClusterNetwork],
) -> None:
    path = path_of(every, (), ClusterMigrationNetworks((), ()), BUILD)
    used = [each for each in every if each.role]
    if not used:
        assert path.networks == ()
        return
    least = min(each.metric or 0 for each in used)
    own = next(each for each in used if each.metric == least)
    *others, last = (each.network for each in path.networks)
    assert last is own
    metrics = [each.metric or 0 for each in others]
    assert metrics == sorted(metrics)


def test_what_is_not_known_of_the_order_is_said() -> None:
    nothing, two = ClusterMigrationNetworks((), ()), [network("a"), network("b")]
    assert path_of(two, (), nothing, BUILD).doubt == ""
    assert "2025" in path_of(two, (), nothing, SELECTS_OTHERWISE).doubt
    assert path_of(two, (), ClusterMigrationNetworks((), ("id-b",)), 26100).doubt == ""
    assert path_of(two[:1], (), nothing, SELECTS_OTHERWISE).doubt == ""
    unread = [network("a", metric=None), network("b")]
    assert "not known" in path_of(unread, (), nothing, BUILD).doubt


def test_the_best_of_several_interfaces_of_a_node_counts() -> None:
    meeting = [ClusterInterface("N1", "A", state) for state in (1, 3, 0)]
    path = path_of([network("a")], meeting, ClusterMigrationNetworks((), ()), BUILD)
    assert path.networks[0].is_up_on("n1.contoso.com")
    assert not path.networks[0].has_interface_of("N2")


def test_a_path_is_told_in_order_and_not_without_an_end() -> None:
    every = [network(f"n{number}", metric=number) for number in range(9)]
    meeting = [
        ClusterInterface("N1", each.name, 3, (ipaddress.ip_address(f"10.0.0.{number}"),))
        for number, each in enumerate(every)
    ]
    settings = ClusterMigrationNetworks((), tuple(f"id-n{number}" for number in range(9)))
    told = path_of(every, meeting, settings, BUILD).of_node("N1")
    assert told.startswith("n0 (10.0.0.0), then n1 (10.0.0.1), then ")
    assert told.endswith("n5 (10.0.0.5), and 3 more")
