"""What the checks ask of a host's WMI, by namespace, and one cheap question to each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from livemigration.facts.firewall import FIREWALL_PROFILES
from livemigration.facts.host import DEVICE_GUARD, OPERATING_SYSTEM
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import FactGroup, HostGroup, MethodGroup, WmiGroup
from livemigration.facts.registry import HOST_GROUPS

# Of these, one row or a few come back, and the build is asked for anyway. Of another namespace, the
# first group that is asked of it.
_CHEAP = (OPERATING_SYSTEM, MIGRATION_SETTINGS, FIREWALL_PROFILES, DEVICE_GUARD)


@dataclass
class NamespaceNeeds:
    """What is asked of a namespace: groups of facts, and whether methods are called."""

    name: str
    groups: list[HostGroup[Any]] = field(default_factory=list)
    methods: bool = False

    @property
    def rights(self) -> str:
        """What an account needs in it."""
        called = ", Execute Methods" if self.methods else ""
        return f"Enable Account, Remote Enable{called}"

    @property
    def cheap(self) -> HostGroup[Any]:
        """The group with which it is tried."""
        cheap = (each for each in _CHEAP if each.query.wmi_class.namespace == self.name)
        return next(cheap, self.groups[0])


def namespaces_of(groups: Iterable[FactGroup[Any]]) -> tuple[NamespaceNeeds, ...]:
    """Return what groups of facts ask of a host's WMI, by namespace."""
    named = {each.name for each in groups}
    found: dict[str, NamespaceNeeds] = {}
    for group in HOST_GROUPS:
        if group.name not in named:
            continue
        if isinstance(group, MethodGroup):
            namespace = group.method.wmi_class.namespace
        elif isinstance(group, WmiGroup):
            namespace = group.query.wmi_class.namespace
        needs = found.setdefault(namespace, NamespaceNeeds(namespace))
        needs.groups.append(group)
        needs.methods = needs.methods or isinstance(group, MethodGroup)
    return tuple(found[name] for name in sorted(found))
