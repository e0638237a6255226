"""Fleets of virtual machines: healthy ones are silent, many cost no more questions than few."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fleet_runs import ask, judged
from lab_clients import fleet_file
from test_lab_messages import costs, needed

from livemigration.facts.model import Gathered
from livemigration.facts.virtual_machines import VIRTUAL_MACHINES
from livemigration.inventory.policy import Policy
from livemigration.lab.launch import start
from livemigration.run.result import State

OF_MACHINES = ("LM701", "LM702", "LM705", "LM706", "LM707")
SERVER_2012_R2 = {"build": 9600, "version": "6.3.9600", "caption": "Server 2012 R2"}
CSV = r"C:\ClusterStorage\Volume2"


def host(number: int, **said: Any) -> dict[str, Any]:
    return {
        "name": f"hv{number:02}.contoso.com",
        "shows": "healthy",
        "addresses": {"management": f"1.{10 + number}"},
        **said,
    }


def fleet(*hosts: dict[str, Any], **said: Any) -> str:
    return json.dumps(
        {
            "name": "machines",
            "title": "hosts with virtual machines",
            "domain": "contoso.com",
            "firewall_rules": 0,
            "networks": {"management": {"subnet": "1.0/24"}},
            "system": {"build": 20348, "version": "10.0.20348", "caption": "Server 2022"},
            "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"},
            "clusters": {"cluster1": {}},
            "hosts": hosts,
            **said,
        }
    )


GUEST_DISC = r"C:\Windows\System32\vmguest.iso"
ALONE = (
    {"name": "web01"},
    {"name": "on SMB", "path": r"\\fs01.contoso.com\vms"},
    {"name": "template", "state": "off", "disc": r"D:\iso\windows.iso"},
    {"name": "off, with a disk of the host", "state": "off", "disks": [{"physical": True}]},
    {"name": "saved", "state": "saved"},
    {"name": "paused by a person", "state": "paused"},
    {"name": "replica", "state": "off", "replica": "replica"},
    {"name": "test replica", "replica": "test"},
    {"name": "primary", "replica": "primary"},
    {"name": "checkpoints", "checkpoints": 3, "disks": [{"file": "a_1.avhdx"}]},
    {"name": "Zürich \u202e 東京's", "version": "9.0"},
)
# It has the disks of its node, and stays with them.
CONTROLLER = {
    "clustered": False,
    "path": r"D:\Controller",
    "disks": [{"file": "boot.vhdx"}, {"physical": True}],
}
HEALTHY = fleet(
    host(1, vms=ALONE),
    host(2, vms=[{"name": "web02", "disc": GUEST_DISC}], system=SERVER_2012_R2),
    host(3, moves=1, planned=["web09"], vms=[{"name": "web03"}]),
    host(4),
    host(
        5,
        cluster="cluster1",
        vms=[
            {"name": "crm01"},
            {"name": "crm02", "path": CSV, "disks": [{"file": "q.vhds", "shared": True}]},
            {"name": "crm03", "path": r"\\sofs\vms"},
            {"name": "STORAGE-NODE5", **CONTROLLER},
        ],
    ),
    host(
        6,
        cluster="cluster1",
        vms=[
            {"name": "crm02b", "disks": [{"file": "q.vhds", "shared": True}]},
            {"name": "Storage-Node6", **CONTROLLER, "disc": r"D:\boot.iso"},
            {"name": "old", "clustered": False, "state": "off", "path": r"D:\Old"},
        ],
    ),
)
_PASS = State.PASS
POLICY = Policy(stays=("storage-*",))


@pytest.mark.long
def test_healthy_hosts_with_machines_are_silent(tmp_path: Path) -> None:
    with start(fleet_file(tmp_path, text=HEALTHY)) as lab:
        facts = ask(lab)
    results = judged(facts, dict.fromkeys(facts.hosts, POLICY))
    of_machines = {key: each for key, each in results.items() if key[0] in OF_MACHINES}
    assert len(of_machines) == 6 * len(OF_MACHINES)
    states = {each.state for each in of_machines.values()}
    said = [(key, each.findings) for key, each in of_machines.items() if each.state is not _PASS]
    assert states == {_PASS, State.NOT_APPLICABLE}, said
    without = {key[1] for key, each in of_machines.items() if each.state is State.NOT_APPLICABLE}
    assert "hv05.contoso.com" not in without


@dataclass(frozen=True)
class Asked:
    """What it took to ask a host with so many machines."""

    requests: int
    bytes_in: int
    machines: int
    checkpoints: int


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Asked]:
    found = {}
    for number in (1, 200):
        machine = {"checkpoints": 1, "disc": r"D:\x.iso"}
        vms = [{"name": f"vm{each:03}", **machine} for each in range(number)]
        text = fleet(host(1, vms=vms))
        with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=text)) as lab:
            cost = costs(lab, needed(("vms",)), client="streams")
        (sheet,) = cost.facts.hosts.values()
        machines = sheet.outcome(VIRTUAL_MACHINES)
        assert isinstance(machines, Gathered)
        assert all(isinstance(each, Gathered) for each in sheet.outcomes.values())
        found[number] = Asked(
            cost.access.requests,
            cost.access.bytes_in,
            len(machines.value),
            sum(each.checkpoints or 0 for each in machines.value),
        )
    return found


@pytest.mark.long
def test_many_machines_cost_pages_and_no_more_questions(asked: dict[int, Asked]) -> None:
    few, many = asked[1], asked[200]
    assert (few.machines, many.machines, many.checkpoints) == (1, 200, 200)
    # A page is one request; the rows of one class are on a few of them.
    assert many.requests - few.requests <= 25, asked
    assert many.bytes_in < 200 * 8_000, asked
