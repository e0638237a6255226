"""Redaction: what takes the place of a text has its form, so that what belongs together does."""

from __future__ import annotations

import json
import re

from in_turn import in_turn

from livemigration.collector import rules
from livemigration.collector.redact import redact

VM = "D40BB1B7-1B15-437C-A36B-B142C18C2060"
DEVICE = "83F8638B-8DCA-4152-9EDA-2CA8B33039B4"


def test_what_the_cluster_excludes_still_names_its_networks() -> None:
    document = {
        "networks": [{"identifier": "8A1B2C3D-0000-1111-2222-333344445555"}, {"ID": "own name"}],
        "excluded": ["8a1b2c3d-0000-1111-2222-333344445555"],
        "output": {"sValue": "8A1B2C3D-0000-1111-2222-333344445555; Own Name"},
    }
    hidden = redact(document)
    first, second = (next(iter(each.values())) for each in hidden["networks"])
    assert hidden["excluded"] == [first]
    assert hidden["output"]["sValue"] == f"{first};{second}"


def test_the_netbios_form_of_a_long_name_is_still_its_beginning() -> None:
    document = [
        {"name": "hv-production-01.contoso.com", "Name": "HV-PRODUCTION-0"},
        {"name": "hv-production-02.contoso.com", "Name": "hv-short"},
        {"name": "hv-short.contoso.com"},
    ]
    first, second, third = redact(document)
    one, two = (each["name"].partition(".")[0] for each in (first, second))
    assert one != two
    assert one[:15] == two[:15] == first["Name"]
    assert third["name"].partition(".")[0] == second["Name"]


def test_codes_in_a_sentence_are_kept_without_the_sentence() -> None:
    reasons = ["Cannot reach hv01 (0x8007274D) at Kim's desk", "no code", "OX8007274D"]
    hidden = redact({"reasons": reasons})["reasons"]
    assert hidden == [
        f"{rules.REMOVED} (0x8007274D)",
        rules.REMOVED,
        f"{rules.REMOVED} (OX8007274D)",
    ]


def test_an_array_as_windows_powershell_wraps_it_keeps_the_rules_of_its_key() -> None:
    document = {"LocalPort": {"value": ["6600", "Kim"], "Count": 2}}
    assert redact(document) == {"LocalPort": {"value": ["6600", "text1"], "Count": 2}}


def test_settings_of_a_machine_still_name_it() -> None:
    document = {
        "Name": VM,
        "identifier": VM.lower(),
        "InstanceID": [f"Microsoft:{VM}", rf"Microsoft:{VM.lower()}\{DEVICE}\0\0\L"],
        "instanceid": rf"Microsoft:{VM}\Kim's own",
    }
    hidden = redact(document)
    assert VM not in json.dumps(hidden)
    own = hidden["Name"]
    assert hidden["identifier"] == own
    first, second = hidden["InstanceID"]
    assert first == f"Microsoft:{own}"
    assert re.fullmatch(rf"Microsoft:{own}\\{rules.GUID_DIGITS}\\0\\0\\L", second)
    assert "Kim" not in hidden["instanceid"]


@in_turn(
    "path, form",
    [
        (r"C:\Windows\System32\vmguest.iso", r"C:\\Windows\\System32\\vmguest[.]iso"),
        (r"D:\Kim\linux.ISO", r"D:\\path1[.]ISO"),
        (
            r"c:\clusterstorage\Kim\web01\web01_1.avhdx",
            r"c:\\clusterstorage\\volume1\\path1[.]avhdx",
        ),
        (r"C:\ClusterStorage\Kim", r"C:\\ClusterStorage\\volume1"),
        (r"\\kim.contoso.com\Kim\web01.vhds", r"\\\\name1[.]name2[.]name3\\share1\\path1[.]vhds"),
        (r"\\?\unc\kim\Kim\a.iso", r"\\\\[?]\\unc\\name1\\share1\\path1[.]iso"),
        (r"\\?\c:\ClusterStorage\Kim\a.iso", r"\\\\[?]\\c:\\ClusterStorage\\volume1\\path1[.]iso"),
        (r"\\?\Volume{Kim}\a.vhdx", r"\\\\[?]\\path1[.]vhdx"),
        (r"\\KIM\Kim", r"\\\\name1\\share1"),
        ("Kim", "path1"),
    ],
)
def test_a_path_is_replaced_by_one_of_its_kind(path: str, form: str) -> None:
    for key in ("file", "HostResource", "configuration_root"):
        hidden = redact({key: path})[key]
        assert re.fullmatch(form, hidden), hidden
        assert "kim" not in hidden.casefold()


def test_the_path_of_an_object_still_names_its_class_and_its_guid() -> None:
    place = "\\\\KIM\\root\\virtualization\\v2:"
    switch = f'Msvm_Switch.CreationClassName="Msvm_Switch",Name="{VM}"'
    disk = 'Msvm_DiskDrive.DeviceID="Microsoft:Kim\\\\0",SystemName="KIM"'
    hidden = redact({"HostResource": [place + switch, place + disk], "Name": VM})
    first, second = hidden["HostResource"]
    assert first == f'Msvm_Switch.CreationClassName="Msvm_Switch",Name="{hidden["Name"]}"'
    assert second == 'Msvm_DiskDrive.DeviceID="key1",SystemName="key2"'


def test_files_of_one_volume_stay_on_one_volume() -> None:
    files = [r"C:\ClusterStorage\Volume1\a.vhdx", r"c:\ClusterStorage\VOLUME1\b.vhdx", r"\\f\s\a"]
    first, second, third = redact({"file": files})["file"]
    assert first.split("\\")[2] == second.split("\\")[2]
    assert first != second
    assert redact({"file": [*files, r"\\F\s\b"]})["file"][3].startswith(third.rpartition("\\")[0])
