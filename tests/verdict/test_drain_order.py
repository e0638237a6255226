"""Hosts one after the other: in an order in which each can be emptied, by the facts of a run."""

from __future__ import annotations

from typing import Any

from drain_cases import DB, DECLARED, RESERVED, WEB, on_share, runs
from drain_facts import free
from fact_builders import HOST, OTHER, UNREACHABLE, all_lost, failure, run_facts
from test_drain_declared import ALONE, BIG, SECOND, fleet
from vm_facts import with_machines

from livemigration.facts.adapter_speeds import ADAPTER_SPEEDS
from livemigration.facts.virtual_memory import VIRTUAL_MACHINE_MEMORY
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Verdict
from livemigration.placement.rolling import Way
from livemigration.verdict.drain_order import Orders, orders_of, whole

BOTH = tuple(sorted(DECLARED))


def demands(**changes: Any) -> Demands:
    exchanges = tuple((each, BOTH) for each in BOTH)
    return Demands(**{"digest": "", "site": Policy(), "exchanges": exchanges, **changes})


def orders(
    given: dict[str, Any],
    hosts: tuple[str, ...] = (HOST, OTHER),
    way: Way = Way.LEAVE,
    **changes: Any,
) -> Orders:
    return orders_of(run_facts(**given), demands(**changes), DrainRequest(hosts), way)


def test_what_left_the_first_host_is_there_when_the_second_is_emptied() -> None:
    (found,) = orders(runs(WEB, DB)).orders
    first, second = found.rolling.steps
    assert (first.host, [each.machine.memory for each in first.answer.plan]) == (HOST, [4096, 6144])
    assert second.host == OTHER
    assert {each.destination for each in second.answer.plan} == {HOST}
    assert found.rolling.way_back == ()
    assert found.back.slots == ()
    assert [len(each.out.slots) for each in found.times] == [2, 2]
    assert not found.by_assumption


def test_with_bring_back_each_host_is_a_question_of_its_own() -> None:
    (found,) = orders(runs(WEB, DB), way=Way.BRING_BACK).orders
    first, second = found.rolling.steps
    assert [each.destination for each in first.back] == [HOST, HOST]
    assert second.answer.plan == ()
    assert [len(each.back.slots) for each in found.times] == [2, 0]


def test_a_host_that_cannot_be_emptied_is_left_out() -> None:
    found = orders(runs(WEB, DB, there=free(9 * 1024)))
    (order,) = found.orders
    assert [(each.host, each.answer.verdict) for each in order.rolling.left_out] == [
        (HOST, Verdict.DOES_NOT_FIT)
    ]
    assert [each.host for each in order.rolling.steps] == [OTHER]


def test_machines_that_stay_are_shut_down_and_not_moved() -> None:
    (found,) = orders(runs(WEB, DB), (HOST,), site=Policy(stays=("db*",))).orders
    assert [each.staying for each in found.plans] == [("db01",)]
    assert [each.machine.name for each in found.rolling.steps[0].answer.plan] == ["web01"]


def test_hosts_of_which_nothing_was_read_are_not_asked() -> None:
    found = orders({**runs(WEB), "other": all_lost(UNREACHABLE)}, (OTHER,))
    assert [each.host for each in found.unasked] == [OTHER]
    assert found.unasked[0].reason


def test_a_host_whose_machines_were_not_read_is_not_asked_and_takes_no_part() -> None:
    lost = {VIRTUAL_MACHINE_MEMORY.name: failure()}
    found = orders({**runs(WEB, there=with_machines(DB)), "other": lost})
    assert [each.host for each in found.unasked] == [OTHER]
    assert found.unasked[0].reason == "Reading it: it failed"
    assert [each.host for each in found.orders[0].rolling.steps] == [HOST]


def test_what_is_moved_last_and_what_takes_of_a_reserve_is_so_in_an_order_as_well() -> None:
    given = runs(on_share("VMM01", memory=1024), DB, there=RESERVED)
    (found,) = orders(given, (HOST,)).orders
    (step,) = found.rolling.steps
    assert [each.machine.name for each in step.answer.plan] == ["db01", "VMM01"]
    assert step.answer.breaks_reserve == (OTHER,)


def test_hosts_that_are_just_assumed_take_part_only_where_the_cluster_does_not_suffice() -> None:
    def destinations(second: int) -> set[str]:
        facts, site = fleet(second, 9 * BIG), Policy(migration_scope="cross-host")
        asked = Demands(digest="", site=site)
        (found,) = orders_of(facts, asked, DrainRequest((HOST,)), Way.LEAVE).orders
        assert not found.by_assumption
        (step,) = found.rolling.steps
        return {each.destination for each in step.answer.plan}

    assert destinations(2 * BIG) == {SECOND}
    assert ALONE in destinations(BIG)


def test_hosts_that_exchange_no_machines_have_orders_of_their_own() -> None:
    apart = tuple((each, (each,)) for each in BOTH)
    found = orders(runs(), exchanges=apart)
    assert [[step.host for step in each.rolling.steps] for each in found.orders] == [
        [HOST], [OTHER]
    ]  # fmt: skip
    assert whole(found, lambda each: each.high) == 0


def test_the_way_back_of_all_hosts_is_estimated() -> None:
    (found,) = orders(runs(WEB, DB), (HOST,)).orders
    back = [each.transfer for each in found.back.slots]
    assert [each.destination for each in back] == [HOST, HOST]
    assert found.back.low > 0


def test_all_moves_take_as_long_as_those_of_each_step_together() -> None:
    found = orders(runs(WEB, DB))
    times = [each.out.low for each in found.orders[0].times]
    assert whole(found, lambda each: each.low) == sum(times) > 0
    nothing = orders({**runs(), "also": with_machines()})
    assert whole(nothing, lambda each: each.high) == 0


def test_of_a_link_that_is_not_known_no_end_of_all_moves_is_known() -> None:
    found = orders(runs(WEB, other={ADAPTER_SPEEDS.name: failure(root="")}))
    assert whole(found, lambda each: each.low)
    assert whole(found, lambda each: each.high) is None


def test_an_order_of_hosts_that_nothing_declares_is_one_by_assumption() -> None:
    (found,) = orders(runs(WEB), exchanges=()).orders
    assert found.by_assumption
