"""Which hosts must pass a firewall: those that send virtual machines to it, and from where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from fact_builders import HOST, OTHER, failure, run_facts
from in_turn import in_turn

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed
from livemigration.facts.model import FailureKind, Gathered, Outcome, Vantage
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.verdict.firewall.facts import senders_to
from livemigration.verdict.views import FactsView, GroupView

UNASKED = failure(FailureKind.NOT_GATHERED)


def cluster(name: str | None) -> Gathered[Cluster]:
    return Gathered(Cluster(name, None), Vantage.HOST)


def sight(
    own: str | None = "cl01",
    its: Outcome[Any] | str | None = "cl01",
    listed: tuple[str, ...] = (),
    other: Mapping[str, Outcome[Any]] = {},
) -> tuple[FactsView, GroupView]:
    theirs = cluster(its) if its is None or isinstance(its, str) else its
    facts = run_facts(lost={CLUSTER.name: cluster(own)}, other={CLUSTER.name: theirs, **other})
    facts = replace(facts, listed=tuple(map(Listed, (*facts.hosts, *listed))))
    host = facts.hosts[HOST]
    return FactsView(host, frozenset(host.outcomes) | {CLUSTER.name}), GroupView(facts)


@in_turn(
    "own, its, in_cluster, expected",
    [
        ("cl01", "CL01", True, True),
        ("cl01", "cl02", True, False),
        ("cl01", None, True, False),
        # Outside of a cluster every host of the domain sends; a host without a name sends to all.
        ("cl01", "cl02", False, True),
        (None, "cl02", True, True),
        # Whose cluster could not be read may be of the same one.
        ("cl01", failure(), True, True),
    ],
)
def test_inside_a_cluster_hosts_of_another_one_send_nothing(
    own: str | None, its: Outcome[Any] | str | None, in_cluster: bool, expected: bool
) -> None:
    host, group = sight(own, its)
    found = senders_to(host, group, in_cluster=in_cluster)
    assert tuple(found.peers) == ((OTHER,) if expected else ())
    assert not found.unplaced
    for unasked in (LOCAL_ADDRESSES, ROUTES):
        # A host of which either was not asked was not looked at: it lets nobody say who comes.
        unread, hosts = sight(own, its, other={unasked.name: UNASKED})
        left_out = senders_to(unread, hosts, in_cluster=in_cluster)
        assert not (*left_out.peers, *left_out.unplaced)
        assert tuple(left_out.unseen) == ((OTHER,) if expected else ())


def test_a_host_of_another_cluster_leaves_out_no_host_that_is_listed_after_it() -> None:
    host, group = sight("cl01", "cl02")
    facts = group.facts
    third = replace(
        facts.hosts[OTHER],
        name="hv03.contoso.com",
        outcomes={**facts.hosts[OTHER].outcomes, CLUSTER.name: cluster("cl01")},
    )
    three = GroupView(replace(facts, hosts={**facts.hosts, third.name: third}))
    assert list(senders_to(host, three, in_cluster=True).peers) == [third.name]


@pytest.mark.parametrize("in_cluster", [True, False])
def test_a_host_that_was_left_out_may_send_and_the_host_itself_does_not(in_cluster: bool) -> None:
    host, group = sight(listed=("hv09.contoso.com",))
    found = senders_to(host, group, in_cluster=in_cluster)
    assert tuple(found.unseen) == ("hv09.contoso.com",)
    assert HOST not in found.peers
    whole, hosts = sight()
    assert not senders_to(whole, hosts, in_cluster=in_cluster).unseen


def test_a_host_whose_domain_was_not_read_may_send_from_nobody_knows_where() -> None:
    host, group = sight(other={DOMAIN_MEMBERSHIP.name: failure()})
    found = senders_to(host, group, in_cluster=False)
    assert (tuple(found.peers), tuple(found.unplaced)) == ((), (OTHER,))
