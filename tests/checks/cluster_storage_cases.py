"""The verdict table's rows of what a cluster stores its machines on (LM604)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cluster_facts import node
from cluster_role_facts import NAME, of_roles
from fact_builders import NODE, RUNNING, UNREACHABLE, all_lost, failure, without_hyperv_v2
from verdict_case import BLOCKED, DRAINED, FAIL, INAPPLICABLE, PASS, WARNING, Case

from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, ClusterResource
from livemigration.facts.cluster_storage import (
    CLUSTER_SHARED_VOLUMES,
    STORAGE_JOBS,
    STORAGE_POOLS,
    STORAGE_VIRTUAL_DISKS,
    STORAGE_VOLUMES,
    SharedVolume,
    StorageJob,
    StorageObject,
    StorageVolume,
)

ROOT = r"C:\ClusterStorage"
REDIRECTED, NO_ACCESS, MAINTENANCE, DISMOUNTED = 1, 2, 4, 8
NTFS, REFS = 32768, 32769
S2D: dict[str, Any] = {"properties": {"storage_spaces_direct": True}}
PRIMORDIAL, POOL = StorageObject("Primordial", 1, True), StorageObject("S2D on cl01", 0)
DISK = StorageObject("Volume1", 0)


def stored(
    faults: Mapping[str, int] = {"Volume1": 0},
    *,
    file_system: tuple[str, int | None] | None = ("CSVFS", NTFS),
    backup: bool = False,
    disk: int = 2,
    jobs: tuple[StorageJob, ...] = (),
    pools: tuple[StorageObject, ...] = (PRIMORDIAL, POOL),
    disks: tuple[StorageObject, ...] = (DISK,),
    **given: Any,
) -> dict[str, Any]:
    """Return a node whose cluster has these shared volumes, by their faults."""
    resources = tuple(
        ClusterResource(f"Disk {each}", "Physical Disk", disk, "x", "HV02", None, True)
        for each in faults
    )
    seen = (
        () if file_system is None else tuple(StorageVolume(each, *file_system) for each in faults)
    )
    also = {
        CLUSTER_SHARED_VOLUMES.name: tuple(
            SharedVolume(rf"{ROOT}\{name}", name, fault, backup) for name, fault in faults.items()
        ),
        CLUSTER_RESOURCES.name: (NAME, *resources),
        STORAGE_VOLUMES.name: (StorageVolume("C", "NTFS", 14), *seen),
        STORAGE_JOBS.name: jobs,
        STORAGE_POOLS.name: pools,
        STORAGE_VIRTUAL_DISKS.name: disks,
        **given.pop("also", {}),
    }
    return of_roles(also=also, **given)


def fault(state: int, **given: Any) -> dict[str, Any]:
    return stored({"Volume1": state}, **given)


def running(
    state: int | None = 4, name: str = "Repair", percent: int | None = 40
) -> dict[str, Any]:
    return stored(jobs=(StorageJob(name, state, percent, True),), **S2D)


def row(name: str, state: Any, given: dict[str, Any], **more: Any) -> Case:
    return Case("LM604", name, state, given, **more)


def unread(group: Any, given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "lost": {group.name: failure(root="")}}


TWO = {"Volume1": 0, "Volume2": REDIRECTED}

CASES = (
    row("well", PASS, stored(), says="1 shared volume can be used."),
    row("well", PASS, stored({}), says="no shared volume"),
    row("well", PASS, stored(nodes=(node(),)), says="can be used"),
    row("no access", FAIL, fault(NO_ACCESS), says=rf"{ROOT}\Volume1: it is not accessible"),
    row("no access", FAIL, fault(NO_ACCESS | MAINTENANCE), fix="shared-volume-lost"),
    row("no access", FAIL, stored({"A": 2, "B": 2}), says="each is not accessible"),
    row("dismounted", FAIL, fault(DISMOUNTED), says="is dismounted"),
    row("dismounted", FAIL, fault(DISMOUNTED | REDIRECTED)),
    row("disk failed", FAIL, stored(disk=4), says="has failed: Disk Volume1"),
    row("disk offline", WARNING, stored(disk=3), says="is offline: Disk Volume1"),
    row("disk pending", PASS, stored(disk=129)),
    row("redirected", WARNING, stored(TWO), says=rf"{ROOT}\Volume2: it is in redirected access."),
    row("redirected", WARNING, fault(REDIRECTED), fix="shared-volume-state"),
    row("redirected", WARNING, fault(REDIRECTED, file_system=("CSVFS_NTFS", None))),
    row("redirected, ReFS", PASS, fault(REDIRECTED, file_system=("CSVFS", REFS))),
    row("redirected, ReFS", PASS, fault(REDIRECTED, file_system=("ReFS", 15))),
    row("redirected, ReFS", PASS, fault(REDIRECTED, file_system=("CSVFS_ReFS", None))),
    # Before 2016, and where Windows lists no such volume.
    row("redirected, unknown", WARNING, fault(REDIRECTED, file_system=("CSVFS", None))),
    row("redirected, unknown", WARNING, fault(REDIRECTED, file_system=None), says="ReFS alone"),
    row("maintenance", WARNING, fault(MAINTENANCE), says="in maintenance."),
    row("maintenance", WARNING, fault(MAINTENANCE | REDIRECTED, file_system=("CSVFS", REFS))),
    # Flags of Microsoft's documents, or one number of a managed enum.
    row("3 says two things", WARNING, fault(3), says="in maintenance or not accessible"),
    row("backup", WARNING, stored(backup=True), says="is being backed up"),
    row("backup", WARNING, fault(REDIRECTED, backup=True, file_system=("CSVFS", REFS))),
    row("not known", BLOCKED, fault(-1), says="does not say whether it can"),
    row("not known", BLOCKED, fault(64)),
    row("hidden", BLOCKED, stored(also={CLUSTER_SHARED_VOLUMES.name: ()}), says="shows this acc"),
    row("at rest", PASS, stored(**S2D), says="its storage is at rest"),
    row("at rest", PASS, running(7)),
    *(row("at rest", PASS, running(state)) for state in (8, 9, 10)),
    row("job runs", WARNING, running(), says="job Repair (40 %)", fix="storage-at-rest"),
    *(row("job runs", WARNING, running(state)) for state in (2, 3, 5, 6, 11, None)),
    row("job runs", WARNING, running(name="", percent=None), says="job without a name."),
    row("job runs, drained", FAIL, running(), policy=DRAINED, fix="storage-at-rest"),
    row("no Spaces Direct", PASS, {**stored(jobs=(StorageJob("x", 4, 1, True),))}),
    row("pool", WARNING, stored(pools=(StorageObject("P", 1),), **S2D), says="P (warning)"),
    row("pool", WARNING, stored(pools=(POOL, StorageObject("P", 2)), **S2D), says="(unhealthy)"),
    row(
        "disk", WARNING, stored(disks=(StorageObject("D", 5),), **S2D), says="D (health not known)"
    ),
    row("disk", WARNING, stored(disks=(StorageObject("D", None),), **S2D), says="not known"),
    # What the host does not say is neither at rest nor a reason to stop.
    *(
        row("not stated, drained", BLOCKED, given, policy=DRAINED, says=says)
        for given, says in (
            (stored(disks=(StorageObject("D", 5),), **S2D), "is not known: D (health not known)"),
            (stored(pools=(StorageObject("P", None),), **S2D), "P (health not known)"),
            (running(None), "is not known: job Repair (state not known)"),
        )
    ),
    row(
        "disk, drained",
        FAIL,
        stored(disks=(StorageObject("D", None), StorageObject("E", 2)), **S2D),
        policy=DRAINED,
        says="E (unhealthy) and D (health not known)",
    ),
    row("no pool", BLOCKED, stored(pools=(PRIMORDIAL,), **S2D), says="this account no pool"),
    row("unread", BLOCKED, unread(CLUSTER_SHARED_VOLUMES, stored())),
    row("unread", BLOCKED, unread(CLUSTER_RESOURCES, stored())),
    row("unread", BLOCKED, unread(STORAGE_VOLUMES, fault(REDIRECTED))),
    row("unread", BLOCKED, unread(STORAGE_JOBS, stored(**S2D))),
    row("unread, not needed", PASS, unread(STORAGE_VOLUMES, stored())),
    row("unread, not needed", PASS, unread(STORAGE_POOLS, stored())),
    row("unread", FAIL, unread(STORAGE_POOLS, fault(NO_ACCESS, **S2D)), says="not accessible"),
    row("stopped", BLOCKED, {**NODE, "services": {**RUNNING, "ClusSvc": "Stopped"}}, by="LM602"),
    row("no node", INAPPLICABLE, {}, says="in no cluster"),
    row("unreachable", BLOCKED, {"lost": all_lost(UNREACHABLE)}, by="LM302"),
    row("2008 R2", INAPPLICABLE, {"lost": without_hyperv_v2()}),
)
