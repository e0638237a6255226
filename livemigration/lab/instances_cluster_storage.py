"""Shared volumes of a simulated cluster, and what Windows says of its own storage."""

from __future__ import annotations

from livemigration.facts.windows import WINDOWS_SERVER_2016
from livemigration.lab.fleet_cluster import FleetCluster
from livemigration.lab.fleet_cluster_roles import Health
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.instances_cluster import ask_provider
from livemigration.lab.rows import Row, has_2012_classes, identifier
from livemigration.lab.world import World

# FaultState, as flags.
_FAULTS = {"redirected": 1, "no-access": 2, "maintenance": 4, "dismounted": 8}
_HEALTH = {"healthy": 0, "warning": 1, "unhealthy": 2}
_JOBS = {"running": 4, "suspended": 5, "completed": 7, "failed": 10}
_NTFS, _SHARED = 14, {"ntfs": 32768, "refs": 32769}


def _path(*parts: str) -> str:
    return f"\\\\?\\Volume{{{identifier(*parts)}}}\\"


def _shared_volumes(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    return [
        {
            "BackupState": int(volume.in_backup),
            "FaultState": sum(_FAULTS[each] for each in set(volume.faults)),
            "Name": f"C:\\ClusterStorage\\{name}",
            "VolumeName": _path(host.cluster, name),
        }
        for name, volume in world.fleet.clusters[host.cluster].volumes.items()
    ]


def _volumes(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    found = [_volume(_path(host.name, "C"), "NTFS", _NTFS)]
    cluster = _cluster_of(world, host)
    if cluster is not None and host.cluster is not None:
        found += [
            _volume(_path(host.cluster, name), "CSVFS", _SHARED[each.file_system])
            for name, each in cluster.volumes.items()
        ]
    if world.system(host).build < WINDOWS_SERVER_2016:
        for row in found:
            del row["FileSystemType"]
    return found


def _volume(path: str, file_system: str, number: int) -> Row:
    return {"FileSystem": file_system, "FileSystemType": number, "Path": path}


def _cluster_of(world: World, host: FleetHost) -> FleetCluster | None:
    """Return the cluster whose storage a host sees: while its cluster service runs."""
    if host.cluster is None or not host.runs_cluster:
        return None
    return world.fleet.clusters[host.cluster]


def _jobs(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    cluster = _cluster_of(world, host)
    return [
        {
            "IsBackgroundTask": each.background,
            "JobState": _JOBS[each.state],
            "Name": each.name,
            "PercentComplete": each.percent,
        }
        for each in (cluster.storage_jobs if cluster is not None else ())
    ]


def _pools(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    cluster = _cluster_of(world, host)
    own = cluster.pools if cluster is not None and cluster.storage_spaces_direct else {}
    return [_pool("Primordial", "healthy"), *(_pool(*each) for each in own.items())]


def _pool(name: str, health: Health) -> Row:
    primordial = name == "Primordial"
    return {
        "FriendlyName": name,
        "HealthStatus": _HEALTH[health],
        "IsPrimordial": primordial,
    }


def _virtual_disks(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    cluster = _cluster_of(world, host)
    if cluster is None or not cluster.storage_spaces_direct:
        return []
    disks = dict.fromkeys(cluster.volumes, "healthy") | cluster.virtual_disks
    return [
        {"FriendlyName": name, "HealthStatus": _HEALTH[health]} for name, health in disks.items()
    ]


MAKERS = {
    "MSCluster_ClusterSharedVolume": _shared_volumes,
    "MSFT_Volume": _volumes,
    "MSFT_StorageJob": _jobs,
    "MSFT_StoragePool": _pools,
    "MSFT_VirtualDisk": _virtual_disks,
}
