"""What is said of networks of a cluster: subnets, addresses of a node there, and its trouble."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from in_turn import in_turn
from test_cluster_path import BUILD, network

from livemigration.base.addresses import parse_address
from livemigration.facts.cluster import ClusterMigrationNetworks, ClusterNetwork
from livemigration.facts.cluster_interfaces import ClusterInterface
from livemigration.verdict.cluster_path import ClusterPath, path_of

NOTHING = ClusterMigrationNetworks((), ())


def interface(node: str, state: int = 3, *addresses: str, on: str = "a") -> ClusterInterface:
    return ClusterInterface(node, on, state, addresses=tuple(map(parse_address, addresses)))


def path(*networks: ClusterNetwork, meeting: tuple[ClusterInterface, ...] = ()) -> ClusterPath:
    return path_of(networks, meeting, NOTHING, BUILD)


@in_turn(
    "more, subnets, two",
    [
        ((), ("10.0.0.0/24",), False),
        (("10.0.0.0/24", "fe80::/64"), ("10.0.0.0/24",), False),
        (("fd00::/64",), ("10.0.0.0/24", "fd00::/64"), False),
        (("10.0.9.0/24",), ("10.0.0.0/24", "10.0.9.0/24"), True),
    ],
)
def test_subnets_of_a_network_are_those_that_say_something(
    more: tuple[str, ...], subnets: tuple[str, ...], two: bool
) -> None:
    (found,) = path(replace(network("a"), subnets=tuple(map(ipaddress.ip_network, more)))).networks
    assert tuple(map(str, found.subnets)) == subnets
    assert found.has_two_subnets is two
    assert found.contains(parse_address("10.0.0.7"))
    assert not found.contains(parse_address("10.0.8.7"))
    assert found.contains(parse_address("fd00::7")) is ("fd00::/64" in subnets)


def test_a_network_without_a_subnet_has_none() -> None:
    (found,) = path(replace(network("a"), subnet=None)).networks
    assert found.subnets == ()


@in_turn(
    "state, trouble",
    [(3, ""), (None, "no interface"), (77, "its interface is in state 77")],
)
def test_why_a_node_cannot_use_a_network(state: int | None, trouble: str) -> None:
    meeting = (interface("N1", state),) if state is not None else ()
    (found,) = path(network("a"), meeting=meeting).networks
    assert found.trouble_of("n1") == trouble
    assert found.of_node("N1") == (f"a ({trouble})" if trouble else "a")


def test_a_node_has_its_usable_addresses_and_any_where_none_is() -> None:
    meeting = (
        interface("N1", 3, "fe80::1", "10.0.0.1"),
        interface("N2", 3, "fe80::2"),
        interface("N3"),
    )
    (found,) = path(network("a"), meeting=meeting).networks
    assert [found.of_node(each) for each in ("N1", "N2", "N3")] == [
        "a (10.0.0.1)",
        "a (fe80::2)",
        "a",
    ]


def test_the_network_of_the_least_metric_comes_last_and_is_the_clusters_own() -> None:
    found = path(network("a", metric=1), network("b", metric=0), network("c", metric=2))
    assert [each.name for each in found.networks] == ["a", "c", "b"]
    assert found.own is not None
    assert found.own.name == "b"
    unknown = path(network("a", metric=1), network("b", metric=None))
    assert (unknown.own, unknown.doubt) == (None, ", in an order that is not known")
    assert [each.name for each in unknown.networks] == ["b", "a"]


def test_a_path_names_six_networks_and_counts_the_others() -> None:
    def told(letters: str) -> str:
        meeting = tuple(interface("N1", on=each) for each in letters)
        networks = (network(each, metric=place) for place, each in enumerate(letters, start=1))
        return path(*networks, meeting=meeting).of_node("N1")

    assert told("gabcdef") == "a, then b, then c, then d, then e, then f, and 1 more"
    assert told("fabcde") == "a, then b, then c, then d, then e, then f"
