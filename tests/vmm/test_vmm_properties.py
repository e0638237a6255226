"""Property names, enums and units: those of the objects that a real VMM gave."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from powershell_gates import called

from livemigration.gather.record import record_of, release_facts
from livemigration.lab.fleet import Fleet
from livemigration.lab.records import recorded, server
from livemigration.lab.world import World
from livemigration.vmm.properties import HostStateReply, ServerReply
from livemigration.vmm.scripts import (
    RATE_HOST,
    READ_VMM,
    SCRIPTS,
    HostReply,
    ReadVmmReply,
    ReleaseReply,
    SettingsReply,
)

HERE = Path(__file__).parent
OBJECTS = HERE.parents[2] / "shared" / "captures" / "vmm" / "vmm-2012r2-objects.json"
STUB = json.loads((HERE / "stub" / "vmm.json").read_text(encoding="utf-8"))

# The full name's other name is in the objects; their copy in JSON left it out.
ALIASES = {"FQDN"}
# Of objects that the copy holds as texts only.
OF_PARTS = {"AgentVersion", "VersionState", "VersionStateString", "State", "StateString"} | {
    "LastKnownError",
    "UserRoleProfile",
}


@pytest.fixture(scope="module")
def real() -> Any:
    if not OBJECTS.is_file():
        pytest.skip("the captured objects of a real VMM are not beside the repository")
    return json.loads(OBJECTS.read_text(encoding="utf-8"))


def read_names(text: str) -> set[str]:
    """Return the property names that a script asks for."""
    asked = re.findall(r"Get-(?:Value|Texts?|Truth|Count) \$\w+ (?:@\(([^)]*)\)|('[^']*'))", text)
    tested = re.findall(r"PSObject\.Properties\[('[A-Z][^']*')\]", text)
    return {
        name
        for each in (*(a or b for a, b in asked), *tested)
        for name in re.findall(r"'([^']*)'", each)
    }


def test_read_vmm_asks_for_properties_that_vmm_has(real: Any) -> None:
    names = read_names(READ_VMM.text)
    assert {"CommunicationState", "SslTcpPort", "MigrationSubnetUserManaged"} <= names
    node = set().union(*real["nodes"]) | set(real["server"])
    assert names - node - ALIASES - OF_PARTS == set()


@pytest.mark.parametrize("number", [0, 1])
def test_the_stub_and_the_reply_have_no_property_that_vmm_has_not(real: Any, number: int) -> None:
    node, own = set(real["nodes"][number]), set(real["server"])
    assert {each.name for each in fields(HostStateReply)} <= node
    assert {each.name for each in fields(ServerReply)} <= own
    assert set(STUB["hosts"][0]) <= node
    assert set(STUB["server"]) <= own
    for name, value in STUB["hosts"][0].items():
        captured = real["nodes"][number][name]
        if isinstance(value, (int, bool)):
            assert type(value) is type(captured), name


def test_the_objects_of_a_real_vmm_become_facts(real: Any) -> None:
    node = real["nodes"][0]
    reply = HostReply(
        node["Name"],
        node["FullyQualifiedDomainName"],
        node["HostCluster"],
        node["PerimeterNetworkHost"],
        SettingsReply(
            authentication=str(node["MigrationAuthProtocol"]),
            performance=str(node["MigrationPerformanceOption"]),
            subnets=tuple(node["MigrationSubnet"].split()),
        ),
        HostStateReply(
            CommunicationState=str(node["CommunicationState"]),
            OverallState=str(node["OverallState"]),
            MaintenanceHost=node["MaintenanceHost"],
            NonTrustedDomainHost=node["NonTrustedDomainHost"],
            SslTcpPort=node["SslTcpPort"],
            MigrationSubnetUserManaged=tuple(
                each == "True" for each in node["MigrationSubnetUserManaged"].split()
            ),
        ),
    )
    record = record_of(reply, "x")
    assert record.communication_state == node["CommunicationStateString"]
    assert record.overall_state == node["OverallStateString"]
    assert (record.ssl_port, record.subnets_user_managed) == (5985, False)
    assert record.settings.authentication == "CredSSP"
    assert record.settings.performance == "UseCompression"
    own = real["server"]
    said = ServerReply(
        IsHighlyAvailable=own["IsHighlyAvailable"],
        ActiveVMMNode=own["ActiveVMMNode"],
        VMMServiceAccount=own["VMMServiceAccount"],
        ConnectedUserName=own["ConnectedUserName"],
        UserRole=own["UserRole"],
        Profile=str(own["Profile"]),
    )
    facts = release_facts(ReadVmmReply(ReleaseReply(None, own["ProductVersion"]), (), None, said))
    assert (facts.is_highly_available, facts.account_role) == (False, "Administrator")
    assert facts.account == facts.service_account, "this lab ran VMM as its administrator"


FLEET: dict[str, Any] = {
    "name": "test",
    "title": "records",
    "domain": "contoso.com",
    "networks": {"management": {"subnet": "1.0/24"}, "migration": {"subnet": "50.0/24"}},
    "system": {"build": 20348, "version": "10.0.20348", "caption": "Server 2022"},
    "vmm": {"name": "vmm.contoso.com", "address": "1.5", "server": "10.22.1287.0"},
}


def lab_record(**host: Any) -> HostReply:
    one = {
        "name": "hv01.contoso.com",
        "shows": "one",
        "addresses": {"management": "1.11", "migration": "50.11"},
        **host,
    }
    fleet = Fleet.model_validate({**FLEET, "hosts": [one]})
    (found,) = recorded(World(fleet, 20))
    return found


def test_the_labs_records_use_the_names_and_ports_of_vmm() -> None:
    state = lab_record().state
    assert (state.CommunicationState, state.OverallState) == ("Responding", "OK")
    assert (state.SslTcpPort, state.NonTrustedDomainHost) == (5985, False)
    assert record_of(lab_record(), "x").health == ()
    assert lab_record(record={"perimeter": True}).state.SslTcpPort == 5986
    assert lab_record(record={"non_trusted_domain": True}).state.SslTcpPort == 5986


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"communication": "NotResponding"},
            {
                "communication_state": "NotResponding",
                "overall_state": "NeedsAttention",
                "health": (
                    "Overall: Critical",
                    "Network: Critical, HMComputerUnreachableByPing (20503); 0",
                ),
            },
        ),
        (
            {"agent_update": True},
            {
                "communication_state": "Responding",
                "overall_state": "NeedsAttention",
                "pending_agent_update": True,
            },
        ),
        ({"maintenance": True}, {"maintenance": True, "overall_state": "OK"}),
        ({"non_trusted_domain": True}, {"non_trusted_domain": True, "ssl_port": 5986}),
    ],
)
def test_a_lab_host_is_on_record_as_the_fleet_says(
    record: dict[str, Any], expected: dict[str, object]
) -> None:
    found = record_of(lab_record(record=record), "x")
    assert {name: getattr(found, name) for name in expected} == expected


def test_rows_that_a_cluster_wrote_are_the_nodes_own_addresses_on_record() -> None:
    rows = {"networks": ["migration"], "tags": ["Cluster"]}
    found = record_of(lab_record(**rows), "x")
    assert found.settings.subnets == ("127.20.1.11/32", "127.20.50.11/32")
    assert (found.settings.any_subnet, found.subnets_user_managed) == (False, False)
    named = record_of(lab_record(networks=["migration"]), "x")
    assert (named.settings.subnets, named.subnets_user_managed) == (("127.20.50.0/24",), True)
    anywhere = record_of(lab_record(), "x")
    assert (anywhere.settings.subnets, anywhere.subnets_user_managed) == ((), None)


def test_the_lab_says_of_vmm_itself_what_vmm_says() -> None:
    fleet = Fleet.model_validate({**FLEET, "hosts": []})
    own = server(World(fleet, 20))
    assert (own.IsHighlyAvailable, own.ActiveVMMNode) == (False, None)
    assert own.UserRole == own.Profile == "Administrator"
    assert own.VMMServiceAccount != own.ConnectedUserName


def test_the_stub_has_every_cmdlet_that_a_script_needs_and_windows_alone_has() -> None:
    provided = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(HERE.glob("stub/*/*.psm1"))
    )
    needed = {each for script in SCRIPTS for each in called(script.text)}
    for name in (each for each in needed if each == "Test-WSMan" or each.startswith("Get-SC")):
        assert f"function {name} {{" in provided
        assert re.search(rf"'{name}'", provided), f"{name} is exported"
    assert "Get-SCVMHostRating" in called(RATE_HOST.text)
