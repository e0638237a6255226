"""An order of hosts as one document: what `livemigration window --json` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from livemigration.inventory.drain import DrainRequest
from livemigration.placement.model import Move, Verdict
from livemigration.placement.plan_document import Kind, Takes, takes_of
from livemigration.placement.rolling import Step, Way
from livemigration.placement.rolling_text import BEFORE, emptied, returned, why
from livemigration.report.drain.document import told_of_step
from livemigration.verdict.drain_order import HostOrder, Orders, StepTimes, whole
from livemigration.verdict.drain_plan import DrainPlan

SCHEMA = 1


@dataclass(frozen=True)
class OrderedMove:
    """One move of a step or of a way back; `id` is the machine's GUID.

    Memory is in MB, and so is `disk`, what of its disks is copied along.
    """

    vm: str
    id: str
    source: Annotated[str, Field(alias="from")]
    to: str
    kind: Kind
    memory: Annotated[int, Field(alias="MB")]
    disk: int = 0


@dataclass(frozen=True)
class OrderedStep:
    """One host that is emptied, taken down, and back.

    `n` counts the steps of all orders. `takes` is how long its moves take; None: nothing moves.
    `stays` are machines that are shut down instead. `wait` is what to wait for: before it is taken
    down, and before the next host. `way` is what becomes of its machines then, `back` the moves
    that bring some back, and `takes_back` how long those take. `told` are sentences on its plan.
    """

    n: int
    host: str
    moves: tuple[OrderedMove, ...]
    takes: Takes | None
    stays: tuple[str, ...]
    wait: tuple[str, str]
    way: Way
    back: tuple[OrderedMove, ...]
    takes_back: Takes | None
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrderedHosts:
    """The order of hosts that exchange machines with each other.

    `back` puts every machine where it was, when all of them are back. `assumed`: nothing declares
    with whom they exchange machines.
    """

    steps: tuple[OrderedStep, ...]
    back: tuple[OrderedMove, ...]
    takes_back: Takes | None
    assumed: bool


@dataclass(frozen=True)
class HostLeftOut:
    """A host without a place in an order; `verdict` is None where it could not be asked."""

    host: str
    verdict: Verdict | None
    reason: str


@dataclass(frozen=True)
class AllSteps:
    """How long the moves of all steps take together, in seconds, without any way back at the end.

    `high` is None where no upper bound is known. What it is made of stands with each step.
    """

    low: float
    high: float | None


@dataclass(frozen=True)
class AskedOrder:
    """What is asked, and of which facts.

    `hosts` are to be taken down, `without` are down all the time, `to` are the only ones that take
    machines; none: all that may. `window` is how long all may take, in seconds. `way` is what is to
    become of machines when their host is back. `facts` is when the facts were gathered, UTC.
    """

    hosts: tuple[str, ...]
    without: tuple[str, ...]
    to: tuple[str, ...]
    window: int | None
    way: Way
    facts: datetime | None
    simulated: bool


@dataclass(frozen=True)
class OrderDocument:
    """In which order hosts can be taken down, one after the other.

    `wait` is what to wait for before each of them. `orders` has one for each set of hosts that
    exchange machines. `takes` is None where there is no step.
    """

    schema: int
    asked: AskedOrder
    wait: tuple[str, ...]
    orders: tuple[OrderedHosts, ...]
    left_out: tuple[HostLeftOut, ...]
    takes: AllSteps | None


def asked_order(
    request: DrainRequest, way: Way, facts: datetime | None, *, simulated: bool
) -> AskedOrder:
    """Return what a document says was asked."""
    return AskedOrder(
        request.hosts, request.without, request.to, request.window, way, facts, simulated
    )


def order_document(orders: Orders, asked: AskedOrder) -> OrderDocument:
    """Return orders as a document."""
    numbers = iter(range(1, sum(len(each.rolling.steps) for each in orders.orders) + 1))
    found = tuple(_hosts(each, numbers) for each in orders.orders)
    low = whole(orders, lambda each: each.low)
    steps = any(each.steps for each in found)
    return OrderDocument(
        SCHEMA,
        asked,
        BEFORE,
        found,
        tuple(_left_out(orders)),
        AllSteps(low or 0.0, whole(orders, lambda each: each.high)) if steps else None,
    )


def _left_out(orders: Orders) -> Iterator[HostLeftOut]:
    for order in orders.orders:
        for each in order.rolling.left_out:
            yield HostLeftOut(each.host, each.answer.verdict, f"{why(each)}.")
    for unasked in orders.unasked:
        yield HostLeftOut(unasked.host, None, unasked.reason)


def _hosts(order: HostOrder, numbers: Iterator[int]) -> OrderedHosts:
    steps = zip(order.rolling.steps, order.times, order.plans, strict=True)
    return OrderedHosts(
        tuple(_step(next(numbers), each, order) for each in steps),
        tuple(_moves(order.rolling.way_back, order)),
        takes_of(order.back),
        order.by_assumption,
    )


def _step(number: int, found: tuple[Step, StepTimes, DrainPlan], order: HostOrder) -> OrderedStep:
    step, times, plan = found
    return OrderedStep(
        n=number,
        host=step.host,
        moves=tuple(_moves(step.answer.plan, order)),
        takes=takes_of(times.out),
        stays=plan.staying,
        wait=(emptied(step.host), returned(step.host)),
        way=step.way,
        back=tuple(_moves(step.back, order)),
        takes_back=takes_of(times.back),
        told=told_of_step(plan),
    )


def _moves(moves: Iterable[Move], order: HostOrder) -> Iterator[OrderedMove]:
    for each in moves:
        machine = each.machine
        yield OrderedMove(
            vm=machine.name,
            id=order.identifiers[machine.key],
            source=each.source,
            to=each.destination,
            kind=Kind.RELOCATE if each.relocates else Kind.DRAIN,
            memory=machine.memory,
            disk=each.disk,
        )
