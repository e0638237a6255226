"""How long the moves of a drain take: by the links of both ends, and by what each allows."""

from __future__ import annotations

from typing import Any

from cluster_facts import of_cluster
from fact_builders import HOST, OTHER, failure, run_facts

from livemigration.facts.adapter_speeds import (
    ADAPTER_SPEEDS,
    TEAM_MEMBERS,
    AdapterSpeed,
    TeamMember,
)
from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.placement.estimate import Estimate
from livemigration.placement.transfers import Transfer
from livemigration.verdict.drain_time import OF_TIME, time_of
from livemigration.verdict.views import FactsView

GIGABIT = 10**9
READABLE = frozenset(each.name for each in OF_TIME)
MOVES = [Transfer(f"k{each}", f"vm{each}", HOST, OTHER, 4096) for each in range(3)]


def speed(name: str, gigabits: int = 1, *, virtual: bool = False) -> AdapterSpeed:
    return AdapterSpeed(name, gigabits * GIGABIT, gigabits * GIGABIT, virtual, name)


def on(*speeds: AdapterSpeed, team: tuple[str, ...] = ()) -> dict[str, Any]:
    members = tuple(TeamMember(each, "Ethernet") for each in team)
    return {ADAPTER_SPEEDS.name: speeds, TEAM_MEMBERS.name: members}


def time(
    links: dict[str, Any], first: str = HOST, lost: tuple[str, ...] = (), **given: Any
) -> Estimate:
    """Return how long three machines take from one host to another, each with these links."""
    also = {**given.pop("also", {}), **links}
    facts = run_facts(
        **given, also=also, second={"also": links}, lost={name: failure() for name in lost}
    )
    views = {name: FactsView(sheet, READABLE) for name, sheet in facts.hosts.items()}
    return time_of(MOVES, views, first)


def test_a_team_is_at_best_as_fast_as_all_its_adapters_and_at_worst_as_one() -> None:
    one = time(on(speed("Ethernet")))
    team = time(on(speed("Ethernet", virtual=True), speed("A"), speed("B"), team=("A", "B")))
    assert one.high is not None
    assert team.high == one.high
    assert team.low < one.low
    assert team.low == time(on(speed("Ethernet", 2))).low
    assert [each.end_high for each in team.slots] == [each.end_high for each in one.slots]
    assert all(t.end_low < o.end_low for t, o in zip(team.slots, one.slots, strict=True))
    assert any(t.start_low < o.start_low for t, o in zip(team.slots, one.slots, strict=True))


def node(limit: int | None, **more: Any) -> dict[str, Any]:
    return of_cluster(properties={"maximum_parallel_migrations": limit}, **more)


def test_the_cluster_of_the_host_that_is_emptied_sets_a_limit() -> None:
    two = time(on(speed("Ethernet", 10)), **node(2))
    one = time(on(speed("Ethernet", 10)), **node(1))
    assert one.high is not None
    assert two.high is not None
    assert one.high > two.high
    assert time(on(speed("Ethernet", 10)), OTHER, **node(1)).high == two.high
    assert time(on(speed("Ethernet", 10)), "hv09.contoso.com", **node(1)).high == two.high


def test_a_limit_of_a_host_in_no_cluster_and_one_that_was_not_read_are_none() -> None:
    usual = time(on(speed("Ethernet", 10)))
    lost = time(on(speed("Ethernet", 10)), lost=(CLUSTER.name,))
    limit = Cluster(None, 1)
    none = time(on(speed("Ethernet", 10)), also={CLUSTER.name: limit})
    assert usual.high == lost.high == none.high is not None


def test_what_compresses_may_be_done_earlier() -> None:
    links = on(speed("Ethernet"))
    plain, compressed = (time(links, compression=each, smb=False) for each in (False, True))
    assert compressed.low < plain.low
    assert [each.end_low for each in compressed.slots] < [each.end_low for each in plain.slots]


def test_settings_that_were_not_read_leave_the_link_to_count_on() -> None:
    fast, slow = on(speed("Ethernet", 10)), on(speed("Ethernet"))
    lost = (MIGRATION_SETTINGS.name,)
    found = [time(fast).high, time(fast, lost=lost).high, time(slow, lost=lost).high]
    # One at a time at worst.
    assert found == sorted(set(found), key=lambda each: each or 0.0)
    assert None not in found
