"""What the lab has on record of its hosts, and what the stub stands in for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from in_turn import in_turn
from powershell_gates import called

from livemigration.gather.record import record_of
from livemigration.lab.fleet import Fleet
from livemigration.lab.records import recorded, server
from livemigration.lab.world import World
from livemigration.vmm.scripts import RATE_HOST, SCRIPTS, HostReply

HERE = Path(__file__).parent

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


@in_turn(
    "record, expected",
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
