"""What a drain is worked out from: over real sockets, a page for many, asked by no other area."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from fact_builders import CHECKS
from lab_clients import fleet_file
from test_lab_cluster_costs import Asking
from test_lab_messages import costs

from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS, TEAM_MEMBERS
from livemigration.facts.cluster_preferences import (
    CLUSTER_AFFINITY_RULES,
    CLUSTER_MEMORY_RESERVE,
    CLUSTER_PREFERRED_OWNERS,
    DIFFERENT_NODE,
    AffinityRule,
    ClusterMemoryReserve,
    PreferredOwners,
)
from livemigration.facts.host_memory import (
    HOST_CAPACITY,
    MEMORY_POOL,
    NUMA_NODES,
    NUMA_SPANNING,
    HostCapacity,
    MemoryPool,
)
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_memory import (
    VIRTUAL_MACHINE_MEMORY,
    VIRTUAL_MACHINE_MEMORY_SETTINGS,
    MemorySettings,
)
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.volumes import VOLUME_SPACE, VolumeSpace
from livemigration.lab.launch import start
from livemigration.verdict.link_speeds import Adapters, LinkSpeed

OF_HOSTS: tuple[FactGroup[Any], ...] = (
    MEMORY_POOL,
    VIRTUAL_MACHINE_MEMORY,
    VIRTUAL_MACHINE_MEMORY_SETTINGS,
    HOST_CAPACITY,
    NUMA_SPANNING,
    NUMA_NODES,
    ADAPTER_SPEEDS,
    TEAM_MEMBERS,
    VOLUME_SPACE,
)
OF_CLUSTERS: tuple[FactGroup[Any], ...] = (
    CLUSTER_PREFERRED_OWNERS,
    CLUSTER_AFFINITY_RULES,
    CLUSTER_MEMORY_RESERVE,
)
NAMES = frozenset(each.name for each in (*OF_HOSTS, *OF_CLUSTERS))
GIGABIT = 10**9


def system(build: int) -> dict[str, Any]:
    return {"build": build, "version": f"10.0.{build}", "caption": "Server"}


def host(number: int, **said: Any) -> dict[str, Any]:
    return {
        "name": f"n{number}.contoso.com",
        "shows": "a host",
        "addresses": {"management": f"1.{10 + number}"},
        **said,
    }


def fleet(*hosts: dict[str, Any], clusters: Mapping[str, Any] | None = None) -> str:
    return json.dumps(
        {
            "name": "drains",
            "title": "hosts with memory",
            "domain": "contoso.com",
            "firewall_rules": 0,
            "networks": {"management": {"subnet": "1.0/24"}},
            "system": system(20348),
            "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"},
            "clusters": clusters or {},
            "hosts": hosts,
        }
    )


WEB = {"name": "web01", "memory": {"assigned": 8191, "numa_nodes": 2}, "checkpoints": 1}
DYNAMIC = {"assigned": 3000, "startup": 1024, "maximum": 4096, "dynamic": True}
RULE = {"name": "apart", "roles": ["web01", "web02"], "soft": True}
NEW = {"affinity_rules": [RULE], "root_memory_reserved": 4096}
MACHINES = [
    WEB | {"role": {"preferred": ["N2", "N1"]}},
    {"name": "web02", "memory": DYNAMIC},
    {"name": "off", "state": "off"},
]
HOSTS = (
    host(1, cluster="new", system=system(26100), vms=MACHINES, team={"management": [1000, 10000]}),
    host(2, cluster="new", system=system(26100), memory={"total": 65536, "pool": 60000}),
    host(3, cluster="old", system=system(14393)),
    host(4, system=system(9600) | {"version": "6.3.9600"}, free_space={"C:": 7}),
    host(5, system=system(20348), devices={"hides_pools": True}),
)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFacts]:
    text = fleet(*HOSTS, clusters={"new": NEW, "old": {"affinity_rules": [RULE]}})
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=text)) as lab:
        yield Asking(lab).gather(tuple(f"n{number}" for number in range(1, 6)))


def value(facts: RunFacts, number: int, group: FactGroup[Any]) -> Any:
    outcome = facts.hosts[f"n{number}.contoso.com"].outcome(group)
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


@pytest.mark.long
def test_the_memory_of_a_host_is_what_its_machines_have(facts: RunFacts) -> None:
    assert value(facts, 1, MEMORY_POOL) == MemoryPool(503808, 8191 + 3000)
    assert value(facts, 2, MEMORY_POOL) == MemoryPool(60000, 0)
    assert value(facts, 2, HOST_CAPACITY) == HostCapacity(32, 65536)
    assert {each.megabytes for each in value(facts, 1, VIRTUAL_MACHINE_MEMORY)} == {8191, 3000}
    settings = value(facts, 1, VIRTUAL_MACHINE_MEMORY_SETTINGS)
    # Those of the checkpoint among them.
    assert len(settings) == 4
    dynamic = [each for each in settings if each.dynamic]
    assert dynamic == [MemorySettings(dynamic[0].owner, 1024, 512, 4096, dynamic=True)]
    assert value(facts, 1, NUMA_SPANNING).allowed is True
    assert [each.logical_processors for each in value(facts, 1, NUMA_NODES)] == [16, 16]


@pytest.mark.long
def test_every_release_has_it(facts: RunFacts) -> None:
    for number in (1, 2, 3, 4):
        for group in (*OF_HOSTS, *OF_CLUSTERS):
            value(facts, number, group)
    assert value(facts, 4, VOLUME_SPACE) == (VolumeSpace("C:", 7), VolumeSpace("", 64))


@pytest.mark.long
def test_a_pool_that_the_account_does_not_see_is_not_read(facts: RunFacts) -> None:
    outcome = facts.hosts["n5.contoso.com"].outcome(MEMORY_POOL)
    assert not isinstance(outcome, Gathered)


@pytest.mark.long
def test_a_team_is_as_fast_as_its_members(facts: RunFacts) -> None:
    adapters = Adapters(*(value(facts, 1, each) for each in (ADAPTER_SPEEDS, TEAM_MEMBERS)))
    assert adapters.speed_of("Management") == LinkSpeed(11 * GIGABIT, GIGABIT)
    assert adapters.speed_of("Unplugged") is None
    alone = Adapters(value(facts, 2, ADAPTER_SPEEDS))
    assert alone.speed_of("management") == LinkSpeed(10 * GIGABIT, 10 * GIGABIT)
    assert any(each.adapters for each in value(facts, 1, VIRTUAL_PORTS))


@pytest.mark.long
@pytest.mark.parametrize("number", [1, 2])
def test_each_node_has_what_one_said_of_the_cluster(facts: RunFacts, number: int) -> None:
    assert value(facts, number, CLUSTER_PREFERRED_OWNERS) == (
        PreferredOwners("web01", ("N2", "N1")),
    )
    rule = AffinityRule("apart", DIFFERENT_NODE, ("web01", "web02"), enabled=True, soft=True)
    assert value(facts, number, CLUSTER_AFFINITY_RULES) == (rule,)
    assert value(facts, number, CLUSTER_MEMORY_RESERVE) == ClusterMemoryReserve(4096)


@pytest.mark.long
@pytest.mark.parametrize("number", [3, 4])
def test_what_a_release_lacks_is_absent_and_no_failure(facts: RunFacts, number: int) -> None:
    assert value(facts, number, CLUSTER_AFFINITY_RULES) == ()
    assert value(facts, number, CLUSTER_PREFERRED_OWNERS) == ()
    assert value(facts, number, CLUSTER_MEMORY_RESERVE) == ClusterMemoryReserve(None)


def test_no_other_area_asks_for_what_only_a_drain_needs() -> None:
    others = {each.area: each.declared & NAMES for each in CHECKS.values() if each.area != "drain"}
    assert {area: found for area, found in others.items() if found} == {}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[int, tuple[int, int, int]]:
    """What it took to ask a host with so many machines: requests, bytes, and machines found."""
    found = {}
    for number in (1, 200):
        vms = [{"name": f"vm{each:03}", "checkpoints": 1} for each in range(number)]
        text = fleet(host(1, vms=vms))
        with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=text)) as lab:
            cost = costs(lab, frozenset(each.name for each in OF_HOSTS), client="streams")
        (sheet,) = cost.facts.hosts.values()
        memory = sheet.outcome(VIRTUAL_MACHINE_MEMORY)
        assert isinstance(memory, Gathered)
        found[number] = (cost.access.requests, cost.access.bytes_in, len(memory.value))
    return found


def test_many_machines_cost_pages_and_no_more_questions(
    asked: dict[int, tuple[int, int, int]],
) -> None:
    (few, _, one), (many, size, all_of_them) = asked[1], asked[200]
    assert (one, all_of_them) == (1, 200)
    # Two of the classes have rows for each machine, and a page is one request.
    assert many - few <= 6, asked
    assert size < 200 * 1_600, asked
