"""Hosts one after the other: each step is the drain of its host, after the steps before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from drain_cases import volumes
from drain_facts import free
from fact_builders import host_outcomes, vmm_outcomes
from fact_parts import facts_with
from hypothesis import given, settings
from hypothesis import strategies as st
from vm_facts import Vm, with_machines

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Move, Verdict
from livemigration.placement.rolling import Way
from livemigration.verdict.drain_order import HostOrder, Orders, orders_of
from livemigration.verdict.drain_plan import DrainPlan, plan_of

A, B, C = HOSTS = tuple(f"hv0{number}.contoso.com" for number in (1, 2, 3))
VMM = "vmm01.contoso.com"


@dataclass(frozen=True)
class On:
    """A machine with its memory; `size` is that of its disk on its host, None: on a share."""

    name: str
    memory: int
    size: int | None = None

    @property
    def vm(self) -> Vm:
        path = r"D:\Hyper-V" if self.size is not None else r"\\fs01\vms"
        return Vm(self.name, version="4.0", path=path, memory=self.memory, size=self.size or 1)


@dataclass(frozen=True)
class At:
    """A host with what is free on it, and with its machines."""

    memory: int
    disks: tuple[int, ...]
    machines: tuple[On, ...] = ()

    @property
    def outcomes(self) -> dict[str, Any]:
        lettered = zip("DEF", self.disks, strict=False)
        return {
            **with_machines(*(each.vm for each in self.machines)),
            **free(self.memory),
            **volumes(*((f"{letter}:", each) for letter, each in lettered)),
        }


Town = dict[str, At]


def facts_of(town: Town) -> RunFacts:
    outcomes = {
        name: host_outcomes(
            name=name,
            local=(f"10.0.0.{number}/24",),
            dns=(f"10.0.0.{number}",),
            listeners=(f"10.0.0.{number}",),
            also=host.outcomes,
        )
        for number, (name, host) in enumerate(town.items(), start=1)
    }
    return facts_with(outcomes, VMM, vmm_outcomes("10.22.1287.0"))


def after(town: Town, moves: Iterable[Move]) -> Town:
    """Return the hosts as they are once somebody has made these moves, counted by hand."""
    found = dict(town)
    for move in moves:
        here, there = found[move.source], found[move.destination]
        (vm,) = (each for each in here.machines if each.name == move.machine.name)
        size = vm.size or 0
        found[move.source] = replace(
            here,
            memory=here.memory + vm.memory,
            disks=(here.disks[0] + size, *here.disks[1:]),
            machines=tuple(each for each in here.machines if each is not vm),
        )
        found[move.destination] = replace(
            there,
            memory=there.memory - vm.memory,
            disks=(there.disks[0] - size, *there.disks[1:]),
            machines=(*there.machines, vm),
        )
    return found


def ordered(town: Town, way: Way = Way.LEAVE, hosts: tuple[str, ...] = HOSTS) -> Orders:
    exchanges = tuple((each, HOSTS) for each in HOSTS)
    demands = Demands(digest="", site=Policy(), exchanges=exchanges)
    return orders_of(facts_of(town), demands, DrainRequest(hosts), way)


def order(town: Town, way: Way = Way.LEAVE, hosts: tuple[str, ...] = HOSTS) -> HostOrder:
    (found,) = ordered(town, way, hosts).orders
    return found


def alone(town: Town, host: str) -> DrainPlan:
    return plan_of(facts_of(town), host, Policy(), frozenset(HOSTS))


def test_disks_that_move_along_are_counted_at_each_step() -> None:
    town = {
        A: At(9000, (500,), (On("web01", 2048, 400),)),
        B: At(9000, (500,), (On("db01", 2048, 300),)),
        C: At(9000, (50,)),
    }
    found = order(town)
    assert [each.host for each in found.rolling.steps] == [A, B, C]
    first, second, _ = found.rolling.steps
    assert [(each.machine.name, each.disk) for each in first.answer.plan] == [("web01", 400)]
    # What left the first host is free there again, and what came to the second moves on.
    assert sorted((each.machine.name, each.disk) for each in second.answer.plan) == [
        ("db01", 300), ("web01", 400)
    ]  # fmt: skip
    back = [(each.machine.name, each.destination, each.disk) for each in found.rolling.way_back]
    assert back == [("db01", B, 300)]


def test_disks_without_room_keep_a_host_out_of_the_order() -> None:
    town = {A: At(9000, (500,), (On("web01", 2048, 400),)), B: At(9000, (399,)), C: At(9000, (1,))}
    (left_out,) = order(town, hosts=(A,)).rolling.left_out
    assert left_out.answer.verdict is Verdict.DOES_NOT_FIT is alone(town, A).verdict


def test_of_a_step_no_second_host_is_said_to_be_stuck_as_the_next_steps_say_it() -> None:
    web, db = On("web01", 4096), On("db01", 4096)
    town = {A: At(0, (500,), (web,)), B: At(0, (500,), (db,)), C: At(4096, (500,))}
    assert alone(town, A).then_stuck == (B, C)
    assert [(each.fits, each.then_stuck) for each in order(town, hosts=(A,)).plans] == [(True, ())]


def test_what_left_one_of_several_volumes_is_free_for_itself_alone_for_certain() -> None:
    town = {
        A: At(9000, (300, 200), (On("web01", 2048, 400),)),
        B: At(9000, (600,), (On("db01", 2048, 300),)),
        C: At(9000, (10,)),
    }
    found = order(town, hosts=(A, B))
    assert [each.way for each in found.rolling.steps] == [Way.LEAVE, Way.LEAVE]
    assert [each.disk for each in found.rolling.steps[1].answer.plan] == [300, 400]
    # Whether one of its volumes has room for this one too is not known: with one volume, it has.
    larger = {**town, B: At(9000, (600,), (On("db01", 2048, 350),))}
    (left_out,) = order(larger, hosts=(A, B)).rolling.left_out
    assert (left_out.host, left_out.answer.verdict) == (B, Verdict.UNKNOWN)
    whole = order({**larger, A: At(9000, (500,), town[A].machines)}, hosts=(A, B))
    assert whole.rolling.left_out == ()
    # It is so as well where what left it is elsewhere meanwhile.
    other = {**town, B: At(9000, (600,), (On("db01", 2048, 480),)), C: At(9000, (450,))}
    (left_out,) = order(other, hosts=(A, B)).rolling.left_out
    assert (left_out.host, left_out.answer.verdict) == (B, Verdict.UNKNOWN)


SIZES = st.one_of(st.none(), st.integers(1, 6).map(lambda each: each * 100))


@st.composite
def towns(draw: st.DrawFn, volumes: int = 1) -> Town:
    names = iter(f"vm{number:02}" for number in range(20))
    return {
        host: At(
            draw(st.integers(0, 6)) * 1024,
            tuple(draw(st.integers(0, 8)) * 100 for _ in range(volumes)),
            tuple(
                On(next(names), draw(st.integers(1, 4)) * 1024, draw(SIZES))
                for _ in range(draw(st.integers(0, 3)))
            ),
        )
        for host in HOSTS
    }


def each_asked(town: Town, found: HostOrder) -> list[tuple[Verdict, Verdict]]:
    """Return of each host what the order answers, and what a drain of it alone does then."""
    asked, now, before = [], town, []
    for step in found.rolling.steps:
        asked.append((step.answer.verdict, alone(now, step.host).verdict))
        before.append(now)
        now = after(now, step.answer.plan)
        now = after(now, step.back)
    asked += [(e.answer.verdict, alone(now, e.host).verdict) for e in found.rolling.left_out]
    return asked


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(towns(), st.sampled_from(Way))
def test_each_step_is_a_drain_of_its_host_after_the_steps_before(town: Town, way: Way) -> None:
    for own, drained in each_asked(town, order(town, way)):
        assert own is drained


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(towns(volumes=2), st.sampled_from(Way))
def test_of_several_volumes_a_step_never_contradicts_a_drain(town: Town, way: Way) -> None:
    # What is not known of the volumes is not the same: a step knows what came there, and whence.
    fits = {Verdict.FITS, Verdict.FITS_WITH_SWAPS}
    for own, drained in each_asked(town, order(town, way)):
        said = {own, drained}
        assert Verdict.DOES_NOT_FIT not in said or fits.isdisjoint(said)
