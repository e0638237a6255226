"""The failover cluster of a host, as the host sees it (windows-facts.md section 6b)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from livemigration.base.addresses import Subnet
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.host import CLUSTER_SERVICE
from livemigration.facts.model import MethodGroup, Subject, Vantage, WmiGroup
from livemigration.facts.reader import WmiMethod, WmiReader
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2, WINDOWS_SERVER_2016

CLUSTER_NAMESPACE = "root/MSCluster"
_NOT_KNOWN, _MINUS_ONE = -1, 2**32 - 1


@dataclass(frozen=True)
class Cluster:
    """MSCluster_Cluster (windows-facts-2.md 12.1). `name` is None on a host that is in no cluster.

    Every other value is None where the cluster does not have that property, as releases before the
    one named do not: `maximum_parallel_migrations` since an update of September 2022 for Server
    2022; `functional_level` since 2016, 8 for 2012 R2, 9 for 2016, then 10, 11 and 12 (from memory)
    for 2019, 2022 and 2025; `access_point`, how the cluster is known (from memory: 1 in Active
    Directory and DNS, 2 in DNS alone, 0 nowhere), and `witness_weight`, the witness's vote as it
    counts now, since 2012 R2; `dynamic_quorum` since 2012; `storage_spaces_direct` since 2016.
    """

    name: str | None
    maximum_parallel_migrations: int | None
    functional_level: int | None = None
    access_point: int | None = None
    dynamic_quorum: bool | None = None
    witness_weight: int | None = None
    enforced_anti_affinity: bool | None = None
    storage_spaces_direct: bool | None = None


_ALONE = Cluster(None, None)


def _cluster(rows: Sequence[WmiRow]) -> Cluster:
    if not rows:
        return _ALONE
    if len(rows) > 1:
        raise ValueError(f"expected one cluster; the host sent {len(rows)}")
    row = rows[0]
    return Cluster(
        name=row.text_or_none("Name"),
        maximum_parallel_migrations=row.integer_or_none("MaximumParallelMigrations"),
        functional_level=row.integer_or_none("ClusterFunctionalLevel"),
        access_point=row.integer_or_none("AdminAccessPoint"),
        dynamic_quorum=_flag(row, "DynamicQuorumEnabled"),
        witness_weight=row.integer_or_none("WitnessDynamicWeight"),
        enforced_anti_affinity=_flag(row, "ClusterEnforcedAntiAffinity"),
        storage_spaces_direct=_flag(row, "S2DEnabled"),
    )


def _flag(row: WmiRow, name: str) -> bool | None:
    """Return a property that is a number in which anything but 0 is yes."""
    number = row.integer_or_none(name)
    return None if number is None else number != 0


def _optional(name: str, since: int, sample: int) -> WmiProperty:
    return WmiProperty(name, CimType.UINT32, optional=True, since=since, sample=sample)


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
                _optional("AdminAccessPoint", WINDOWS_SERVER_2012_R2, 1),
                _optional("ClusterEnforcedAntiAffinity", 0, 0),
                _optional("ClusterFunctionalLevel", WINDOWS_SERVER_2016, 9),
                _optional("DynamicQuorumEnabled", 0, 1),
                WmiProperty(
                    "MaximumParallelMigrations", CimType.UINT32, optional=True, by_patch=True
                ),
                WmiProperty("Name", CimType.STRING),
                _optional("S2DEnabled", WINDOWS_SERVER_2016, 0),
                _optional("WitnessDynamicWeight", WINDOWS_SERVER_2012_R2, 1),
            ),
        )
    ),
    parse=_cluster,
    may_be_empty="the host is in no cluster",
    when_absent=_ALONE,
    only_with=CLUSTER_SERVICE,
)


def state_of(row: WmiRow, name: str) -> int:
    """Return a state that the cluster documents as uint32 with the value -1, for not known.

    It may travel as -1, as 4294967295, or as nothing.
    """
    number = row.integer_or_none(name)
    return _NOT_KNOWN if number is None or number == _MINUS_ONE else number


@dataclass(frozen=True)
class ClusterNetwork:
    """MSCluster_Network. `subnet` is None where address or mask are not usable.

    `role`: 0 none, 1 cluster only, 3 cluster and client (inferred). `state`: 0 unavailable, 1 down,
    2 partitioned, 3 up, -1 not known. The network of the least `metric` carries the cluster's own
    traffic; None where facts of an older release do not hold it. `subnets` are all of the network's
    subnets of both families.
    """

    identifier: str
    name: str
    subnet: Subnet | None
    role: int
    state: int
    metric: int | None = None
    automatic_metric: bool | None = None
    subnets: tuple[Subnet, ...] = ()


def _networks(rows: Sequence[WmiRow]) -> tuple[ClusterNetwork, ...]:
    return tuple(
        ClusterNetwork(
            identifier=row.text("ID"),
            name=row.text("Name"),
            subnet=_subnet(row.text_or_none("Address"), row.text_or_none("AddressMask")),
            role=row.integer("Role"),
            state=state_of(row, "State"),
            metric=row.integer_or_none("Metric"),
            automatic_metric=row.boolean_or_none("AutoMetric"),
            subnets=tuple(dict.fromkeys(_subnets(row))),
        )
        for row in rows
    )


def _subnet(address: str | None, mask: str | None) -> Subnet | None:
    try:
        return ipaddress.ip_network(f"{address}/{mask}", strict=False)
    except ValueError:
        return None


def _subnets(row: WmiRow) -> Iterator[Subnet]:
    for family in ("IPv4", "IPv6"):
        lengths = row.texts(f"{family}PrefixLengths")
        for address, length in zip(row.texts(f"{family}Addresses"), lengths, strict=False):
            found = _subnet(address.partition("%")[0], length)
            if found is not None:
                yield found


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
                WmiProperty("AutoMetric", CimType.BOOLEAN),
                WmiProperty("ID", CimType.STRING),
                WmiProperty("IPv4Addresses", CimType.STRING, array=True),
                WmiProperty("IPv4PrefixLengths", CimType.STRING, array=True),
                WmiProperty("IPv6Addresses", CimType.STRING, array=True),
                WmiProperty("IPv6PrefixLengths", CimType.STRING, array=True),
                WmiProperty("Metric", CimType.UINT32),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("Role", CimType.UINT32),
                # Documented as uint32 with the value -1: whichever way that travels, it fits.
                WmiProperty("State", CimType.SINT64),
            ),
        )
    ),
    parse=_networks,
    may_be_empty="the host is in no cluster",
    when_absent=_NO_NETWORKS,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
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
    when_absent=ClusterMigrationNetworks((), ()),
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)
