"""The Windows Firewall of a host: profiles, rules and the filters that belong to rules by their ID.

Only the rules of the local, persistent store are seen: those of Group Policy are in another store
(windows-facts.md 7.18). The numbers of Enabled, Direction and Action are those of the cmdlets'
enumerations; that WMI uses the same is inferred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import STANDARD_CIM, WINDOWS_SERVER_2012, at_least_one

_INBOUND = 1
RULE_ENABLED, RULE_DISABLED = 1, 2
ALLOW, BLOCK = 2, 4
_YES, _NO = 1, 0


@dataclass(frozen=True)
class FirewallProfile:
    """MSFT_NetFirewallProfile. `name` is Domain, Private or Public.

    `local_rules` says whether rules of the local store count; None: not configured. `enabled` is
    None where the number means neither on nor off.
    """

    name: str
    enabled: bool | None
    inbound_action: int
    local_rules: bool | None


def _profiles(rows: Sequence[WmiRow]) -> tuple[FirewallProfile, ...]:
    return tuple(
        FirewallProfile(
            row.text("Name"),
            {_YES: True, _NO: False}.get(row.integer("Enabled")),
            row.integer_or_none("DefaultInboundAction") or 0,
            {_YES: True, _NO: False}.get(row.integer_or_none("AllowLocalFirewallRules") or 0)
            if row.get("AllowLocalFirewallRules") is not None
            else None,
        )
        for row in rows
    )


FIREWALL_PROFILES = WmiGroup(
    "firewall-profiles",
    "the firewall's profiles",
    Subject.HOST,
    Vantage.HOST,
    tuple[FirewallProfile, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetFirewallProfile",
            (
                WmiProperty("AllowLocalFirewallRules", CimType.UINT16),
                WmiProperty("DefaultInboundAction", CimType.UINT16),
                WmiProperty("Enabled", CimType.UINT16),
                WmiProperty("Name", CimType.STRING),
            ),
        )
    ),
    parse=_profiles,
    minimum_build=WINDOWS_SERVER_2012,
    lack=at_least_one("firewall profile"),
)


@dataclass(frozen=True)
class FirewallRule:
    """An inbound rule of MSFT_NetFirewallRule.

    `identifier` is the rule's Name, such as VIRT-MIGL-In-TCP-NoScope, never its localized
    DisplayName. `profiles` is a bit mask: 0 any, 1 domain, 2 private, 4 public. `enabled` is None
    where the number means neither.
    """

    identifier: str
    enabled: bool | None
    action: int
    profiles: int


def _rules(rows: Sequence[WmiRow]) -> tuple[FirewallRule, ...]:
    return tuple(
        FirewallRule(
            row.text("InstanceID"),
            {RULE_ENABLED: True, RULE_DISABLED: False}.get(row.integer("Enabled")),
            row.integer("Action"),
            row.integer_or_none("Profiles") or 0,
        )
        for row in rows
        if row.integer("Direction") == _INBOUND
    )


FIREWALL_RULES = WmiGroup(
    "firewall-rules",
    "the firewall's inbound rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[FirewallRule, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetFirewallRule",
            (
                WmiProperty("Action", CimType.UINT16),
                WmiProperty("Direction", CimType.UINT16),
                WmiProperty("Enabled", CimType.UINT16),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("Profiles", CimType.UINT16),
            ),
        )
    ),
    parse=_rules,
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class PortFilter:
    """MSFT_NetProtocolPortFilter of one rule: `Any`, numbers, ranges, words as Windows has them."""

    identifier: str
    protocol: str
    local_ports: tuple[str, ...]


def _ports(rows: Sequence[WmiRow]) -> tuple[PortFilter, ...]:
    return tuple(
        PortFilter(
            row.text("InstanceID"), row.text_or_none("Protocol") or "Any", row.texts("LocalPort")
        )
        for row in rows
    )


FIREWALL_PORTS = WmiGroup(
    "firewall-ports",
    "the ports of the firewall's rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[PortFilter, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetProtocolPortFilter",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("LocalPort", CimType.STRING, array=True),
                WmiProperty("Protocol", CimType.STRING),
            ),
        )
    ),
    parse=_ports,
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
    parse=_addresses,
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class ProgramFilter:
    """MSFT_NetApplicationFilter of one rule: the program, or `Any`.

    The cmdlets call the property Program, the class presumably AppPath; either is read.
    """

    identifier: str
    program: str


def _programs(rows: Sequence[WmiRow]) -> tuple[ProgramFilter, ...]:
    return tuple(
        ProgramFilter(
            row.text("InstanceID"),
            row.text_or_none("AppPath") or row.text_or_none("Program") or "Any",
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
                WmiProperty("AppPath", CimType.STRING, optional=True),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("Program", CimType.STRING, optional=True),
            ),
        )
    ),
    parse=_programs,
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
    parse=_services,
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class ConnectionProfile:
    """MSFT_NetConnectionProfile: the firewall profile that applies to an interface.

    `category`: 0 public, 1 private, 2 domain.
    """

    interface: str
    category: int

    @property
    def profile(self) -> str:
        """The name of the firewall profile, as FirewallProfile has it."""
        return {1: "Private", 2: "Domain"}.get(self.category, "Public")

    @property
    def bit(self) -> int:
        """The profile's bit in FirewallRule.profiles."""
        return {1: 2, 2: 1}.get(self.category, 4)


def _connections(rows: Sequence[WmiRow]) -> tuple[ConnectionProfile, ...]:
    return tuple(
        ConnectionProfile(row.text_or_none("InterfaceAlias") or "", row.integer("NetworkCategory"))
        for row in rows
    )


CONNECTION_PROFILES = WmiGroup(
    "connection-profiles",
    "the firewall profile of each interface",
    Subject.HOST,
    Vantage.HOST,
    tuple[ConnectionProfile, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetConnectionProfile",
            (
                WmiProperty("InterfaceAlias", CimType.STRING),
                WmiProperty("NetworkCategory", CimType.UINT32),
            ),
        )
    ),
    parse=_connections,
    minimum_build=WINDOWS_SERVER_2012,
)

FIREWALL: tuple[WmiGroup[object], ...] = (
    FIREWALL_PROFILES,
    FIREWALL_RULES,
    FIREWALL_PORTS,
    FIREWALL_ADDRESSES,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
    CONNECTION_PROFILES,
)
