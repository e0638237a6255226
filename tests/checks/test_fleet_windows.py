"""What a window says of a host of a shipped fleet is what a drain of it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fleet_runs import facts_of_shipped

from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.lab.fleet import shipped_fleets
from livemigration.placement.rolling import Way
from livemigration.verdict.drain_order import orders_of
from livemigration.verdict.drain_plan import DrainPlan, plan_of
from livemigration.verdict.views import BlockedError, InapplicableError

pytestmark = pytest.mark.fleet
DEMANDS = Demands(digest="", site=Policy())


def drained(fleet: str) -> dict[str, Any]:
    """Return the plan of each host, or the reason why none is asked for."""
    facts = facts_of_shipped(fleet)
    found: dict[str, Any] = {}
    for host in facts.hosts:
        try:
            plan = plan_of(facts, host, Policy())
        except (BlockedError, InapplicableError) as error:
            found[host] = error.reason
        else:
            found[host] = told(plan)
    return found


def told(plan: DrainPlan) -> DrainPlan:
    """Return what a plan and a step of an order have in common."""
    return replace(plan, then_stuck=())


def in_a_window(fleet: str) -> dict[str, Any]:
    """Return the same by a window in which each host is asked as everything is."""
    facts = facts_of_shipped(fleet)
    asked = DrainRequest(tuple(facts.hosts))
    orders = orders_of(facts, DEMANDS, asked, Way.BRING_BACK)
    found: dict[str, Any] = {each.host: each.reason for each in orders.unasked}
    for order in orders.orders:
        found |= {each.host: told(each) for each in order.plans}
        found |= {each.host: each.answer.verdict for each in order.rolling.left_out}
    return found


@pytest.mark.parametrize("fleet", shipped_fleets())
def test_a_host_that_is_brought_back_is_a_drain_of_its_own(fleet: str) -> None:
    plans, window = drained(fleet), in_a_window(fleet)
    assert window.keys() == plans.keys()
    for host, said in window.items():
        plan = plans[host]
        assert said == (plan.verdict if isinstance(plan, DrainPlan) and not plan.fits else plan)
