"""A whole gathering: two phases, and what becomes of what nobody answered.

Sessions are stand-ins at the one seam that opens them; tests/wsman shows the real ones.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, Self, cast

import pytest
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiRow
from livemigration.facts.host import DEVICE_GUARD, HOST_ACCESS, OPERATING_SYSTEM, SERVICES
from livemigration.facts.migration import LISTENERS, MIGRATION_SETTINGS
from livemigration.facts.model import FailureKind, Gathered, GatherFailure, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_PROBES, VMM_RECORD, VMM_RELEASE, VMM_RESOLUTION
from livemigration.gather.connect import Access, Target
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.jobs import Progress
from livemigration.inventory.connection import Connection, TimeLimits
from livemigration.vmm.scripts import (
    PROBE,
    READ_VMM,
    RESOLVE_NAMES,
    ConnectionReply,
    HostReply,
    ProbeReply,
    ReadVmmReply,
    ReleaseReply,
    ResolvedName,
    ResolveReply,
)
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

LIMITS = TimeLimits(host=0.3, run=30)
ACCESS = Access(Connection(time_limits=LIMITS))
NAMES = ("hv01", "hv02")
REPLIES: dict[str, object] = {
    READ_VMM.name: ReadVmmReply(
        ReleaseReply("3.1.6011.0", "3.1.6011.0"),
        tuple(HostReply(name, name, None, None) for name in NAMES),
        None,
    ),
    RESOLVE_NAMES.name: ResolveReply(
        tuple(ResolvedName(name, ("10.0.0.1",), None) for name in NAMES)
    ),
    PROBE.name: ProbeReply(
        tuple(ConnectionReply("10.0.0.1", port, 0, 1) for port in (443, 445, 5985, 6600)), ()
    ),
}


EVERY_HOST_HAS = {
    "Win32_Service": (
        WmiRow(
            "Win32_Service",
            {"Name": "WinRM", "ProcessId": 4, "StartMode": "Auto", "State": "Running"},
        ),
    )
}


class Session:
    """Answers Identify, and everything else with `enumerate_` and `replies`."""

    ended = False

    def __init__(
        self,
        enumerate_: Callable[[str], object] = lambda _: (),
        replies: dict[str, object] = REPLIES,
    ) -> None:
        self._enumerate, self._replies = enumerate_, replies

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def counted(self) -> Counted:
        return Counted()

    def heard(self) -> None:
        return None

    def identify(self) -> Identity:
        return Identity("Vendor", "1.0", "wsman")

    def enumerate(self, query: Any) -> object:
        name = query.wmi_class.name
        return self._enumerate(name) or EVERY_HOST_HAS.get(name, ())

    def run_script(self, script: Any, _: object) -> object:
        reply = self._replies[script.name]
        if isinstance(reply, Exception):
            raise reply
        return reply

    def close(self) -> None:
        """Have nothing to close."""


Open = Callable[[], Session]


def run(
    opens: dict[str, Open], order: Order, watch: Callable[[str, Progress], None] = lambda *_: None
) -> RunFacts:
    def connect(target: Target, _: Deadline) -> WsmanSession:
        return cast("WsmanSession", opens.get(target.name, Session)())

    targets = {name: Target(name, name, 5985, access=ACCESS) for name in NAMES}
    vmms = (Target("vmm01", "vmm01", 5985, access=ACCESS),)
    fleet = FleetConnections(vmms, targets, connect, LIMITS.run, concurrency=8, managers={})
    return gather(fleet, order, watch)


def failure(facts: RunFacts, host: str, group: Any) -> GatherFailure:
    outcome = facts.hosts[host].outcome(group)
    assert isinstance(outcome, NotGathered)
    return outcome.failure


@pytest.fixture
def never() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def only(*groups: Any) -> Order:
    return Order.of(dict.fromkeys(NAMES, groups), vmm=False)


def test_a_host_that_never_answers_is_left_behind_and_the_other_is_not(
    never: threading.Event,
) -> None:
    def wait() -> Session:
        never.wait(60)
        return Session()

    facts = run({"hv01": wait}, only(SERVICES))
    missing = failure(facts, "hv01", SERVICES)
    assert (missing.kind, missing.root) == (FailureKind.DEADLINE, "LM302")
    assert isinstance(facts.hosts["hv02"].outcome(SERVICES), Gathered)


def test_what_an_abandoned_worker_still_finds_changes_no_verdict(never: threading.Event) -> None:
    late = threading.Event()

    def wait(name: str) -> object:
        if name == "Msvm_VirtualSystemMigrationServiceSettingData":
            never.wait(60)
            late.set()
        return ()

    facts = run({"hv01": lambda: Session(wait)}, only(SERVICES, MIGRATION_SETTINGS))
    before = dict(facts.hosts["hv01"].outcomes)
    never.set()
    assert late.wait(60)
    assert facts.hosts["hv01"].outcomes == before
    assert isinstance(facts.hosts["hv01"].outcome(MIGRATION_SETTINGS), NotGathered)


def test_a_defect_of_the_suite_names_its_error_and_nothing_that_a_host_sent() -> None:
    def broken() -> Session:
        raise KeyError("a host said <this>")

    facts = run({"hv01": broken}, only(SERVICES))
    missing = failure(facts, "hv01", SERVICES)
    assert (missing.kind, missing.root) == (FailureKind.PROTOCOL, "LM302")
    assert missing.came_back == "the suite's own code failed: KeyError"


def test_a_refused_question_is_not_the_reason_for_the_ones_after_it(
    never: threading.Event,
) -> None:
    def answer(name: str) -> object:
        if name == "Win32_OperatingSystem":
            raise WsmanError(FailureKind.ACCESS_DENIED, "access denied")
        if name == "Win32_Service":
            never.wait(60)
        return ()

    facts = run({"hv01": lambda: Session(answer)}, only(OPERATING_SYSTEM, SERVICES))
    assert failure(facts, "hv01", OPERATING_SYSTEM).kind is FailureKind.ACCESS_DENIED
    assert failure(facts, "hv01", SERVICES).kind is FailureKind.DEADLINE


def test_a_defect_while_vmm_is_asked_is_not_called_a_time_limit() -> None:
    replies = {**REPLIES, RESOLVE_NAMES.name: TypeError("a defect")}
    opens: dict[str, Open] = {"vmm01": lambda: Session(replies=replies)}
    facts = run(opens, only(VMM_RESOLUTION))
    missing = failure(facts, "hv01", VMM_RESOLUTION)
    assert (missing.kind, missing.came_back) == (
        FailureKind.PROTOCOL,
        "the suite's own code failed: TypeError",
    )


def test_an_answer_of_vmm_that_is_no_address_spoils_only_its_host() -> None:
    names = ResolveReply(
        (ResolvedName("hv01", ("<script>",), None), ResolvedName("hv02", ("10.0.0.2",), None))
    )
    opens: dict[str, Open] = {
        "vmm01": lambda: Session(replies={**REPLIES, RESOLVE_NAMES.name: names})
    }
    facts = run(opens, only(VMM_RESOLUTION))
    assert failure(facts, "hv01", VMM_RESOLUTION).kind is FailureKind.PROTOCOL
    assert isinstance(facts.hosts["hv02"].outcome(VMM_RESOLUTION), Gathered)
    assert isinstance(facts.vmm.outcome(VMM_RELEASE), Gathered)


def test_the_vmm_server_is_asked_for_nothing_that_no_check_needs() -> None:
    def unwanted() -> Session:
        raise AssertionError("VMM was asked")

    phases: list[str] = []
    order = only(SERVICES)
    facts = run({"vmm01": unwanted}, order, lambda phase, _: phases.append(phase))
    assert not order.vmm
    assert dict(facts.vmm.outcomes) == {}
    assert set(phases) == {"Asking hosts"}


def test_probes_follow_once_all_hosts_and_vmm_have_answered() -> None:
    phases: list[str] = []
    order = only(VMM_PROBES)
    facts = run({}, order, lambda phase, _: phases.append(phase))
    assert order.vmm
    assert order.hosts["hv01"] == {VMM_PROBES.name, LISTENERS.name}
    assert list(dict.fromkeys(phases)) == ["Asking hosts and VMM", "Connecting from vmm01"]
    assert isinstance(facts.hosts["hv01"].outcome(VMM_PROBES), Gathered)


def test_only_what_was_ordered_is_on_a_hosts_sheet() -> None:
    facts = run({}, Order.of({"hv01": [DEVICE_GUARD], "hv02": [SERVICES]}, vmm=False))
    assert set(facts.hosts["hv02"].outcomes) == {"host-access", SERVICES.name}
    assert DEVICE_GUARD.name in facts.hosts["hv01"].outcomes


class Refusing(Session):
    """Takes no credentials, and notes that they were tried."""

    def __init__(self, asked: list[str], name: str) -> None:
        super().__init__()
        self._asked, self._name = asked, name

    def identify(self) -> Identity:
        self._asked.append(self._name)
        raise WsmanError(FailureKind.AUTHENTICATION, "the host refused the credentials", code=401)


def refusing(asked: list[str], name: str) -> Open:
    return lambda: Refusing(asked, name)


def test_a_wrong_password_is_tried_on_two_machines_and_on_no_other() -> None:
    asked: list[str] = []
    opens = {name: refusing(asked, name) for name in ("vmm01", *NAMES)}
    facts = run(opens, Order.of(dict.fromkeys(NAMES, (VMM_RELEASE,)), vmm=True))
    assert sorted(asked) == ["hv01", "vmm01"]
    for name in NAMES:
        spared = failure(facts, name, HOST_ACCESS)
        assert spared.kind is FailureKind.SAME_CREDENTIALS
        assert spared.root == "LM001"
        assert "vmm01 and hv01 refused them" in spared.came_back
    access = facts.vmm.outcome(VMM_RELEASE)
    assert isinstance(access, NotGathered)
    assert access.failure.root == "LM001"


def test_one_machine_that_refuses_the_credentials_stops_no_other() -> None:
    asked: list[str] = []
    facts = run({"hv01": refusing(asked, "hv01")}, only(SERVICES))
    assert failure(facts, "hv01", HOST_ACCESS).kind is FailureKind.AUTHENTICATION
    assert isinstance(facts.hosts["hv02"].outcome(HOST_ACCESS), Gathered)


class Breaking(Session):
    """Loses its connection at a script, as often as told."""

    def __init__(self, losses: list[str]) -> None:
        super().__init__()
        self._losses = losses

    def run_script(self, script: Any, request: object) -> object:
        if self._losses and self._losses[0] == script.name:
            self._losses.pop(0)
            raise WsmanError(FailureKind.UNREACHABLE, "the host closed the connection")
        return super().run_script(script, request)


@in_turn("script", [READ_VMM.name, RESOLVE_NAMES.name])
@in_turn("times, gathered", [(1, True), (2, False)])
def test_a_script_that_lost_its_connection_is_run_again_once(
    script: str, times: int, gathered: bool
) -> None:
    losses = [script] * times
    order = Order.of(dict.fromkeys(NAMES, (VMM_RESOLUTION,)), vmm=True)
    facts = run({"vmm01": lambda: Breaking(losses)}, order)
    outcome = facts.hosts["hv01"].outcome(VMM_RESOLUTION)
    assert isinstance(outcome, Gathered) is gathered
    if not gathered:
        assert failure(facts, "hv01", VMM_RESOLUTION).kind is FailureKind.UNREACHABLE


class Named(Session):
    """A VMM server that knows one host and remembers what it was asked to resolve."""

    def __init__(self, name: str, host: str) -> None:
        super().__init__(
            replies={
                READ_VMM.name: ReadVmmReply(
                    ReleaseReply(name, None), (HostReply(host, host, None, None),), None
                ),
                RESOLVE_NAMES.name: ResolveReply((ResolvedName(host, ("10.0.0.1",), None),)),
                PROBE.name: ProbeReply((), ()),
            }
        )


def test_each_vmm_server_is_asked_about_its_own_hosts_only() -> None:
    opened: list[str] = []

    def connect(target: Target, _: Deadline) -> WsmanSession:
        opened.append(target.name)
        return cast("WsmanSession", servers.get(target.name, Session()))

    servers = {"vmm01": Named("3.1", "hv01"), "vmm02": Named("4.0", "hv02")}
    targets = {name: Target(name, name, 5985, access=ACCESS) for name in (*NAMES, *servers)}
    fleet = FleetConnections(
        vmms=(targets["vmm01"], targets["vmm02"]),
        hosts={name: targets[name] for name in NAMES},
        connect=connect,
        seconds=LIMITS.run,
        concurrency=8,
        managers={"hv01": "vmm01", "hv02": "vmm02"},
    )
    facts = gather(fleet, only(VMM_RESOLUTION, VMM_RECORD), lambda *_: None)
    for host, server, release in (("hv01", "vmm01", "3.1"), ("hv02", "vmm02", "4.0")):
        sheet = facts.vmm_of(host)
        outcome = sheet.outcome(VMM_RELEASE)
        assert isinstance(outcome, Gathered)
        assert (sheet.name, outcome.value.registry) == (server, release)
        record = facts.hosts[host].outcome(VMM_RECORD)
        assert isinstance(record, Gathered)
        assert record.value.known
    one = gather(fleet, Order.of({"hv02": (VMM_RESOLUTION,)}, vmm=False), lambda *_: None)
    assert list(one.vmms) == ["vmm02"]


def test_a_vmm_server_that_fails_takes_no_hosts_of_another_with_it() -> None:
    def connect(target: Target, _: Deadline) -> WsmanSession:
        if target.name == "vmm01":
            raise WsmanError(FailureKind.TIMED_OUT, "timed out")
        return cast("WsmanSession", Named("4.0", "hv02") if target.name == "vmm02" else Session())

    vmms = (
        Target("vmm01", "vmm01", 5985, access=ACCESS),
        Target("vmm02", "vmm02", 5985, access=ACCESS),
    )
    hosts = {name: Target(name, name, 5985, access=ACCESS) for name in NAMES}
    managers = {"hv01": "vmm01", "hv02": "vmm02"}
    fleet = FleetConnections(vmms, hosts, connect, LIMITS.run, concurrency=8, managers=managers)
    facts = gather(fleet, only(VMM_RECORD), lambda *_: None)
    assert failure(facts, "hv01", VMM_RECORD).root == "LM001"
    assert isinstance(facts.hosts["hv02"].outcome(VMM_RECORD), Gathered)
