"""An order in which hosts can be emptied and taken down one after the other, by their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.placement.afterwards import after
from livemigration.placement.estimate import Estimate
from livemigration.placement.rolling import Rolling, rolled
from livemigration.placement.rolling import Way as Back
from livemigration.placement.transfers import Transfer, transfers_in, transfers_of
from livemigration.verdict.drain_plan import DrainPlan, plan_by, view_of
from livemigration.verdict.drain_scene import Scene
from livemigration.verdict.drain_site import DrainSite, Scenes
from livemigration.verdict.drain_time import time_of
from livemigration.verdict.views import BlockedError, GroupView, InapplicableError


@dataclass(frozen=True)
class StepTimes:
    """How long a step's moves take: those that empty its host, and those that bring back."""

    out: Estimate
    back: Estimate


@dataclass(frozen=True)
class HostOrder:
    """An order of hosts that exchange machines with each other, or with the same host.

    `times` and `plans` have one for each step; a plan is that of a drain of its host alone, after
    the steps before. `by_assumption`: nothing declares with whom they exchange machines. `back` is
    how long the way back takes when all hosts are back. `identifiers` are the GUIDs of machines by
    their keys.
    """

    rolling: Rolling
    times: tuple[StepTimes, ...]
    plans: tuple[DrainPlan, ...]
    back: Estimate
    identifiers: Mapping[str, str]
    by_assumption: bool = False


@dataclass(frozen=True)
class Unasked:
    """A host of which nothing can be said, with the reason."""

    host: str
    reason: str


@dataclass(frozen=True)
class Orders:
    """The orders of hosts, one for each set that shares hosts, and what was not asked."""

    orders: tuple[HostOrder, ...]
    unasked: tuple[Unasked, ...] = ()


def orders_of(
    facts: RunFacts, demands: Demands, request: DrainRequest, way: Back = Back.LEAVE
) -> Orders:
    """Return in which order hosts can be taken down.

    Args:
        facts: of a run or a facts file.
        demands: what their site demands, with whom they exchange machines.
        request: its hosts are to be taken down, one after the other.
        way: what becomes of a host's machines when it is back.
    """
    unasked: list[Unasked] = []
    apart = _apart(facts, demands, request, unasked)
    orders = [_ordered(facts, scenes, way) for scenes in apart]
    return Orders(tuple(orders), tuple(unasked))


def _apart(
    facts: RunFacts, demands: Demands, request: DrainRequest, unasked: list[Unasked]
) -> Iterator[tuple[Scene, ...]]:
    """Yield the scenes of hosts that weigh on each other; add those of which nothing is known."""
    left: dict[str, Scene] = {}
    for name in request.hosts:
        try:
            group = GroupView(facts, demands.exchanges_of(name), request)
            scene = Scene(view_of(facts, name), demands.policy_of(name), group)
            _ = scene.residents
        except (BlockedError, InapplicableError) as error:
            unasked.append(Unasked(name, error.reason))
        else:
            left[name] = scene
    while left:
        name = next(iter(left))
        together = _together(name, left)
        yield tuple(left.pop(each) for each in [each for each in left if each in together])


def _together(name: str, scenes: Mapping[str, Scene]) -> frozenset[str]:
    """Return one host and those whose machines may meet its own: also on a host that stays up."""
    within = {each: frozenset((each, *scene.others)) for each, scene in scenes.items()}
    found, hosts = frozenset((name,)), within[name]
    while more := {e for e, own in within.items() if e not in found and not hosts.isdisjoint(own)}:
        found |= more
        hosts = hosts.union(*(within[each] for each in more))
    return found


def _ordered(facts: RunFacts, scenes: Sequence[Scene], way: Back) -> HostOrder:
    """Return the order of hosts whose machines may meet."""
    of_all = Scenes(scenes)
    hosts = [each.host.name for each in scenes]
    found = rolled(DrainSite(of_all), hosts, way=way)
    question, times, plans = of_all.question, [], []
    for each in found.steps:
        plans.append(plan_by(facts, of_all.scene_of(each.host), of_all.behind(each.answer)))
        out = _time(facts, transfers_of(each.answer.plan), each.host)
        emptied = after(question, each.answer.plan)
        times.append(StepTimes(out, _time(facts, transfers_in(emptied, each.back), each.host)))
        question = after(emptied, each.back)
    return HostOrder(
        found,
        tuple(times),
        tuple(plans),
        _time(facts, transfers_in(question, found.way_back), hosts[0]),
        {key: each.machine.identifier for key, each in of_all.residents.items()},
        by_assumption=not any(each.declared for each in scenes),
    )


def _time(facts: RunFacts, transfers: Sequence[Transfer], host: str) -> Estimate:
    ends = (name for each in transfers for name in (each.source, each.destination))
    # Beside those that take part, the one whose cluster may set a limit.
    views = {name: view_of(facts, name) for name in dict.fromkeys((*ends, host))}
    return time_of(transfers, views, host)


def whole(orders: Orders, part: Callable[[Estimate], float | None]) -> float | None:
    """Return how long all moves of all orders take, one step after the other; None: not known."""
    found = [
        part(each)
        for order in orders.orders
        for times in order.times
        for each in (times.out, times.back)
        if each.slots
    ]
    return None if None in found else sum(each for each in found if each is not None)
