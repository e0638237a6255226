"""How fast a host's adapters are, and which of them are teamed (windows-facts-2.md 14.2).

An adapter of the host on a virtual switch states a speed of its own making, 10 Gbit/s as a rule:
the adapters below it have the true one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import STANDARD_CIM, WINDOWS_SERVER_2012, at_least_one

# Where a number of 64 bits has its highest one, it stands for "not known".
_NOT_KNOWN = 1 << 63


@dataclass(frozen=True)
class AdapterSpeed:
    """MSFT_NetAdapter: the link of an adapter, in bit/s each way.

    `interface` is its alias. `virtual`: it is one of the host on a virtual switch, or a team.
    `identifier` is its GUID in upper case, without braces, by which a virtual switch names it.
    None: the adapter states no speed, as one without a cable.
    """

    interface: str
    transmit: int | None
    receive: int | None
    virtual: bool | None = None
    identifier: str = ""


def _speeds(rows: Sequence[WmiRow]) -> tuple[AdapterSpeed, ...]:
    return tuple(
        AdapterSpeed(
            row.text_or_none("Name") or "",
            _speed(row, "TransmitLinkSpeed"),
            _speed(row, "ReceiveLinkSpeed"),
            row.boolean_or_none("Virtual"),
            (row.text_or_none("InterfaceGuid") or "").strip("{} ").upper(),
        )
        for row in rows
    )


def _speed(row: WmiRow, name: str) -> int | None:
    number = row.integer_or_none(name)
    return number if number and number < _NOT_KNOWN else None


ADAPTER_SPEEDS = WmiGroup(
    "adapter-speeds",
    "the speed of the adapters",
    Subject.HOST,
    Vantage.HOST,
    tuple[AdapterSpeed, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetAdapter",
            (
                WmiProperty("InterfaceGuid", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("ReceiveLinkSpeed", CimType.UINT64),
                WmiProperty("TransmitLinkSpeed", CimType.UINT64),
                WmiProperty("Virtual", CimType.BOOLEAN),
            ),
        )
    ),
    parse=_speeds,
    minimum_build=WINDOWS_SERVER_2012,
    lack=at_least_one("network adapter"),
)


@dataclass(frozen=True)
class TeamMember:
    """MSFT_NetLbfoTeamMember: an adapter, by its alias, in a team of Windows' own."""

    interface: str
    team: str


def _members(rows: Sequence[WmiRow]) -> tuple[TeamMember, ...]:
    return tuple(
        TeamMember(row.text_or_none("Name") or "", row.text_or_none("Team") or "") for row in rows
    )


_NO_MEMBERS: tuple[TeamMember, ...] = ()

TEAM_MEMBERS = WmiGroup(
    "team-members",
    "the adapters in teams",
    Subject.HOST,
    Vantage.HOST,
    tuple[TeamMember, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetLbfoTeamMember",
            (WmiProperty("Name", CimType.STRING), WmiProperty("Team", CimType.STRING)),
        )
    ),
    parse=_members,
    may_be_empty="no adapter is in a team",
    when_absent=_NO_MEMBERS,
    minimum_build=WINDOWS_SERVER_2012,
)
