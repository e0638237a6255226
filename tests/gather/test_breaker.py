"""A VMM server that is silent or refuses again and again is asked nothing more."""

from __future__ import annotations

from typing import Any, cast

import pytest
from test_batches import VMM, Server, address_of, resolved

from livemigration.base.addresses import parse_address
from livemigration.base.deadline import Deadline
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.model import FailureKind, Gathered, NotGathered, Vantage
from livemigration.facts.vmm import (
    VMM_ACCESS,
    VMM_PROBES,
    VMM_RATING,
    VMM_RELEASE,
    VMM_RESOLUTION,
    VMM_WSMAN_TEST,
    VmmResolution,
)
from livemigration.gather.breaker import FAILURES_AT_MOST, Breaker
from livemigration.gather.connect import Connector, Target
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.probing import plan_probes, probe_from_vmm
from livemigration.gather.rating import rate_hosts
from livemigration.gather.vmm import VmmView
from livemigration.vmm.scripts import PROBE, RATE_HOST, RESOLVE_NAMES
from livemigration.wsman.errors import WsmanError, timed_out, unusable
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

HOSTS = 30


def silence() -> WsmanError:
    error = timed_out("the answer did not come in time")
    error.silent = True
    return error


QUOTA = WsmanError(FailureKind.FAULT, "QUOTA_MAX_SHELLS", code=0x803381A5)
HTTP_503 = unusable("HTTP 503", code=503)
REFUSED = WsmanError(FailureKind.REFUSED, "the connection was refused", code=10061)


class Failing(Server):
    """A VMM server that fails each script from one of these names on."""

    def __init__(self, error: WsmanError, *names: str) -> None:
        super().__init__(HOSTS)
        self.dead = set()
        self._error, self._names = error, names
        self.asked: list[str] = []

    def _answer(self, script: Any, request: Any) -> object:
        self.asked.append(script.name)
        if script.name in self._names:
            raise self._error
        return super()._answer(script, request)


def probed(server: Failing) -> VmmView:
    """Return what a server says that is probed and asked to rate through one breaker."""
    connect = cast("Connector", Breaker(cast("Connector", server.connect)).connect)
    view = VmmView()
    for number, name in enumerate(server.names):
        found = VmmResolution(name, (parse_address(address_of(number)),))
        view.hosts[name] = {VMM_RESOLUTION.name: Gathered(found, Vantage.VMM)}
    plans = [
        plan
        for name in server.names
        if (plan := plan_probes(Target(name, name, 5985), (), view.hosts[name])) is not None
    ]
    options: Any = {"connect": connect, "deadline": Deadline.after(60), "into": view}
    probe_from_vmm(VMM, plans, **options)
    rate_hosts(VMM, {name: name for name in server.names}, "vm", **options)
    return view


def reasons(view: VmmView) -> set[tuple[FailureKind, str]]:
    return {
        (each.failure.kind, each.failure.came_back)
        for own in view.hosts.values()
        for each in own.values()
        if isinstance(each, NotGathered)
    }


@pytest.mark.parametrize(
    ("error", "most"),
    [(silence(), 1), (REFUSED, FAILURES_AT_MOST), (HTTP_503, FAILURES_AT_MOST)],
    ids=["silent", "refused", "HTTP 503"],
)
def test_a_server_that_fails_in_one_stage_is_not_hammered_in_the_next(
    error: WsmanError, most: int
) -> None:
    server = Failing(error, PROBE.name, RATE_HOST.name)
    view = probed(server)
    assert len(server.asked) <= most
    assert reasons(view) == {(error.kind, error.came_back)}
    for own in view.hosts.values():
        for group in (VMM_PROBES, VMM_WSMAN_TEST, VMM_RATING):
            assert isinstance(own[group.name], NotGathered)


def test_what_one_script_says_of_itself_ends_no_other() -> None:
    slow = WsmanError(FailureKind.DEADLINE, "the time limit for this machine passed")
    for error in (slow, WsmanError(FailureKind.SCRIPT, "it ended with code 3")):
        server = Failing(error, RATE_HOST.name)
        probed(server)
        assert server.asked.count(RATE_HOST.name) == HOSTS


def test_a_server_that_answers_in_between_is_asked_on() -> None:
    breaker = Breaker(cast("Connector", Server(1).connect))
    for _ in range(5):
        breaker.failed(REFUSED)
        breaker.failed(REFUSED)
        breaker.answered()
        breaker.connect(VMM, Deadline.after(1))
    for _ in range(FAILURES_AT_MOST):
        breaker.connect(VMM, Deadline.after(1))
        breaker.failed(REFUSED)
    with pytest.raises(WsmanError) as caught:
        breaker.connect(VMM, Deadline.after(1))
    assert (caught.value.kind, caught.value.code) == (FailureKind.REFUSED, 10061)


def test_a_password_that_a_server_no_longer_takes_is_tried_on_it_no_more() -> None:
    refused = WsmanError(FailureKind.AUTHENTICATION, "the host refused the credentials", code=401)
    server = Failing(refused, RATE_HOST.name)
    probed(server)
    assert server.asked.count(RATE_HOST.name) == 1


def test_names_that_are_not_resolved_by_a_silent_server_are_asked_for_once() -> None:
    server = Failing(silence(), RESOLVE_NAMES.name)
    view = resolved(server)
    assert server.asked.count(RESOLVE_NAMES.name) == 1
    assert {type(own[VMM_RESOLUTION.name]) for own in view.hosts.values()} == {NotGathered}


class Silent:
    """A machine that takes a connection and says nothing; or a healthy one."""

    ended = False

    def __init__(self, tried: list[str], name: str, silent: bool) -> None:
        self._tried, self._name, self._silent = tried, name, silent

    def counted(self) -> Counted:
        return Counted()

    def heard(self) -> None:
        return None

    def identify(self) -> Identity:
        self._tried.append(self._name)
        if self._silent:
            raise silence()
        return Identity("Vendor", "1.0", "wsman")

    def enumerate(self, _query: object) -> tuple[object, ...]:
        return ()

    def close(self) -> None:
        """Have nothing to close."""


@pytest.mark.parametrize("silent", ["vmm01", "hv01"])
def test_a_machine_that_was_silent_when_the_password_was_tried_costs_its_limit_once(
    silent: str,
) -> None:
    tried: list[str] = []

    def connect(target: Target, _: Deadline) -> WsmanSession:
        return cast("WsmanSession", Silent(tried, target.name, target.name == silent))

    hosts = {name: Target(name, name, 5985) for name in ("hv01", "hv02", "hv03")}
    fleet = FleetConnections((VMM,), hosts, connect, 30, 8, {})
    order = Order.of(dict.fromkeys(hosts, (SERVICES, VMM_RESOLUTION)), vmm=True)
    facts = gather(fleet, order, lambda *_: None)
    assert tried.count(silent) == 1
    if silent == "vmm01":
        for group in (VMM_ACCESS, VMM_RELEASE):
            outcome = facts.vmm.outcome(cast("Any", group))
            assert isinstance(outcome, NotGathered)
            assert (outcome.failure.kind, outcome.failure.root) == (
                FailureKind.TIMED_OUT,
                "LM001",
            )
        assert isinstance(facts.hosts["hv01"].outcome(HOST_ACCESS), Gathered)
    else:
        assert isinstance(facts.hosts["hv01"].outcome(HOST_ACCESS), NotGathered)
        assert isinstance(facts.hosts["hv02"].outcome(HOST_ACCESS), Gathered)
