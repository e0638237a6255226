"""Libraries that are not ours, against the lab: pywinrm's own session, pypsrp and awinrm."""

from __future__ import annotations

import asyncio
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import winrm
from lab_clients import texts, wmi
from winrm.exceptions import InvalidCredentialsError

from livemigration.lab.launch import LabMachine, RunningLab
from livemigration.wsman import namespaces as ns

pytestmark = pytest.mark.peer

try:
    from pypsrp import shell as pypsrp_shell
    from pypsrp import wsman as pypsrp_wsman
except ImportError:
    pypsrp_shell = pypsrp_wsman = None  # type: ignore[assignment]  # its tests skip then


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


def pypsrp(lab: RunningLab, auth: str) -> Any:
    if pypsrp_wsman is None:
        pytest.skip("pypsrp is not installed")
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
    with pypsrp(lab, auth) as client:
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


def test_pypsrp_follows_an_association_and_invokes_at_its_end(lab: RunningLab) -> None:
    service = "Msvm_VirtualSystemMigrationService"
    with pypsrp(lab, "ntlm") as client:
        query = ET.Element(f"{{{ns.ENUMERATION}}}Enumerate")
        ET.SubElement(query, f"{{{ns.WSMAN}}}MaxElements").text = "100"
        filter_ = ET.SubElement(query, f"{{{ns.WSMAN}}}Filter", Dialect=ns.WQL_DIALECT)
        filter_.text = (
            f"ASSOCIATORS OF {{{service}.Name='migrationwmi'}} "
            f"WHERE AssocClass=Msvm_ElementSettingData"
        )
        namespace = "root/virtualization/v2"
        started = client.enumerate(wmi(namespace), query)
        pull = ET.Element(f"{{{ns.ENUMERATION}}}Pull")
        (context,) = texts(started, "EnumerationContext")
        ET.SubElement(pull, f"{{{ns.ENUMERATION}}}EnumerationContext").text = context
        pulled = client.pull(wmi(namespace), pull)
        assert texts(pulled, "EnableVirtualSystemMigration") == ["true"]
        names = pypsrp_wsman.SelectorSet()
        names.add_option("Name", "migrationwmi")
        uri = wmi(namespace, service)
        method = "GetSystemCompatibilityInfo"
        said = client.invoke(
            f"{uri}/{method}", uri, ET.Element(f"{{{uri}}}{method}_INPUT"), selector_set=names
        )
        assert texts(said, "ReturnValue") == ["0"]


def test_two_shells_of_pypsrp_run_side_by_side(lab: RunningLab) -> None:
    with (
        pypsrp(lab, "ntlm") as client,
        pypsrp_shell.WinRS(client) as one,
        pypsrp_shell.WinRS(client) as two,
    ):
        processes = [pypsrp_shell.Process(each, "findstr", ["^"]) for each in (one, two)]
        for process in processes:
            process.begin_invoke()
        for number, process in reversed(list(enumerate(processes))):
            process.send(f"shell {number}".encode())
        for number, process in enumerate(processes):
            process.end_invoke()
            assert process.stdout.decode() == f"shell {number}"


def test_pypsrp_reads_the_limits_of_the_service(lab: RunningLab) -> None:
    with pypsrp(lab, "ntlm") as client:
        client.update_max_payload_size()
        assert client.max_envelope_size == 500 * 1024


def through_awinrm(lab: RunningLab, password: str, *commands: str) -> list[tuple[bytes, int]]:
    """Return output and exit code of each command; its NTLM and sealing are asyauth's."""
    awinrm = pytest.importorskip("awinrm", reason="awinrm is not installed")
    machine = lab.hosts[0]
    user = lab.credentials.username
    url = f"http+ntlm-password://{user}:{password}@{machine.address}:{machine.port}/wsman"

    async def run() -> list[tuple[bytes, int]]:
        ended = []
        async with awinrm.Session(url) as session:
            for command in commands:
                output, errors, code = await session.run_cmd(command)
                ended.append((output + errors, code))
        return ended

    return asyncio.run(run())


# Its dependencies warn about themselves.
@pytest.mark.filterwarnings("ignore")
def test_awinrm_with_an_ntlm_of_its_own_runs_programs(lab: RunningLab) -> None:
    secret = lab.credentials.password.reveal()
    ended = through_awinrm(lab, secret, "hostname", "no-such-program")
    assert ended[0] == (b"HV01\r\n", 0)
    assert ended[1][1] == 1


@pytest.mark.filterwarnings("ignore")
def test_awinrm_with_a_wrong_password_is_refused(lab: RunningLab) -> None:
    # It stumbles over the second 401 in words of its own; what counts is that nothing ran.
    with pytest.raises(Exception):  # noqa: B017, PT011 - as above
        through_awinrm(lab, "wrong", "hostname")
