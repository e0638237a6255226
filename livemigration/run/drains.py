"""The plans of the drains that a run was asked about, as its results keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands
from livemigration.run.result import Result
from livemigration.verdict.drain_plan import DrainPlan, plan_of
from livemigration.verdict.one_failure import one_failure_a_cause
from livemigration.verdict.views import BlockedError, InapplicableError

# The check that a plan is the answer to.
PLANNED = "LM801"


def drains_of(
    facts: RunFacts, demands: Demands, results: Iterable[Result]
) -> tuple[DrainPlan, ...]:
    """Return the plan for each host of which a run says whether it can be emptied, in its order.

    Args:
        facts: of the run, also of hosts to which machines could go.
        demands: what its hosts were judged by.
        results: of the run; of a host that could not be read there is no plan.
    """
    asked = [each.entry.target for each in results if each.entry.check == PLANNED]
    return tuple(_plans(facts, demands, asked)) if asked else ()


def _plans(facts: RunFacts, demands: Demands, hosts: Iterable[str]) -> Iterator[DrainPlan]:
    # The same facts as the check saw, so that no plan is made twice.
    seen = facts.once(one_failure_a_cause).believed
    for host in hosts:
        policy, exchanges = demands.policy_of(host), demands.exchanges_of(host)
        try:
            yield plan_of(seen, host, policy, exchanges, demands.drain)
        except (BlockedError, InapplicableError):
            continue


def joined_drains(each: Iterable[tuple[DrainPlan, ...]]) -> tuple[DrainPlan, ...]:
    """Return the plans of several runs: of one host, the one that is greatest as text."""
    found: dict[str, DrainPlan] = {}
    for plan in (plan for plans in each for plan in plans):
        found[plan.host] = max(found.get(plan.host, plan), plan, key=repr)
    return tuple(found[host] for host in sorted(found))
