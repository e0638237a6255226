"""VMM's objects become facts: names of enums whatever their form, and never a guess."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
from in_turn import in_turn

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.vmm import VMM_RECORD, VMM_RELEASE, VmmHostSettings, VmmRecord, VmmRelease
from livemigration.gather.connect import Target
from livemigration.gather.record import HostRecords, record_of, release_facts
from livemigration.gather.vmm import VmmView, gather_vmm
from livemigration.vmm.properties import (
    AgentReply,
    HealthMonitorReply,
    HostStateReply,
    ServerReply,
)
from livemigration.vmm.scripts import (
    READ_VMM,
    HostReply,
    ReadVmmReply,
    ReleaseReply,
    ResolveReply,
)
from livemigration.wsman.session import Identity, WsmanSession
from livemigration.wsman.traffic import Counted

HOST = HostReply("hv01", "hv01.contoso.com", None, False)


def of(**state: Any) -> VmmRecord:
    return record_of(replace(HOST, state=HostStateReply(**state)), "hv01")


@pytest.mark.parametrize("text", ["Responding", "0"])
def test_a_host_that_responds_is_so_by_name_and_by_number(text: str) -> None:
    assert of(CommunicationState=text).communication_state == "Responding"


@pytest.mark.parametrize("text", ["NotResponding", "Not Responding", "1"])
def test_a_host_that_does_not_respond_is_never_taken_for_one_that_does(text: str) -> None:
    assert of(CommunicationState=text).communication_state == "NotResponding"


@in_turn(
    "text, state",
    [
        ("OK", "OK"),
        ("0", "OK"),
        ("NeedsAttention", "NeedsAttention"),
        ("Needs Attention", "NeedsAttention"),
        ("2", "NeedsAttention"),
        ("7", "7"),
        ("", None),
        (None, None),
    ],
)
def test_the_overall_state_has_one_name(text: str | None, state: str | None) -> None:
    assert of(OverallState=text).overall_state == state


@in_turn(
    "authentication, performance, expected",
    [
        ("CredSSP", "Standard", ("CredSSP", "Standard")),
        ("0", "1", ("CredSSP", "UseCompression")),
        ("1", "2", ("Kerberos", "UseSmbTransport")),
        (None, None, (None, None)),
    ],
)
def test_settings_have_names_where_vmm_gave_numbers(
    authentication: str | None, performance: str | None, expected: tuple[str | None, str | None]
) -> None:
    settings = VmmHostSettings(authentication=authentication, performance=performance)
    found = record_of(replace(HOST, settings=settings), "hv01").settings
    assert (found.authentication, found.performance) == expected


def test_health_names_what_is_wrong_and_nothing_else() -> None:
    monitors = (
        HealthMonitorReply("Overall", "Healthy", "Success (0)"),
        HealthMonitorReply("Network", "Critical", "HMComputerUnreachableByPing (20503); 0"),
        HealthMonitorReply("WinRM", "Unknown", None),
        HealthMonitorReply("Host Agent Service", None, "Success (0)"),
    )
    assert of(HealthMonitors=monitors).health == (
        "Network: Critical, HMComputerUnreachableByPing (20503); 0",
        "WinRM: Unknown",
    )


@in_turn(
    "state, pending",
    [
        ({"Agent": AgentReply("3.2.8117.0", "UpgradeAvailable")}, True),
        ({"Agent": AgentReply("3.2.8117.0", "Upgrade Available")}, True),
        ({"Agent": AgentReply("3.2.8145.0", "UpToDate")}, False),
        ({"Agent": AgentReply("3.2.8145.0", "Up-to-date")}, False),
        ({"Agent": AgentReply(None, None)}, None),
        (
            {
                "HealthMonitors": (
                    HealthMonitorReply(
                        "Host Agent Version", "Warning", "HMAgentVersionUpgradeAvailable (20510)"
                    ),
                )
            },
            True,
        ),
        ({}, None),
    ],
)
def test_an_agent_that_is_older_than_the_server_is_told(
    state: dict[str, Any], pending: bool | None
) -> None:
    assert of(**state).pending_agent_update is pending


@in_turn(
    "truths, managed",
    [(None, None), ((), None), ((False, False), False), ((False, True), True), ((True,), True)],
)
def test_rows_that_a_cluster_wrote_are_told_from_a_users(
    truths: tuple[bool, ...] | None, managed: bool | None
) -> None:
    assert of(MigrationSubnetUserManaged=truths).subnets_user_managed is managed


def test_a_port_that_is_none_is_not_stated() -> None:
    assert [of(SslTcpPort=port).ssl_port for port in (5985, 0, 70000, None)] == [
        5985,
        None,
        None,
        None,
    ]


@in_turn(
    "server, role",
    [
        (ServerReply(UserRole="Administrator", Profile="1"), "Administrator"),
        (ServerReply(UserRole="Night shift", Profile="ReadOnlyAdmin"), "ReadOnlyAdmin"),
        # A profile whose number nobody has seen is no name; the role's own is.
        (ServerReply(UserRole="Night shift", Profile="5"), "Night shift"),
        (ServerReply(UserRole="Administrator"), "Administrator"),
        (None, None),
    ],
)
def test_the_accounts_role_is_what_it_may_see(server: ServerReply | None, role: str | None) -> None:
    reply = ReadVmmReply(ReleaseReply(None, "3.2.8145.0"), (), None, server)
    assert release_facts(reply).account_role == role


def test_the_server_says_where_it_runs_as_whom_and_for_which_hosts() -> None:
    server = ServerReply(True, "vmm02.contoso.com", "CONTOSO\\svc-vmm", "CONTOSO\\check")
    hosts = (HOST, HostReply("DMZ01", None, None, True), HostReply(None, None, None, None))
    release = ReleaseReply("3.2.1", "3.2.2", "vmm02.contoso.com")
    reply = ReadVmmReply(release, hosts, None, server)
    assert release_facts(reply) == VmmRelease(
        "3.2.1",
        "3.2.2",
        is_highly_available=True,
        active_node="vmm02.contoso.com",
        service_account="CONTOSO\\svc-vmm",
        account="CONTOSO\\check",
        managed_hosts=("hv01.contoso.com", "DMZ01"),
        answered_by="vmm02.contoso.com",
    )


class Session:
    """A VMM server that lists these records."""

    def __init__(self, hosts: tuple[HostReply, ...]) -> None:
        self._hosts = hosts

    def close(self) -> None:
        """Have nothing to close."""

    def counted(self) -> Counted:
        return Counted()

    def heard(self) -> None:
        return None

    def identify(self) -> Identity:
        return Identity("Vendor", "1.0", "wsman")

    def run_script(self, script: Any, request: Any) -> object:
        if script is READ_VMM:
            assert request.milliseconds > 0
            return ReadVmmReply(ReleaseReply(None, "3.2.8145.0"), self._hosts, None)
        return ResolveReply(())


def seen(*hosts: HostReply) -> VmmView:
    view = VmmView()
    gather_vmm(
        Target("vmm01", "vmm01", 5985),
        {"hv01": "", "hv02": ""},
        connect=lambda *_: cast("WsmanSession", Session(hosts)),
        milliseconds=100,
        deadline=Deadline.after(20),
        into=view,
    )
    return view


def test_a_record_that_cannot_be_read_is_not_one_without_settings() -> None:
    other = HostReply("hv02", "hv02", None, None)
    view = seen(HostReply("hv01", "hv01", None, None, error="The server is busy."), other)
    unread = view.hosts["hv01"][VMM_RECORD.name]
    assert isinstance(unread, NotGathered)
    assert unread.failure.kind is FailureKind.SCRIPT
    assert unread.failure.came_back == "The server is busy."
    assert isinstance(view.hosts["hv02"][VMM_RECORD.name], Gathered)
    release = view.own[VMM_RELEASE.name]
    assert isinstance(release, Gathered)
    assert release.value.managed_hosts == ("hv01", "hv02")


def test_a_host_behind_a_record_without_a_name_is_not_called_unknown_to_vmm() -> None:
    other = HostReply("hv02", "hv02", None, None)
    view = seen(HostReply(None, None, None, None, error=""), other)
    assert isinstance(view.hosts["hv01"][VMM_RECORD.name], NotGathered)
    assert isinstance(view.hosts["hv02"][VMM_RECORD.name], Gathered)
    missing = seen(other).hosts["hv01"][VMM_RECORD.name]
    assert isinstance(missing, Gathered)
    assert missing.value == VmmRecord(known=False, name="hv01")


def test_records_are_found_alike_whatever_their_order() -> None:
    bare, full = (
        HostReply("hv01", None, None, None),
        HostReply("HV01.contoso.com", None, None, None),
    )
    for listed in ((bare, full), (full, bare)):
        assert HostRecords(listed).find("hv01.contoso.com") is full
        assert HostRecords(listed).find("hv01") is bare
        assert HostRecords(listed).find("hv01.fabrikam.com") is bare
        assert HostRecords(listed[1:]).find("hv02") is None
