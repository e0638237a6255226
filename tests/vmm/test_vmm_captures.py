"""The scripts, the stub and the facts beside the objects of a real VMM.

Recorded by another project with a VMM 2012 R2; skipped where they are not beside the repository.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from livemigration.facts.virtual_disks import VirtualDisk
from livemigration.facts.vmm import VmmHostSettings
from livemigration.gather.record import record_of, release_facts
from livemigration.gather.vmm_disks import disks_of_reply
from livemigration.verdict.disk_records import Bases, bases_of, size_of
from livemigration.verdict.machine_files import plain_path
from livemigration.vmm.properties import HostStateReply, ServerReply
from livemigration.vmm.scripts import (
    READ_DISKS,
    READ_VMM,
    DiskFileReply,
    DiskReply,
    HostReply,
    ReadVmmReply,
    ReleaseReply,
)

HERE = Path(__file__).parent
OBJECTS = HERE.parents[2] / "shared" / "captures" / "vmm" / "vmm-2012r2-objects.json"
STUB = json.loads((HERE / "stub" / "vmm.json").read_text(encoding="utf-8"))

# The full name's other name is in the objects; their copy in JSON left it out.
ALIASES = {"FQDN"}
# Of objects that the copy holds as texts only.
OF_PARTS = {"AgentVersion", "VersionState", "VersionStateString", "State", "StateString"} | {
    "LastKnownError",
    "UserRoleProfile",
    "ClusterReserve",
    "ClusterReserveState",
}


@pytest.fixture(scope="module")
def real() -> Any:
    if not OBJECTS.is_file():
        pytest.skip("the captured objects of a real VMM are not beside the repository")
    return json.loads(OBJECTS.read_text(encoding="utf-8"))


def read_names(text: str) -> set[str]:
    """Return the property names that a script asks for."""
    asked = re.findall(
        r"Get-(?:Value|Texts?|Truth|Count|Bytes) \$\w+ (?:@\(([^)]*)\)|('[^']*'))", text
    )
    tested = re.findall(r"PSObject\.Properties\[('[A-Z][^']*')\]", text)
    return {
        name
        for each in (*(a or b for a, b in asked), *tested)
        for name in re.findall(r"'([^']*)'", each)
    }


def test_read_vmm_asks_for_properties_that_vmm_has(real: Any) -> None:
    names = read_names(READ_VMM.text)
    assert {"CommunicationState", "SslTcpPort", "MigrationSubnetUserManaged"} <= names
    node = set().union(*real["nodes"]) | set(real["server"])
    assert names - node - ALIASES - OF_PARTS == set()


@pytest.mark.parametrize("number", [0, 1])
def test_the_stub_and_the_reply_have_no_property_that_vmm_has_not(real: Any, number: int) -> None:
    node, own = set(real["nodes"][number]), set(real["server"])
    assert {each.name for each in fields(HostStateReply)} <= node
    assert {each.name for each in fields(ServerReply)} <= own
    assert set(STUB["hosts"][0]) <= node
    assert set(STUB["server"]) <= own
    for name, value in STUB["hosts"][0].items():
        captured = real["nodes"][number][name]
        if isinstance(value, (int, bool)):
            assert type(value) is type(captured), name


def test_the_objects_of_a_real_vmm_become_facts(real: Any) -> None:
    node = real["nodes"][0]
    reply = HostReply(
        node["Name"],
        node["FullyQualifiedDomainName"],
        node["HostCluster"],
        node["PerimeterNetworkHost"],
        VmmHostSettings(
            authentication=str(node["MigrationAuthProtocol"]),
            performance=str(node["MigrationPerformanceOption"]),
            subnets=tuple(node["MigrationSubnet"].split()),
        ),
        HostStateReply(
            CommunicationState=str(node["CommunicationState"]),
            OverallState=str(node["OverallState"]),
            MaintenanceHost=node["MaintenanceHost"],
            NonTrustedDomainHost=node["NonTrustedDomainHost"],
            SslTcpPort=node["SslTcpPort"],
            MemoryReserveMB=node["MemoryReserveMB"],
            OverrideHostGroupReserves=node["OverrideHostGroupReserves"],
            MigrationSubnetUserManaged=tuple(
                each == "True" for each in node["MigrationSubnetUserManaged"].split()
            ),
        ),
    )
    record = record_of(reply, "x")
    assert record.communication_state == node["CommunicationStateString"]
    assert record.overall_state == node["OverallStateString"]
    assert (record.memory_reserve, record.own_reserve) == (2048, False)
    assert (record.ssl_port, record.subnets_user_managed) == (5985, False)
    assert record.settings.authentication == "CredSSP"
    assert record.settings.performance == "UseCompression"
    own = real["server"]
    said = ServerReply(
        IsHighlyAvailable=own["IsHighlyAvailable"],
        ActiveVMMNode=own["ActiveVMMNode"],
        VMMServiceAccount=own["VMMServiceAccount"],
        ConnectedUserName=own["ConnectedUserName"],
        UserRole=own["UserRole"],
        Profile=str(own["Profile"]),
    )
    facts = release_facts(ReadVmmReply(ReleaseReply(None, own["ProductVersion"]), (), None, said))
    assert (facts.is_highly_available, facts.account_role) == (False, "Administrator")
    assert facts.account == facts.service_account, "this lab ran VMM as its administrator"


def real_disks(real: Any) -> list[dict[str, Any]]:
    return [disk for vm in real["vms"] for disk in vm["VirtualHardDisks"]]


def test_read_disks_asks_for_properties_that_vmm_has(real: Any) -> None:
    names = read_names(READ_DISKS.text)
    assert names == {
        *("Location", "SharePath", "Size", "MaximumSize", "VHDType", "ParentDisk"),
        "VirtualHardDisks",
    }
    assert all(names <= {*disk, "VirtualHardDisks"} for disk in real_disks(real))


def test_the_stubs_disks_have_no_property_that_vmm_has_not(real: Any) -> None:
    known = set(real_disks(real)[0])
    for disk in (disk for vm in STUB["machines"] for disk in vm.get("VirtualHardDisks", ())):
        assert set(disk) <= known
        assert disk["ParentDisk"] is None or set(disk["ParentDisk"]) <= known


def test_the_disks_of_a_real_vmm_become_facts(real: Any) -> None:
    found = disks_of_reply(
        tuple(
            DiskReply(
                each["Location"],
                each["Size"],
                each["MaximumSize"],
                each["VHDType"] == 3,
                # In this copy a parent has become its name, of which the script makes no path.
                () if each["ParentDisk"] is None else (DiskFileReply(None),),
            )
            for each in real_disks(real)
        )
    )
    assert len(found) == len(real_disks(real))
    for each in found:
        # Whatever has a parent says that it is differencing, and the other way round.
        assert each.differencing is bool(each.parents)
        assert each.differencing is each.file.endswith(".avhdx")
        assert each.size is not None
        assert each.maximum is not None
    whole = [VirtualDisk("", each.file) for each in found if not each.differencing]
    records = {plain_path(each.file): each for each in found}
    assert size_of(whole, records) == sum(e.size or 0 for e in found if not e.differencing)
    assert bases_of([VirtualDisk("", each.file) for each in found], records) == Bases()
