"""Which virtual machines are roles of their cluster, and where nobody can say."""

from __future__ import annotations

from typing import Any

import pytest

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, ClusterResource
from livemigration.facts.host import DOMAIN_MEMBERSHIP, DomainMembership
from livemigration.facts.model import FactSheet, Gathered, Subject, Vantage
from livemigration.verdict.clustered_machines import (
    CLUSTERED_MACHINES,
    Standing,
    clustered_machines,
    machines_among,
    node_name,
)
from livemigration.verdict.views import BlockedError, FactsView

ONE, OTHER = "5e9bb3a6-4a12-4c1e-9d0a-0c5a0b1b7a11", "9d1c2f00-0000-4000-8000-00000000000a"


def resource(
    name: str, vm: str | None, owner: str = "HV01", kind: str = "Virtual Machine"
) -> ClusterResource:
    return ClusterResource(name, kind, 2, name, owner, vm)


def view(
    resources: tuple[ClusterResource, ...],
    cluster: str | None = "cl01",
    name: str = "hv01.contoso.com",
) -> FactsView:
    values: dict[str, Any] = {
        CLUSTER.name: Cluster(cluster, None),
        CLUSTER_RESOURCES.name: resources,
        DOMAIN_MEMBERSHIP.name: DomainMembership("HV01", "contoso.com", True),
    }
    outcomes = {name: Gathered(value, Vantage.HOST) for name, value in values.items()}
    sheet = FactSheet(Subject.HOST, name, outcomes)
    return FactsView(sheet, frozenset(each.name for each in CLUSTERED_MACHINES))


@pytest.mark.parametrize("spelt", [ONE, ONE.upper(), f"{{{ONE}}}"])
def test_a_machine_with_a_resource_is_a_role_however_its_name_is_spelt(spelt: str) -> None:
    found = clustered_machines(view((resource("web01", ONE),)))
    assert found.standing(spelt) is Standing.CLUSTERED
    assert found.standing(OTHER) is Standing.OUTSIDE
    assert found.reason == ""


def test_the_configuration_alone_makes_no_role() -> None:
    only = resource(
        "Virtual Machine Configuration web01", ONE, kind="Virtual Machine Configuration"
    )
    assert machines_among((only,), "HV01").standing(ONE) is Standing.OUTSIDE


def test_a_silent_resource_of_this_node_may_be_any_machines() -> None:
    found = machines_among((resource("web01", ONE), resource("web02", None, "hv01")), "HV01")
    assert found.standing(ONE) is Standing.CLUSTERED
    assert found.standing(OTHER) is Standing.UNKNOWN
    assert "web02" in found.reason


def test_a_silent_resource_of_another_node_is_none_of_this_ones() -> None:
    found = machines_among((resource("web02", None, "HV02"),), "HV01")
    assert found.standing(OTHER) is Standing.OUTSIDE


def test_a_host_in_no_cluster_has_no_roles() -> None:
    assert clustered_machines(view((), cluster=None)).standing(ONE) is Standing.OUTSIDE


def test_a_cluster_that_shows_nothing_shows_it_to_others() -> None:
    with pytest.raises(BlockedError, match="cl01 shows this account no resource"):
        clustered_machines(view(()))


def test_a_node_goes_by_its_netbios_name() -> None:
    silent = (resource("web01", None, "HV01"), resource("web02", None, "NODE-OF-CL01"))
    found = clustered_machines(view(silent, name="node-of-cl01.contoso.com"))
    assert "web01" in found.reason
    assert "web02" not in found.reason


@pytest.mark.parametrize(
    ("name", "node"),
    [("a-very-long-host-name.contoso.com", "A-VERY-LONG-HOS"), ("hv01.contoso.com", "HV01")],
)
def test_a_node_that_does_not_say_its_name_goes_by_that_of_the_inventory_cut_short(
    name: str, node: str
) -> None:
    unread = FactSheet(Subject.HOST, name, {})
    assert node_name(FactsView(unread, frozenset({DOMAIN_MEMBERSHIP.name}))) == node
