"""What is worked out for all hosts at once is what looking at each of the others comes to."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from itertools import cycle
from typing import Any

import pytest
from fact_parts import facts_with, gathered, local_addresses, routes_by
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from small_fleets import (
    ADDRESS,
    VMM,
    exchange,
    fleets,
    of_another_cluster,
    tables_towards,
    was_asked,
)

from livemigration.base.addresses import Address, Subnet, parse_address
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.firewall import ALLOW, BLOCK, FirewallProfile, FirewallRule
from livemigration.facts.firewall_filters import (
    AddressFilter,
    PortFilter,
    ProgramFilter,
    ServiceFilter,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, DomainMembership
from livemigration.facts.model import Gathered, Inapplicable
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES, LocalAddress
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.firewall import senders as senders_module
from livemigration.verdict.firewall.facts import senders_to
from livemigration.verdict.firewall.rules import Firewall
from livemigration.verdict.firewall.senders import Senders
from livemigration.verdict.names import united
from livemigration.verdict.routes import Way, unplaced_with_tables, ways_of
from livemigration.verdict.views import FactsView, GroupView

Fleet = tuple[RunFacts, frozenset[str] | None]
_LISTENERS = st.lists(ADDRESS.map(lambda text: parse_address(text.split("/")[0])), max_size=3)


@given(fleets())
def test_a_circle_has_the_hosts_that_each_pair_leads_to(fleet: Fleet) -> None:
    facts, exchanges = fleet
    group = GroupView(facts, exchanges)
    compared = (LOCAL_ADDRESSES, ROUTES)
    for host in facts.hosts:
        others = [name for name in (*facts.hosts, *facts.not_looked_at) if name != host]
        pairs = {name: exchange(facts, exchanges, host, name) for name in others}
        there = [name for name in others if name in facts.hosts]
        peers = [n for n in there if pairs[n] and was_asked(facts, n, *compared)]
        unplaced = [n for n in there if pairs[n] is None and was_asked(facts, n, DOMAIN_MEMBERSHIP)]
        known = {*peers, *unplaced}
        unseen = [n for n in others if pairs[n] is not False and n not in known]
        assert group.peers(host, *compared) == tuple(peers)
        assert group.unplaced(host) == tuple(unplaced)
        assert group.not_looked_at(host, *compared) == tuple(unseen)
        seen = group.seen_by(host, *compared)
        for names, expected in (
            (seen.peers, peers),
            (seen.unplaced, unplaced),
            (seen.unseen, unseen),
        ):
            assert (len(names), list(names)) == (len(expected), expected)
            assert [name in names for name in (*others, host)] == [
                name in expected for name in (*others, host)
            ]
        assert group.is_alone(host) is (exchanges is not None and exchanges <= {host})


@given(fleets(), _LISTENERS)
def test_the_way_of_each_host_is_that_of_the_longest_row_of_its_own_tables(
    fleet: Fleet, listeners: list[Address]
) -> None:
    facts, exchanges = fleet
    group = GroupView(facts, exchanges)
    for host in facts.hosts:
        seen = group.seen_by(host, LOCAL_ADDRESSES, ROUTES)
        peers = [name for name in seen.peers if _can_have_addresses(facts, name)]
        ways = {
            name: max((_way(facts, name, to) for to in listeners), default=Way.NONE)
            for name in peers
        }
        tables = seen.circle.once(ways_of)
        assert list(tables.others_of(host)) == peers
        found = tables.towards(listeners, host)
        for way in Way:
            expected = [name for name in peers if ways[name] is way]
            assert list(found.names(way)) == expected
            assert len(found.names(way)) == len(expected)
        assert list(found.names(*Way)) == peers
        assert list(unplaced_with_tables(seen)) == [
            name for name in seen.unplaced if _can_have_addresses(facts, name)
        ]


def _can_have_addresses(facts: RunFacts, name: str) -> bool:
    return not isinstance(facts.hosts[name].outcome(LOCAL_ADDRESSES), Inapplicable)


def _way(facts: RunFacts, name: str, address: Address) -> Way:
    local, routes = facts.hosts[name].outcome(LOCAL_ADDRESSES), facts.hosts[name].outcome(ROUTES)
    if not isinstance(local, Gathered):
        return Way.UNKNOWN
    rows = [(each.subnet, Way.ON_LINK) for each in local.value]
    if isinstance(routes, Gathered):
        rows += [
            (each.destination, Way.ON_LINK if each.next_hop is None else Way.GATEWAY)
            for each in routes.value
        ]
    inside = [
        (subnet.prefixlen, way)
        for subnet, way in rows
        if subnet.version == address.version and address in subnet
    ]
    if inside:
        return max(inside)[1]
    return Way.NONE if isinstance(routes, Gathered) else Way.UNKNOWN


_SCOPES = ("Any", "10.0.0.0/24", "10.0.1.3", "10.0.1.1-10.0.1.5", "LocalSubnet", "DNS", "fd00::/64")
_Rules = list[tuple[int, tuple[str, ...], tuple[str, ...]]]
_RULES = st.lists(
    st.tuples(
        st.sampled_from((ALLOW, ALLOW, BLOCK, 3)),
        st.lists(st.sampled_from(_SCOPES), max_size=2).map(tuple),
        st.sampled_from((("6600",), ("Odd",))),
    ),
    max_size=4,
)


def _firewall(rules: _Rules) -> Firewall:
    numbered = [(f"r{number}", *rule) for number, rule in enumerate(rules)]
    filters: Mapping[str, Any] = {
        "ports": {n: PortFilter(n, "TCP", ports) for n, _, _, ports in numbered},
        "addresses": {n: AddressFilter(n, (), scope) for n, _, scope, _ in numbered},
        "programs": {n: ProgramFilter(n, "Any") for n, *_ in numbered},
        "services": {n: ServiceFilter(n, "vmms") for n, *_ in numbered},
    }
    return Firewall(
        profiles=(FirewallProfile("Domain", True, BLOCK, None),),
        rules=tuple(FirewallRule(n, True, action, 0) for n, action, *_ in numbered),
        connections=(),
        **filters,
    )


@pytest.mark.parametrize("in_cluster", [False, True])
@examples(200)
@given(fleet=fleets(), rules=st.tuples(_RULES, _RULES), addresses=_LISTENERS)
def test_a_firewall_does_with_all_senders_what_it_does_with_each(
    in_cluster: bool,
    fleet: Fleet,
    rules: tuple[_Rules, _Rules],
    addresses: list[Address],
) -> None:
    facts, exchanges = fleet
    group, firewalls = GroupView(facts, exchanges), cycle(map(_firewall, rules))
    local = (LocalAddress(parse_address("10.0.1.7"), 24, "E"),)
    for host, firewall in zip(facts.hosts, firewalls, strict=False):
        view = FactsView(facts.hosts[host], frozenset({CLUSTER.name}))
        seen = senders_to(view, group, in_cluster=in_cluster)
        named = _plainly(facts, group, host, in_cluster=in_cluster)
        assert (*seen.peers, *seen.unplaced) == named
        senders = seen.circle.once(Senders)
        unread, comes, pairs = [], dict[Address, str](), set[tuple[str, Address]]()
        for address in addresses:
            peers, lost = tables_towards(facts, tuple(seen.peers), address)
            lost += seen.unplaced
            facing = firewall.facing(address, local)
            met, plain = senders.meet(facing, address, host), facing.judge(tuple(peers))
            told = met.judgement
            assert (told.passage, told.rules) == (plain.passage, plain.rules)
            assert tuple(told.peers) == plain.peers
            assert (list(met.unread), met.any_sender) == (lost, bool(peers))
            unread.append(met.unread)
            comes.update((each, peer.name) for peer in peers for each in peer.addresses)
            pairs.update((peer.name, each) for peer in peers for each in peer.addresses)
        assert list(united(unread)) == list(dict.fromkeys(n for each in unread for n in each))
        assert senders.come_from(addresses, host) == tuple(comes)
        assert _in_subnets(senders, addresses, host) == _subnets_of(facts, pairs)


def _plainly(facts: RunFacts, group: GroupView, host: str, *, in_cluster: bool) -> tuple[str, ...]:
    peers = group.peers(host, LOCAL_ADDRESSES, ROUTES)
    if in_cluster:
        peers = tuple(name for name in peers if not of_another_cluster(facts, host, name))
    return (*peers, *group.unplaced(host))


def _in_subnets(senders: Senders, addresses: list[Address], host: str) -> set[object]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(senders_module, "MOST_ADDRESSES", 0)
        return set(senders.come_from(addresses, host))


def _subnets_of(facts: RunFacts, pairs: set[tuple[str, Address]]) -> set[object]:
    """Return the subnets of these addresses of hosts, without those inside another."""
    found = {
        each.subnet
        for name, address in pairs
        for outcome in [facts.hosts[name].outcome(LOCAL_ADDRESSES)]
        if isinstance(outcome, Gathered)
        for each in outcome.value
        if each.address == address
    }
    fourth = [each for each in found if isinstance(each, ipaddress.IPv4Network)]
    sixth = [each for each in found if isinstance(each, ipaddress.IPv6Network)]
    joined: tuple[Subnet, ...] = (
        *ipaddress.collapse_addresses(fourth),
        *ipaddress.collapse_addresses(sixth),
    )
    return {each if each.num_addresses > 1 else each.network_address for each in joined}


def _fleet_of(number: int) -> RunFacts:
    hosts: dict[str, dict[str, Any]] = {
        f"hv{at}": {
            **gathered(DOMAIN_MEMBERSHIP, DomainMembership("HV", "contoso.com", True, "hv")),
            **gathered(LOCAL_ADDRESSES, local_addresses((f"10.0.{at // 200}.{at % 200 + 1}/24",))),
            **gathered(ROUTES, routes_by((("0.0.0.0/0", "10.0.0.254"),))),
        }
        for at in range(number)
    }
    return facts_with(hosts, VMM, {})


def test_firewalls_whose_rules_are_for_others_are_told_apart() -> None:
    circle = GroupView(_fleet_of(4)).seen_by("hv0", LOCAL_ADDRESSES, ROUTES).circle
    senders, address = circle.once(Senders), parse_address("10.0.0.1")
    for scope, left_out in (("10.0.0.1-10.0.0.3", ["hv3"]), ("10.0.0.3-10.0.0.9", ["hv1"])):
        facing = _firewall([(ALLOW, (scope,), ("6600",))]).facing(address, ())
        assert list(senders.meet(facing, address, "hv0").judgement.peers) == left_out


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (33, [f"10.0.0.{number}" for number in range(2, 34)]),
        # Each more would be in the rule of each other host.
        (34, ["10.0.0.0/24"]),
        (401, ["10.0.0.0/23", "10.0.2.0/24"]),
    ],
)
def test_many_senders_are_told_by_their_subnets(hosts: int, expected: list[str]) -> None:
    circle = GroupView(_fleet_of(hosts)).seen_by("hv0", LOCAL_ADDRESSES, ROUTES).circle
    found = circle.once(Senders).come_from([parse_address("10.0.0.1")], "hv0")
    assert list(map(str, found)) == expected


def test_of_too_many_subnets_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders_module, "MOST_SUBNETS", 1)
    senders = GroupView(_fleet_of(401)).seen_by("hv0", LOCAL_ADDRESSES, ROUTES).circle.once(Senders)
    assert senders.come_from([parse_address("10.0.0.1")], "hv0") == ()
