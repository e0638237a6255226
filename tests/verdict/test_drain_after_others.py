"""Hosts that are taken down after others: what came where meanwhile is weighed, and goes back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_drain_rules import BIG, facts_of
from test_drain_site import A, At, B, C, On, Town
from test_drain_site import facts_of as standing

from livemigration.facts.cluster_preferences import DIFFERENT_NODE, AffinityRule
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Host, Machine, Move, Question
from livemigration.placement.rolling import Way
from livemigration.verdict.drain_earlier import Earlier, after_earlier
from livemigration.verdict.drain_names import Numbered
from livemigration.verdict.drain_order import HostOrder, orders_of

Sets = tuple[tuple[str, tuple[str, ...]], ...]
# A and C exchange machines with B, and not with each other.
AT_B: Sets = ((A, (A, B)), (B, (A, B, C)), (C, (B, C)))
ALL: Sets = tuple((each, (A, B, C)) for each in (A, B, C))


def order(facts: RunFacts, *hosts: str, exchanges: Sets = ALL) -> HostOrder:
    demands = Demands(digest="", site=Policy(), exchanges=exchanges)
    (found,) = orders_of(facts, demands, DrainRequest(hosts), Way.LEAVE).orders
    return found


@pytest.mark.parametrize(
    ("free", "first"), [(9000, Way.LEAVE), (5000, Way.BRING_BACK)], ids=["both", "one"]
)
def test_a_host_that_two_others_share_is_not_filled_twice(free: int, first: Way) -> None:
    web, db = On("web01", 4096), On("db01", 4096)
    town: Town = {A: At(0, (500,), (web,)), B: At(free, (500,)), C: At(0, (500,), (db,))}
    steps = order(standing(town), A, C, exchanges=AT_B).rolling.steps
    assert [(each.host, each.way) for each in steps] == [(A, first), (C, Way.LEAVE)]


def test_hosts_meet_by_others_between_them_and_one_that_meets_none_has_its_own_order() -> None:
    names = tuple(f"hv0{number}.contoso.com" for number in range(1, 7))
    # The first and the third both know the second, the third and the fifth the fourth.
    sets = ((0, 1), (1,), (1, 2, 3), (3,), (3, 4), (5,))
    exchanges = tuple((h, tuple(names[e] for e in own)) for h, own in zip(names, sets, strict=True))
    facts = standing({each: At(9000, (500,)) for each in names})
    demands = Demands(digest="", site=Policy(), exchanges=exchanges)
    asked = DrainRequest(tuple(names[each] for each in (5, 4, 2, 0)))
    found = [
        [step.host for step in e.rolling.steps] for e in orders_of(facts, demands, asked).orders
    ]
    assert found == [[names[5]], [names[4], names[2], names[0]]]


def test_a_host_that_is_down_meanwhile_takes_nothing_and_what_it_ran_moves_too() -> None:
    web, db = On("web01", 2048), On("db01", 1024)
    town: Town = {A: At(0, (500,), (web,)), B: At(9000, (500,), (db,)), C: At(9000, (500,))}
    demands = Demands(digest="", site=Policy(), exchanges=ALL)
    (found,) = orders_of(standing(town), demands, DrainRequest((A,), without=(B,))).orders
    (step,) = found.rolling.steps
    assert {(each.machine.name, each.destination) for each in step.answer.plan} == {
        ("web01", C), ("db01", C)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stays", "first"), [((), Way.LEAVE), (("web*",), Way.BRING_BACK)], ids=["moves", "stays"]
)
def test_what_stays_by_the_policy_of_a_later_host_makes_no_room_for_its_machines(
    stays: tuple[str, ...], first: Way
) -> None:
    # Its disks have no room where the other one was.
    web, db = On("web01", 4096, 400), On("db01", 5000)
    town: Town = {A: At(0, (500,), (web,)), B: At(0, (0,), (db,)), C: At(5000, (500,))}
    both = ((A, ("db*",)), (B, stays))
    policies = tuple(HostsPolicy(Policy(stays=each), (host,)) for host, each in both)
    demands = Demands(digest="", site=Policy(), policies=policies, exchanges=ALL)
    (found,) = orders_of(standing(town), demands, DrainRequest((A, B))).orders
    assert [(each.host, each.way) for each in found.rolling.steps] == [(A, first), (B, Way.LEAVE)]


def test_machines_go_back_when_their_home_has_room_for_their_disks() -> None:
    town: Town = {
        A: At(9000, (100,), (On("web01", 2048, 400),)),
        B: At(9000, (0,), (On("db01", 2048, 300),)),
        C: At(9000, (450,)),
    }
    back = order(standing(town), A, B).rolling.way_back
    assert [(each.machine.name, each.destination) for each in back] == [("db01", B), ("web01", A)]


def test_machines_go_back_without_meeting_those_that_they_are_kept_from() -> None:
    apart = AffinityRule("apart", DIFFERENT_NODE, ("web01", "app01"), enabled=True, soft=False)
    facts = facts_of(apart, second=2 * BIG, third=0, there=("app01",))
    rolling = order(facts, A, C).rolling
    assert [each.way for each in rolling.steps] == [Way.LEAVE, Way.LEAVE]
    assert [each.machine.name for each in rolling.way_back] == ["db01", "app01", "web01"]


WEB = Machine("web", "web01", "a", 4096, frozenset({"b"}), disk=400)


def moved(machine: Machine, fixed: tuple[str, ...] = ()) -> Question:
    """Return a question after a machine has gone from a to b."""
    numbered = Numbered(("a", "b", "c"), {"web": "web01"})
    hosts = tuple(Host(numbered.host(each), 5000, disk_free=500) for each in "abc")
    asked = replace(machine, key=numbered.key("web"), host=numbered.host("a"), allowed=frozenset())
    before = Question(hosts, (asked,), frozenset({numbered.host("a")}))
    earlier = Earlier((Move(machine, "a", "b"),))
    return numbered.named(after_earlier(before, earlier, numbered, fixed))


def test_a_machine_may_go_back_unless_it_stays_where_it_is_now() -> None:
    (machine,) = moved(WEB).machines
    assert machine.host == "b"
    assert machine.allowed == {"a"}
    (machine,) = moved(WEB, ("web",)).machines
    assert machine.host == "b"
    assert machine.allowed == frozenset()


def test_only_disks_that_were_moved_along_are_counted() -> None:
    # Its disks would go to c alone.
    shared = moved(replace(WEB, storage_moves_to=frozenset({"c"})))
    assert [each.disk_free for each in shared.hosts] == [500, 500, 500]
    copied = moved(replace(WEB, storage_moves_to=frozenset({"b"})))
    assert [each.disk_free for each in copied.hosts] == [900, 100, 500]
