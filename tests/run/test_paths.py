"""The networks over which each cluster moves machines: once per cluster, by what its nodes say."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from cluster_facts import MANAGEMENT, MIGRATION, STORAGE, network, node, of_cluster
from fact_builders import HOST, OTHER, failure, run_facts
from run_builders import made_run

from livemigration.facts.cluster import CLUSTER, CLUSTER_NETWORKS
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MigrationNetwork
from livemigration.run.paths import MigrationPath, OwnList, Use, joined_paths, paths_of
from livemigration.run.results_file import run_of_text, text_of
from livemigration.verdict.networks import USER_MANAGED

FAILED = 1
THREE = (node("HV01"), node("HV02"), node("HV03"))


def paths(**given: Any) -> tuple[MigrationPath, ...]:
    """Return the paths of a run of one node, and of a host outside its cluster."""
    return paths_of(run_facts(**of_cluster(**given)))


def path(**given: Any) -> MigrationPath:
    (found,) = paths(**given)
    return found


def test_networks_stand_in_the_order_in_which_they_are_used() -> None:
    found = path(
        excluded=(STORAGE,), networks=[network(n) for n in (MANAGEMENT, MIGRATION, STORAGE)]
    )
    assert [(each.name, each.use) for each in found.networks] == [
        (MIGRATION, Use.USED),
        (MANAGEMENT, Use.USED),
        (STORAGE, Use.EXCLUDED),
    ]
    first, second, third = found.networks
    assert [str(each) for each in first.subnets] == ["10.0.50.0/24"]
    assert (second.gateway, second.clients, second.own_traffic) == (True, True, False)
    assert (third.gateway, third.clients, third.own_traffic) == (False, False, True)
    assert (found.cluster, found.nodes) == ("cl01", (HOST, "HV02"))
    assert (found.doubt, found.bridged) == ("", False)


def test_a_network_without_a_role_is_not_offered() -> None:
    found = path(networks=(network(MANAGEMENT), network(STORAGE, role=0)))
    assert [(each.name, each.use) for each in found.networks][1] == (STORAGE, Use.NOT_OFFERED)


def test_nodes_that_cannot_use_a_network_stand_at_it_with_the_reason() -> None:
    found = path(
        nodes=THREE,
        places={
            "HV01": (MANAGEMENT, MIGRATION),
            "HV02": (MANAGEMENT, MIGRATION),
            "HV03": (MANAGEMENT,),
        },
        states={("HV02", MIGRATION): FAILED},
    )
    assert found.networks[0].unusable == (
        ("HV02", "its interface is failed"),
        ("HV03", "no interface"),
    )
    assert found.networks[1].unusable == ()


def test_a_node_of_a_long_name_is_named_as_the_run_names_it() -> None:
    long = "hv-amsterdam-production-01.contoso.com"
    given = of_cluster(nodes=(node(long[:15].upper()), node("HV02")))
    facts = run_facts(name=long, lost={DOMAIN_MEMBERSHIP.name: failure()}, **given)
    (found,) = paths_of(facts)
    assert found.nodes == (long, "HV02")


def test_nodes_that_take_no_part_stand_apart() -> None:
    found = path(nodes=(node(), node("HV02"), node("HV03", state=1)))
    assert (found.nodes, found.away) == ((HOST, "HV02"), ("HV03",))


@pytest.mark.parametrize(
    ("listeners", "silent", "unlisted"),
    [
        # The node has 10.0.0.11 and 10.0.50.11 by its cluster.
        (("10.0.0.11", "10.0.50.11"), (), ()),
        (("10.0.0.11",), (HOST,), ()),
        ((), (), (HOST,)),
    ],
)
def test_a_node_that_does_not_listen_on_a_network_stands_at_it(
    listeners: tuple[str, ...], silent: tuple[str, ...], unlisted: tuple[str, ...]
) -> None:
    found = path(listeners=listeners)
    assert found.networks[0].silent == silent
    # The second node is no host of the run.
    assert (found.unlisted, found.unread) == (unlisted, ("HV02",))


def test_listeners_that_were_not_read_are_not_missing() -> None:
    facts = run_facts(**of_cluster(), lost={LISTENERS.name: failure()})
    (found,) = paths_of(facts)
    assert found.unread == (HOST, "HV02")
    assert [each.silent for each in found.networks] == [(), ()]


def test_the_nodes_own_lists_stand_by_their_kind() -> None:
    own = MigrationNetwork(ipaddress.ip_network("10.0.60.0/24"), None, (USER_MANAGED,))
    for rows, kind in (((), "no network"), ((own,), "specific networks")):
        found = path(also={MIGRATION_NETWORKS.name: rows})
        assert found.lists == (OwnList(kind, (HOST,)),)


def test_a_cluster_of_new_nodes_needs_no_network_in_common() -> None:
    new = {"nodes": (node(build=26100), node("HV02", build=26100)), "build": 26100}
    found = path(**new, order=())
    assert found.bridged
    assert "not documented" in found.doubt
    assert not path(nodes=(node(build=26100), node("HV02")), build=26100).bridged


def test_no_path_is_made_up() -> None:
    assert paths_of(run_facts()) == ()
    assert paths(nodes=(node(),)) == ()
    for group in (CLUSTER, CLUSTER_NETWORKS):
        assert paths_of(run_facts(**of_cluster(), lost={group.name: failure()})) == ()


def test_a_cluster_of_two_hosts_of_the_run_is_told_once() -> None:
    facts = run_facts(**of_cluster())
    first = facts.hosts[HOST]
    told = {
        name: first.outcomes[name]
        for name in first.outcomes
        if name.startswith("cluster") and name != CLUSTER_NETWORKS.name
    }
    other = facts.hosts[OTHER]
    both = replace(
        facts,
        hosts={OTHER: replace(other, outcomes={**other.outcomes, **told}), HOST: first},
    )
    (found,) = paths_of(both)
    assert found.nodes == (HOST, OTHER)
    assert found.unread == ()


def test_of_several_runs_the_one_that_read_most_is_taken() -> None:
    more, less = path(), replace(path(), unread=(HOST, "HV02"))
    another = replace(more, cluster="CL02")
    runs = [(less,), (more, another), (replace(more, cluster="CL01", unread=(HOST, "HV02")),)]
    for shuffled in permutations(runs):
        assert joined_paths(shuffled) == (more, another)
    assert joined_paths([joined_paths(runs), (less,)]) == (more, another)


def test_results_keep_the_paths() -> None:
    run = made_run((), (), paths=(path(),))
    assert run_of_text(text_of(run)).paths == run.paths
