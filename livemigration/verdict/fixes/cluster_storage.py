"""Fixes of what a cluster stores its virtual machines on."""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import SHARED_VOLUME_STATES, STORAGE_MAINTENANCE

_LONGEST = 3


def bring_back(machine: FixTarget, volumes: Sequence[str]) -> Fix:
    """Return how to bring shared volumes back that the node, or no node, can use."""
    cause = Cause(
        title=f"Bring the shared volumes of the cluster of {HOSTS} back",
        wrong="A cluster shared volume cannot be used",
        word="volume is lost",
        why="A virtual machine on it is down or will be; it cannot be moved to a node without it.",
        values=(("Volumes", some(volumes, _LONGEST)),),
    )
    return by_hand(
        machine,
        cause,
        key="shared-volume-lost",
        console=(
            (
                f"On {one_line(machine.name)}, run Get-ClusterSharedVolumeState: it says, node by "
                f"node, why {some(volumes)} cannot be used."
            ),
            (
                "Mend the disk or the paths to it; events 5120, 5142 and 1069 in the System log "
                "name the cause."
            ),
            "Then bring the disk online in Failover Cluster Manager > Storage > Disks.",
        ),
        source=SHARED_VOLUME_STATES,
    )


def wait_for_volumes(machine: FixTarget, volumes: Sequence[str]) -> Fix:
    """Return what to do about shared volumes that are redirected, in maintenance or in backup."""
    cause = Cause(
        title=f"Have the shared volumes of the cluster of {HOSTS} in their usual state",
        wrong="A cluster shared volume is not in its usual state",
        word="volume state",
        why="What moves onto a node then works over the network, or waits for a backup to end.",
        values=(("Volumes", some(volumes, _LONGEST)),),
    )
    return by_hand(
        machine,
        cause,
        key="shared-volume-state",
        console=(
            (
                f"On {one_line(machine.name)}, run Get-ClusterSharedVolumeState | Format-List: it "
                f"says why {some(volumes)} is in this state."
            ),
            "Wait until a backup has ended, before a node is drained.",
            (
                "In Failover Cluster Manager > Storage > Disks, More Actions, turn off maintenance "
                "mode or redirected access that somebody left on."
            ),
        ),
        source=SHARED_VOLUME_STATES,
    )


def wait_for_storage(machine: FixTarget, unfinished: Sequence[str]) -> Fix:
    """Return what to do about storage that repairs itself, or is not healthy."""
    cause = Cause(
        title=f"Let the storage of the cluster of {HOSTS} become healthy first",
        wrong="Storage Spaces Direct is not at rest",
        word="storage busy",
        why="A node that is taken away while the others rebuild what it holds can take volumes "
        "offline, and every virtual machine on them.",
        values=(("Not at rest", some(unfinished, _LONGEST)),),
    )
    return by_hand(
        machine,
        cause,
        key="storage-at-rest",
        console=(
            (
                f"On {one_line(machine.name)}, run Get-StorageJob, and Get-VirtualDisk, until no "
                "job is left and every disk is Healthy."
            ),
            "Where that does not come by itself, replace what Get-PhysicalDisk shows as failed.",
            "Neither drain nor restart a node before.",
        ),
        cost="A repair takes as long as it takes: hours, for many terabytes.",
        source=STORAGE_MAINTENANCE,
    )
