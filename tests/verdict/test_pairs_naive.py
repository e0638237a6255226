"""What pair checks find by classes is what looking at each pair of hosts, one by one, comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fact_builders import CHECKS, VMM, host_outcomes, vmm_outcomes
from fact_parts import facts_with
from hypothesis import given
from hypothesis import strategies as st
from pair_facts import connected
from properties import examples
from run_builders import entry_of
from vm_facts import OFF, RUNS, Vm, with_machines

from livemigration.facts.compatibility import (
    COMPATIBILITY_VECTORS,
    CompatibilityVector,
    CompatibilityVectors,
    MachineVectors,
)
from livemigration.facts.host import OPERATING_SYSTEM, OperatingSystem
from livemigration.facts.processor import PROCESSORS, Processor
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtualization import VIRTUAL_SWITCHES, VirtualSwitch
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result, State
from livemigration.run.runner import evaluate
from livemigration.verdict.configuration_versions import Release, Runs, version_of
from livemigration.verdict.findings import Level
from livemigration.verdict.vectors import Fit, fit

_USER = re.compile(r"\bvm[0-9]+ of hv[0-9]+\b")
_RED = {Level.WARNING, Level.FAIL}


@dataclass(frozen=True)
class Machine:
    """A machine of a made-up host: its switch, its version, and what it has taken."""

    name: str
    state: int
    switch: str
    version: str
    limited: bool
    taken: int

    @property
    def vm(self) -> Vm:
        return Vm(self.name, self.state, version=self.version, processors={"limited": self.limited})


@dataclass(frozen=True)
class Host:
    """A made-up host."""

    name: str
    switches: tuple[str, ...]
    build: int
    model: str
    offers: int
    machines: tuple[Machine, ...]
    hidden: bool

    @property
    def folded(self) -> set[str]:
        return {each.casefold() for each in self.switches}

    def groups(self, *, vectors: bool) -> dict[str, Any]:
        guids = {each: f"GUID{place}" for place, each in enumerate(self.switches)}
        vms = [each.vm for each in self.machines]
        ports = tuple(
            connected(each.vm, guids[each.switch]) for each in self.machines if each.switch
        )
        shown = with_machines(workers=1) if self.hidden else with_machines(*vms)
        maker, identifier = self.model.split()
        found = {
            VIRTUAL_SWITCHES.name: tuple(VirtualSwitch(g, n) for n, g in guids.items()),
            VIRTUAL_PORTS.name: () if self.hidden else ports,
            OPERATING_SYSTEM.name: OperatingSystem(self.build, f"10.0.{self.build}", "", 8),
            PROCESSORS.name: (Processor(maker, "", identifier),),
            **shown,
        }
        if vectors:
            taken = tuple(
                MachineVectors(each.vm.identifier, (CompatibilityVector(1, 2, each.taken),))
                for each in self.machines
                if each.state == RUNS and not self.hidden
            )
            own = (CompatibilityVector(1, 2, self.offers),)
            found[COMPATIBILITY_VECTORS.name] = CompatibilityVectors(own, taken)
        return found


@dataclass(frozen=True)
class Fleet:
    """Hosts, with whom the inventory says that they exchange machines, and whether they speak."""

    hosts: tuple[Host, ...]
    exchanges: frozenset[str] | None
    vectors: bool

    @property
    def facts(self) -> RunFacts:
        return facts_with(
            {
                each.name: host_outcomes(
                    name=each.name, also=each.groups(vectors=self.vectors), domain="contoso.com"
                )
                for each in self.hosts
            },
            VMM,
            vmm_outcomes("10.22.1287.0"),
        )

    def senders(self, host: Host) -> Iterator[Host]:
        for other in self.hosts:
            if other is not host and (self.exchanges is None or other.name in self.exchanges):
                yield other

    def result(self, check: str, facts: RunFacts, host: Host) -> Result:
        found = CHECKS[check]
        return evaluate(
            found, facts, entry_of(found, host.name), Policy(), exchanges=self.exchanges
        )


_SWITCHES = ("Alpha", "alpha", "Beta", "Gamma")
_MODELS = (
    "GenuineIntel BFEBFBFF00050657",
    "GenuineIntel BFEBFBFF000806F8",
    "AuthenticAMD 178BFBFF00A10F11",
)


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    hosts = []
    for number in range(draw(st.integers(1, 5))):
        switches = draw(st.lists(st.sampled_from(_SWITCHES), max_size=2, unique_by=str.casefold))
        machines = tuple(
            Machine(
                f"vm{number}{place}",
                draw(st.sampled_from((RUNS, RUNS, OFF))),
                draw(st.sampled_from(("", *switches))),
                draw(st.sampled_from(("5.0", "8.0", "9.0", "10.0", "12.0", "254.0", ""))),
                draw(st.booleans()),
                draw(st.integers(0, 3)),
            )
            for place in range(draw(st.integers(0, 2)))
        )
        hosts.append(
            Host(
                f"hv{number}",
                tuple(switches),
                draw(st.sampled_from((14393, 17763, 17763, 20348, 25398))),
                draw(st.sampled_from(_MODELS)),
                draw(st.integers(0, 3)),
                machines,
                draw(st.integers(0, 5)) == 0,
            )
        )
    names = [each.name for each in hosts]
    exchanges = draw(st.none() | st.frozensets(st.sampled_from(names)))
    return Fleet(tuple(hosts), exchanges, draw(st.booleans()))


def named(result: Result, *levels: Level) -> set[str]:
    """Return the machines that findings of these levels name."""
    told = " ".join(each.observed for each in result.findings if each.level in levels)
    return set(_USER.findall(told))


def agrees(fleet: Fleet, result: Result, due: set[str], *, unknown: bool) -> None:
    """Hold a result against the machines that are due in it, and what cannot be known."""
    red = Level.WARNING if fleet.exchanges is None else Level.FAIL
    assert named(result, red) >= due
    if due:
        assert result.state is (State.WARNING if fleet.exchanges is None else State.FAIL)
    elif unknown:
        assert result.state is State.BLOCKED
    else:
        assert result.state not in {State.FAIL, State.BLOCKED}


@examples(150)
@given(fleets())
def test_a_switch_is_missing_for_exactly_the_machines_that_use_it(fleet: Fleet) -> None:
    facts = fleet.facts
    for host in fleet.hosts:
        due = set()
        senders = list(fleet.senders(host))
        # One of which nothing is seen does not hide what others come to.
        unknown = all(each.hidden for each in senders)
        for other in senders:
            for each in () if other.hidden else other.machines:
                if each.switch and each.state != OFF and each.switch.casefold() not in host.folded:
                    due.add(f"{each.name} of {other.name}")
        result = fleet.result("LM502", facts, host)
        if not senders:
            assert result.state is State.NOT_APPLICABLE
            continue
        if host.hidden:
            assert result.state is State.BLOCKED
            continue
        agrees(fleet, result, due, unknown=unknown)
        assert named(result, *_RED) == due


@examples(150)
@given(fleets())
def test_a_version_does_not_run_for_exactly_the_machines_that_have_it(fleet: Fleet) -> None:
    facts = fleet.facts
    for host in fleet.hosts:
        release = Release(host.build)
        no: set[str] = set()
        doubtful: set[str] = set()
        unknown, wide = True, False
        senders = list(fleet.senders(host))
        for other in senders:
            wide |= not release.is_neighbour(Release(other.build))
            unknown &= other.hidden and not release.runs_all_of(Release(other.build))
            if other.hidden:
                continue
            for each in other.machines:
                version = version_of(each.version)
                runs = release.runs(version) if version is not None else Runs.NOT_PUBLISHED
                if each.state != OFF and runs is not Runs.YES:
                    (no if runs is Runs.NO else doubtful).add(f"{each.name} of {other.name}")
        result = fleet.result("LM503", facts, host)
        if not senders:
            assert result.state is State.NOT_APPLICABLE
        elif host.hidden:
            assert result.state is State.BLOCKED
        else:
            assert named(result, *_RED) == no | doubtful
            declared = fleet.exchanges is not None
            if no and declared:
                assert result.state is State.FAIL
            elif no or doubtful or (wide and declared):
                assert result.state is State.WARNING
            else:
                assert result.state is (State.BLOCKED if unknown else State.PASS)


@examples(150)
@given(fleets())
def test_a_processor_lacks_something_for_exactly_the_machines_that_have_taken_it(
    fleet: Fleet,
) -> None:
    facts = fleet.facts
    for host in fleet.hosts:
        senders = list(fleet.senders(host))
        result = fleet.result("LM501", facts, host)
        if not senders:
            assert result.state is State.NOT_APPLICABLE
            continue
        maker = host.model.split()[0]
        foreign = {each.name for each in senders if each.model.split()[0] != maker}
        same = [each for each in senders if each.name not in foreign]
        differ = [each for each in same if each.model != host.model]
        declared = fleet.exchanges is not None
        if differ and host.hidden and not (declared and foreign):
            assert result.state is State.BLOCKED
            continue
        told = " ".join(each.observed for each in result.findings if each.level in _RED)
        assert all(name in told for name in foreign)
        due: set[str] = set()
        spoken: set[str] = set()
        models, hidden = False, False
        if differ and not host.hidden:
            speaking = [each for each in same if not each.hidden] if fleet.vectors else []
            for other in speaking:
                for each in other.machines:
                    vectors = [CompatibilityVector(1, 2, each.taken)]
                    offered = [CompatibilityVector(1, 2, host.offers)]
                    if each.state == RUNS and fit(vectors, offered) is Fit.LACKS:
                        spoken.add(f"{each.name} of {other.name}")
            due |= spoken
            for other in (each for each in differ if each not in speaking):
                unlimited = [e for e in other.machines if e.state == RUNS and not e.limited]
                hidden |= other.hidden
                if not other.hidden:
                    models |= bool(unlimited)
                    due |= {f"{each.name} of {other.name}" for each in unlimited}
        assert named(result, *_RED) == due
        if foreign or spoken:
            assert result.state is (State.FAIL if declared else State.WARNING)
        elif models:
            assert result.state is State.WARNING
        else:
            # One of which nothing is seen does not hide what others come to.
            unknown = hidden and all(each in differ and each.hidden for each in senders)
            assert result.state is (State.BLOCKED if unknown else State.PASS)
            noted = [each.observed for each in result.findings if "Not judged" in each.observed]
            assert bool(noted) is (hidden and not unknown)
