"""What a host costs does not depend on how many others there are: function calls are counted."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any

import pytest
from fact_builders import CONTROL, RUNNING, TIMED_OUT, VMM, failure, host_outcomes, vmm_outcomes
from fact_parts import facts_with, routes_by
from firewall_facts import rules
from whole_run import whole_run

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import FailureKind, Outcome
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.facts.sheets import RunFacts
from livemigration.run import results_file

FEW, MANY = 50, 200
# Nothing of it grows faster than the fleet; sorting does, by a logarithm.
AT_MOST = 1.3
OF_A_SITE = 10
OF_A_CLUSTER = 4


def name_of(number: int) -> str:
    return f"hv{number:04}.contoso.com"


def outcomes_of(number: int, *, clusters: bool) -> dict[str, Outcome[Any]]:
    """Return one host of sites with their own subnets; some have something wrong."""
    site, place = divmod(number, OF_A_SITE)
    own, migration = f"10.{site}.0.{place + 1}", f"10.{site}.50.{place + 1}"
    gateway = f"10.{site}.0.254"
    also: dict[str, Any] = rules(
        {
            # Of each ten, the rule of one is off, and that of one is for the hosts of its site.
            "enabled": place != 3,
            "remote": (f"10.{site}.0.0/24",) if place == 4 else ("Any",),
        }
    )
    also[ROUTES.name] = routes_by((("0.0.0.0/0", gateway), (f"{own}/32", None)))
    if clusters:
        also[CLUSTER.name] = Cluster(f"cl{number // OF_A_CLUSTER}", None)
    # Of each ten, the name of one leads to the next host.
    dns = (f"10.{site}.0.{place + 2}", own) if place == 5 else (own,)
    made = host_outcomes(
        name=name_of(number),
        local=(f"{own}/24", f"{migration}/24"),
        listeners=(own, migration),
        dns=dns,
        answers={(own, 6600): TIMED_OUT, (migration, 6600): TIMED_OUT, (own, CONTROL): 0},
        services={**RUNNING, **({"ClusSvc": "Running"} if clusters else {})},
        also=also,
    )
    lost: Mapping[int, tuple[str, ...]] = {
        6: (DOMAIN_MEMBERSHIP.name,),
        7: (LOCAL_ADDRESSES.name, ROUTES.name),
    }
    for group in lost.get(place, ()):
        made[group] = failure(FailureKind.FAULT, "")
    return made


def facts_of(hosts: int, *, clusters: bool) -> RunFacts:
    names = tuple(map(name_of, range(hosts)))
    sheets = {name: outcomes_of(number, clusters=clusters) for number, name in enumerate(names)}
    facts = facts_with(sheets, VMM, vmm_outcomes("3.1.6011.0", managed_hosts=names))
    return RunFacts(facts.hosts, facts.vmms, dict.fromkeys(names, VMM))


def calls_of(hosts: int, *, clusters: bool, declared: bool) -> int:
    """Return how many calls it takes to judge a fleet and to lay out its results."""
    facts = facts_of(hosts, clusters=clusters)
    group = frozenset(facts.hosts)
    peers = dict.fromkeys(facts.hosts, group) if declared else {}
    found = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal found
        found += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        run, _ = whole_run(facts, peers=peers)
        results_file.text_of(run)
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.long
@pytest.mark.parametrize(
    ("clusters", "declared"),
    [
        pytest.param(False, False, id="hosts of one domain"),
        pytest.param(False, True, id="hosts of one group"),
        pytest.param(True, False, id="clusters of four nodes"),
    ],
)
def test_a_host_takes_as_many_calls_in_a_large_fleet_as_in_a_small_one(
    clusters: bool, declared: bool
) -> None:
    few, many = (calls_of(hosts, clusters=clusters, declared=declared) for hosts in (FEW, MANY))
    assert (many - few) / (MANY - FEW) <= AT_MOST * few / FEW
