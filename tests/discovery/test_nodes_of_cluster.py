"""What is made of a cluster's own list of its nodes: names, domain, group, and what is told."""

from __future__ import annotations

from typing import Any

import pytest
from cluster_facts import node
from fact_builders import failure
from fact_parts import gathered
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.discovery import cluster
from livemigration.discovery.found import Found, FoundHost, NotFoundError, Scope
from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.cluster_nodes import CLUSTER_NODES, DOWN, PAUSED, ClusterNode
from livemigration.facts.host import (
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    SIMULATED_VENDOR,
    DomainMembership,
    HostAccess,
)
from livemigration.gather.connect import Target

NODES = (node("HV02"), node("HV01"))


def found(
    *nodes: ClusterNode,
    own: str | None = "CL01",
    name: str = "cl01.contoso.com",
    joined: bool = True,
    vendor: str = "Microsoft Corporation",
    lost: dict[str, Any] | None = None,
) -> Found:
    """Return what is found where one node says this; None in `lost` is no answer at all."""
    domain = "contoso.com" if joined else "WORKGROUP"
    said = {
        **gathered(HOST_ACCESS, HostAccess(name, vendor, "OS: 10.0.20348")),
        **gathered(DOMAIN_MEMBERSHIP, DomainMembership("HV01", domain, joined, "hv01")),
        **gathered(CLUSTER, Cluster(own, None)),
        **gathered(CLUSTER_NODES, nodes),
        **(lost or {}),
    }
    with pytest.MonkeyPatch.context() as patch:

        def gather(
            _target: object,
            _wanted: object,
            _connect: object,
            _deadline: object,
            told: dict[str, Any],
            _absent: object,
        ) -> None:
            told.update({group: each for group, each in said.items() if each is not None})

        patch.setattr(cluster, "gather_host", gather)
        return cluster.ask_cluster(
            Target(name, "10.0.0.5", 5985), lambda *_: pytest.fail("asked"), Deadline.after(30)
        )


def test_nodes_have_the_domain_and_the_cluster_is_their_group() -> None:
    said = found(*NODES)
    assert said.title == "The cluster CL01.contoso.com"
    assert said.hosts == (
        FoundHost("hv01.contoso.com", groups=("CL01.contoso.com",)),
        FoundHost("hv02.contoso.com", groups=("CL01.contoso.com",)),
    )
    assert said.scope == Scope(group="CL01.contoso.com")
    assert (said.notes, said.simulated) == ((), False)
    assert found(*NODES, vendor=SIMULATED_VENDOR).simulated


def test_what_has_a_domain_of_its_own_keeps_it_and_a_workgroup_gives_none() -> None:
    said = found(node("HV01.fabrikam.com"), own="CL01.fabrikam.com")
    assert (said.title, said.hosts[0].name) == (
        "The cluster CL01.fabrikam.com",
        "hv01.fabrikam.com",
    )
    alone = found(node("HV01"), joined=False)
    assert (alone.title, alone.hosts[0].name) == ("The cluster CL01", "hv01")
    assert alone.scope == Scope(group="CL01")


def test_the_case_of_a_name_is_kept_where_it_says_something() -> None:
    assert [each.name for each in found(node("Hv01")).hosts] == ["Hv01.contoso.com"]


def test_a_cluster_whose_name_no_group_may_have_gives_none() -> None:
    said = found(node("HV01"), own="--", joined=False)
    assert (said.scope, said.hosts) == (Scope(), (FoundHost("hv01"),))


def test_a_long_name_is_shown_as_far_as_a_line_goes() -> None:
    own = "c" * 100
    said = found(*NODES, own=own)
    assert said.title == f"The cluster {one_line(f'{own}.contoso.com', 80)}"
    assert said.notes == (f"cl01.contoso.com answers as the cluster {one_line(own, 60)}",)


@in_turn(
    "own, note",
    [
        (node("HV01", DOWN), "its cluster service is down"),
        (node("HV01", PAUSED), "paused in the cluster"),
        (node("A" * 15), "its name has 15 letters, so it may be cut short: compare"),
        (node("A" * 14), ""),
    ],
)
def test_what_is_to_be_known_of_a_node_is_told(own: ClusterNode, note: str) -> None:
    (host,) = found(own).hosts
    assert host.notes == ((note,) if note else ())
    assert host.cut is (len(own.name) == 15)


@in_turn("given", [{"own": None}, {"own": "CL01", "nodes": ()}])
def test_a_host_without_a_cluster_or_a_node_is_none(given: dict[str, Any]) -> None:
    nodes = given.pop("nodes", NODES)
    with pytest.raises(NotFoundError, match=r"cl01\.contoso\.com answers, and is no node"):
        found(*nodes, **given)


def test_what_could_not_be_read_says_why() -> None:
    with pytest.raises(NotFoundError, match=r"^Reading it: it failed\. Look there\.$"):
        found(*NODES, lost={CLUSTER_NODES.name: failure()})
    late = r"^Reading .* of cl01\.contoso\.com: the time limit passed before an answer\. Raise"
    with pytest.raises(NotFoundError, match=late):
        found(*NODES, lost={CLUSTER.name: None})
