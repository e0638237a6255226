"""The failover cluster of a host, as the host sees it (windows-facts.md section 6b)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.addresses import Subnet
from livemigration.cim import (
    CimType,
    WmiClass,
    WmiMethod,
    WmiProperty,
    WmiQuery,
    WmiReader,
    WmiRow,
)
from livemigration.facts.model import MethodGroup, Subject, Vantage, WmiGroup

CLUSTER_NAMESPACE = "root/MSCluster"


@dataclass(frozen=True)
class Cluster:
    """MSCluster_Cluster. Both are None on a host that is in no cluster.

    `maximum_parallel_migrations` is None as well where the cluster does not have that property:
    Server 2022 has it from the update of September 2022 on.
    """

    name: str | None
    maximum_parallel_migrations: int | None


_ALONE = Cluster(None, None)


def _cluster(rows: Sequence[WmiRow]) -> Cluster:
    if not rows:
        return _ALONE
    if len(rows) > 1:
        raise ValueError(f"expected one cluster; the host sent {len(rows)}")
    return Cluster(
        rows[0].text_or_none("Name"), rows[0].integer_or_none("MaximumParallelMigrations")
    )


CLUSTER = WmiGroup(
    "cluster",
    "the failover cluster",
    Subject.HOST,
    Vantage.HOST,
    Cluster,
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_Cluster",
            (
                WmiProperty("MaximumParallelMigrations", CimType.UINT32, optional=True),
                WmiProperty("Name", CimType.STRING),
            ),
        )
    ),
    parse=_cluster,
    when_absent=_ALONE,
)


@dataclass(frozen=True)
class ClusterNetwork:
    """MSCluster_Network. `subnet` is None where address or mask are not usable.

    `role`: 0 none, 1 cluster only, 3 cluster and client (inferred). `state`: 3 up.
    """

    identifier: str
    name: str
    subnet: Subnet | None
    role: int
    state: int


def _networks(rows: Sequence[WmiRow]) -> tuple[ClusterNetwork, ...]:
    return tuple(
        ClusterNetwork(
            row.text("ID"),
            row.text("Name"),
            _subnet(row.text_or_none("Address"), row.text_or_none("AddressMask")),
            row.integer("Role"),
            row.integer("State"),
        )
        for row in rows
    )


def _subnet(address: str | None, mask: str | None) -> Subnet | None:
    try:
        return ipaddress.ip_network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None


_NO_NETWORKS: tuple[ClusterNetwork, ...] = ()

CLUSTER_NETWORKS = WmiGroup(
    "cluster-networks",
    "the cluster's networks",
    Subject.HOST,
    Vantage.HOST,
    tuple[ClusterNetwork, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_Network",
            (
                WmiProperty("Address", CimType.STRING),
                WmiProperty("AddressMask", CimType.STRING),
                WmiProperty("ID", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("Role", CimType.UINT32),
                # Documented as uint32 with the value -1: whichever way that travels, it fits.
                WmiProperty("State", CimType.SINT64),
            ),
        )
    ),
    parse=_networks,
    when_absent=_NO_NETWORKS,
)


@dataclass(frozen=True)
class ClusterMigrationNetworks:
    """Which cluster networks carry live migration: network identifiers, in the cluster's order.

    The parameters MigrationExcludeNetworks and MigrationNetworkOrder of the resource type "Virtual
    Machine", read from the cluster's registry key on the node. Empty where a parameter is not set.
    """

    excluded: tuple[str, ...]
    order: tuple[str, ...]


REGISTRY_METHOD = WmiMethod(WmiClass("root/default", "StdRegProv", ()), "GetStringValue")
_LOCAL_MACHINE = "2147483650"
CLUSTER_PARAMETERS = r"Cluster\ResourceTypes\Virtual Machine\Parameters"
EXCLUDED_NETWORKS, NETWORK_ORDER = "MigrationExcludeNetworks", "MigrationNetworkOrder"


def _migration_networks(machine: WmiReader) -> ClusterMigrationNetworks:
    return ClusterMigrationNetworks(
        _identifiers(machine, EXCLUDED_NETWORKS), _identifiers(machine, NETWORK_ORDER)
    )


def _identifiers(machine: WmiReader, value: str) -> tuple[str, ...]:
    """Return the identifiers in a registry value; a value that is not there holds none."""
    output = machine.call(
        REGISTRY_METHOD,
        {},
        {"hDefKey": _LOCAL_MACHINE, "sSubKeyName": CLUSTER_PARAMETERS, "sValueName": value},
    )
    found = output.texts("sValue") if output.return_value == 0 else ()
    return tuple(each.strip() for text in found for each in text.split(";") if each.strip())


CLUSTER_MIGRATION_NETWORKS = MethodGroup(
    "cluster-migration-networks",
    "the cluster's migration networks",
    Subject.HOST,
    Vantage.HOST,
    ClusterMigrationNetworks,
    method=REGISTRY_METHOD,
    call=_migration_networks,
)
