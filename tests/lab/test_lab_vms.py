"""The virtual machines of a fleet's host are what its classes answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from in_turn import in_turn
from one_change import SERVER_2008_R2, SERVER_2012, world_of

from livemigration.facts import machine_moves, virtual_disks
from livemigration.facts import virtual_machines as vms
from livemigration.facts.cim import WmiRow
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import WmiGroup
from livemigration.lab import instances
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.wql_rows import prepared

WEB = {"name": "web01"}


def read(change: Mapping[str, Any], group: WmiGroup[Any]) -> Any:
    """Return what the suite reads of a host of the lab that is so changed."""
    world, host = world_of(change)
    wanted = prepared(group.query.wql)
    home = group.query.wmi_class
    rows = instances.rows(world, host, home.namespace, home.name)
    assert rows is not None
    return group.value_of([WmiRow(home.name, each) for each in rows if wanted.wanted(each)])


def state(vm: Mapping[str, Any]) -> vms.VirtualMachineState:
    found: tuple[vms.VirtualMachineState, ...] = read({"vms": [vm]}, vms.VIRTUAL_MACHINE_STATES)
    return found[1]


def test_a_host_that_names_no_machine_has_its_own_row_and_no_process() -> None:
    assert read({}, vms.VIRTUAL_MACHINES) == ()
    assert [each.identifier for each in read({}, vms.VIRTUAL_MACHINE_STATES)] == ["HV01"]
    assert read({}, vms.WORKER_PROCESSES).identifiers == ()


def test_a_machine_has_settings_a_state_processors_and_a_process() -> None:
    change = {"vms": [WEB, {"name": "db01", "state": "off", "path": r"\\fs\vms"}]}
    first, second = read(change, vms.VIRTUAL_MACHINES)
    assert (first.name, first.version, first.configuration_root) == (
        *("web01", "10.0"),
        r"D:\Hyper-V\web01",
    )
    assert second.configuration_root == r"\\fs\vms\db01"
    states = {each.identifier: each for each in read(change, vms.VIRTUAL_MACHINE_STATES)}
    workers = read(change, vms.WORKER_PROCESSES).identifiers
    assert [states[each.identifier].process for each in (first, second)] == [*workers, None]
    owners = [each.owner for each in read(change, vms.VIRTUAL_MACHINE_PROCESSORS)]
    assert owners == [first.identifier, second.identifier]


@in_turn(
    "said, enabled, status, health",
    [
        ("running", 2, (2,), 5),
        ("off", 3, (2,), 5),
        ("saved", 6, (2,), 5),
        ("critical", 9, (3,), 25),
        ("migrating", 2, (2, 32774), 5),
        ("merging", 2, (2, 32772), 5),
    ],
)
def test_a_state_is_told_in_numbers(
    said: str, enabled: int, status: tuple[int, ...], health: int
) -> None:
    found = state({**WEB, "state": said})
    assert (found.enabled_state, found.operational_status, found.health_state) == (
        *(enabled, status),
        health,
    )


def test_a_replica_says_so() -> None:
    assert state({**WEB, "replica": "replica"}).replication_mode == 2
    assert state(WEB).replication_mode == 0


def test_a_backup_has_a_checkpoint_of_its_own() -> None:
    change = {"vms": [{**WEB, "in_backup": True, "checkpoints": 2}]}
    (found,) = read(change, vms.VIRTUAL_MACHINES)
    assert (found.in_backup, found.checkpoints) == (True, 2)


def test_machines_that_are_hidden_still_have_processes() -> None:
    change = {"vms": [WEB], "hides_vms": True}
    assert read(change, vms.VIRTUAL_MACHINES) == ()
    assert len(read(change, vms.VIRTUAL_MACHINE_STATES)) == 1
    assert len(read(change, vms.WORKER_PROCESSES).identifiers) == 1


def test_server_2012_has_the_classes_without_later_properties_and_2008_r2_has_none() -> None:
    (found,) = read({"vms": [WEB], "system": SERVER_2012}, vms.VIRTUAL_MACHINE_PROCESSORS)
    assert (found.nested, found.limited_mode) == (None, None)
    world, host = world_of({"vms": [WEB], "system": SERVER_2008_R2})
    for group in (vms.VIRTUAL_MACHINES, vms.VIRTUAL_MACHINE_PROCESSORS):
        home = group.query.wmi_class
        assert instances.rows(world, host, home.namespace, home.name) is None


def test_a_guid_is_made_of_the_name_and_may_be_given() -> None:
    guid = "d40bb1b7-1b15-437c-a36b-b142c18c2060"
    assert FleetVm(name="a").identifier == FleetVm(name="a").identifier
    assert FleetVm(name="a").identifier != FleetVm(name="b").identifier
    assert FleetVm(name="a", guid=guid).identifier == guid.upper()
    with pytest.raises(ValueError, match="is no GUID"):
        FleetVm(name="a", guid="7")


def test_drives_hold_files_and_drives_of_the_host() -> None:
    disks = [{"file": "a.vhdx"}, {"file": r"\\fs\b.vhds", "shared": True}, {"physical": True}]
    machine = {**WEB, "disks": disks, "disc": r"D:\x.iso", "host_dvd": True}
    first, second, disc = read({"vms": [machine]}, virtual_disks.VIRTUAL_DISKS)
    assert (first.file, first.shared, first.is_disc) == (r"D:\Hyper-V\web01\a.vhdx", False, False)
    assert (second.file, second.shared) == (r"\\fs\b.vhds", True)
    assert (disc.file, disc.is_disc, disc.owner) == (r"D:\x.iso", True, first.owner)
    found = read({"vms": [machine]}, virtual_disks.PHYSICAL_DRIVES)
    assert [each.is_dvd for each in found] == [False, True]
    hidden = {"vms": [machine], "hides_vms": True}
    assert read(hidden, virtual_disks.VIRTUAL_DISKS) == ()
    assert read(hidden, virtual_disks.PHYSICAL_DRIVES) == ()


def test_server_2012_does_not_say_what_is_shared() -> None:
    (found,) = read({"vms": [WEB], "system": SERVER_2012}, virtual_disks.VIRTUAL_DISKS)
    assert found.shared is None


def test_planned_machines_and_migrations_are_told() -> None:
    change = {"planned": ["web09"], "moves": 2}
    (planned,) = read(change, machine_moves.PLANNED_MACHINES)
    assert (planned.name, planned.identifier) == ("web09", FleetVm(name="web09").identifier)
    assert [each.ended for each in read(change, machine_moves.MIGRATION_JOBS)] == [False, False]
    assert read(change, LISTENERS).active_migrations == 2
    assert read({**change, "hides_vms": True}, machine_moves.PLANNED_MACHINES) == ()
