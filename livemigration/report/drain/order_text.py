"""An order in which hosts are taken down one after the other, in words, with what to wait for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from livemigration.base.text import counted, some
from livemigration.placement.estimate import Estimate
from livemigration.placement.estimate_text import lasting, range_of, rows, size
from livemigration.placement.model import Move
from livemigration.placement.rolling import Step
from livemigration.placement.rolling_text import (
    BEFORE,
    emptied,
    label,
    lines,
    moved,
    returned,
    way_back,
)
from livemigration.report.drain.document import told_of_step
from livemigration.report.drain.text import labelled
from livemigration.report.drain.words import ASSUMED
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED
from livemigration.verdict.drain_order import HostOrder, Orders, StepTimes, whole
from livemigration.verdict.drain_plan import DrainPlan

_INDENT = "   "
_WORK = "the work on each host is not"


def order_lines(orders: Orders, window: int | None, *, simulated: bool) -> Iterator[str]:
    """Yield orders as lines; `window` is how long all may take, in seconds, None: not said."""
    yield from map(plain, _lines(orders, window, simulated=simulated))


def _lines(orders: Orders, window: int | None, *, simulated: bool) -> Iterator[str]:
    if simulated:
        yield SIMULATED
    number = 0
    if any(order.rolling.steps for order in orders.orders):
        yield "Before each host, wait:"
        yield from (f"{_INDENT}{told}" for told in BEFORE)
    for order in orders.orders:
        if order.by_assumption:
            yield ASSUMED
        steps = zip(order.rolling.steps, order.times, order.plans, strict=True)
        for step, times, plan in steps:
            number += 1
            yield from _step(number, step, times, plan)
        yield from lines(replace(order.rolling, steps=()))
        if order.rolling.steps:
            yield f"When all are back: {way_back(order.rolling)}"
            yield from _back(order)
    for each in orders.unasked:
        yield f"{each.host} is left out: {each.reason}"
    if number:
        yield _all(orders, window)
        yield "Nothing was moved. Ask for each plan on the night: livemigration drain HOST"


def _step(number: int, step: Step, times: StepTimes, plan: DrainPlan) -> Iterator[str]:
    moves = step.answer.plan
    takes = f"{counted(len(moves), 'move')}, {moved(moves)}{_disks(moves)}, {range_of(times.out)}"
    yield f"{number}. {step.host}: {takes if moves else 'nothing has to move'}"
    if plan.staying:
        yield f"{_INDENT}shut down: {some(plan.staying)}"
    yield from (f"{_INDENT}{told}" for told in told_of_step(plan))
    yield f"{_INDENT}wait: {emptied(step.host)} Then take it down, work, start it."
    yield f"{_INDENT}wait: {returned(step.host)}"
    back = f" It takes {range_of(times.back)}." if step.back else ""
    yield f"{_INDENT}{label(step)}{back}"


def _disks(moves: Iterable[Move]) -> str:
    copied = sum(each.disk for each in moves)
    return f" + {size(copied)} of disks" if copied else ""


def _back(order: HostOrder) -> Iterator[str]:
    """Yield how long the way back takes, and what that is made of."""
    if order.back.slots:
        yield f"{_INDENT}It takes {range_of(order.back)}, by an estimate:"
        yield from (f"{_INDENT}{line}" for line in labelled(rows(order.back)[1:]))


def _all(orders: Orders, window: int | None) -> str:
    low, high = whole(orders, _low), whole(orders, _high)
    takes = lasting(low or 0.0, up=False)
    told = f"at least {takes}" if high is None else f"{takes} to {lasting(high)}"
    further = any(order.back.slots for order in orders.orders)
    work = "neither the work on each host nor the way back is" if further else _WORK
    said = f"The moves of all steps take {told}; {work} in it."
    if window is None:
        return said
    if is_too_long(orders, window):
        return f"{said} That is longer than the window of {lasting(window)}."
    if high is None or high > window:
        return f"{said} It may be longer than the window of {lasting(window)}."
    return f"{said} That leaves {lasting(window - high, up=False)} of the window for the work."


def is_too_long(orders: Orders, window: int | None) -> bool:
    """Whether the moves alone take longer than a window, at their soonest."""
    return window is not None and (whole(orders, _low) or 0.0) > window


def _low(estimate: Estimate) -> float | None:
    return estimate.low


def _high(estimate: Estimate) -> float | None:
    return estimate.high
