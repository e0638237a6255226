"""The filters of the Windows Firewall: ports, addresses, programs, services of rules, by their ID.

Which of their rows are asked for: `firewall.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from livemigration.base.held_once import MOST_HELD
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import STANDARD_CIM, WINDOWS_SERVER_2012


@dataclass(frozen=True)
class PortFilter:
    """MSFT_NetProtocolPortFilter of one rule: `Any`, numbers, ranges, words as Windows has them.

    `protocol` is `UDP or ICMP` where the host sent no row of the rule and was asked for none of
    these protocols.
    """

    identifier: str
    protocol: str
    local_ports: tuple[str, ...]

    def __hash__(self) -> int:
        # As of a rule.
        return hash(self.identifier)


_port = lru_cache(MOST_HELD)(PortFilter)


def _ports(rows: Sequence[WmiRow]) -> tuple[PortFilter, ...]:
    return tuple(
        _port(row.text("InstanceID"), row.text_or_none("Protocol") or "Any", row.texts("LocalPort"))
        for row in rows
    )


_PORT = WmiClass(
    STANDARD_CIM,
    "MSFT_NetProtocolPortFilter",
    (
        WmiProperty("InstanceID", CimType.STRING),
        WmiProperty("LocalPort", CimType.STRING, array=True),
        WmiProperty("Protocol", CimType.STRING),
    ),
)

# How a protocol is spelt is not documented, so that only what surely is another is left out; in WQL
# nothing compares with null.
_MAY_BE_TCP = (
    "Protocol IS NULL OR (Protocol <> 'UDP' AND Protocol <> 'ICMPv4' AND Protocol <> 'ICMPv6')"
)
# A port filter does not say whether its rule is an inbound one; Windows' own outbound rules mostly
# have it in their names. WQL compares in any case.
OUTBOUND_MARK = "-out-"

FIREWALL_PORTS = WmiGroup(
    "firewall-ports",
    "the ports of the firewall's rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[PortFilter, ...],
    query=WmiQuery(_PORT),
    narrow=(
        WmiQuery(_PORT, where=f"({_MAY_BE_TCP}) AND NOT InstanceID LIKE '%{OUTBOUND_MARK}%'"),
        WmiQuery(_PORT, where=_MAY_BE_TCP),
    ),
    by_instance=True,
    parse=_ports,
    may_be_empty="every local rule was removed",
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class AddressFilter:
    """MSFT_NetAddressFilter of one rule: `Any`, `LocalSubnet`, addresses, subnets or ranges."""

    identifier: str
    local: tuple[str, ...]
    remote: tuple[str, ...]


def _addresses(rows: Sequence[WmiRow]) -> tuple[AddressFilter, ...]:
    return tuple(
        AddressFilter(row.text("InstanceID"), row.texts("LocalAddress"), row.texts("RemoteAddress"))
        for row in rows
    )


FIREWALL_ADDRESSES = WmiGroup(
    "firewall-addresses",
    "the addresses of the firewall's rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[AddressFilter, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetAddressFilter",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("LocalAddress", CimType.STRING, array=True),
                WmiProperty("RemoteAddress", CimType.STRING, array=True),
            ),
        )
    ),
    by_instance=True,
    parse=_addresses,
    may_be_empty="every local rule was removed",
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class ProgramFilter:
    """MSFT_NetApplicationFilter of one rule: the program, or `Any`.

    The class has AppPath, as its reference lists it; the cmdlets show that as Program.
    """

    identifier: str
    program: str


def _programs(rows: Sequence[WmiRow]) -> tuple[ProgramFilter, ...]:
    return tuple(
        ProgramFilter(
            row.text("InstanceID"),
            row.text_or_none("AppPath") or "Any",
        )
        for row in rows
    )


FIREWALL_PROGRAMS = WmiGroup(
    "firewall-programs",
    "the programs of the firewall's rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[ProgramFilter, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetApplicationFilter",
            (
                WmiProperty("AppPath", CimType.STRING),
                WmiProperty("InstanceID", CimType.STRING),
            ),
        )
    ),
    by_instance=True,
    parse=_programs,
    may_be_empty="every local rule was removed",
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class ServiceFilter:
    """MSFT_NetServiceFilter of one rule: the service's short name, or `Any`."""

    identifier: str
    service: str


def _services(rows: Sequence[WmiRow]) -> tuple[ServiceFilter, ...]:
    return tuple(
        ServiceFilter(row.text("InstanceID"), row.text_or_none("ServiceName") or "Any")
        for row in rows
    )


FIREWALL_SERVICES = WmiGroup(
    "firewall-services",
    "the services of the firewall's rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[ServiceFilter, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetServiceFilter",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("ServiceName", CimType.STRING),
            ),
        )
    ),
    by_instance=True,
    parse=_services,
    may_be_empty="every local rule was removed",
    minimum_build=WINDOWS_SERVER_2012,
)
