"""The Windows Firewall of a host: its profiles and its rules.

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

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from livemigration.base.held_once import MOST_HELD
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.firewall_filters import (
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)
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

    def __hash__(self) -> int:
        # Of all its fields, it would be made of each rule of each host, for each tuple of them.
        return hash(self.identifier)


_STATES = {RULE_ENABLED: True, RULE_DISABLED: False}
# The hosts of one release have the same rules.
_rule = lru_cache(MOST_HELD)(FirewallRule)


def _rules(rows: Sequence[WmiRow]) -> tuple[FirewallRule, ...]:
    # What a row does not have was not asked for, because the query's condition says it.
    return tuple(
        _rule(
            row.text("InstanceID"),
            _STATES.get(row.integer("Enabled")) if "Enabled" in row else True,
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
