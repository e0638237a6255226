"""The Windows Firewall of a host: profiles, rules and the filters that belong to rules by their ID.

A query sees the rules of the local, persistent store; those of Group Policy are in another one
(windows-facts.md 7.18). What both come to is in the store that Windows calls active. A provider
gives its rows where WMI's context names it, which is inferred for WS-Management (scale-wire.md 3):
it is asked so only where an inventory wants it. The numbers of Enabled, Direction and Action are
those of the cmdlets' enumerations; that WMI uses the same is inferred.

A real host has hundreds of rules and a row of each in every filter class. Asked for are the inbound
rules that are enabled and that of live migration in any state; the port filters but those of UDP
and ICMP; and the other filters of the rules that may be about port 6600. A host that refuses such a
question is asked for every row, as the collector asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar, cast

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import STANDARD_CIM, WINDOWS_SERVER_2012, at_least_one

_INBOUND = 1
RULE_ENABLED, RULE_DISABLED = 1, 2
# How the rule's name begins that the Hyper-V role adds for live migration (windows-facts.md 3.2).
MIGRATION_RULES = "VIRT-MIGL"
# PolicyStoreSourceType of a rule; of its other values none is about Group Policy.
FROM_GROUP_POLICY = 2
RULE_SOURCE = "PolicyStoreSourceType"
ROLES_OWN_RULE = f"{MIGRATION_RULES}-In-TCP-NoScope"
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
    where the number means neither. `source` is where a rule of the active store comes from
    (PolicyStoreSourceType); None: it was read from the local store alone, or its host does not say.
    """

    identifier: str
    enabled: bool | None
    action: int
    profiles: int
    source: int | None = None


# The hosts of one release have the same rules: each is held once, and so is each set of them.
_SHARED = 8192
_SETS = 512
_rule = lru_cache(_SHARED)(FirewallRule)
T = TypeVar("T")


def held_once(values: Iterable[T]) -> tuple[T, ...]:
    """Return values as the tuple that was equal to it first."""
    return cast("tuple[T, ...]", _first(tuple(values)))


@lru_cache(_SETS)
def _first(values: tuple[object, ...]) -> tuple[object, ...]:
    return values


def _rules(rows: Sequence[WmiRow]) -> tuple[FirewallRule, ...]:
    # What a row does not have was not asked for, because the query's condition says it.
    return held_once(
        _rule(
            row.text("InstanceID"),
            {RULE_ENABLED: True, RULE_DISABLED: False}.get(row.integer("Enabled"))
            if "Enabled" in row
            else True,
            row.integer("Action"),
            row.integer_or_none("Profiles") or 0,
            row.integer_or_none(RULE_SOURCE),
        )
        for row in rows
        if "Direction" not in row or row.integer("Direction") == _INBOUND
    )


_RULE = WmiClass(
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


def _without(whole: WmiClass, *names: str) -> WmiClass:
    kept = tuple(each for each in whole.properties if each.name not in names)
    return WmiClass(whole.namespace, whole.name, kept)


_OF_THE_ROLE = f"InstanceID LIKE '{MIGRATION_RULES}%'"
_INBOUND_ALONE = _without(_RULE, "Direction")
# Of hundreds of rows, each byte is sent hundreds of times.
ENABLED_RULES = WmiQuery(
    _without(_RULE, "Direction", "Enabled"),
    where=f"Direction = {_INBOUND} AND Enabled = {RULE_ENABLED}",
)
RULES_OF_THE_ROLE = WmiQuery(_INBOUND_ALONE, where=f"Direction = {_INBOUND} AND {_OF_THE_ROLE}")

FIREWALL_RULES = WmiGroup(
    "firewall-rules",
    "the firewall's inbound rules",
    Subject.HOST,
    Vantage.HOST,
    tuple[FirewallRule, ...],
    query=WmiQuery(_RULE),
    narrow=(
        WmiQuery(
            _INBOUND_ALONE,
            where=f"Direction = {_INBOUND} AND (Enabled = {RULE_ENABLED} OR {_OF_THE_ROLE})",
        ),
        ENABLED_RULES,
        RULES_OF_THE_ROLE,
    ),
    parse=_rules,
    may_be_empty="every local rule was removed",
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class PortFilter:
    """MSFT_NetProtocolPortFilter of one rule: `Any`, numbers, ranges, words as Windows has them.

    `protocol` is `UDP or ICMP` where the host sent no row of the rule and was asked for none of
    these protocols.
    """

    identifier: str
    protocol: str
    local_ports: tuple[str, ...]


_port = lru_cache(_SHARED)(PortFilter)


def _ports(rows: Sequence[WmiRow]) -> tuple[PortFilter, ...]:
    return held_once(
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
    return held_once(
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
    return held_once(
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
    return held_once(
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
    may_be_empty="no profile is known of any interface",
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
