"""The firewall's active store is read where an inventory wants it, and the local one else."""

from __future__ import annotations

from typing import Any

import pytest
import wsman_replies as soap
from asked_host import Asked, healthy
from in_turn import in_turn
from narrow_host import GROUPS
from ntlm_server import action, message_id
from windows_host import SERVER_2022, answering

from livemigration.facts.firewall import FIREWALL_PROFILES, FIREWALL_RULES
from livemigration.facts.firewall_filters import FIREWALL_PORTS
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, Gathered
from livemigration.gather.properties import INVALID_QUERY, AbsentProperties
from livemigration.gather.stores import Stores, Within, as_it_is
from livemigration.inventory.connection import Connection
from livemigration.wsman.errors import WsmanError, WsmanFault

ACTIVE = Connection(policy_store="active")
HEALTHY = answering(SERVER_2022)
OPTION = b'<w:Option Name="PolicyStore">ActiveStore</w:Option>'
CLASSES = {FIREWALL_PROFILES.source, *(each.source for each in GROUPS)}
REFUSED = WsmanFault(FailureKind.FAULT, "no", code=2150858843, subcode="InvalidOptions")
BUILD = 20348


def asked_for(asked: Asked) -> dict[str, bool]:
    """Return which classes were asked for, and whether in the active store."""
    return {
        each.partition(b" FROM ")[2].split()[0].partition(b"<")[0].decode(): OPTION in each
        for each in asked.requests
        if action(each) == "Enumerate"
    }


def test_nothing_is_asked_of_another_store_by_default() -> None:
    asked = healthy()
    assert not any(asked_for(asked).values())
    assert asked.value(HOST_ACCESS).active_store is None


def test_of_the_firewall_alone_the_active_store_is_asked_for() -> None:
    asked = Asked(connection=ACTIVE)
    told = asked_for(asked)
    assert {name for name, active in told.items() if active} == CLASSES
    assert asked.value(HOST_ACCESS).active_store is True
    assert asked.value(HOST_ACCESS).unfiltered == ()
    assert isinstance(asked.outcomes[FIREWALL_RULES.name], Gathered)


def test_a_host_that_refuses_the_option_is_asked_without_it() -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        if OPTION in request:
            return 500, soap.envelope(soap.fault(2150858843), message_id(request))
        return HEALTHY(request)

    asked, plain = Asked(answer=answer, connection=ACTIVE), healthy()
    for group in (FIREWALL_PROFILES, *GROUPS):
        assert asked.value(group) == plain.value(group)
    assert asked.value(HOST_ACCESS).active_store is False
    assert asked.value(HOST_ACCESS).unfiltered == ()
    # It is asked so once.
    assert sum(OPTION in each for each in asked.requests) == 1


def test_a_host_that_refuses_it_for_rules_alone_is_asked_for_the_rest_without() -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        if OPTION in request and b"MSFT_NetFirewallRule" in request:
            return 500, soap.envelope(soap.fault(2150858843), message_id(request))
        return HEALTHY(request)

    asked = Asked(answer=answer, connection=ACTIVE)
    assert asked.value(FIREWALL_RULES) == healthy().value(FIREWALL_RULES)
    assert isinstance(asked.outcomes[FIREWALL_PORTS.name], Gathered)
    assert asked.value(HOST_ACCESS).active_store is False


class Provider:
    """Answers, or refuses the option; `asked` are the readings."""

    def __init__(self, refusal: WsmanError | None) -> None:
        self.refusal = refusal
        self.asked: list[str] = []

    def __call__(self, within: Within) -> Any:
        active = within is not as_it_is
        self.asked.append("active" if active else "local")
        if active and self.refusal is not None:
            raise self.refusal.again()
        return "rows"


@pytest.mark.parametrize("code", [REFUSED.code, *INVALID_QUERY])
def test_a_build_that_refuses_it_is_asked_once(code: int) -> None:
    run = AbsentProperties()
    refusal = WsmanFault(FailureKind.FAULT, "no", code=code)
    readings = []
    for build in (BUILD, BUILD, 26100, None, None):
        provider, stores = Provider(refusal), Stores()
        assert stores.read(provider, run, build) == "rows"
        assert stores.read(provider, run, build) == "rows"
        assert stores.active is False
        readings.append(provider.asked)
    first, known = ["active", "local", "local"], ["local", "local"]
    assert readings == [first, known, first, first, first]


@in_turn(
    "failure",
    [
        WsmanError(FailureKind.TIMED_OUT, "late"),
        WsmanFault(FailureKind.ACCESS_DENIED, "no", code=5),
        WsmanFault(FailureKind.FAULT, "no class", code=0x80041010),
        WsmanFault(FailureKind.FAULT, "too much is open", code=2150859174),
    ],
)
def test_what_says_nothing_of_the_option_is_told_as_it_is(failure: WsmanError) -> None:
    run, provider, stores = AbsentProperties(), Provider(failure), Stores()
    with pytest.raises(type(failure)):
        stores.read(provider, run, BUILD)
    assert provider.asked == ["active"]
    assert stores.active is None
    assert not run.refuses(BUILD, "PolicyStore")
