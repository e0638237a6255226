"""Instances of root/virtualization/v2: migration settings, networks and service, switches."""

from __future__ import annotations

from livemigration.facts.windows import WINDOWS_SERVER_2012_R2
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.instances_ports import switch_guid
from livemigration.lab.rows import Row, has_2012_classes
from livemigration.lab.world import World, any_rows
from livemigration.verdict.networks import USER_MANAGED, USER_MANAGED_ALL

STORAGE_MIGRATIONS = 2
_MIGRATIONS = 2
_COMPRESSES, _USES_SMB = ("compression", "both"), ("smb", "both")


def maximum_migrations(world: World, host: FleetHost) -> int:
    """Return how many live migrations a host allows: its own number, or its cluster's."""
    if host.maximum_migrations is not None:
        return host.maximum_migrations
    cluster = world.fleet.clusters.get(host.cluster or "")
    pushed = cluster.maximum_parallel_migrations if cluster is not None else None
    return _MIGRATIONS if pushed is None else pushed


def has_performance_option(world: World, host: FleetHost) -> bool:
    """Whether the host has the performance option: from Server 2012 R2 on."""
    return world.system(host).build >= WINDOWS_SERVER_2012_R2


def _settings(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    row: Row = {
        "AuthenticationType": host.authentication,
        "EnableVirtualSystemMigration": host.enabled,
        # How Windows forms this InstanceID, and those of networks, is not known.
        "InstanceID": "Microsoft:MigrationServiceSetting",
        "MaximumActiveStorageMigration": STORAGE_MIGRATIONS,
        "MaximumActiveVirtualSystemMigration": maximum_migrations(world, host),
    }
    if has_performance_option(world, host):
        row["EnableCompression"] = host.performance in _COMPRESSES
        row["EnableSmbTransport"] = host.performance in _USES_SMB
    return [row]


def _networks(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    named = () if isinstance(host.networks, str) else host.networks
    tags = host.tags or (USER_MANAGED,)
    selected = [(str(world.any_subnet(name)), at, tags) for at, name in enumerate(named)]
    everywhere = [(subnet, None, (USER_MANAGED_ALL,)) for subnet in any_rows(host)]
    return [_network(number, *row) for number, row in enumerate((*everywhere, *selected))]


def _network(number: int, subnet: str, metric: int | None, tags: tuple[str, ...]) -> Row:
    base, _, prefix = subnet.partition("/")
    return {
        "InstanceID": f"Microsoft:MigrationNetwork\\{number}",
        "Metric": metric,
        "PrefixLength": int(prefix),
        "SubnetNumber": base,
        "Tags": tags,
    }


def _service(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [
        {
            "ActiveStorageMigrationCount": 0,
            "ActiveVirtualSystemMigrationCount": host.moves,
            "CreationClassName": "Msvm_VirtualSystemMigrationService",
            "MigrationServiceListenerIPAddressList": world.listeners(host),
            "Name": "migrationwmi",
            "SystemCreationClassName": "Msvm_ComputerSystem",
            "SystemName": host.short_name,
        }
    ]


def _switches(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [{"ElementName": each, "Name": switch_guid(host, each)} for each in host.switches]


MAKERS = {
    "Msvm_VirtualSystemMigrationServiceSettingData": _settings,
    "Msvm_VirtualSystemMigrationNetworkSettingData": _networks,
    "Msvm_VirtualSystemMigrationService": _service,
    "Msvm_VirtualEthernetSwitch": _switches,
}
