"""What the state of a cluster shared volume means for a migration. Pure.

FaultState is read as the flags that Microsoft documents for MSCluster_ClusterSharedVolume: 1
redirected access, 2 no access, 4 in maintenance; and 8 dismounted, by clusapi. A managed enum of
Windows numbers the same states without gaps, so that 3 says two things (windows-facts-2.md 12.1).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from livemigration.facts.cluster_storage import SharedVolume, StorageVolume

_REDIRECTED, _NO_ACCESS, _MAINTENANCE, _DISMOUNTED = 1, 2, 4, 8
_AMBIGUOUS = _REDIRECTED | _NO_ACCESS
_KNOWN = _REDIRECTED | _NO_ACCESS | _MAINTENANCE | _DISMOUNTED
# MSFT_Volume.FileSystemType.
_REFS, _NTFS = {15, 32769}, {14, 32768}

FileSystemOf = Callable[[str], StorageVolume | None]


class VolumeState(Enum):
    """What a volume's state comes to, from best to worst, in the words of a finding."""

    WELL = "is well"
    IN_BACKUP = "is being backed up"
    MAINTENANCE = "is in maintenance"
    REDIRECTED = "is in redirected access"
    MAYBE_REDIRECTED = "is in redirected access, which is normal for ReFS alone"
    UNCLEAR = "is in maintenance or not accessible"
    UNKNOWN = "is in a state that is not known"
    DISMOUNTED = "is dismounted"
    NO_ACCESS = "is not accessible"

    @property
    def fails(self) -> bool:
        """Whether virtual machines on it cannot run on another node."""
        return self in {VolumeState.DISMOUNTED, VolumeState.NO_ACCESS}


def state_of_volume(volume: SharedVolume, file_system: FileSystemOf) -> VolumeState:
    """Return what the state of a shared volume comes to; ReFS is always redirected.

    Args:
        volume: the shared volume.
        file_system: finds a volume as Windows lists it; called only where that decides.
    """
    fault = volume.fault
    if fault < 0 or fault & ~_KNOWN:
        return VolumeState.UNKNOWN
    if fault == _AMBIGUOUS:
        return VolumeState.UNCLEAR
    for flag, state in (
        (_NO_ACCESS, VolumeState.NO_ACCESS),
        (_DISMOUNTED, VolumeState.DISMOUNTED),
        (_MAINTENANCE, VolumeState.MAINTENANCE),
    ):
        if fault & flag:
            return state
    if fault & _REDIRECTED:
        redirected = _redirected(file_system(volume.volume))
        if redirected is not VolumeState.WELL:
            return redirected
    return VolumeState.IN_BACKUP if volume.in_backup else VolumeState.WELL


def _redirected(found: StorageVolume | None) -> VolumeState:
    """Return what redirected access means on a volume; None: Windows does not list it."""
    number = found.file_system_type if found is not None else None
    name = found.file_system.casefold() if found is not None else ""
    if number in _REFS or name.endswith("refs"):
        return VolumeState.WELL
    if number in _NTFS or name.endswith("ntfs"):
        return VolumeState.REDIRECTED
    return VolumeState.MAYBE_REDIRECTED
