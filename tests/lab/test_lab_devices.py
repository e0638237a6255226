"""Devices and protection in a fleet file are what the classes and methods of a host answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from fact_builders import CHECKS
from fleet_runs import PATIENT
from in_turn import in_turn
from lab_clients import fleet_file
from one_change import SERVER_2012, fleet, world_of
from test_lab_vms import read

from livemigration.base.deadline import Deadline
from livemigration.facts import virtual_devices as devices
from livemigration.facts.cim import WmiQuery
from livemigration.facts.connection_pools import CONNECTION_POOLS, ConnectionPools
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.host_guardian import (
    GUARDIAN_CERTIFICATES,
    HOST_GUARDIAN,
    GuardianCertificates,
    HostGuardian,
)
from livemigration.facts.model import Gathered, Outcome
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_PROCESSORS, VIRTUAL_MACHINES
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtual_security import VIRTUAL_SECURITY, VirtualSecurity
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.inventory.connection import Connection
from livemigration.lab import instances
from livemigration.lab.launch import RunningLab, start
from livemigration.verdict.switch_kinds import SwitchKind, kinds_of
from livemigration.wsman.session import WsmanSession

SERVER_2025 = {"build": 26100, "version": "10.0.26100", "caption": "Server 2025"}
SERVER_2016 = {"build": 14393, "version": "10.0.14393", "caption": "Server 2016"}
URL = "https://hgs.contoso.com/KeyProtection"


def vm(**more: Any) -> dict[str, Any]:
    return {"name": "web01"} | more


def owner(change: Mapping[str, Any]) -> str:
    (found,) = read(change, VIRTUAL_MACHINES)
    guid: str = found.identifier
    return guid


def test_a_machine_that_names_no_device_has_none_beside_the_defaults() -> None:
    change = {"vms": [vm()], "system": SERVER_2025}
    for group in (
        devices.PASSED_THROUGH_DEVICES,
        devices.GPU_PARTITION_SETTINGS,
        devices.FIBRE_CHANNEL_CONNECTIONS,
        PHYSICAL_DRIVES,
        devices.GPU_PARTITIONS,
        devices.PARTITIONABLE_GPUS,
    ):
        assert read(change, group) == ()
    assert read(change, CONNECTION_POOLS) == ConnectionPools((), True, (), True)
    assert read(change, VIRTUAL_SECURITY) == (VirtualSecurity(owner(change), False, False, False),)


def test_each_device_is_a_row_of_its_machine() -> None:
    own = {
        "passed_through": True,
        "gpu": "fixed",
        "virtual_san": "A",
        "persistent_memory": True,
        "nested": True,
    }
    change = {
        "system": SERVER_2025,
        "vms": [vm(devices=own)],
        "devices": {
            "virtual_sans": ["A", "B"],
            "network_pools": ["C"],
            "gpus": ["movable", "unsaid"],
        },
    }
    guid = owner(change)
    assert read(change, devices.PASSED_THROUGH_DEVICES) == (devices.PassedThroughDevice(guid),)
    assert read(change, devices.GPU_PARTITION_SETTINGS) == (devices.GpuPartitionSetting(guid),)
    (partition,) = read(change, devices.GPU_PARTITIONS)
    assert guid in partition.machines
    assert partition.leaves_live is False
    assert [each.takes_live for each in read(change, devices.PARTITIONABLE_GPUS)] == [True, None]
    assert read(change, devices.FIBRE_CHANNEL_CONNECTIONS) == (
        devices.FibreChannelConnection(guid, "A"),
    )
    assert read(change, CONNECTION_POOLS) == ConnectionPools(("A", "B"), True, ("C",), True)
    assert [(each.owner, each.is_memory) for each in read(change, PHYSICAL_DRIVES)] == [
        (guid, True)
    ]
    assert [each.nested for each in read(change, VIRTUAL_MACHINE_PROCESSORS)] == [True]


def test_an_account_without_rights_is_shown_no_pool() -> None:
    change = {"devices": {"virtual_sans": ["A"], "hides_pools": True}}
    assert read(change, CONNECTION_POOLS) == ConnectionPools((), shown=False)


def test_protection_is_told_of_its_machine() -> None:
    own = {"tpm": True, "shielded": True, "bound_to_host_tpm": True, "isolation": "sev-snp"}
    change = {"vms": [vm(protection=own)]}
    guid = owner(change)
    assert read(change, VIRTUAL_SECURITY) == (VirtualSecurity(guid, True, True, True),)
    (machine,) = read(change, VIRTUAL_MACHINES)
    assert machine.isolation == 2
    newer = {"system": {**SERVER_2025, "build": 28000}, "vms": [vm(protection={"unmovable": True})]}
    assert read(newer, VIRTUAL_SECURITY) == (VirtualSecurity(guid, False, False, False, 1),)


@in_turn("isolation, expected", [(None, None), ("trusted-launch", 0), ("vbs", 1), ("tdx", 3)])
def test_isolation_is_told_where_it_is_on(isolation: str | None, expected: int | None) -> None:
    (machine,) = read({"vms": [vm(protection={"isolation": isolation})]}, VIRTUAL_MACHINES)
    assert machine.isolation == expected


@pytest.mark.parametrize(
    ("system", "there"),
    [
        (SERVER_2012, {"Msvm_FcPortAllocationSettingData", "Msvm_ResourcePool"}),
        (SERVER_2016, {"Msvm_PciExpressSettingData", "Msvm_SecuritySettingData"}),
    ],
)
def test_an_older_release_lacks_what_came_later(system: dict[str, Any], there: set[str]) -> None:
    world, host = world_of({"system": system, "vms": [vm()]})
    namespace = "root/virtualization/v2"
    for name in there:
        assert instances.rows(world, host, namespace, name)
    assert instances.rows(world, host, namespace, "Msvm_PartitionableGpu") is None
    if system is SERVER_2012:
        assert instances.rows(world, host, namespace, "Msvm_SecuritySettingData") is None


def test_a_switch_is_of_the_kind_that_the_fleet_says() -> None:
    inner = {"Lab": "internal", "Dev": "private"}
    change = {"switches": ["Tenants", "Lab", "Dev"], "devices": {"inner_switches": inner}}
    switches, ports = read(change, VIRTUAL_SWITCHES), read(change, VIRTUAL_PORTS)
    kinds = kinds_of(switches, ports)
    assert {each.name: kinds[each.identifier] for each in switches} == {
        "Tenants": SwitchKind.EXTERNAL,
        "Lab": SwitchKind.INTERNAL,
        "Dev": SwitchKind.PRIVATE,
    }


@pytest.mark.parametrize(("system", "name"), [(SERVER_2012, ""), (SERVER_2016, "Tenants")])
def test_an_old_host_does_not_note_the_last_switch(system: dict[str, Any], name: str) -> None:
    found = read({"system": system, "vms": [vm()]}, VIRTUAL_PORTS)
    assert [each.last_switch for each in found if each.switch] == [name]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    described = fleet(
        {},
        {"protection": {"guardian": f"{URL}/", "certificates": ["one"]}},
        {"protection": {"guardian": URL, "guarded": False, "certificates": None}},
        {"protection": {"certificates": []}},
        {"system": SERVER_2012},
    )
    text = json.dumps(described)
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=text)) as running:
        yield running


def asked(lab: RunningLab, number: int) -> dict[str, Outcome[Any]]:
    """Return what a host of the lab says of its guardian, over the wire."""
    found: dict[str, Outcome[Any]] = {}
    machine = lab.hosts[number]
    access = Access(Connection(time_limits=PATIENT), lab.credentials)
    target = Target(machine.name, machine.address, machine.port, access=access)
    wanted = [HOST_GUARDIAN.name, GUARDIAN_CERTIFICATES.name, OPERATING_SYSTEM.name]
    gather_host(target, wanted, connector(), Deadline.after(60), found, AbsentProperties())
    return found


@in_turn(
    "number, guardian, certificates",
    [
        (0, HostGuardian(False), 2),
        (1, HostGuardian(True, (URL.lower(),)), 2),
        (2, HostGuardian(False, (URL.lower(),)), None),
        (3, HostGuardian(False), 0),
        # Windows Server 2012 has no such class, and is not asked.
        (4, HostGuardian(False), 2),
    ],
)
def test_the_guardian_and_its_certificates_are_read_over_the_wire(
    lab: RunningLab, number: int, guardian: HostGuardian, certificates: int | None
) -> None:
    found = asked(lab, number)
    said = found[HOST_GUARDIAN.name]
    assert isinstance(said, Gathered), said
    assert said.value == guardian
    held = found[GUARDIAN_CERTIFICATES.name]
    assert isinstance(held, Gathered), held
    assert isinstance(held.value, GuardianCertificates)
    thumbprints = held.value.thumbprints
    assert (None if thumbprints is None else len(thumbprints)) == certificates


def test_hosts_have_the_certificates_that_their_names_say(lab: RunningLab) -> None:
    first, second = (asked(lab, each)[GUARDIAN_CERTIFICATES.name] for each in (0, 1))
    assert isinstance(first, Gathered)
    assert isinstance(second, Gathered)
    assert set(first.value.thumbprints).isdisjoint(second.value.thumbprints)


@dataclass
class Counting:
    """A session that keeps which classes it was asked for, whatever pages an answer took."""

    session: WsmanSession
    asked: list[str]

    def enumerate(self, query: WmiQuery) -> Any:
        rows = self.session.enumerate(query)
        self.asked.append(query.wmi_class.name)
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


def questions(lab: RunningLab) -> list[str]:
    """Return the classes that a host of the lab is asked for, for LM703 and LM704."""
    asked: list[str] = []
    opened = connector()

    def connect(target: Target, deadline: Deadline) -> WsmanSession:
        return cast("WsmanSession", Counting(opened(target, deadline), asked))

    machine, found = lab.hosts[0], dict[str, Outcome[Any]]()
    access = Access(Connection(time_limits=PATIENT), lab.credentials)
    target = Target(machine.name, machine.address, machine.port, access=access)
    wanted = CHECKS["LM703"].declared | CHECKS["LM704"].declared
    gather_host(target, wanted, connect, Deadline.after(120), found, AbsentProperties())
    assert all(isinstance(each, Gathered) for each in found.values())
    return asked


@pytest.mark.long
def test_two_hundred_machines_are_more_pages_and_no_more_questions(tmp_path: Path) -> None:
    devices = {"gpu": "movable", "virtual_san": "A", "persistent_memory": True}
    counted = []
    for number in (1, 200):
        machines = [vm(name=f"vm{each:03}", devices=devices) for each in range(number)]
        text = json.dumps(fleet({"vms": machines, "system": SERVER_2025}, firewall_rules=0))
        with start(fleet_file(tmp_path, text=text)) as running:
            counted.append(sorted(questions(running)))
    few, many = counted
    assert few == many
    assert len(few) == len(set(few))
