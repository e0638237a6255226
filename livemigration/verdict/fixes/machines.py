"""Fixes of virtual machines: of their state, and of what an earlier move left."""

from __future__ import annotations

from collections.abc import Collection

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand, which
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import MAINTENANCE_MODE, TROUBLESHOOT_LIVE_MIGRATION


def resume_machines(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return how to get machines on again that Hyper-V paused for want of their storage."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Bring back the storage of the virtual machines that Hyper-V paused on {HOSTS}",
        wrong="Hyper-V paused virtual machines, because their storage is lost or full",
        word="critical pause",
        why="A machine in this state cannot be moved, and stands still for its users.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="resume-machines",
        console=(
            (
                f"On {host}, read the log Microsoft-Windows-Hyper-V-VMMS-Storage, and look at the "
                f"volumes of {some(names)}: one is away, or full."
            ),
            "Bring the storage back, or make room on it. Hyper-V then resumes the machines itself.",
            (
                "Where one stays paused, resume it in Hyper-V Manager. Do not turn it off: what "
                "its memory holds would be lost."
            ),
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )


_LIST = (
    "Get-CimInstance -Namespace root/virtualization/v2 -ClassName Msvm_PlannedComputerSystem | "
    "Select-Object ElementName, Name"
)


def clear_planned(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return what to do about planned machines that no move is about; nothing here deletes one."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Find out what left planned virtual machines on {HOSTS}",
        wrong="Planned virtual machines are left, and no migration runs",
        word="left-overs",
        why="A machine with the same id is refused here: Failed to create Planned Virtual Machine, "
        "the object already exists.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="planned-machines",
        console=(
            (
                f"Ask who imports a virtual machine to {host} right now, or keeps a report of "
                "Compare-VM or Import-VM open: those have planned machines too, and take them away."
            ),
            f"On {host}, in Windows PowerShell: {_LIST}",
            (
                "Look in VMM's jobs and in the log Microsoft-Windows-Hyper-V-VMMS-Admin for the "
                f"move of {some(names)} that failed. In VMM, repair that machine (Undo or Ignore)."
            ),
            (
                "Where they stay, plan a restart of the service vmms by a person, when no "
                "migration runs: running virtual machines stay up, migrations do not. Delete no "
                "file by hand."
            ),
        ),
        cost="A restart of vmms ends every migration of the host, and VMM shows the host as not "
        "responding meanwhile.",
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )


def cluster_or_leave(machine: FixTarget, names: Collection[str]) -> Fix:
    """Return what to do about machines of a node that its cluster does not know."""
    host = one_line(machine.name)
    cause = Cause(
        title=f"Make virtual machines of {HOSTS} roles of the cluster, or let them stay",
        wrong="Virtual machines of a node are no roles of its cluster",
        word="not clustered",
        why="A drain and VMM's maintenance mode leave them where they are: they go down with the "
        "node.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="machines-outside-cluster",
        console=(
            (
                f"Where one is to move with the node's others, bring its files to a cluster shared "
                f"volume, then in Failover Cluster Manager choose Configure Role > Virtual Machine "
                f"on {host}: {some(names)}."
            ),
            (
                "In Windows PowerShell: Add-ClusterVirtualMachineRole with -VMId. To undo it, "
                "remove the role in Failover Cluster Manager; the machine itself stays."
            ),
            (
                "Where one belongs to this node, such as a storage controller or an agent, name it "
                "under stays: in the policy, and shut it down before the node."
            ),
        ),
        cost="A machine that stays is down while the node is.",
        source=MAINTENANCE_MODE,
    )
