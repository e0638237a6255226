"""Each trouble of a machine is told as what it is, with the lines for that machine and their undo.

The machines are the lab's: this says nothing of Windows.
"""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from troubled import OLD_SYSTEM, Doctor, told, write

from livemigration.commands import doctor as doctor_command
from livemigration.commands.main import main
from livemigration.commands.schema import SCHEMAS
from livemigration.doctor.rights import namespaces_of
from livemigration.verdict.loader import LoadedCheck, checks_folder, load_checks

TROUBLES: dict[str, dict[str, Any]] = {
    "silent": {"down": "silent"},
    "refused": {"down": "refused"},
    "outside": {"access": "denied"},
    "no-wmi": {"access": "wmi-denied"},
    "no-cimv2": {"denied": ["root/cimv2"]},
    "no-hyper-v": {"denied": ["root/virtualization/v2"]},
    "no-cluster": {"denied": ["root/MSCluster"], "cluster": "cl"},
    "no-registry": {"denied": ["root/default"]},
    "no-settings": {"denied": ["winrm/config"]},
    "stopped": {"services": {"vmms": "Stopped"}},
    "no-rows": {"empty": ["Msvm_VirtualSystemMigrationServiceSettingData"]},
    "late": {"clock": -600},
    "small": {"winrm": {"MaxEnvelopeSizekb": 64, "Service/MaxConcurrentOperationsPerUser": 1}},
    "readable": {"winrm": {"Service/AllowUnencrypted": True, "Service/Auth/Basic": True}},
    "filtered": {"winrm": {"Service/IPv4Filter": "10.0.0.1-10.0.0.9"}},
    "old": {"system": OLD_SYSTEM},
    "well": {},
    "well-too": {"cluster": "cl"},
    "wrong": {"access": "wrong-password"},
}
VMM = {
    "winrm": {"Winrs/AllowRemoteShellAccess": False, "Winrs/MaxShellsPerUser": 2},
}


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(tmp_path_factory.mktemp("troubled"), TROUBLES, vmm=VMM)


@pytest.fixture(scope="module")
def document(inventory: str) -> dict[str, Any]:
    said = StringIO()
    with redirect_stdout(said):
        assert main(["doctor", "--inventory", inventory, "--json"]) == 1
    found: dict[str, Any] = json.loads(said.getvalue())
    return found


@pytest.fixture(scope="module")
def machines(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"].partition(".")[0]: each for each in document["machines"]}


def test_the_document_is_as_its_schema_says(document: dict[str, Any]) -> None:
    Draft202012Validator(SCHEMAS["doctor"]()).validate(document)
    assert document["simulated"] is True
    assert document["everything_can_be_asked"] is False
    assert len(document["machines"]) == len(TROUBLES) + 1


def test_the_worst_stand_first(document: dict[str, Any]) -> None:
    order = ["cannot be asked", "not tried", "can be asked, with a warning", "can be asked"]
    places = [order.index(each["state"]) for each in document["machines"]]
    assert places == sorted(places)


PROBLEMS: dict[str, tuple[str, ...]] = {
    "silent": ("not made in time", "Enable-NetFirewallRule", "Disable-NetFirewallRule"),
    "refused": ("was refused", "winrm enumerate", "Enable-PSRemoting", "Transport=HTTP' }"),
    "outside": ("ACCESS_DENIED", "S-1-5-32-580", "/add", "/delete", "RootSDDL"),
    "no-wmi": ("root\\cimv2", "Enable Account", "Remove LAB\\administrator", "S-1-5-32-580"),
    "no-cimv2": ("root/cimv2", "WMI_CANNOT_CONNECT_ACCESS_DENIED", "root\\cimv2", "Remote Enable"),
    "no-hyper-v": ("root/virtualization/v2", "S-1-5-32-578", "/delete"),
    "no-cluster": ("root/MSCluster", "Grant-ClusterAccess -User", "Remove-ClusterAccess"),
    "no-registry": (
        "root/default",
        "root\\default",
        "Execute Methods",
        "Remove LAB\\administrator",
    ),
    "stopped": ("the service vmms", "Start the service vmms"),
    "no-rows": ("Msvm_VirtualSystemMigrationServiceSettingData: expected one", "S-1-5-32-578"),
    "small": ("MaxConcurrentOperationsPerUser is 1", "Set-Item WSMan:\\localhost\\Service\\"),
    "wrong": ("refused", "user name and password"),
    "vmm01": ("AllowRemoteShellAccess", "Shell\\AllowRemoteShellAccess $true", "$false"),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_trouble_is_told_with_what_to_do_and_how_to_undo_it(
    machines: dict[str, dict[str, Any]], name: str
) -> None:
    assert machines[name]["state"] == "cannot be asked"
    said = told(machines[name])
    for each in PROBLEMS[name]:
        assert each in said


def test_wmi_that_is_closed_as_a_whole_is_one_problem(machines: dict[str, dict[str, Any]]) -> None:
    (remark,) = machines["no-wmi"]["remarks"][:-1]
    assert "root/cimv2" in remark["told"]
    assert "root/virtualization/v2" in remark["told"]
    assert "S-1-5-32-578" not in told(machines["no-wmi"]), "it is not Hyper-V that refuses"
    assert machines["no-wmi"]["remarks"][-1]["level"] == "note", "its settings are closed as well"


def test_a_service_that_is_stopped_is_not_called_a_lack_of_rights(
    machines: dict[str, dict[str, Any]],
) -> None:
    (remark,) = machines["stopped"]["remarks"]
    assert "wmimgmt" not in told(machines["stopped"])
    assert len(remark["steps"]) == 1


def test_a_closed_namespace_closes_no_other(machines: dict[str, dict[str, Any]]) -> None:
    found = {each["name"]: each["outcome"] for each in machines["no-hyper-v"]["namespaces"]}
    assert found.pop("root/virtualization/v2") == "denied"
    assert "denied" not in found.values()
    assert "failed" not in found.values()


WARNINGS: dict[str, tuple[str, ...]] = {
    "late": (" minutes behind this machine's", "Kerberos refuses more than 5 minutes", "w32tm"),
    "readable": ("AllowUnencrypted is true", "AllowUnencrypted $false", "AllowUnencrypted $true"),
}


def test_what_no_check_reads_is_not_asked(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_registry(folder: Path) -> list[LoadedCheck]:
        return [each for each in load_checks(folder) if not reads(each, "root/default")]

    monkeypatch.setattr(doctor_command, "load_checks", without_registry)
    inventory = write(tmp_path, {"no-registry": TROUBLES["no-registry"]})
    code, found = doctor.json(inventory)
    assert code == 0
    (host,) = (each for each in found["machines"] if each["subject"] == "host")
    assert host["state"] == "can be asked"
    names = {each["name"] for each in host["namespaces"]}
    assert "root/cimv2" in names
    assert "root/default" not in names


def reads(loaded: LoadedCheck, namespace: str) -> bool:
    return namespace in {each.name for each in namespaces_of(loaded.check.groups)}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_can_be_asked_and_still_matters_is_a_warning(
    machines: dict[str, dict[str, Any]], name: str
) -> None:
    assert machines[name]["state"] == "can be asked, with a warning"
    said = told(machines[name], "warning")
    for each in WARNINGS[name]:
        assert each in said


def test_the_clock_is_compared_to_the_second(machines: dict[str, dict[str, Any]]) -> None:
    assert -630 < machines["late"]["ahead"] < -570
    assert abs(machines["well"]["ahead"]) < 30


def test_settings_that_only_administrators_may_read_keep_nothing_from_being_asked(
    machines: dict[str, dict[str, Any]],
) -> None:
    machine = machines["no-settings"]
    assert machine["state"] == "can be asked"
    assert machine["settings"] == {}
    assert "were not examined" in told(machine, "note")


def test_the_range_of_a_filter_is_a_note(machines: dict[str, dict[str, Any]]) -> None:
    assert machines["filtered"]["state"] == "can be asked"
    assert "IPv4Filter is 10.0.0.1-10.0.0.9" in told(machines["filtered"], "note")


def test_a_host_that_is_well_has_every_namespace_of_the_checks(
    machines: dict[str, dict[str, Any]],
) -> None:
    folder = checks_folder()
    assert folder is not None
    asked = {group.name for each in load_checks(folder) for group in each.check.groups}
    assert "migration-settings" in asked
    names = {each["name"] for each in machines["well"]["namespaces"]}
    assert {"root/cimv2", "root/virtualization/v2", "root/standardcimv2"} <= names
    assert machines["well"]["remarks"] == []
    assert machines["well"]["account"] == "LAB\\administrator"
    assert machines["well"]["signed_in"].startswith("NTLM over HTTP")
    assert machines["well"]["settings"]["MaxEnvelopeSizekb"] == "500"


def test_an_older_windows_has_no_namespace_of_live_migration_and_is_asked(
    machines: dict[str, dict[str, Any]],
) -> None:
    found = {each["name"]: each["outcome"] for each in machines["old"]["namespaces"]}
    assert found["root/virtualization/v2"] == "absent"
    assert found["root/cimv2"] == "readable"


def test_what_nobody_looked_at_is_said(document: dict[str, Any]) -> None:
    assert any("no directory is configured" in each for each in document["not_examined"])


@pytest.mark.long
def test_a_healthy_machine_has_one_line_and_ready_is_said_nowhere(
    doctor: Doctor, inventory: str
) -> None:
    code, said = doctor.text(inventory)
    assert code == 1
    lines = [each for each in said.splitlines() if "well.contoso.com" in each]
    assert len(lines) == 1
    assert lines[0].startswith("ok ")
    assert "READY" not in said
    assert said.splitlines()[1].startswith("SIMULATED")
    assert said.splitlines()[-1].startswith("Not everything can be asked: ")


def test_a_fleet_that_is_well_ends_with_zero_and_a_line_each(
    doctor: Doctor, tmp_path: Path
) -> None:
    inventory = write(tmp_path, {"a": {}, "b": {"cluster": "cl"}})
    code, said = doctor.text(inventory)
    assert code == 0
    table = said.split("\n\n")[1].splitlines()
    assert [each.split()[:2] for each in table] == [
        ["ok", "vmm01.contoso.com"],
        ["ok", "a.contoso.com"],
        ["ok", "b.contoso.com"],
    ]
    assert "READY" not in said
    assert said.endswith("Everything can be asked of 3 machines.\n")


def test_only_the_hosts_that_match_are_asked_with_their_vmm_server(
    doctor: Doctor, inventory: str
) -> None:
    _, found = doctor.json(inventory, "--limit", "well,late*")
    names = {each["name"].partition(".")[0] for each in found["machines"]}
    assert names == {"vmm01", "well", "late"}


def test_a_vmm_server_whose_cmdlets_fail_is_told_with_the_role_that_is_missing(
    doctor: Doctor, tmp_path: Path
) -> None:
    inventory = write(tmp_path, {"a": {}}, vmm={"error": "You cannot contact the VMM server"})
    code, found = doctor.json(inventory)
    vmm = next(each for each in found["machines"] if each["subject"] == "vmm")
    assert (code, vmm["state"]) == (1, "cannot be asked")
    said = told(vmm)
    for words in ("You cannot contact", "New-SCUserRole", "ReadOnlyAdmin", "Remove-SCUserRole"):
        assert words in said


def test_a_host_that_vmm_does_not_list_to_the_account_is_named(
    doctor: Doctor, tmp_path: Path
) -> None:
    inventory = write(tmp_path, {"a": {}, "b": {"record": {"known": False}}})
    code, found = doctor.json(inventory)
    vmm = next(each for each in found["machines"] if each["subject"] == "vmm")
    assert (code, vmm["state"]) == (0, "can be asked, with a warning")
    assert "VMM lists 1 host to this account, and not b.contoso.com" in told(vmm, "warning")
