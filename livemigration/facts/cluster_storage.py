"""The storage of a cluster: its shared volumes, and what Storage Spaces Direct says of itself.

Windows-facts-2.md 12.1 and 12.3. What a volume's file system is, MSFT_Volume says; the cluster says
CSVFS of any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.cluster import CLUSTER_NAMESPACE, state_of
from livemigration.facts.host import CLUSTER_SERVICE
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import WINDOWS_SERVER_2016

STORAGE_NAMESPACE = "root/Microsoft/Windows/Storage"
_NOT_A_NODE = "the host is in no cluster"
_GUID = re.compile("[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)


@dataclass(frozen=True)
class SharedVolume:
    """MSCluster_ClusterSharedVolume.

    `name` is its path. `volume` is the GUID in its VolumeName, in upper case; else what it says.
    `fault`: 0 none, 1 redirected access, 2 no access, 4 in maintenance, as flags or alone; 8
    dismounted; -1: unknown. `in_backup`: a backup of it is in progress.
    """

    name: str
    volume: str
    fault: int
    in_backup: bool


def _volume_of(text: str | None) -> str:
    found = _GUID.search(text or "")
    return found[0].upper() if found is not None else (text or "").strip().casefold()


def _shared_volumes(rows: Sequence[WmiRow]) -> tuple[SharedVolume, ...]:
    return tuple(
        SharedVolume(
            row.text("Name"),
            _volume_of(row.text_or_none("VolumeName")),
            state_of(row, "FaultState"),
            row.integer_or_none("BackupState") == 1,
        )
        for row in rows
    )


_NO_SHARED_VOLUMES: tuple[SharedVolume, ...] = ()

CLUSTER_SHARED_VOLUMES = WmiGroup(
    "cluster-shared-volumes",
    "the cluster's shared volumes",
    Subject.HOST,
    Vantage.HOST,
    tuple[SharedVolume, ...],
    query=WmiQuery(
        WmiClass(
            CLUSTER_NAMESPACE,
            "MSCluster_ClusterSharedVolume",
            (
                WmiProperty("BackupState", CimType.SINT64),
                WmiProperty("FaultState", CimType.SINT64),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("VolumeName", CimType.STRING),
            ),
        )
    ),
    parse=_shared_volumes,
    may_be_empty="the cluster has no shared volume, or the host is in no cluster",
    when_absent=_NO_SHARED_VOLUMES,
    only_with=CLUSTER_SERVICE,
    of_cluster=True,
)


@dataclass(frozen=True)
class StorageVolume:
    """MSFT_Volume.

    `volume` is the GUID in its path, in upper case; else what it says. `file_system` is its
    FileSystem, such as NTFS or CSVFS, and `file_system_type` its number: 14 NTFS, 15 ReFS, 32768
    and 32769 the same two as shared volumes of a cluster; None: the release has no such property.
    """

    volume: str
    file_system: str
    file_system_type: int | None


def _volumes(rows: Sequence[WmiRow]) -> tuple[StorageVolume, ...]:
    return tuple(
        StorageVolume(
            _volume_of(row.text_or_none("Path")),
            row.text_or_none("FileSystem") or "",
            row.integer_or_none("FileSystemType"),
        )
        for row in rows
    )


_NO_VOLUMES: tuple[StorageVolume, ...] = ()

STORAGE_VOLUMES = WmiGroup(
    "storage-volumes",
    "the file systems of the volumes",
    Subject.HOST,
    Vantage.HOST,
    tuple[StorageVolume, ...],
    query=WmiQuery(
        WmiClass(
            STORAGE_NAMESPACE,
            "MSFT_Volume",
            (
                WmiProperty("FileSystem", CimType.STRING),
                WmiProperty(
                    "FileSystemType", CimType.UINT16, optional=True, since=WINDOWS_SERVER_2016
                ),
                WmiProperty("Path", CimType.STRING),
            ),
        )
    ),
    parse=_volumes,
    may_be_empty=_NOT_A_NODE,
    when_absent=_NO_VOLUMES,
    only_with=CLUSTER_SERVICE,
)


@dataclass(frozen=True)
class StorageJob:
    """MSFT_StorageJob.

    `state`: 2 new, 3 starting, 4 running, 5 suspended, 6 shutting down, 7 completed, 8 terminated,
    9 killed, 10 failed, 11 in service. `background`: the storage began it by itself.
    """

    name: str
    state: int | None
    percent: int | None
    background: bool


def _jobs(rows: Sequence[WmiRow]) -> tuple[StorageJob, ...]:
    return tuple(
        StorageJob(
            row.text_or_none("Name") or "",
            row.integer_or_none("JobState"),
            row.integer_or_none("PercentComplete"),
            row.boolean_or_none("IsBackgroundTask") is True,
        )
        for row in rows
    )


_NO_JOBS: tuple[StorageJob, ...] = ()

STORAGE_JOBS = WmiGroup(
    "storage-jobs",
    "the storage jobs",
    Subject.HOST,
    Vantage.HOST,
    tuple[StorageJob, ...],
    query=WmiQuery(
        WmiClass(
            STORAGE_NAMESPACE,
            "MSFT_StorageJob",
            (
                WmiProperty("IsBackgroundTask", CimType.BOOLEAN),
                WmiProperty("JobState", CimType.UINT16),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("PercentComplete", CimType.UINT16),
            ),
        )
    ),
    parse=_jobs,
    may_be_empty="no storage job runs",
    when_absent=_NO_JOBS,
    only_with=CLUSTER_SERVICE,
)


@dataclass(frozen=True)
class StorageObject:
    """MSFT_StoragePool or MSFT_VirtualDisk. `health`: 0 healthy, 1 warning, 2 unhealthy, others."""

    name: str
    health: int | None
    primordial: bool = False


def _pools(rows: Sequence[WmiRow]) -> tuple[StorageObject, ...]:
    return tuple(
        StorageObject(
            row.text_or_none("FriendlyName") or "",
            row.integer_or_none("HealthStatus"),
            row.boolean_or_none("IsPrimordial") is True,
        )
        for row in rows
    )


_NO_OBJECTS: tuple[StorageObject, ...] = ()

STORAGE_POOLS = WmiGroup(
    "storage-pools",
    "the storage pools",
    Subject.HOST,
    Vantage.HOST,
    tuple[StorageObject, ...],
    query=WmiQuery(
        WmiClass(
            STORAGE_NAMESPACE,
            "MSFT_StoragePool",
            (
                WmiProperty("FriendlyName", CimType.STRING),
                WmiProperty("HealthStatus", CimType.UINT16),
                WmiProperty("IsPrimordial", CimType.BOOLEAN),
            ),
        )
    ),
    parse=_pools,
    may_be_empty=_NOT_A_NODE,
    when_absent=_NO_OBJECTS,
    only_with=CLUSTER_SERVICE,
)


def _virtual_disks(rows: Sequence[WmiRow]) -> tuple[StorageObject, ...]:
    return tuple(
        StorageObject(row.text_or_none("FriendlyName") or "", row.integer_or_none("HealthStatus"))
        for row in rows
    )


STORAGE_VIRTUAL_DISKS = WmiGroup(
    "storage-virtual-disks",
    "the virtual disks of the storage pools",
    Subject.HOST,
    Vantage.HOST,
    tuple[StorageObject, ...],
    query=WmiQuery(
        WmiClass(
            STORAGE_NAMESPACE,
            "MSFT_VirtualDisk",
            (
                WmiProperty("FriendlyName", CimType.STRING),
                WmiProperty("HealthStatus", CimType.UINT16),
            ),
        )
    ),
    parse=_virtual_disks,
    may_be_empty="there is no storage pool",
    when_absent=_NO_OBJECTS,
    only_with=CLUSTER_SERVICE,
)
