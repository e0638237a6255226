"""What moves a machine of a plan is what the facts say of its hosts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from cluster_facts import of_cluster
from fact_builders import HOST, OTHER, failure, run_facts

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, ClusterResource
from livemigration.facts.model import Gathered, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_RECORD, VmmRecord
from livemigration.placement.plan_document import Means
from livemigration.verdict.drain_movers import means_of

WEB = "0D7C5B2E-0000-4000-8000-000000000001"


def resource(vm: str) -> ClusterResource:
    return ClusterResource("web01", "Virtual Machine", 2, "web01", "HV01", vm)


def of_one_cluster(*resources: ClusterResource) -> RunFacts:
    facts = run_facts(**of_cluster(also={CLUSTER_RESOURCES.name: resources}))
    first, other = facts.hosts[HOST], facts.hosts[OTHER]
    told = {CLUSTER.name: first.outcomes[CLUSTER.name]}
    other = replace(other, outcomes={**other.outcomes, **told})
    return replace(facts, hosts={HOST: first, OTHER: other})


def test_a_role_of_the_cluster_is_moved_by_it() -> None:
    facts = of_one_cluster(resource(WEB.casefold()))
    assert means_of(facts, WEB, HOST, OTHER) is Means.CLUSTER
    # One that is no role of it is moved as between any two hosts.
    assert means_of(of_one_cluster(resource("other")), WEB, HOST, OTHER) is Means.VMM


def test_of_a_cluster_that_was_not_read_nothing_is_known() -> None:
    facts = of_one_cluster()
    first = facts.hosts[HOST]
    lost = replace(first, outcomes={**first.outcomes, CLUSTER_RESOURCES.name: failure()})
    assert means_of(replace(facts, hosts={**facts.hosts, HOST: lost}), WEB, HOST, OTHER) is None
    assert means_of(facts, WEB, HOST, "hv09.contoso.com") is None


@pytest.mark.parametrize(
    ("record", "means"),
    [
        (Gathered(VmmRecord(True, OTHER), Vantage.VMM), Means.VMM),
        (Gathered(VmmRecord(False, OTHER), Vantage.VMM), Means.HYPER_V),
        (failure(), Means.HYPER_V),
    ],
)
def test_between_hosts_that_vmm_manages_it_moves(record: Any, means: Means) -> None:
    facts = run_facts(other={VMM_RECORD.name: record})
    assert means_of(facts, WEB, HOST, OTHER) is means
