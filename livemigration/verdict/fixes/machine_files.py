"""Fixes of what virtual machines have in their drives, and of where their files are."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand, which
from livemigration.verdict.fixes.quoting import quote, quote_list
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import (
    MIGRATE_IN_VMM,
    MIGRATE_VMS,
    TROUBLESHOOT_LIVE_MIGRATION,
)


def _ejects(machine: FixTarget, guids: Iterable[str]) -> str:
    """Return PowerShell that empties the DVD drives of machines: by VMM where it manages them."""
    if not machine.vmm:
        return (
            f"On the host, in Windows PowerShell: {quote_list(guids)} | ForEach-Object {{ Get-VM "
            "-Id $_ } | Get-VMDvdDrive | Set-VMDvdDrive -Path $null"
        )
    host = f"(Get-SCVMHost -ComputerName {quote(machine.name)})"
    return (
        f"Or with the VMM cmdlets: Get-SCVirtualMachine -VMHost {host} | Where-Object "
        f"{{ {quote_list(guids)} -contains $_.VMId }} | ForEach-Object {{ Get-SCVirtualDVDDrive "
        "-VM $_ } | ForEach-Object { Set-SCVirtualDVDDrive -VirtualDVDDrive $_ -NoMedia }"
    )


def _where(machine: FixTarget) -> str:
    if machine.vmm:
        return "In the VMM console, under Hardware Configuration of the machine's properties"
    return "In Hyper-V Manager, in the machine's settings"


def eject_media(machine: FixTarget, media: Iterable[tuple[str, str, str]]) -> Fix:
    """Return how to empty the DVD drives of the machines of one host.

    Args:
        machine: the host.
        media: of each machine its name, its GUID, and the path of its disc, empty for the drive of
            the host.
    """
    known = tuple(media)
    names = tuple(dict.fromkeys(name for name, _, _ in known))
    cause = Cause(
        title=f"Eject what virtual machines of {HOSTS} have in their DVD drives",
        wrong="Virtual machines have a disc in their DVD drive that only their host reaches",
        word="local disc",
        why="The other host does not find the disc, and the move ends with 0xC03A0014 or with "
        "error 11028 of VMM.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="eject-media",
        console=(
            f"{_where(machine)}, set the DVD drive to no media: {some(names)}.",
            _ejects(machine, dict.fromkeys(guid for _, guid, _ in known)),
            (
                "To undo it, attach again: "
                f"{some(f'{_shown(path)} to {name}' for name, _, path in known)}."
            ),
        ),
        cost="A machine that reads from the disc right now, for an installation or an update, loses"
        " it: look first.",
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )


def _shown(path: str) -> str:
    return one_line(path, limit=120) or "the DVD drive of the host"


def detach_disks(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return what to do about disks of the host that machines have."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Take the disks of {HOSTS} away from virtual machines, or leave those machines",
        wrong="Virtual machines have a disk of their host (pass-through)",
        word="pass-through",
        why="VMM moves machines whose disks are virtual, and no others: the disk stays where it "
        "is.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="pass-through-disks",
        console=(
            (
                f"Decide for {some(names)}: stay on {host} for this window, shut down, or have a "
                "virtual disk instead."
            ),
            (
                "For a virtual disk instead: shut the machine down, make a VHDX of the "
                "disk (New-VHD with -SourceDisk), attach that in its place, detach the disk."
            ),
            "Note first to which controller and place the disk is attached, and its number.",
        ),
        cost="The machine is down for as long as the disk is copied. A machine that stays is down "
        "while the host is.",
        source=MIGRATE_IN_VMM,
    )


def keep_shared_disks(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return what to do about machines that share a disk, and would leave their cluster."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Keep the virtual machines of {HOSTS} that share a disk where their disk is",
        wrong="Virtual machines share a disk with others (shared VHDX or VHD set)",
        word="shared disk",
        why="The storage of such a machine cannot be moved live, so it moves inside its cluster "
        "alone.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="shared-disks",
        console=(
            (
                f"Leave {some(names)} on {host}, or move inside the own cluster only: where all "
                "moves of this host are such, set migration_scope: in-cluster."
            ),
            (
                "To move one elsewhere, shut down the machines that share the disk, export them "
                "with it, and import them together."
            ),
        ),
        cost="Machines that are exported are down until they are imported, all that share the "
        "disk.",
        source=MIGRATE_VMS,
    )


def move_files(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return how to bring the files of clustered machines where every node reaches them."""
    host = one_line(machine.name)
    where = "in the VMM console Migrate Storage, " if machine.vmm else ""
    cause = Cause(
        title=f"Move the files of clustered virtual machines of {HOSTS} to a cluster shared volume",
        wrong="Clustered virtual machines have files that only their own node reaches",
        word="files off CSV",
        why="VMM shows Unsupported Cluster Configuration and moves no such machine, and another "
        "node cannot start it.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="files-off-csv",
        console=(
            (
                f"On {host}, move the storage of {some(names)} to a folder of C:\\ClusterStorage: "
                f"{where}in Failover Cluster Manager Move > Virtual Machine Storage."
            ),
            (
                "In Windows PowerShell: Move-VMStorage with -VMName and -DestinationStoragePath. "
                "Note the old path first: the same command takes it back."
            ),
        ),
        cost="The machine keeps running. The copy takes time of the disks, and room on the volume: "
        "the more, the larger the files are.",
        source=MIGRATE_VMS,
    )


def merge_disks(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return what to do about disks that build upon one which stays behind."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Put what differencing disks of {HOSTS} build upon where every host reaches it",
        wrong="Virtual machines have disks that build upon one which stays behind",
        word="parent disk",
        why="The disk upon which a differencing disk builds is not moved with it, and without it "
        "the machine does not run elsewhere.",
        values=which(names),
    )
    return Fix(
        key="parent-disks",
        summary=cause.order(machine.name),
        console=(
            (
                f"Decide for {some(names)}: stay on {host} for this window, shut down, or have a "
                "whole disk instead."
            ),
            (
                "For a whole disk instead, in the machine's downtime: Convert-VHD with -Path, the "
                "differencing disk, and -DestinationPath, a new file; attach that in its place. "
                "Keep the old file until the machine runs: to attach it again is the undo."
            ),
            (
                "Or, in the downtime of all machines that build upon it, move the parent to a "
                "share or a cluster shared volume, and name it there: Set-VHD with -Path and "
                "-ParentPath."
            ),
        ),
        cost="The machine is down for as long as the disk is copied, and the whole disk takes the "
        "room of both.",
        source=MIGRATE_IN_VMM,
        cause=cause,
    )
