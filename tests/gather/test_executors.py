"""An executor asks the hosts, this machine the VMM server, and one guard decides for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import HOST_ACCESS, SERVICES, HostAccess
from livemigration.facts.model import FailureKind, Gathered, NotGathered, Vantage
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.gather.connect import Access, Connector, Target
from livemigration.gather.executor import Course, Errors, HostQuestion
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.jobs import Job
from livemigration.wsman.errors import WsmanError

ACCESS = Access(credentials=Credentials("svc", Secret("x")))
HOSTS = tuple(f"hv{number:02}" for number in range(6))
NO = WsmanError(FailureKind.AUTHENTICATION, "the host refused the credentials", code=401)
SILENT = WsmanError(FailureKind.TIMED_OUT, "the connection was not made in time")


@dataclass
class Elsewhere:
    """Stands in for workers. `takes` are the hosts that take the password, `down` are silent."""

    takes: bool = True
    down: frozenset[str] = frozenset()
    knocked: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    workers: int = 1

    def knock(self, target: Target, _: Deadline) -> None:
        self.knocked.append(target.name)
        if target.name in self.down:
            raise SILENT

    def sign_in(self, target: Target, _: Deadline) -> None:
        self.signed_in.append(target.name)
        if target.name in self.down:
            raise SILENT
        if not self.takes:
            raise NO

    def ask(self, hosts: Sequence[HostQuestion], beside: Sequence[Job], course: Course) -> Errors:
        self.asked += [each.target.name for each in hosts]
        for each in hosts:
            own = HostAccess(each.target.endpoint, "", "")
            each.into[HOST_ACCESS.name] = Gathered(own, Vantage.SUITE)
            course.done(each.target.name)
        for job in beside:
            job.run(course.deadline)
        return dict.fromkeys([*(each.target.name for each in hosts), *(job.name for job in beside)])


def machine(name: str) -> Target:
    return Target(name, name, 5985, access=ACCESS)


@dataclass
class Here:
    """What is asked from this machine: only the VMM server may be."""

    asked: list[str] = field(default_factory=list)

    def connect(self, target: Target, _: Deadline) -> Any:
        self.asked.append(target.name)
        raise SILENT

    def knock(self, target: Target, _: Deadline) -> None:
        self.asked.append(target.name)


def gathered(elsewhere: Elsewhere, here: Here, *, vmm: bool = True) -> Any:
    fleet = FleetConnections(
        vmms=(machine("vmm01"),) if vmm else (),
        hosts={name: machine(name) for name in HOSTS},
        connect=cast("Connector", here.connect),
        seconds=60,
        concurrency=4,
        managers={},
        knock=here.knock,
        executor=elsewhere,
    )
    return gather(fleet, Order.of(dict.fromkeys(HOSTS, (SERVICES,)), vmm=vmm), lambda *_: None)


def test_hosts_are_asked_elsewhere_and_the_vmm_server_from_here() -> None:
    elsewhere, here = Elsewhere(), Here()
    facts = gathered(elsewhere, here)
    assert {*here.asked} == {"vmm01"}
    assert elsewhere.asked == list(HOSTS)
    assert all(isinstance(each.outcome(HOST_ACCESS), Gathered) for each in facts.hosts.values())
    assert isinstance(facts.vmms["vmm01"].outcome(VMM_ACCESS), NotGathered)


@pytest.mark.parametrize("vmm", [True, False])
def test_a_password_that_is_refused_elsewhere_goes_to_two_hosts_alone(vmm: bool) -> None:
    elsewhere, here = Elsewhere(takes=False), Here()
    facts = gathered(elsewhere, here, vmm=vmm)
    assert elsewhere.signed_in == list(HOSTS[:2])
    assert elsewhere.asked == []
    assert {*here.asked} <= {"vmm01"}
    kinds = [each.outcome(HOST_ACCESS).failure.kind for each in facts.hosts.values()]
    assert kinds.count(FailureKind.SAME_CREDENTIALS) == len(HOSTS) - 1


def test_who_answers_at_all_is_found_out_elsewhere_too() -> None:
    elsewhere, here = Elsewhere(down=frozenset(HOSTS[:4])), Here()
    gathered(elsewhere, here, vmm=False)
    assert here.asked == []
    assert {*elsewhere.knocked} == {*HOSTS[2:]}
    # Two took it; nobody who did not answer a knock was sent it.
    assert elsewhere.signed_in == [*HOSTS[:2], *HOSTS[4:]]
    assert {*elsewhere.asked} >= {*HOSTS[4:]}


def test_where_but_one_machine_answers_the_others_are_not_asked_twice() -> None:
    elsewhere, here = Elsewhere(down=frozenset(HOSTS[1:])), Here()
    facts = gathered(elsewhere, here, vmm=False)
    assert elsewhere.asked == [HOSTS[0]]
    for name in HOSTS[1:]:
        assert facts.hosts[name].outcome(HOST_ACCESS).failure.came_back == SILENT.came_back
