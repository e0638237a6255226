"""Clients that are not ours, against the lab: pywinrm's own session, pypsrp, and curl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import winrm
from lab_clients import texts, wmi
from winrm.exceptions import InvalidCredentialsError

from livemigration.lab import SIMULATED_VENDOR
from livemigration.lab.launch import LabMachine, RunningLab
from livemigration.wsman import document
from livemigration.wsman import namespaces as ns

pytestmark = pytest.mark.peer

pypsrp_wsman = pytest.importorskip("pypsrp.wsman", reason="pypsrp is not installed")
pypsrp_shell = pytest.importorskip("pypsrp.shell", reason="pypsrp is not installed")

IDENTIFY = (
    f'<s:Envelope xmlns:s="{ns.SOAP}"><s:Header/><s:Body>'
    f'<i:Identify xmlns:i="{ns.IDENTITY}"/></s:Body></s:Envelope>'
)


def pywinrm(lab: RunningLab, machine: LabMachine, password: str = "") -> winrm.Session:
    secret = password or lab.credentials.password.reveal()
    return winrm.Session(
        f"http://{machine.address}:{machine.port}/wsman",
        auth=(lab.credentials.username, secret),
        transport="ntlm",
        message_encryption="always",
        proxy=None,
        ca_trust_path=None,
    )


def test_pywinrm_runs_a_program(lab: RunningLab) -> None:
    ended = pywinrm(lab, lab.hosts[0]).run_cmd("hostname")
    assert (ended.status_code, ended.std_out) == (0, b"HV01\r\n")


def test_pywinrm_is_told_of_a_program_that_is_not_there(lab: RunningLab) -> None:
    ended = pywinrm(lab, lab.hosts[0]).run_cmd("no-such-program", ["a"])
    assert ended.status_code == 1
    assert b"'no-such-program' is not recognized" in ended.std_err


def test_pywinrm_cannot_run_powershell_that_is_not_the_suites(lab: RunningLab) -> None:
    ended = pywinrm(lab, lab.vmm).run_ps("Get-VM")
    assert ended.status_code == 1
    assert b"only the suite's own scripts" in ended.std_err


def test_pywinrm_with_a_wrong_password_is_refused(lab: RunningLab) -> None:
    with pytest.raises(InvalidCredentialsError):
        pywinrm(lab, lab.hosts[0], "wrong").run_cmd("hostname")


def pypsrp(lab: RunningLab, auth: str) -> object:
    machine = lab.hosts[0]
    return pypsrp_wsman.WSMan(
        machine.address,
        port=machine.port,
        ssl=False,
        auth=auth,
        encryption="always",
        no_proxy=True,
        username=lab.credentials.username,
        password=lab.credentials.password.reveal(),
    )


@pytest.mark.parametrize("auth", ["ntlm", "negotiate"])
def test_pypsrp_enumerates_gets_and_runs(lab: RunningLab, auth: str) -> None:
    with pypsrp(lab, auth) as client:  # type: ignore[attr-defined]  # pypsrp has no types
        query = ET.Element(f"{{{ns.ENUMERATION}}}Enumerate")
        ET.SubElement(query, f"{{{ns.WSMAN}}}OptimizeEnumeration")
        ET.SubElement(query, f"{{{ns.WSMAN}}}MaxElements").text = "100"
        filter_ = ET.SubElement(query, f"{{{ns.WSMAN}}}Filter", Dialect=ns.WQL_DIALECT)
        filter_.text = "SELECT Name FROM Win32_Service WHERE Name LIKE 'vm%'"
        found = client.enumerate(wmi("root/cimv2"), query)
        assert texts(found, "Name") == ["vmms"]
        names = pypsrp_wsman.SelectorSet()
        names.add_option("Name", "vmms")
        uri = wmi("root/cimv2", "Win32_Service")
        assert texts(client.get(uri, selector_set=names), "State") == ["Running"]
        with pypsrp_shell.WinRS(client) as shell:
            process = pypsrp_shell.Process(shell, "findstr", ["^"])
            process.begin_invoke()
            process.send("zażółć".encode())
            process.end_invoke()
            assert (process.rc, process.stdout.decode()) == (0, "zażółć")


def test_pypsrp_reads_the_limits_of_the_service(lab: RunningLab) -> None:
    with pypsrp(lab, "ntlm") as client:  # type: ignore[attr-defined]  # pypsrp has no types
        client.update_max_payload_size()
        assert client.max_envelope_size == 500 * 1024


def curl(lab: RunningLab, folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")
    machine = lab.hosts[0]
    body = folder / "identify.xml"
    body.write_text(IDENTIFY, encoding="utf-8")
    common = ("--silent", "--noproxy", "*", "--max-time", "20", "--data-binary", f"@{body}")
    return subprocess.run(
        [
            program,
            *common,
            "--header",
            "Content-Type: application/soap+xml;charset=UTF-8",
            "--write-out",
            "%{stderr}%{http_code}",
            *arguments,
            f"http://{machine.address}:{machine.port}/wsman",
        ],
        capture_output=True,
        check=False,
    )


def test_curl_identifies_the_lab_with_ntlm(lab: RunningLab, tmp_path: Path) -> None:
    user = f"{lab.credentials.username}:{lab.credentials.password.reveal()}"
    ended = curl(lab, tmp_path, "--ntlm", "--user", user)
    assert ended.stderr == b"200"
    reply = document.parse(ended.stdout)
    assert texts(reply, "ProductVendor") == [SIMULATED_VENDOR]
    assert texts(reply, "ProductVersion") == ["OS: 10.0.20348 SP: 0.0 Stack: 3.0"]


def test_curl_without_a_user_learns_no_version(lab: RunningLab, tmp_path: Path) -> None:
    ended = curl(lab, tmp_path, "--header", "WSMANIDENTIFY: unauthenticated")
    assert texts(document.parse(ended.stdout), "ProductVersion") == ["OS: 0.0.0 SP: 0.0 Stack:1.0"]


@pytest.mark.parametrize("user", ["LAB\\administrator:wrong", "nobody:x"])
def test_curl_with_a_wrong_password_is_refused(lab: RunningLab, tmp_path: Path, user: str) -> None:
    assert curl(lab, tmp_path, "--ntlm", "--user", user).stderr == b"401"
