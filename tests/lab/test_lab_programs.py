"""Programs that are not ours, against the lab: curl, wsl (whistle, over curl) and winrmcp (Go)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lab_clients import texts, wmi

from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.lab.launch import RunningLab
from livemigration.wsman import document
from livemigration.wsman import namespaces as ns

pytestmark = pytest.mark.peer

IDENTIFY = (
    f'<s:Envelope xmlns:s="{ns.SOAP}"><s:Header/><s:Body>'
    f'<i:Identify xmlns:i="{ns.IDENTITY}"/></s:Body></s:Envelope>'
)
SERVICE = wmi("root/cimv2", "Win32_Service")


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=50,
        env={**os.environ, "HOME": str(folder), "TERM": "dumb", **variables},
    )


def endpoint(lab: RunningLab) -> str:
    return f"{lab.hosts[0].address}:{lab.hosts[0].port}"


def curl(lab: RunningLab, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    body = folder / "identify.xml"
    body.write_text(IDENTIFY, encoding="utf-8")
    return run(
        program("curl"),
        *("--silent", "--noproxy", "*", "--max-time", "20", "--data-binary", f"@{body}"),
        *("--header", "Content-Type: application/soap+xml;charset=UTF-8"),
        *("--write-out", "%{stderr}%{http_code}"),
        *arguments,
        f"http://{endpoint(lab)}/wsman",
        folder=folder,
    )


def test_curl_identifies_the_lab_with_ntlm(lab: RunningLab, tmp_path: Path) -> None:
    user = f"{lab.credentials.username}:{lab.credentials.password.reveal()}"
    ended = curl(lab, tmp_path, "--ntlm", "--user", user)
    assert ended.stderr == "200"
    reply = document.parse(ended.stdout.encode())
    assert texts(reply, "ProductVendor") == [SIMULATED_VENDOR]
    assert texts(reply, "ProductVersion") == ["OS: 10.0.20348 SP: 0.0 Stack: 3.0"]


def test_curl_without_a_user_learns_no_version(lab: RunningLab, tmp_path: Path) -> None:
    ended = curl(lab, tmp_path, "--header", "WSMANIDENTIFY: unauthenticated")
    reply = document.parse(ended.stdout.encode())
    assert texts(reply, "ProductVersion") == ["OS: 0.0.0 SP: 0.0 Stack:1.0"]


@pytest.mark.parametrize("way", ["--ntlm", "--basic"])
@pytest.mark.parametrize("user", ["LAB\\administrator:wrong", "nobody:x"])
def test_curl_with_a_wrong_password_is_refused(
    lab: RunningLab, tmp_path: Path, way: str, user: str
) -> None:
    assert curl(lab, tmp_path, way, "--user", user).stderr == "401"


def whistle(lab: RunningLab, folder: Path, *command: str) -> str:
    """Return what a command of wsl prints, without colours."""
    program("wsl")
    program("curl")
    ended = run(
        *command,
        folder=folder,
        WSENDPOINT=endpoint(lab),
        WSUSER=lab.credentials.username.rpartition("\\")[2],
        WSPASS=lab.credentials.password.reveal(),
        WSNOSSL="true",
        NO_PROXY="*",
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout)


def test_whistle_identifies_enumerates_and_gets(lab: RunningLab, tmp_path: Path) -> None:
    assert SIMULATED_VENDOR in whistle(lab, tmp_path, "wslid", "check")
    for options in ((), ("-opti", "10")):
        listed = whistle(lab, tmp_path, "wslenum", SERVICE, *options)
        assert re.findall(r"<p:Name>(\w+)</p:Name>", listed) == ["vmms", "SCVMMAgent"]
    references = whistle(lab, tmp_path, "wslenum", SERVICE, "-mode", "epr")
    assert re.findall(r'<w:Selector Name="Name">(\w+)<', references) == ["vmms", "SCVMMAgent"]
    got = whistle(lab, tmp_path, "wslget", SERVICE, "Name=vmms")
    assert "<p:State>Running</p:State>" in got


def test_whistle_filters_with_wql(lab: RunningLab, tmp_path: Path) -> None:
    query = "select Name from Win32_Service where Name like 'v%'"
    options = ("-filter", query, "-dialect", ns.WQL_DIALECT)
    listed = whistle(lab, tmp_path, "wslenum", wmi("root/cimv2"), *options)
    assert re.findall(r"<Name>(\w+)</Name>", listed) == ["vmms"]


def test_whistle_that_copies_an_undeclared_prefix_gets_no_answer(
    lab: RunningLab, tmp_path: Path
) -> None:
    """wslinvoke repeats `w:SelectorSet` of a reply as text, and never declares the prefix."""
    service = wmi("root/virtualization/v2", "Msvm_VirtualSystemMigrationService")
    said = whistle(lab, tmp_path, "wslinvoke", service, "GetSystemCompatibilityInfo")
    assert "ReturnValue" not in said


def test_winrmcp_speaks_of_shells_as_the_lab_does(lab: RunningLab, tmp_path: Path) -> None:
    """It runs programs to copy a file; the lab has no PowerShell to finish with, and says so."""
    source = tmp_path / "file.txt"
    source.write_text("hi", encoding="utf-8")
    ended = run(
        program("winrmcp"),
        *("-user", lab.credentials.username.rpartition("\\")[2]),
        *("-pass", lab.credentials.password.reveal()),
        f"-addr={endpoint(lab)}",
        str(source),
        "C:/file.txt",
        folder=tmp_path,
        NO_PROXY="*",
    )
    assert ended.returncode == 1
    assert "aGk= >>" in ended.stdout, "its echo ran in a shell"
    assert "The lab runs only the suite's own scripts" in ended.stdout + ended.stderr
