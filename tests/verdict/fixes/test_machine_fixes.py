"""What a person is told to do about virtual machines: nothing is deleted, and its cost is told."""

from __future__ import annotations

from causes_of_machines import GUIDS, MEDIA, NAMES
from fix_rows import HOST, MACHINE

from livemigration.verdict.fixes import machine_files, machines
from livemigration.verdict.fixes.script import FixTarget


def test_a_paused_machine_gets_its_storage_back_and_is_not_turned_off() -> None:
    fix = machines.resume_machines(MACHINE, NAMES)
    assert HOST in fix.summary
    assert "web01 and db01" in fix.console[0]
    assert "Do not turn it off" in fix.console[-1]


def test_a_planned_machine_is_looked_for_before_anything_is_restarted() -> None:
    fix = machines.clear_planned(MACHINE, NAMES)
    told = " ".join(fix.console)
    assert told.index("Compare-VM") < told.index("Msvm_PlannedComputerSystem")
    assert told.index("web01 and db01") < told.index("restart of the service vmms")
    assert "Delete no file" in told
    assert "ends every migration" in fix.cost
    assert not fix.commands


def test_a_disc_is_ejected_by_vmm_where_it_manages_the_host_and_can_be_attached_again() -> None:
    fix = machine_files.eject_media(MACHINE, MEDIA)
    where, by_cmdlets, undo = fix.console
    assert "web01 and db01" in where
    assert f"@('{GUIDS[0]}', '{GUIDS[1]}') -contains $_.VMId" in by_cmdlets
    assert "Set-SCVirtualDVDDrive -VirtualDVDDrive $_ -NoMedia" in by_cmdlets
    assert "attach again: D:\\iso\\a.iso to web01 and the DVD drive of the host to db01." in undo
    assert "look first" in fix.cost


def test_without_vmm_a_disc_is_ejected_by_hyper_v() -> None:
    fix = machine_files.eject_media(FixTarget(HOST, ""), MEDIA)
    told = " ".join(fix.console)
    assert "Set-VMDvdDrive -Path $null" in told
    assert "VMM" not in told


def test_a_disk_of_the_host_is_copied_before_it_is_detached() -> None:
    fix = machine_files.detach_disks(MACHINE, NAMES)
    told = " ".join(fix.console)
    assert told.index("shut the machine down") < told.index("VHDX") < told.index("detach the disk")
    assert "is down for as long as" in fix.cost


def test_machines_that_share_a_disk_stay_or_leave_together() -> None:
    fix = machine_files.keep_shared_disks(MACHINE, NAMES)
    assert "migration_scope: in-cluster" in fix.console[0]
    assert "together" in fix.console[1]
    assert "down" in fix.cost


def test_files_move_while_their_machine_runs() -> None:
    fix = machine_files.move_files(MACHINE, NAMES)
    assert "Migrate Storage" in fix.console[0]
    assert "Migrate Storage" not in machine_files.move_files(FixTarget(HOST, ""), NAMES).console[0]
    assert "Move-VMStorage" in fix.console[1]
    assert "keeps running" in fix.cost


def test_a_differencing_disk_is_made_whole_or_stays_with_its_parent() -> None:
    fix = machine_files.merge_disks(MACHINE, NAMES)
    assert "web01 and db01" in fix.console[0]
    assert "Convert-VHD" in fix.console[1]
    assert "the undo" in fix.console[1]
    assert "Set-VHD" in fix.console[2]
    assert "is down" in fix.cost


def test_a_machine_outside_the_cluster_becomes_a_role_or_stays() -> None:
    fix = machines.cluster_or_leave(MACHINE, NAMES)
    assert "web01 and db01" in fix.console[0]
    assert "Add-ClusterVirtualMachineRole" in fix.console[1]
    assert "stays:" in fix.console[2]
    assert "remove the role" in fix.console[1]
