"""What the rows of Hyper-V's virtual machines are read as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import WmiRow
from livemigration.facts.machine_moves import PLANNED_MACHINES
from livemigration.facts.virtual_machines import (
    CHECKPOINT,
    REALIZED,
    RECOVERY,
    VIRTUAL_MACHINE_PROCESSORS,
    VIRTUAL_MACHINE_STATES,
    VIRTUAL_MACHINES,
    WORKER_PROCESSES,
    VirtualMachine,
    WorkerProcesses,
    owner_of,
)

VM = "D40BB1B7-1B15-437C-A36B-B142C18C2060"
OTHER = "88ACE44C-946B-46E5-8F01-F8D3CE5EB9D3"
BACKUP = "9C52C637-359A-47E0-BC1C-F6F96747B755"


def settings(guid: str, kind: str = REALIZED, **more: Any) -> WmiRow:
    values = {"InstanceID": f"Microsoft:{guid}", "VirtualSystemType": kind, **more}
    return WmiRow("Msvm_VirtualSystemSettingData", values)


@in_turn(
    "instance, owner",
    [
        (f"Microsoft:{VM}", VM),
        (f"microsoft:{VM.lower()}", VM),
        (rf"Microsoft:{VM}\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\0\0\L", VM),
        (r"Microsoft:Definition\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\Default", None),
        (f"Microsoft:{{{VM}}}", VM),
        (rf"Microsoft:{{{VM}}}\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\0\0\L", VM),
        (f"Microsoft:{VM}X", None),
        ("", None),
    ],
)
def test_the_owner_of_settings_is_the_guid_in_their_instance_id(
    instance: str, owner: str | None
) -> None:
    assert owner_of(instance) == owner


def test_a_state_is_of_the_same_machine_with_braces_and_without() -> None:
    for name in (VM, VM.lower(), f"{{{VM}}}"):
        rows = [WmiRow("Msvm_ComputerSystem", {"Name": name, "EnabledState": 2})]
        assert VIRTUAL_MACHINE_STATES.value_of(rows)[0].identifier == VM
        planned = PLANNED_MACHINES.value_of([WmiRow("Msvm_PlannedComputerSystem", {"Name": name})])
        assert planned[0].identifier == VM


def test_a_machine_without_the_properties_that_a_release_lacks_is_read() -> None:
    row = settings(VM.lower(), ElementName="web01", Version="5.0", ConfigurationDataRoot=None)
    assert VIRTUAL_MACHINES.value_of([row]) == (VirtualMachine(VM, "web01", "5.0"),)


def test_a_backups_checkpoint_is_no_machine_and_belongs_to_one() -> None:
    rows = [
        settings(VM, VirtualSystemIdentifier=VM),
        settings(BACKUP, RECOVERY, VirtualSystemIdentifier=f"{{{OTHER.lower()}}}"),
        settings(OTHER, VirtualSystemIdentifier=OTHER),
    ]
    found = VIRTUAL_MACHINES.value_of(rows)
    assert [(each.identifier, each.in_backup) for each in found] == [(VM, False), (OTHER, True)]


def test_checkpoints_are_counted_where_all_of_them_belong_to_machines() -> None:
    rows = [
        settings(VM, VirtualSystemIdentifier=VM),
        settings(OTHER, VirtualSystemIdentifier=OTHER),
        settings(BACKUP, CHECKPOINT, VirtualSystemIdentifier=OTHER),
    ]
    assert [each.checkpoints for each in VIRTUAL_MACHINES.value_of(rows)] == [0, 1]
    rows.append(settings(BACKUP, CHECKPOINT, VirtualSystemIdentifier=None))
    assert [each.checkpoints for each in VIRTUAL_MACHINES.value_of(rows)] == [None, None]


def test_only_realized_machines_are_asked_for_and_kept() -> None:
    assert REALIZED in (VIRTUAL_MACHINES.query.where or "")
    rows = [settings(VM, "Microsoft:Hyper-V:System:Planned"), settings(OTHER)]
    assert [each.identifier for each in VIRTUAL_MACHINES.value_of(rows)] == [OTHER]


def test_a_state_without_any_number_is_read() -> None:
    row = WmiRow("Msvm_ComputerSystem", {"Name": VM.lower(), "EnabledState": None})
    (found,) = VIRTUAL_MACHINE_STATES.value_of([row])
    assert (found.identifier, found.enabled_state, found.operational_status) == (VM, None, ())


def processes(*numbers: int) -> list[WmiRow]:
    return [WmiRow("Win32_Process", {"Name": "x", "ProcessId": each}) for each in numbers]


def test_the_processes_of_machines_are_all_but_that_of_windows() -> None:
    assert WORKER_PROCESSES.value_of(processes(4, 10, 12)) == WorkerProcesses((10, 12))


def test_processes_without_that_of_windows_were_withheld() -> None:
    with pytest.raises(ValueError, match="no process 4"):
        WORKER_PROCESSES.value_of(processes())


PROCESSOR: Mapping[str, Any] = {
    "InstanceID": rf"Microsoft:{VM}\b637f346-6a0e-4dec-af52-bd70cb80a21d\0",
    "LimitProcessorFeatures": True,
}


def test_processor_settings_are_of_their_machine_and_defaults_of_none() -> None:
    defaults = {**PROCESSOR, "InstanceID": r"Microsoft:Definition\B637F346\Default"}
    rows = [WmiRow("Msvm_ProcessorSettingData", each) for each in (PROCESSOR, defaults)]
    (found,) = VIRTUAL_MACHINE_PROCESSORS.value_of(rows)
    assert (found.owner, found.limited, found.limited_mode, found.group) == (VM, True, None, "")


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("00000000-0000-0000-0000-000000000000", ""),
        (None, ""),
        (f"{{{OTHER.lower()}}}", OTHER),
    ],
)
def test_a_cpu_group_of_zeros_is_none(text: str | None, group: str) -> None:
    row = WmiRow("Msvm_ProcessorSettingData", {**PROCESSOR, "CpuGroupId": text})
    (found,) = VIRTUAL_MACHINE_PROCESSORS.value_of([row])
    assert found.group == group
