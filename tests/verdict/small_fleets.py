"""Random fleets of a few hosts, and what holds of them looked up host by host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fact_parts import facts_with, local_addresses, routes_by
from hypothesis import strategies as st

from livemigration.base.addresses import BITS, Address
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
    FactGroup,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
)
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.facts.processor import PROCESSORS, Processor
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.firewall.rules import Peer
from livemigration.verdict.source_address import Group, SourceTable

VMM = "vmm01.contoso.com"
_PREFIXES = (
    "0.0.0.0/0",
    "10.0.0.0/16",
    "10.0.1.0/24",
    "10.0.2.0/28",
    "10.0.2.4/32",
    "::/0",
    "fd00::/64",
)
_HOPS = (None, "10.0.0.254", "10.0.1.254", "10.0.9.9")
_NUMBERS = st.tuples(st.integers(0, 2), st.integers(1, 9), st.sampled_from((16, 24, 24, 30, 32)))
ADDRESS = _NUMBERS.map(lambda n: f"10.0.{n[0]}.{n[1]}/{n[2]}") | st.integers(1, 9).map(
    lambda n: f"fd00::{n}/64"
)


def _lost(kind: FailureKind, root: str = "") -> NotGathered:
    return NotGathered(GatherFailure(kind, "Reading it", "failed", "Look there.", root))


def _of(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Outcome[Any] | None]:
    """Return what became of a group: mostly these values; None: nobody asked for it."""
    read = values.map(lambda value: Gathered(value, Vantage.HOST))
    failed = st.sampled_from(
        (
            _lost(FailureKind.FAULT),
            _lost(FailureKind.TIMED_OUT, "LM302"),
            _lost(FailureKind.NOT_GATHERED),
            Inapplicable("too old"),
            None,
        )
    )
    return st.one_of(read, read, read, read, failed)


_ROUTE = st.tuples(st.sampled_from(_PREFIXES), st.sampled_from(_HOPS)).map(
    lambda pair: pair if ":" not in pair[0] else (pair[0], None)
)
_GROUPS: Mapping[FactGroup[Any], st.SearchStrategy[Outcome[Any] | None]] = {
    DOMAIN_MEMBERSHIP: _of(
        st.sampled_from(("contoso.com", "Contoso.com", "other.example")).map(
            lambda domain: DomainMembership("HV", domain, True, "hv")
        )
    ),
    LOCAL_ADDRESSES: _of(st.lists(ADDRESS, min_size=1, max_size=3).map(local_addresses)),
    ROUTES: _of(st.lists(_ROUTE, max_size=4).map(routes_by)),
    CLUSTER: _of(
        st.sampled_from(("cl01", "CL01", "cl02", None)).map(lambda name: Cluster(name, None))
    ),
}


_MEMBERS = _of(
    st.sampled_from(
        (("contoso.com", True), ("Contoso.com", True), ("contoso.com", False), ("other.de", True))
    ).map(lambda member: DomainMembership("HV", *member, "hv"))
)
_SERVICES = _of(
    st.sampled_from(
        (
            Services(()),
            Services((Service(CLUSTER_SERVICE, "Stopped", "Disabled", 0),)),
            Services((Service(CLUSTER_SERVICE, "Running", "Auto", 4),)),
        )
    )
)
# Hosts whose processor has one of these names are equals.
_PROCESSORS = _of(
    st.sampled_from(("A", "B")).map(lambda name: (Processor("GenuineIntel", name, ""),))
)


def exchanging_fleets() -> st.SearchStrategy[tuple[RunFacts, frozenset[str] | None]]:
    """Return fleets as `fleets` does, with nodes of clusters and with processors."""
    return fleets(
        {**_GROUPS, DOMAIN_MEMBERSHIP: _MEMBERS, SERVICES: _SERVICES, PROCESSORS: _PROCESSORS}
    )


@st.composite
def fleets(
    draw: st.DrawFn, groups: Mapping[FactGroup[Any], st.SearchStrategy[Any]] = _GROUPS
) -> tuple[RunFacts, frozenset[str] | None]:
    """Return the facts of a fleet, and with whom the inventory says that hosts exchange VMs."""
    names = [f"hv{number}" for number in range(draw(st.integers(1, 7)))]
    hosts = {}
    for name in names:
        drawn = {group.name: draw(outcome) for group, outcome in groups.items()}
        hosts[name] = {key: each for key, each in drawn.items() if each is not None}
    more = [f"left{number}" for number in range(draw(st.integers(0, 2)))]
    facts = facts_with(hosts, VMM, {})
    listed = tuple(map(Listed, (*names, *more)))
    exchanges = draw(st.none() | st.frozensets(st.sampled_from((*names, *more, "nobody"))))
    return (
        RunFacts(facts.hosts, facts.vmms, listed=listed),
        exchanges,
    )


def was_asked(facts: RunFacts, host: str, *groups: FactGroup[Any]) -> bool:
    """Whether all of these groups were asked for."""
    outcomes = [facts.hosts[host].outcome(group) for group in groups]
    return not any(
        isinstance(each, NotGathered) and each.failure.kind is FailureKind.NOT_GATHERED
        for each in outcomes
    )


def exchange(
    facts: RunFacts, exchanges: frozenset[str] | None, host: str, other: str
) -> bool | None:
    """Whether two hosts exchange VMs; None where that depends on a domain that is not known."""
    if exchanges is not None:
        return other in exchanges
    own, its = facts.domains.get(host), facts.domains.get(other)
    return None if own is None or its is None else own == its


def of_another_cluster(facts: RunFacts, host: str, other: str) -> bool:
    """Whether another host is known to be of another cluster than this one, or of none."""
    if other not in facts.hosts:
        return False
    own, its = (facts.hosts[each].outcome(CLUSTER) for each in (host, other))
    if not isinstance(own, Gathered) or not isinstance(its, Gathered) or own.value.name is None:
        return False
    return (its.value.name or "").casefold() != own.value.name.casefold()


def towards(table: SourceTable, address: Address) -> tuple[Group, ...] | None:
    """Return from where a connection to an address comes, by the longest subnet that it is in."""
    bits, number = BITS[address.version], int(address)
    holding = [
        (length, groups)
        for (version, length, prefix), groups in table.table.items()
        if version == address.version and number >> (bits - length) == prefix
    ]
    if not holding:
        return table.otherwise(address.version)
    return max(holding, key=lambda each: each[0])[1]


def tables_towards(
    facts: RunFacts, names: Iterator[str] | tuple[str, ...], address: Address
) -> tuple[list[Peer], list[str]]:
    """Return the hosts that connect to an address, and those of which it is not known."""
    peers: list[Peer] = []
    unread: list[str] = []
    for name in names:
        sheet = facts.hosts[name]
        local, routes = sheet.outcome(LOCAL_ADDRESSES), sheet.outcome(ROUTES)
        if not isinstance(local, Gathered):
            unread.append(name)
            continue
        known = routes.value if isinstance(routes, Gathered) else None
        table = SourceTable(local.value, known)
        if table.has(address.version):
            groups = towards(table, address)
            if groups is None:
                unread.append(name)
            else:
                peers.append(Peer(name, groups))
    return peers, unread
