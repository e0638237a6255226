"""Every fact group by its name, and whether facts come from the lab."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livemigration.facts.cluster import CLUSTER, CLUSTER_MIGRATION_NETWORKS, CLUSTER_NETWORKS
from livemigration.facts.firewall import FIREWALL
from livemigration.facts.host import (
    DEVICE_GUARD,
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
)
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import FactGroup, Gathered, HostGroup, MethodGroup, WmiGroup
from livemigration.facts.network import (
    BITS_SOCKETS,
    LISTENING_SOCKETS,
    LOCAL_ADDRESSES,
    ROUTES,
)
from livemigration.facts.processor import PROCESSORS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtualization import MIGRATION_ANSWER, VIRTUAL_SWITCHES
from livemigration.facts.vmm import (
    VMM_ACCESS,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RATING,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_RESOLUTION,
    VMM_WSMAN_TEST,
)
from livemigration.lab import SIMULATED_VENDOR

HOST_WMI_GROUPS: tuple[WmiGroup[object], ...] = (
    OPERATING_SYSTEM,
    DOMAIN_MEMBERSHIP,
    SERVICES,
    MIGRATION_SETTINGS,
    MIGRATION_NETWORKS,
    LISTENERS,
    LOCAL_ADDRESSES,
    LISTENING_SOCKETS,
    BITS_SOCKETS,
    DEVICE_GUARD,
    PROCESSORS,
    VIRTUAL_SWITCHES,
    ROUTES,
    *FIREWALL,
    CLUSTER,
    CLUSTER_NETWORKS,
)
METHOD_GROUPS: tuple[MethodGroup[object], ...] = (MIGRATION_ANSWER, CLUSTER_MIGRATION_NETWORKS)
HOST_GROUPS: tuple[HostGroup[object], ...] = (*HOST_WMI_GROUPS, *METHOD_GROUPS)
VMM_SERVER_GROUPS: tuple[FactGroup[Any], ...] = (VMM_ACCESS, VMM_RELEASE)
VMM_VIEW_GROUPS: tuple[FactGroup[Any], ...] = (
    VMM_RECORD,
    VMM_RESOLUTION,
    VMM_PROBES,
    VMM_WSMAN_TEST,
    VMM_DATA_PORTS,
    VMM_RATING,
)
_ALL: list[FactGroup[Any]] = [
    HOST_ACCESS,
    *HOST_GROUPS,
    *VMM_SERVER_GROUPS,
    *VMM_VIEW_GROUPS,
]
GROUPS: dict[str, FactGroup[Any]] = {group.name: group for group in _ALL}


def simulated(facts: RunFacts) -> bool:
    """Whether any machine identified itself as the lab, in its own Identify reply."""
    return any(vendor == SIMULATED_VENDOR for vendor in _vendors(facts))


def _vendors(facts: RunFacts) -> Iterator[str]:
    for server in facts.vmms.values():
        answered = server.outcome(VMM_ACCESS)
        if isinstance(answered, Gathered):
            yield answered.value.product_vendor
    for sheet in facts.hosts.values():
        access = sheet.outcome(HOST_ACCESS)
        if isinstance(access, Gathered):
            yield access.value.product_vendor
