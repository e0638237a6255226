"""A gathering that goes on with an earlier one, and what it tells while it goes on."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest
from test_fleet_gathering import ACCESS, LIMITS, NAMES, REPLIES, Session, only

from livemigration.base.deadline import Deadline
from livemigration.facts.host import HOST_ACCESS, OPERATING_SYSTEM, SERVICES
from livemigration.facts.model import (
    FactSheet,
    Gathered,
    GatherFailure,
    NotGathered,
    Outcome,
    Subject,
)
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VMM_RECORD, VMM_RELEASE
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Access, Target
from livemigration.gather.fleet import FleetConnections, Keep, Order, gather
from livemigration.inventory.connection import Connection
from livemigration.vmm.scripts import RESOLVE_NAMES
from livemigration.wsman.session import WsmanSession

# The VMM server is asked anyway where it is part of the order.
BOTH = Order.of(dict.fromkeys(NAMES, (SERVICES, VMM_RECORD)), vmm=True)
# VMM's records need no answer of the hosts.
VIEW = Order.of(dict.fromkeys(NAMES, (VMM_RECORD,)), vmm=True)


class Asked(Session):
    """Keeps the hosts that the VMM server is asked about."""

    about: list[set[str]]

    def run_script(self, script: Any, request: object) -> object:
        if script is RESOLVE_NAMES:
            self.about.append(set(cast("Any", request).names))
        return super().run_script(script, request)


def ask(
    order: Order, known: RunFacts | None = None, keep: Keep | None = None
) -> tuple[RunFacts, list[str], list[set[str]]]:
    """Return the facts, the machines that were connected to, and what VMM was asked about."""
    connected: list[str] = []
    about: list[set[str]] = []

    def connect(target: Target, _: Deadline) -> WsmanSession:
        connected.append(target.name)
        session = Asked(replies=REPLIES)
        session.about = about
        return cast("WsmanSession", session)

    targets = {name: Target(name, name, 5985, access=ACCESS) for name in NAMES}
    vmm = Target("vmm01", "vmm01", 5985, access=ACCESS)
    fleet = FleetConnections((vmm,), targets, connect, LIMITS.run, 8, {})
    facts = gather(fleet, order, lambda *_: None, keep=keep, known=known)
    return facts, connected, about


def without(facts: RunFacts, **groups: str) -> RunFacts:
    """Return facts in which one group of some machines was not gathered."""
    lost = NotGathered(cast("GatherFailure", None))

    def less(sheet: FactSheet) -> FactSheet:
        gone = {groups[sheet.name]: lost} if sheet.name in groups else {}
        return FactSheet(sheet.subject, sheet.name, {**sheet.outcomes, **gone})

    return RunFacts(
        {name: less(sheet) for name, sheet in facts.hosts.items()},
        {name: less(sheet) for name, sheet in facts.vmms.items()},
        facts.managers,
    )


def test_what_is_known_is_not_asked_for_again() -> None:
    first, connected, about = ask(BOTH)
    assert set(connected) == {"vmm01", *NAMES}
    assert about == [set(NAMES)]
    again, connected, about = ask(BOTH, known=first)
    assert (connected, about) == ([], [])
    assert again == first


@pytest.mark.parametrize("group", [SERVICES.name, HOST_ACCESS.name])
def test_a_host_of_which_something_is_missing_is_asked_and_no_other_machine(group: str) -> None:
    first, _, _ = ask(BOTH)
    again, connected, about = ask(BOTH, known=without(first, hv02=group))
    assert set(connected) == {"hv02"}
    assert about == []
    assert isinstance(again.hosts["hv02"].outcomes[group], Gathered)
    assert again.hosts["hv01"].outcomes == first.hosts["hv01"].outcomes


def test_the_vmm_server_is_asked_only_about_hosts_that_it_was_not_asked_about() -> None:
    first, _, _ = ask(VIEW)
    again, connected, about = ask(VIEW, known=without(first, hv02=VMM_RECORD.name))
    assert set(connected) == {"vmm01"}
    assert about == [{"hv02"}]
    assert isinstance(again.hosts["hv02"].outcomes[VMM_RECORD.name], Gathered)
    assert isinstance(again.vmms["vmm01"].outcomes[VMM_RELEASE.name], Gathered)


@pytest.mark.parametrize("group", [VMM_ACCESS.name, VMM_RELEASE.name])
def test_a_vmm_server_that_did_not_answer_is_asked_about_every_host(group: str) -> None:
    first, _, _ = ask(VIEW)
    _, connected, about = ask(VIEW, known=without(first, vmm01=group))
    assert set(connected) == {"vmm01"}
    assert about == [set(NAMES)]


def test_what_more_is_wanted_than_is_known_is_asked_for() -> None:
    first, _, _ = ask(only(SERVICES))
    more, connected, _ = ask(only(SERVICES, OPERATING_SYSTEM), known=first)
    assert set(connected) == set(NAMES)
    assert OPERATING_SYSTEM.name in more.hosts["hv01"].outcomes
    assert more.hosts["hv01"].outcomes[SERVICES.name] is first.hosts["hv01"].outcomes[SERVICES.name]


def test_what_a_host_said_is_told_before_the_slowest_has_answered() -> None:
    told = threading.Event()
    kept: dict[tuple[Subject, str], dict[str, Outcome[Any]]] = {}
    waited: set[bool] = set()
    tried: list[str] = []

    def keep(subject: Subject, name: str, outcomes: Outcomes) -> None:
        assert outcomes
        kept.setdefault((subject, name), {}).update(outcomes)
        if name == "hv02":
            told.set()

    def connect(target: Target, _: Deadline) -> WsmanSession:
        tried.append(target.name)
        # The first time is the trial of the credentials.
        if target.name == "hv01" and tried.count("hv01") == 2:
            waited.add(told.wait(20))
        return cast("WsmanSession", Session())

    access = Access(Connection(time_limits=LIMITS.model_copy(update={"host": 30})))
    targets = {name: Target(name, name, 5985, access=access) for name in NAMES}
    vmm = Target("vmm01", "vmm01", 5985, access=access)
    fleet = FleetConnections((vmm,), targets, connect, LIMITS.run, 8, {})
    facts = gather(fleet, BOTH, lambda *_: None, keep=keep)
    assert waited == {True}
    for (subject, name), outcomes in kept.items():
        sheets = facts.hosts if subject is Subject.HOST else facts.vmms
        assert outcomes == sheets[name].outcomes
    assert kept.keys() == {(Subject.VMM, "vmm01"), *((Subject.HOST, name) for name in NAMES)}


def test_an_earlier_gathering_is_told_as_if_it_were_new() -> None:
    first, _, _ = ask(BOTH)
    kept: dict[str, Outcomes] = {}

    def keep(_: Subject, name: str, outcomes: Outcomes) -> None:
        kept.setdefault(name, {}).update(outcomes)

    ask(BOTH, known=first, keep=keep)
    assert kept.keys() == {"vmm01", *NAMES}
    assert kept["hv01"] == first.hosts["hv01"].outcomes
