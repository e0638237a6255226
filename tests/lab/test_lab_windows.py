"""A window of simulated hosts: disks that move along, and fault domains that a rule keeps apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fleet_runs import ask
from lab_clients import fleet_file

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.lab.launch import start
from livemigration.verdict.drain_order import HostOrder, Orders, orders_of
from livemigration.verdict.drain_plan import plan_of

pytestmark = pytest.mark.long

N1, N2, N3, S4, S5 = (f"n{number}.contoso.com" for number in range(1, 6))
ALONE = frozenset({S4, S5})
ROOM = {"total": 65536, "pool": 60000}


def host(number: int, *vms: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {
        "name": f"n{number}.contoso.com",
        "shows": "a host",
        "addresses": {"management": f"1.{10 + number}"},
        "vms": list(vms),
        **said,
    }


def node(number: int, site: str, *vms: dict[str, Any], **said: Any) -> dict[str, Any]:
    return host(number, *vms, cluster="c1", node={"site": site}, memory=ROOM, **said)


def machine(name: str, memory: int = 2048, **said: Any) -> dict[str, Any]:
    return {"name": name, "memory": {"assigned": memory}, **said}


def stored(name: str, size: int) -> dict[str, Any]:
    return machine(name, path="D:\\VMs", disks=[{"file": f"{name}.vhdx", "size": size}])


RULE = {"name": "controllers", "kind": "different-fault-domain", "roles": ["dc01", "dc02"]}
FLEET = {
    "name": "windows",
    "title": "nodes in two sites, and two hosts alone",
    "domain": "contoso.com",
    "firewall_rules": 0,
    "networks": {"management": {"subnet": "1.0/24"}},
    "system": {"build": 20348, "version": "10.0.20348", "caption": "Server"},
    "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"},
    "clusters": {"c1": {"affinity_rules": [RULE]}},
    "hosts": [
        node(1, "Lyon", machine("dc01"), machine("web01")),
        node(2, "Lyon", machine("dc02")),
        node(3, "Paris"),
        host(4, stored("app01", 4000), memory=ROOM, free_space={"D:": 3000}),
        host(5, stored("app02", 3000), memory=ROOM, free_space={"D:": 4500}),
    ],
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFacts]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=json.dumps(FLEET))) as lab:
        yield ask(lab, dict.fromkeys((N1, N2, N3, S4, S5), "vmm01.contoso.com"))


def orders(facts: RunFacts, *hosts: str) -> Orders:
    exchanges = tuple((each, tuple(sorted(ALONE))) for each in ALONE)
    demands = Demands(digest="", site=Policy(), exchanges=exchanges)
    return orders_of(facts, demands, DrainRequest(hosts))


def order(facts: RunFacts, *hosts: str) -> HostOrder:
    (found,) = orders(facts, *hosts).orders
    return found


def test_what_disks_leave_free_is_there_for_the_next_host(facts: RunFacts) -> None:
    # Of 7000 MB, 4000 go back to where they left; 3000 were free there before.
    first, second = order(facts, S4, S5).rolling.steps
    assert [(each.machine.name, each.disk) for each in first.answer.plan] == [("app01", 4000)]
    assert sum(each.disk for each in second.answer.plan) == 7000


def test_a_controller_goes_where_a_rule_of_fault_domains_wants_it(facts: RunFacts) -> None:
    found = order(facts, N1)
    ((_, plan),) = zip(found.rolling.steps, found.plans, strict=True)
    places = {each.machine: each.destination for each in plan.moves}
    assert (places["dc01"], plan.within_a_domain, plan.not_weighed) == (N3, (), ())


def test_where_it_cannot_be_kept_the_rule_is_told(facts: RunFacts) -> None:
    found = plan_of(facts, N1, Policy(), None, DrainRequest((N1,), without=(N3,)))
    assert found.fits
    (told,) = found.within_a_domain
    assert told == f"controllers (dc01 on {N2} and dc02 on {N2})"
