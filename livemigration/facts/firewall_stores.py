"""The firewall's active store: which groups it has, and how a query asks for it."""

from __future__ import annotations

from dataclasses import replace

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery
from livemigration.facts.firewall import FIREWALL_PROFILES, FIREWALL_RULES, RULE_SOURCE
from livemigration.facts.firewall_filters import (
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)

ACTIVE_STORE = (("PolicyStore", "ActiveStore"),)

_WHENCE = WmiProperty(RULE_SOURCE, CimType.UINT16, optional=True)
# Rules, their filters, and what the profiles come to.
_OF_A_STORE = (
    FIREWALL_PROFILES,
    FIREWALL_RULES,
    FIREWALL_PORTS,
    FIREWALL_ADDRESSES,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)


def is_of_a_store(group: object) -> bool:
    """Whether what a group reads is in one store or another."""
    return any(group is each for each in _OF_A_STORE)


def in_active_store(query: WmiQuery) -> WmiQuery:
    """Return a query for what it asks of the active store; of rules, where they come from."""
    asked = query.wmi_class
    if asked.name == FIREWALL_RULES.source:
        asked = WmiClass(asked.namespace, asked.name, (*asked.properties, _WHENCE))
    return replace(query, wmi_class=asked, options=ACTIVE_STORE)
