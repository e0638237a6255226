"""The speed of adapters, and who is in a team, as MSFT_NetAdapter says it."""

from __future__ import annotations

from in_turn import in_turn

from livemigration.facts.adapter_speeds import (
    ADAPTER_SPEEDS,
    TEAM_MEMBERS,
    AdapterSpeed,
    TeamMember,
)
from livemigration.facts.cim import WmiRow

GUID = "6D1E3F5A-0000-4000-8000-000000000001"


@in_turn(
    "sent, expected",
    [(10**10, 10**10), (0, None), (None, None), (2**64 - 1, None), (2**63, None)],
)
def test_a_speed_may_be_unknown(sent: int | None, expected: int | None) -> None:
    row = {
        "InterfaceGuid": f"{{{GUID.lower()}}}",
        "Name": "Migration",
        "ReceiveLinkSpeed": sent,
        "TransmitLinkSpeed": sent,
        "Virtual": False,
    }
    found = ADAPTER_SPEEDS.value_of([WmiRow("MSFT_NetAdapter", row)])
    assert found == (AdapterSpeed("Migration", expected, expected, False, GUID),)


def test_no_host_is_without_an_adapter_and_many_are_without_a_team() -> None:
    assert ADAPTER_SPEEDS.lack(()) == "the host sent no network adapter, and every host has one"
    assert TEAM_MEMBERS.value_of([]) == ()
    row = WmiRow("MSFT_NetLbfoTeamMember", {"Name": "Ethernet 2", "Team": "Migration"})
    assert TEAM_MEMBERS.value_of([row]) == (TeamMember("Ethernet 2", "Migration"),)
