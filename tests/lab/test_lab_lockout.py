"""A wrong password reaches two machines at most, whichever others are down, and is one finding.

The machines are stand-ins at the one seam that opens sessions; the last test asks a lab.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

import pytest
from fleet_runs import judged
from hypothesis import given
from hypothesis import strategies as st
from logons import counted
from properties import examples

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.model import FactSheet, FailureKind, Gathered, GatherFailure, NotGathered
from livemigration.facts.registry import HOST_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VMM_RECORD
from livemigration.gather.connect import Access, Target, connector, knock_at
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.lab.launch import LabMachine, start
from livemigration.run.result import State
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

VMM = "vmm01"
HOSTS = tuple(f"hv{number:02}" for number in range(1, 9))
MACHINES = (VMM, *HOSTS)
LIMITS = TimeLimits(host=20, run=60)
ACCESS = Access(Connection(time_limits=LIMITS))
DEAD = (
    WsmanError(FailureKind.REFUSED, "the connection was refused", code=10061),
    WsmanError(FailureKind.TIMED_OUT, "the connection was not made in time", code=10060),
    WsmanError(FailureKind.NAME_NOT_RESOLVED, "the name could not be resolved", code=11001),
    WsmanError(FailureKind.PROTOCOL, "what answered does not speak HTTP"),
)


@dataclass
class Machines:
    """Stand-ins: those in `down` do not answer, the others take the password or refuse it.

    `refused` lists who was given a password that it did not take, each time, and `took` who did.
    """

    down: dict[str, WsmanError]
    takes: Callable[[str], bool]
    refused: list[str] = field(default_factory=list)
    took: list[str] = field(default_factory=list)
    took_before_any_question: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def connect(self, target: Target, _: Deadline) -> WsmanSession:
        return cast("WsmanSession", _Session(self, target.name))

    def knock(self, target: Target, _: Deadline) -> None:
        if target.name in self.down:
            raise self.down[target.name]

    def authenticate(self, name: str) -> None:
        if name in self.down:
            raise self.down[name]
        with self.lock:
            if not self.takes(name):
                self.refused.append(name)
                raise WsmanError(
                    FailureKind.AUTHENTICATION, "the host refused the credentials", code=401
                )
            self.took.append(name)

    def asks(self) -> None:
        """Note how many had taken the password when something else was asked for the first time."""
        with self.lock:
            if self.took_before_any_question is None:
                self.took_before_any_question = len({*self.took})

    def gather(self, hosts: Collection[str], *, vmm: bool = True, knocks: bool = True) -> RunFacts:
        fleet = FleetConnections(
            vmms=(Target(VMM, VMM, 5985, access=ACCESS),),
            hosts={name: Target(name, name, 5985, access=ACCESS) for name in hosts},
            connect=self.connect,
            seconds=LIMITS.run,
            concurrency=3,
            managers={},
            knock=self.knock if knocks else None,
        )
        groups = (*HOST_GROUPS, *VMM_VIEW_GROUPS) if vmm else HOST_GROUPS
        return gather(fleet, Order.of(dict.fromkeys(hosts, groups), vmm=vmm), lambda *_: None)


class _Session:
    ended = False

    def __init__(self, machines: Machines, name: str) -> None:
        self._machines, self._name = machines, name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def counted(self) -> Counted:
        return Counted()

    def heard(self) -> None:
        return None

    def identify(self) -> Identity:
        self._machines.authenticate(self._name)
        return Identity("Vendor", "1.0", "wsman")

    def enumerate(self, _: Any) -> object:
        self._machines.asks()
        return ()

    def run_script(self, *_: object) -> object:
        raise WsmanError(FailureKind.SCRIPT, "it failed")

    def close(self) -> None:
        """Have nothing to close."""


def access(facts: RunFacts, name: str) -> Gathered[Any] | GatherFailure:
    sheets = {**facts.vmms, **facts.hosts}
    found: FactSheet = sheets[name]
    outcome = found.outcome(VMM_ACCESS if name == VMM else HOST_ACCESS)
    if isinstance(outcome, NotGathered):
        return outcome.failure
    assert isinstance(outcome, Gathered)
    return outcome


subsets = st.dictionaries(st.sampled_from(MACHINES), st.sampled_from(DEAD))
sizes = st.integers(min_value=1, max_value=len(HOSTS))


@examples(120)
@given(subsets, sizes, st.booleans(), st.booleans())
def test_a_wrong_password_reaches_no_third_machine_whichever_are_down(
    down: dict[str, WsmanError], size: int, vmm: bool, knocks: bool
) -> None:
    machines = Machines(down, lambda _: False)
    hosts = HOSTS[:size]
    facts = machines.gather(hosts, vmm=vmm, knocks=knocks)
    asked = [*([VMM] if vmm else []), *hosts]
    alive = [name for name in asked if name not in down]
    # Whoever answers is asked, up to two, and nobody twice.
    assert sorted(machines.refused) == sorted(alive[:2])
    for name in asked:
        failure = access(facts, name)
        assert isinstance(failure, GatherFailure)
        if name in alive[:1]:
            assert failure.kind is FailureKind.AUTHENTICATION
        elif name in alive or failure.kind is FailureKind.SAME_CREDENTIALS:
            assert failure.kind is FailureKind.SAME_CREDENTIALS
            assert failure.root == ("LM001" if alive[0] == VMM else "LM302")
            assert " and ".join(alive[:2]) in failure.came_back
            assert "tried on no other machine" in failure.came_back
        else:
            assert failure.came_back == down[name].came_back


@examples(60)
@given(subsets, sizes, st.booleans(), st.booleans())
def test_nothing_is_asked_before_two_machines_took_the_password_where_two_answer(
    down: dict[str, WsmanError], size: int, vmm: bool, knocks: bool
) -> None:
    machines = Machines(down, lambda _: True)
    hosts = HOSTS[:size]
    machines.gather(hosts, vmm=vmm, knocks=knocks)
    asked = [*([VMM] if vmm else []), *hosts]
    alive = [name for name in asked if name not in down]
    if len(asked) > 2 and machines.took_before_any_question is not None:
        assert machines.took_before_any_question >= min(2, len(alive))


@examples(60)
@given(subsets, sizes, st.booleans(), st.booleans())
def test_a_right_password_opens_every_machine_that_answers_whichever_are_down(
    down: dict[str, WsmanError], size: int, vmm: bool, knocks: bool
) -> None:
    machines = Machines(down, lambda _: True)
    hosts = HOSTS[:size]
    facts = machines.gather(hosts, vmm=vmm, knocks=knocks)
    for name in (*([VMM] if vmm else []), *hosts):
        failure = access(facts, name)
        if name in down:
            assert isinstance(failure, GatherFailure)
            assert failure.came_back == down[name].came_back
        else:
            assert isinstance(failure, Gathered)


@examples(60)
@given(subsets, st.sets(st.sampled_from(MACHINES), min_size=1), st.booleans())
def test_a_machine_that_refuses_what_others_take_is_its_own_finding(
    down: dict[str, WsmanError], takers: set[str], knocks: bool
) -> None:
    machines = Machines(down, takers.__contains__)
    facts = machines.gather(HOSTS, knocks=knocks)
    alive = [name for name in MACHINES if name not in down]
    first = alive[:2]
    for name in alive:
        found = access(facts, name)
        if not takers.intersection(first) and len(first) == 2:
            assert isinstance(found, GatherFailure)
        elif name in takers:
            assert isinstance(found, Gathered)
        elif takers.intersection(alive):
            assert isinstance(found, GatherFailure)
            assert found.kind is FailureKind.AUTHENTICATION


def test_one_wrong_password_is_one_finding_and_blocks_the_rest() -> None:
    machines = Machines({VMM: DEAD[0], "hv01": DEAD[1]}, lambda _: False)
    found = judged(machines.gather(HOSTS))
    failed = sorted(key for key, each in found.items() if each.state is State.FAIL)
    assert failed == [("LM001", VMM), ("LM302", "hv01"), ("LM302", "hv02")]
    for name in HOSTS[2:]:
        result = found["LM302", name]
        assert result.state is State.BLOCKED
        assert result.blocked_by is not None
        assert result.blocked_by.check == "LM302"
        assert "hv02 and hv03 refused them" in result.blocked_by.reason


def test_one_wrong_password_that_the_vmm_server_refuses_is_found_there() -> None:
    machines = Machines({}, lambda _: False)
    found = judged(machines.gather(HOSTS))
    assert [key for key, each in found.items() if each.state is State.FAIL] == [("LM001", VMM)]
    assert {each.state for each in found.values()} == {State.FAIL, State.BLOCKED}
    roots = {each.blocked_by.check for each in found.values() if each.blocked_by is not None}
    assert roots == {"LM001"}


FLEET = """\
name: many
title: many hosts, of which many are down
domain: contoso.com
networks: {management: {subnet: 1.0/24}}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
hosts:
"""
COUNT = 200


def many(down: Collection[int]) -> str:
    lines = []
    for number in range(COUNT):
        state = ""
        if number in down:
            state = f", down: {'silent' if number % 2 else 'refused'}"
        lines.append(
            f"  - {{name: h{number:03}.contoso.com, shows: one of many, "
            f'addresses: {{management: "1.{number + 20}"}}{state}}}\n'
        )
    return FLEET + "".join(lines)


@pytest.mark.long
@pytest.mark.parametrize(
    ("down", "vmm_down"),
    [(range(0), False), (range(50), True), ([*range(1, 70), *range(80, 199, 3)], True)],
    ids=["all up", "vmm and fifty down", "vmm and many down"],
)
def test_a_lab_of_200_hosts_sees_a_wrong_password_twice(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    down: Collection[int],
    vmm_down: bool,
) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(many(down), encoding="utf-8")
    limits = TimeLimits(connect=0.5, probe=0.5)
    connection = Connection(time_limits=limits)
    logons = counted(monkeypatch)
    with start(str(path)) as lab:
        wrong = Credentials(lab.credentials.username, Secret("wrong"))
        access = Access(connection, wrong)

        def target(machine: LabMachine, port: int = 0) -> Target:
            return Target(machine.name, machine.address, port or machine.port, access=access)

        # Nothing listens there.
        vmm = target(lab.vmm, 1 if vmm_down else 0)
        fleet = FleetConnections(
            vmms=(vmm,),
            hosts={each.name: target(each) for each in lab.hosts},
            connect=connector(),
            seconds=limits.run,
            concurrency=64,
            managers={},
            knock=knock_at,
        )
        order = Order.of(dict.fromkeys(fleet.hosts, (SERVICES, VMM_RECORD)), vmm=True)
        facts = gather(fleet, order, lambda *_: None)
    assert len(logons) == len(set(logons)) == 2
    same = [
        name
        for name in fleet.hosts
        if (found := access_of(facts, name)).kind is FailureKind.SAME_CREDENTIALS
        and "refused them" in found.came_back
    ]
    dead = [name for name in fleet.hosts if access_of(facts, name).kind.is_unreachable]
    assert len(same) >= COUNT - len(down) - 2
    assert all(int(name[1:4]) in down for name in dead)


@pytest.mark.long
@pytest.mark.parametrize(("password", "tried"), [("wrong", 2), (None, 4)])
def test_a_second_connection_signs_in_only_where_the_first_did(
    monkeypatch: pytest.MonkeyPatch, password: str | None, tried: int
) -> None:
    logons = counted(monkeypatch)
    groups = frozenset(each.name for each in HOST_GROUPS)
    with start("healthy", hosts=2) as lab:
        account = lab.credentials
        if password is not None:
            account = Credentials(account.username, Secret(password))
        access = Access(Connection(connections=2), account)
        fleet = FleetConnections(
            vmms=(),
            hosts={
                each.name: Target(each.name, each.address, each.port, access=access)
                for each in lab.hosts
            },
            connect=connector(),
            seconds=60,
            concurrency=8,
            managers={},
        )
        gather(fleet, Order(dict.fromkeys(fleet.hosts, groups), vmm=False), lambda *_: None)
    assert len(logons) == tried
    assert len(set(logons)) == 2


def access_of(facts: RunFacts, name: str) -> GatherFailure:
    outcome = facts.hosts[name].outcome(HOST_ACCESS)
    assert isinstance(outcome, NotGathered)
    return outcome.failure
