"""Every fact group by its name, and whether facts come from the lab.

The groups are found in the modules of this package: one that is added is asked for, saved,
collected and simulated without being named anywhere else.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import livemigration.facts as package
from livemigration.facts.host import HOST_ACCESS, SIMULATED_VENDOR
from livemigration.facts.model import (
    FactGroup,
    Gathered,
    HostGroup,
    MethodGroup,
    Subject,
    Vantage,
    WmiGroup,
)
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS

# Only the order: what explains other failures comes first, and what most checks need comes before
# what a host's deadline may cut off. What is not named here follows, by its name.
_ORDER = (
    "host-access",
    "operating-system",
    "domain-membership",
    "services",
    "clock",
    "migration-settings",
    "migration-networks",
    "listeners",
    "local-addresses",
    "listening-sockets",
    "bits-sockets",
    "device-guard",
    "processors",
    "processor-microcode",
    "patch-level",
    "virtual-switches",
    "virtual-ports",
    "virtual-machines",
    "virtual-machine-states",
    "worker-processes",
    "virtual-machine-processors",
    "virtual-disks",
    "physical-drives",
    "planned-machines",
    "migration-jobs",
    "policy-rights",
    "logged-policies",
    "dynamic-ports",
    "interface-mtus",
    "adapter-rdma",
    "routes",
    "firewall-profiles",
    "firewall-rules",
    "firewall-ports",
    "firewall-addresses",
    "firewall-programs",
    "firewall-services",
    "connection-profiles",
    "cluster",
    "cluster-networks",
    "cluster-interfaces",
    "cluster-nodes",
    "virtual-security",
    "passed-through-devices",
    "gpu-partition-settings",
    "gpu-partitions",
    "partitionable-gpus",
    "fibre-channel-connections",
    "connection-pools",
    "migration-answer",
    "compatibility-vectors",
    "cluster-migration-networks",
    "cluster-groups",
    "cluster-resources",
    "cluster-possible-owners",
    "cluster-shared-volumes",
    "storage-volumes",
    "storage-jobs",
    "storage-pools",
    "storage-virtual-disks",
    "cluster-move-type",
    "cluster-quorum",
    "host-guardian",
    "guardian-certificates",
    "memory-pool",
    "virtual-machine-memory",
    "virtual-machine-memory-settings",
    "host-capacity",
    "numa-spanning",
    "numa-nodes",
    "adapter-speeds",
    "team-members",
    "volume-space",
    "cluster-preferred-owners",
    "cluster-affinity-rules",
    "cluster-memory-reserve",
    "vmm-access",
    "vmm-release",
    "vmm-record",
    "vmm-resolution",
    "vmm-probes",
    "vmm-wsman-test",
    "vmm-data-ports",
    "vmm-disks",
    "vmm-rating",
    "directory-account",
    "directory-names",
    "directory-domain",
    "directory-controllers",
)


def _found() -> Iterator[FactGroup[Any]]:
    for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if each.name != __name__:
            for value in vars(importlib.import_module(each.name)).values():
                if isinstance(value, FactGroup):
                    yield value


def by_name(groups: Iterator[FactGroup[Any]]) -> dict[str, FactGroup[Any]]:
    """Return groups by their names, in the order in which they are asked for.

    Raises:
        ValueError: two groups have one name.
    """
    named: dict[str, FactGroup[Any]] = {}
    for group in groups:
        if named.setdefault(group.name, group) is not group:
            raise ValueError(f"two fact groups have the name {group.name}")
    place = {name: number for number, name in enumerate(_ORDER)}
    ordered = sorted(named, key=lambda name: (place.get(name, len(place)), name))
    return {name: named[name] for name in ordered}


GROUPS: dict[str, FactGroup[Any]] = by_name(_found())
HOST_WMI_GROUPS: tuple[WmiGroup[object], ...] = tuple(
    each for each in GROUPS.values() if isinstance(each, WmiGroup)
)
METHOD_GROUPS: tuple[MethodGroup[object], ...] = tuple(
    each for each in GROUPS.values() if isinstance(each, MethodGroup)
)
HOST_GROUPS: tuple[HostGroup[object], ...] = (*HOST_WMI_GROUPS, *METHOD_GROUPS)
VMM_SERVER_GROUPS: tuple[FactGroup[Any], ...] = tuple(
    each for each in GROUPS.values() if each.subject is Subject.VMM
)
VMM_VIEW_GROUPS: tuple[FactGroup[Any], ...] = tuple(
    each for each in GROUPS.values() if each.subject is Subject.HOST and each.vantage is Vantage.VMM
)
DIRECTORY_GROUPS: tuple[FactGroup[Any], ...] = tuple(
    each for each in GROUPS.values() if each.vantage is Vantage.DIRECTORY
)


def simulated(facts: RunFacts) -> bool:
    """Whether any machine said that it is the lab, in its replies."""
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
