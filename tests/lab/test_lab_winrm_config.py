"""The WinRM service of a simulated machine: its settings, its clock, and what is closed alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from time import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import requests
from lab_clients import PlainClient
from one_change import SERVER_2008_R2, fleet, world_of

from livemigration.lab.fleet import Fleet
from livemigration.lab.launch import RunningLab, start
from livemigration.lab.winrm_config import CONFIGURATION, configuration_xml
from livemigration.wsman import namespaces as ns

GET = f"{ns.TRANSFER}/Get"
AHEAD = 600
CIMV2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_OperatingSystem"
CLUSTER = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/MSCluster/MSCluster_Cluster"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    changes: list[dict[str, Any]] = [
        {"winrm": {"MaxEnvelopeSizekb": 64, "Winrs/AllowRemoteShellAccess": False}},
        {"denied": ["winrm/config"], "clock": AHEAD},
        {"denied": ["root/cimv2"], "cluster": "cl"},
    ]
    file = tmp_path_factory.mktemp("fleet") / "fleet.yaml"
    vmm = {"name": "vmm01.contoso.com", "address": "1.5", "winrm": {"Winrs/MaxShellsPerUser": 2}}
    file.write_text(json.dumps(fleet(*changes, vmm=vmm, allow_unencrypted=True)), encoding="utf-8")
    with start(str(file)) as started:
        yield started


def ask(lab: RunningLab, number: int, resource: str) -> tuple[int, ET.Element]:
    """Return the status and the reply to a Get; 0 is the VMM server, 1 the first host."""
    client = PlainClient(lab, (lab.vmm, *lab.hosts)[number])
    try:
        return client.send(GET, resource)
    finally:
        client.close()


def setting(reply: ET.Element, path: str) -> str | None:
    config = reply.find(f".//{{{CONFIGURATION}}}Config")
    assert config is not None
    return config.findtext("/".join(f"{{{CONFIGURATION}}}{part}" for part in path.split("/")))


def test_a_fleet_says_what_differs_from_the_defaults(lab: RunningLab) -> None:
    _, host = ask(lab, 1, CONFIGURATION)
    assert setting(host, "MaxEnvelopeSizekb") == "64"
    assert setting(host, "Winrs/AllowRemoteShellAccess") == "false"
    assert setting(host, "Service/MaxConcurrentOperationsPerUser") == "1500"
    assert setting(host, "Service/AllowUnencrypted") == "true", "as the lab really does"
    _, vmm = ask(lab, 0, CONFIGURATION)
    assert setting(vmm, "Winrs/MaxShellsPerUser") == "2"


def test_the_settings_alone_can_be_closed(lab: RunningLab) -> None:
    status, reply = ask(lab, 2, CONFIGURATION)
    assert (status, fault_code(reply)) == (500, "5")
    assert ask(lab, 2, CIMV2)[0] == 200


def test_one_namespace_can_be_closed(lab: RunningLab) -> None:
    status, reply = ask(lab, 3, CIMV2)
    assert (status, fault_code(reply)) == (500, "2150859014")
    assert ask(lab, 3, CLUSTER)[0] == 200
    assert ask(lab, 3, CONFIGURATION)[0] == 200


def fault_code(reply: ET.Element) -> str | None:
    fault = reply.find(f".//{{{ns.FAULT}}}WSManFault")
    return None if fault is None else fault.get("Code")


@pytest.mark.parametrize(("number", "ahead"), [(0, 0), (2, AHEAD)])
def test_every_reply_says_the_time_by_the_machines_own_clock(
    lab: RunningLab, number: int, ahead: int
) -> None:
    machine = (lab.vmm, *lab.hosts)[number]
    reply = requests.post(f"http://{machine.address}:{machine.port}/wsman", data=b"", timeout=60)
    assert reply.status_code == 401
    told = parsedate_to_datetime(reply.headers["Date"]).timestamp()
    assert abs(told - time() - ahead) < 30


def test_the_stack_before_2012_has_other_defaults() -> None:
    new, host = world_of({})
    assert new.winrm(host)["Service/MaxConcurrentOperationsPerUser"] == 1500
    old, host = world_of({"system": SERVER_2008_R2})
    assert old.winrm(host)["Service/MaxConcurrentOperationsPerUser"] == 15
    assert old.winrm(host)["MaxEnvelopeSizekb"] == 150


def test_a_value_is_text_in_xml() -> None:
    world, host = world_of({"winrm": {"Service/IPv4Filter": "<&>"}})
    root = ET.fromstring(configuration_xml(world.winrm(host)))  # noqa: S314 - the lab's own
    assert root.findtext(f"{{{CONFIGURATION}}}Service/{{{CONFIGURATION}}}IPv4Filter") == "<&>"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"winrm": {"MaxShells": 1}}, "'MaxShells' is no setting of winrm/config"),
        ({"denied": ["root/none"]}, "'root/none' is nothing that the suite reads"),
    ],
)
def test_what_does_not_exist_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Fleet.model_validate(fleet(change))
