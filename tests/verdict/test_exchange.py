"""With whom a host exchanges virtual machines is what looking at each pair of hosts comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import pytest
from fact_parts import facts_with, gathered
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from small_fleets import VMM, exchanging_fleets, was_asked

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.host import (
    CLUSTER_SERVICE,
    DOMAIN_MEMBERSHIP,
    SERVICES,
    DomainMembership,
    Service,
    Services,
)
from livemigration.facts.identity import Listed
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
)
from livemigration.facts.processor import PROCESSORS, Processor
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.exchanging import Exchanges, Outside
from livemigration.inventory.policy import Policy
from livemigration.verdict.exchange import EXCHANGE, Exchange, exchange_of
from livemigration.verdict.findings import Finding, Fix, Level, note, ok
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import BlockedError, FactsView, GroupView

Scope = Literal["auto", "cross-host", "in-cluster"]
SCOPES: tuple[Scope, ...] = ("auto", "cross-host", "in-cluster")
READABLE = frozenset(each.name for each in (*EXCHANGE, PROCESSORS))
NODE = Services((Service(CLUSTER_SERVICE, "Running", "Auto", 4),))
REPAIR = Fix("same", "Make them equal.")


def seen_from(
    facts: RunFacts, host: str, scope: Scope = "auto", exchanges: Exchanges = None
) -> Exchange:
    sheet = FactsView(facts.hosts[host], READABLE)
    return exchange_of(
        sheet, Policy(migration_scope=scope), GroupView(facts, exchanges), PROCESSORS
    )


def name_of(host: FactsView) -> str:
    return host[PROCESSORS][0].name


# What looking at one host comes to: its cluster; None: it is in none; or what is not known.
def _cluster(facts: RunFacts, host: str) -> tuple[str, str | None]:
    cluster = facts.hosts[host].outcome(CLUSTER)
    services = facts.hosts[host].outcome(SERVICES)
    if isinstance(cluster, Gathered) and cluster.value.name is not None:
        return "node", cluster.value.name.casefold()
    if not isinstance(services, Gathered):
        return "unknown", None
    return ("node", None) if is_cluster_node(services.value) else ("alone", None)


def _every(*answers: bool | None) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def _domain(facts: RunFacts, host: str) -> tuple[str, bool] | None:
    member = facts.hosts[host].outcome(DOMAIN_MEMBERSHIP)
    if not isinstance(member, Gathered):
        return None
    return member.value.domain.casefold(), member.value.joined


def _pair(
    facts: RunFacts, exchanges: frozenset[str] | None, scope: Scope, host: str, other: str
) -> tuple[str, bool | None]:
    """Return the reason for which two hosts exchange virtual machines, and whether they do."""
    own, own_domain = _cluster(facts, host), _domain(facts, host)
    said = None if scope == "in-cluster" else exchanges
    if other not in facts.hosts:
        return "declared", other in said if said is not None else None
    its, its_domain = _cluster(facts, other), _domain(facts, other)
    same_domain = None if its_domain is None else its_domain == own_domain
    mates: bool | None = False
    if own[1] is not None and own_domain is not None:
        same = {"alone": False, "unknown": None}.get(its[0], None if its[1] is None else own == its)
        mates = _every(same, same_domain)
    if said is not None or mates is not False:
        return "declared", mates if said is None else other in said or mates is True
    if scope == "in-cluster" or (scope == "auto" and own[0] == "node"):
        return "declared", False
    if own_domain is not None and not own_domain[1]:
        return "assumed", False
    if scope == "cross-host" and own[0] == "alone":
        return "assumed", same_domain
    may = {"alone": True, "node": False, "unknown": None}[its[0]]
    return "assumed", _every(may, same_domain)


def _decided(facts: RunFacts, exchanges: frozenset[str] | None, scope: Scope, host: str) -> bool:
    """Whether it is known of a host with whom it exchanges virtual machines."""
    if exchanges is not None and scope != "in-cluster":
        return True
    kind, cluster = _cluster(facts, host)
    services = facts.hosts[host].outcome(SERVICES)
    if _domain(facts, host) is None or not isinstance(services, Gathered):
        return False
    if not is_cluster_node(services.value):
        return True
    return kind == "node" and cluster is not None


def _plain(facts: RunFacts, host: str) -> bool:
    """Whether the two facts that say of a host whether it is a node agree, and can be there."""
    services = facts.hosts[host].outcome(SERVICES)
    outcomes = [services, *map(facts.hosts[host].outcome, (CLUSTER, DOMAIN_MEMBERSHIP))]
    if any(isinstance(each, Inapplicable) for each in outcomes):
        return False
    node = isinstance(services, Gathered) and is_cluster_node(services.value)
    return node or _cluster(facts, host)[1] is None


@examples(300)
@given(exchanging_fleets(), st.sampled_from(SCOPES))
def test_peers_are_those_that_each_pair_leads_to(
    fleet: tuple[RunFacts, frozenset[str] | None], scope: Scope
) -> None:
    facts, exchanges = fleet
    for host in filter(lambda each: _plain(facts, each), facts.hosts):
        if not _decided(facts, exchanges, scope, host):
            with pytest.raises(BlockedError):
                seen_from(facts, host, scope, exchanges)
            continue
        seen = seen_from(facts, host, scope, exchanges)
        others = [name for name in (*facts.hosts, *facts.not_looked_at) if name != host]
        pairs = {name: _pair(facts, exchanges, scope, host, name) for name in others}
        asked = {
            name: name in facts.hosts and was_asked(facts, name, PROCESSORS, *EXCHANGE)
            for name in others
        }
        for part in seen.parts:
            reason = "declared" if part.declared else "assumed"
            assert list(part.seen.peers) == [
                name for name in others if asked[name] and pairs[name] == (reason, True)
            ]
        everybody = {name for part in seen.parts for name in part.seen.peers}
        assert everybody == {n for n in others if asked[n] and pairs[n][1]}
        crossing = [n for n in others if asked[n] and pairs[n][1] is None]
        assert set(seen.unplaced) == set(crossing if seen.parts else ())
        left = [n for n in others if not asked[n] and pairs[n][1] is not False]
        assert set(seen.unseen) == set(left if seen.parts else ())


@examples(200)
@given(exchanging_fleets(), st.sampled_from(SCOPES))
def test_classes_are_the_peers_compared_one_by_one(
    fleet: tuple[RunFacts, frozenset[str] | None], scope: Scope
) -> None:
    facts, exchanges = fleet
    for host in filter(lambda each: _decided(facts, exchanges, scope, each), facts.hosts):
        if not _plain(facts, host):
            continue
        for part in seen_from(facts, host, scope, exchanges).parts:
            read: dict[str, list[str]] = {}
            unread = []
            for name in part.seen.peers:
                outcome: Outcome[Any] = facts.hosts[name].outcome(PROCESSORS)
                if isinstance(outcome, NotGathered):
                    unread.append(name)
                elif isinstance(outcome, Gathered):
                    read.setdefault(outcome.value[0].name, []).append(name)
            assert {key: list(names) for key, names in part.others(name_of)} == read
            assert {key: list(names) for key, names in part.differing(name_of, "A")} == {
                key: names for key, names in read.items() if key != "A"
            }
            assert list(part.unread(name_of)) == unread


def _host(
    processor: str | None = "A", cluster: str | None = None, domain: str = "contoso.com"
) -> dict[str, Outcome[Any]]:
    failed = NotGathered(GatherFailure(FailureKind.FAULT, "Reading it", "no", "Look.", "LM302"))
    processors: dict[str, Outcome[Any]] = {PROCESSORS.name: failed}
    if processor is not None:
        processors = gathered(PROCESSORS, (Processor("GenuineIntel", processor, ""),))
    return {
        **gathered(DOMAIN_MEMBERSHIP, DomainMembership("HV", domain, True, "hv")),
        **gathered(SERVICES, NODE if cluster else Services(())),
        **gathered(CLUSTER, Cluster(cluster, None)),
        **processors,
    }


def fleet(**hosts: dict[str, Outcome[Any]]) -> RunFacts:
    return facts_with(hosts, VMM, {})


def told(facts: RunFacts, host: str = "hv01", **said: Any) -> list[tuple[bool, str, list[str]]]:
    parts = seen_from(facts, host, **said).parts
    return [(p.declared, key, list(names)) for p in parts for key, names in p.others(name_of)]


def test_an_intel_cluster_beside_an_amd_cluster_is_not_compared() -> None:
    nodes = {
        f"{cluster}{number}": _host(processor, cluster)
        for cluster, processor in (("cl1", "A"), ("cl2", "B"))
        for number in (1, 2)
    }
    facts = fleet(**nodes, hv09=_host("B"))
    assert told(facts, "cl11") == [(True, "A", ["cl12"])]
    assert told(facts, "hv09") == []
    crossing = told(facts, "cl11", scope="cross-host")
    assert crossing == [(True, "A", ["cl12"]), (False, "B", ["hv09"])]
    everybody = frozenset(facts.hosts)
    assert told(facts, "cl11", exchanges=everybody) == [
        (True, "A", ["cl12"]),
        (True, "B", ["cl21", "cl22", "hv09"]),
    ]
    assert told(facts, "cl11", exchanges=everybody, scope="in-cluster") == [(True, "A", ["cl12"])]


def test_a_group_of_the_inventory_and_the_cluster_are_both_taken_at_their_word() -> None:
    facts = fleet(hv01=_host("A", "cl1"), hv02=_host("A", "CL1"), hv03=_host("B"), hv04=_host("C"))
    group = frozenset({"hv01", "hv03"})
    assert told(facts, exchanges=group) == [(True, "A", ["hv02"]), (True, "B", ["hv03"])]
    assert told(facts, "hv03", exchanges=group) == [(True, "A", ["hv01"])]


def test_a_group_of_others_holds_for_a_host_that_is_in_none() -> None:
    facts = fleet(hv01=_host("A"), hv02=_host("B"), hv03=_host("B"), hv04=_host("C"))
    facts = replace(facts, listed=tuple(map(Listed, (*facts.hosts, "hv05", "hv06"))))
    grouped = Outside(frozenset({"hv02", "hv03", "hv05"}))
    assert told(facts, exchanges=grouped) == [(False, "C", ["hv04"])]
    seen = seen_from(facts, "hv01", exchanges=grouped)
    assert list(seen.unseen) == ["hv06"]
    # What the cluster says of its nodes holds whatever the inventory says of some of them.
    nodes = fleet(hv01=_host("A", "cl1"), hv02=_host("B", "cl1"))
    assert told(nodes, exchanges=grouped) == [(True, "B", ["hv02"])]


@examples(200)
@given(exchanging_fleets(), st.sampled_from(SCOPES), st.data())
def test_hosts_of_groups_are_left_out_where_peers_are_assumed(
    fleet: tuple[RunFacts, frozenset[str] | None], scope: Scope, data: st.DataObject
) -> None:
    facts, _ = fleet
    everybody = (*facts.hosts, *facts.not_looked_at)
    for host in filter(lambda each: _decided(facts, None, scope, each), facts.hosts):
        grouped = data.draw(st.frozensets(st.sampled_from(everybody))) - {host}
        before = seen_from(facts, host, scope).parts
        parts = seen_from(facts, host, scope, Outside(grouped)).parts
        assert [each.declared for each in parts] == [each.declared for each in before]
        for part, same in zip(parts, before, strict=True):
            left_out = frozenset[str]() if part.declared else grouped
            for names, others in (
                (part.seen.peers, same.seen.peers),
                (part.seen.unplaced, same.seen.unplaced),
            ):
                assert list(names) == [each for each in others if each not in left_out]
            assert not left_out & set(part.seen.unseen)


def test_with_scope_cross_host_a_host_alone_has_the_nodes_of_its_domain_as_assumed_peers() -> None:
    elsewhere = _host("C", "cl2", domain="other.example")
    facts = fleet(hv01=_host("A"), hv02=_host("B", "cl1"), hv03=elsewhere, hv04=_host("D"))
    assert told(facts, scope="cross-host") == [(False, "B", ["hv02"]), (False, "D", ["hv04"])]
    assert told(facts) == [(False, "D", ["hv04"])]


def test_a_workgroup_that_is_called_like_a_domain_is_none() -> None:
    member = DomainMembership("HV", "contoso.com", False, "hv")
    alone = {**_host("B"), **gathered(DOMAIN_MEMBERSHIP, member)}
    facts = fleet(hv01=_host("A"), hv02=alone, hv03=_host("C"))
    assert told(facts) == [(False, "C", ["hv03"])]
    assert told(facts, "hv02") == []


def test_hosts_that_were_not_asked_for_all_and_hosts_not_looked_at_are_unseen() -> None:
    skipped = NotGathered(GatherFailure(FailureKind.NOT_GATHERED, "Reading it", "no", "Look.", ""))
    facts = fleet(hv01=_host("A"), hv02={**_host(), PROCESSORS.name: skipped}, hv03=_host("C"))
    facts = replace(facts, listed=tuple(map(Listed, (*facts.hosts, "hv04"))))
    assert list(seen_from(facts, "hv01").unseen) == ["hv02", "hv04"]
    assert told(facts) == [(False, "C", ["hv03"])]


def test_clusters_of_one_name_in_two_domains_are_two() -> None:
    facts = fleet(hv01=_host("A", "cl1"), hv02=_host("B", "cl1", domain="other.example"))
    assert told(facts) == []


def test_what_is_between_assumed_peers_warns_and_says_on_what_it_depends() -> None:
    facts = fleet(hv01=_host("A"), **{f"hv{n:02}": _host("B") for n in range(2, 14)})
    (assumed,) = seen_from(facts, "hv01").parts
    ((_, names),) = assumed.differing(name_of, "A")
    found = assumed.judged(names, "Different.", "Equal ones.", REPAIR)
    assert (found.level, found.observed, found.fix) == (Level.WARNING, "Different.", REPAIR)
    assert found.expected == (
        "If hv01, hv02, hv03, hv04, hv05, hv06, hv07, hv08 and 5 more are meant to exchange "
        "virtual machines: Equal ones."
    )
    (declared,) = seen_from(facts, "hv01", exchanges=frozenset({"hv02"})).parts
    ((_, names),) = declared.differing(name_of, "A")
    assert declared.judged(names, "Different.", "Equal.", REPAIR).level is Level.FAIL
    assert declared.warned(names, "Different.", "Equal.").expected == "Equal."
    (pair,) = seen_from(fleet(hv01=_host("A"), hv07=_host("B")), "hv01").parts
    ((_, names),) = pair.differing(name_of, "A")
    assert pair.warned(names, "Different.", "Equal.").expected == (
        "If hv01 and hv07 are meant to exchange virtual machines: Equal."
    )


def test_peers_that_were_not_read_are_named_or_block() -> None:
    facts = fleet(hv01=_host(), hv02=_host(None), hv03=_host())
    seen = seen_from(facts, "hv01")
    unread = seen.unread(name_of)
    assert list(seen.concluded([ok("Equal.")], unread, "processors", Policy())) == [
        ok("Equal."),
        note("Not judged, because their processors could not be read: hv02."),
    ]
    assert seen.compares(name_of)
    alone = seen_from(fleet(hv01=_host(), hv02=_host(None)), "hv01")
    assert not alone.compares(name_of)
    with pytest.raises(BlockedError, match="LM302 of hv02 says why"):
        nobody(alone)
    more = (Listed("hv01"), Listed("hv02"), Listed("hv03"))
    selected = replace(fleet(hv01=_host(), hv02=_host(None)), listed=more)
    said, unread_too, named = nobody(seen_from(selected, "hv01"))
    assert said.level is Level.NOT_APPLICABLE
    assert unread_too.observed.endswith("could not be read: hv02.")
    assert named.observed.endswith("not looked at: hv03.")


def nobody(seen: Exchange, **policy: Any) -> list[Finding]:
    return list(seen.nobody(name_of, "processors", Policy(**policy), PROCESSORS))


def test_where_nobody_is_compared_it_is_said_why() -> None:
    alone = seen_from(fleet(hv01=_host(), hv02=_host(domain="other.example")), "hv01")
    assert not alone.compares(name_of)
    (said,) = nobody(alone)
    assert (said.level, said.observed.split(" ")[0]) == (Level.NOT_APPLICABLE, "No")
    old = {**_host(), PROCESSORS.name: Inapplicable("Too old.")}
    assert nobody(seen_from(fleet(hv01=_host(), hv02=old), "hv01")) == [said]
    listed = (Listed("hv01"), Listed("hv02"))
    unseen = seen_from(replace(fleet(hv01=_host()), listed=listed), "hv01")
    said, named = nobody(unseen)
    assert said.observed.endswith("1 host of its migration group was not looked at: hv02.")
    assert named == note("1 host of its migration group was not looked at: hv02.")
    with pytest.raises(BlockedError, match="hv02"):
        nobody(unseen, fail_on="warning")
    lost = {**_host(), DOMAIN_MEMBERSHIP.name: _host(None)[PROCESSORS.name]}
    with pytest.raises(BlockedError, match="LM302 of hv02 says why"):
        nobody(seen_from(fleet(hv01=_host(), hv02=lost), "hv01"))
    more = fleet(hv01=_host(), hv02=lost, hv03=_host(domain="other.example"))
    said, unplaced = nobody(seen_from(more, "hv01"))
    assert said.level is Level.NOT_APPLICABLE
    assert unplaced.observed.endswith("their domain or cluster could not be read: hv02.")


def test_of_whom_it_is_not_known_where_he_stands_is_no_peer_and_is_named() -> None:
    unread = _host(None)[PROCESSORS.name]
    silent = {**_host("B"), CLUSTER.name: unread}
    open_ = {**silent, SERVICES.name: unread}
    facts = fleet(
        hv01=_host("A", "cl1"),
        hv02=open_,
        hv03={**silent, **gathered(SERVICES, NODE)},
        hv04=_host("C", "cl1"),
        hv05=_host("D"),
    )
    assert told(facts) == [(True, "C", ["hv04"])]
    assert list(seen_from(facts, "hv01").unplaced) == ["hv02", "hv03"]
    assert told(facts, "hv05") == []
    assert list(seen_from(facts, "hv05").unplaced) == ["hv02"]


def test_a_node_that_shows_no_cluster_blocks_what_depends_on_it() -> None:
    silent = {**_host(), **gathered(SERVICES, NODE)}
    facts = fleet(hv01=silent, hv02=_host())
    with pytest.raises(BlockedError, match="shows no cluster"):
        seen_from(facts, "hv01")
    assert told(facts, exchanges=frozenset({"hv02"})) == [(True, "A", ["hv02"])]


def test_ten_thousand_hosts_are_put_into_classes_once() -> None:
    asked: list[str] = []

    def key(host: FactsView) -> str:
        asked.append(host.name)
        return name_of(host)

    facts = fleet(**{f"hv{n}": _host("AB"[n % 2]) for n in range(2000)})
    group = GroupView(facts)
    for name in facts.hosts:
        sheet = FactsView(facts.hosts[name], READABLE)
        (part,) = exchange_of(sheet, Policy(), group, PROCESSORS).parts
        assert sum(len(names) for _, names in part.others(key)) == 1999
    assert asked == list(facts.hosts)
