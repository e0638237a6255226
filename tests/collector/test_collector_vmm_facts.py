"""Redaction keeps of VMM's objects what verdicts need, and no name, account or role."""

from __future__ import annotations

import json
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.base import codec
from livemigration.collector.redact import redact
from livemigration.facts.vmm import VmmRecord, VmmRelease
from livemigration.gather.record import record_of, release_facts
from livemigration.vmm.properties import (
    AgentReply,
    HealthMonitorReply,
    HostStateReply,
    ServerReply,
)
from livemigration.vmm.scripts import HostReply, ReadVmmReply, ReleaseReply

STATE = HostStateReply(
    CommunicationState="NotResponding",
    OverallState="2",
    HealthMonitors=(
        HealthMonitorReply("Network", "Critical", "HMComputerUnreachableByPing (20503); 0"),
        HealthMonitorReply("Host Agent Version", "Warning", "Asked by CONTOSO\\eve"),
    ),
    MaintenanceHost=True,
    NonTrustedDomainHost=False,
    SslTcpPort=5985,
    MigrationSubnetUserManaged=(False, False),
    Agent=AgentReply("10.22.1287.0", "UpgradeAvailable"),
)
ACCOUNT = "CONTOSO\\svc-vmm"


HOST = HostReply("hv01", "hv01.contoso.com", None, False, state=STATE)


def reply(account: str = ACCOUNT, role: str = "Administrator", kind: str = "1") -> ReadVmmReply:
    return ReadVmmReply(
        ReleaseReply("10.22.1287.0", "10.22.1287.0"),
        (HOST,),
        None,
        ServerReply(True, "vmm02.contoso.com", ACCOUNT, account, role, kind),
    )


def hidden(value: Any) -> Any:
    return codec.from_json(type(value), redact(codec.to_json(value), b"key"))


@pytest.mark.parametrize("value", [reply(), record_of(HOST, "x"), release_facts(reply())])
def test_no_name_no_account_and_no_text_of_a_person_is_left(value: Any) -> None:
    text = json.dumps(redact(codec.to_json(value), b"key")).casefold()
    for part in ("contoso", "hv01", "vmm02", "svc-vmm", "eve"):
        assert part not in text


def test_a_redacted_reply_says_the_same_of_a_host() -> None:
    def told(record: VmmRecord) -> Any:
        return (
            record.communication_state,
            record.overall_state,
            len(record.health),
            record.maintenance,
            record.non_trusted_domain,
            record.ssl_port,
            record.subnets_user_managed,
            record.pending_agent_update,
        )

    before = record_of(HOST, "x")
    assert told(record_of(hidden(HOST), "x")) == told(before)
    assert told(hidden(before)) == told(before)
    assert hidden(before).health[0] == before.health[0]


@in_turn("account", [ACCOUNT, "CONTOSO\\check"])
@in_turn(
    "role, kind",
    [("Administrator", "1"), ("Night shift", "ReadOnlyAdmin"), ("Night shift", "5")],
)
def test_a_redacted_reply_says_the_same_of_the_account(account: str, role: str, kind: str) -> None:
    before = release_facts(reply(account, role, kind))

    def told(facts: VmmRelease) -> Any:
        return (
            facts.is_highly_available,
            facts.account == facts.service_account,
            facts.account_role == "Administrator",
            len(facts.managed_hosts or ()),
        )

    assert told(release_facts(hidden(reply(account, role, kind)))) == told(before)
    assert told(hidden(before)) == told(before)
