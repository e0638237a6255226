"""An order of hosts in words: each step with its waiting points, and all within the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plan_builders import HV03, HV04, guid, machine

from livemigration.placement.estimate import estimate
from livemigration.placement.model import Answer, Move, Verdict
from livemigration.placement.rolling import LeftOut, Rolling, Step, Way
from livemigration.placement.transfers import End, Option, Transfer
from livemigration.report.drain.order_text import is_too_long, order_lines
from livemigration.verdict.drain_order import HostOrder, Orders, StepTimes, Unasked
from livemigration.verdict.drain_plan import DrainPlan

GIGABIT = 1_000_000_000
WEB = machine(1)


def times(*moves: Move, link: int | None = 10 * GIGABIT) -> StepTimes:
    ends = [End(each, link, 2, 2, Option.TCP_IP) for each in (HV03, HV04)]
    transfers = [Transfer(e.machine.key, "", e.source, e.destination, 4096) for e in moves]
    return StepTimes(estimate(transfers, ends), estimate((), ends))


def orders(*, link: int | None = 10 * GIGABIT, bring_back: bool = False) -> Orders:
    move = Move(WEB, HV03, HV04)
    back = (Move(WEB, HV04, HV03),) if bring_back else ()
    way = Way.BRING_BACK if bring_back else Way.LEAVE
    step = Step(HV03, Answer(Verdict.FITS, (move,)), way, back)
    out = times(move, link=link)
    taken = StepTimes(out.out, out.out if bring_back else out.back)
    left_out = (LeftOut(HV04, Answer(Verdict.DOES_NOT_FIT)),)
    order = HostOrder(
        Rolling((step,), left_out, back),
        (taken,),
        (DrainPlan(HV03, Verdict.FITS, leaving=1, staying=("sc01",)),),
        times(*back, link=link).out,
        {WEB.key: guid(1)},
    )
    return Orders((order,), (Unasked("hv09", "it was not looked at."),))


def said(found: Orders, window: int | None = None, *, simulated: bool = False) -> list[str]:
    return list(order_lines(found, window, simulated=simulated))


def test_each_step_has_its_moves_its_time_and_its_waiting_points() -> None:
    lines = said(orders())
    at = lines.index("1. hv03.contoso.com: 1 move, 4 GB, 5 s to 27 s")
    assert lines[at + 1 : at + 5] == [
        "   shut down: sc01",
        (
            "   wait: Nothing runs on hv03.contoso.com any more, and it is paused. Then take it "
            "down, work, start it."
        ),
        "   wait: hv03.contoso.com is up, no longer paused, and its storage has caught up.",
        "   Leave: its machines stay where they are when it is back.",
    ]
    assert lines[0] == "Before each host, wait:"
    why = "it cannot be emptied, at any place of this order that was tried"
    assert f"{HV04} is left out: {why}." in lines
    assert "hv09 is left out: it was not looked at." in lines
    assert lines[-1].startswith("Nothing was moved.")


def test_what_is_brought_back_takes_its_time_too() -> None:
    lines = said(orders(bring_back=True))
    assert "   Bring back: before the next host, 1 move back (4 GB). It takes 5 s to 27 s." in lines
    at = next(n for n, line in enumerate(lines) if line.startswith("When all are back: "))
    assert lines[at].startswith("When all are back: The way back is 1 move, 4 GB; ")
    assert lines[at + 1 : at + 4] == [
        "   It takes 5 s to 27 s, by an estimate:",
        "   Machines      1, 4 GB of memory",
        "   Links         10 Gb/s",
    ]
    assert any("neither the work on each host nor the way back is in it" in e for e in lines)


@pytest.mark.parametrize(
    ("link", "window", "told", "too_long"),
    [
        (10 * GIGABIT, None, "the work on each host is not in it.", False),
        (10 * GIGABIT, 3600, "That leaves 59 min of the window for the work.", False),
        (10 * GIGABIT, 20, "It may be longer than the window of 20 s.", False),
        (10 * GIGABIT, 2, "That is longer than the window of 2 s.", True),
        (None, 3600, "It may be longer than the window of 60 min.", False),
    ],
)
def test_all_moves_are_held_against_the_window(
    link: int | None, window: int | None, told: str, *, too_long: bool
) -> None:
    found = orders(link=link)
    (line,) = (each for each in said(found, window) if each.startswith("The moves of all steps"))
    assert line.endswith(told)
    assert is_too_long(found, window) is too_long


def test_a_simulated_order_says_so_and_an_assumed_one_too() -> None:
    order = orders().orders[0]
    assumed = replace(order, by_assumption=True)
    lines = said(Orders((assumed,)), simulated=True)
    assert lines[0].startswith("SIMULATED")
    assert any("it is assumed" in line for line in lines)


def test_nothing_to_order_is_no_order() -> None:
    assert said(Orders((), (Unasked("hv09", "it is down."),))) == ["hv09 is left out: it is down."]
