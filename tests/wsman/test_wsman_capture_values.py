"""What each captured file says, value by value; how sequences are followed stands beside this."""

from __future__ import annotations

import base64
import re
from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ruamel.yaml import YAML

from livemigration.wsman import document
from livemigration.wsman.items import RawItem, ValueForm
from livemigration.wsman.namespaces import ADDRESSING, SHELL, SOAP

# File → rows, the first and the last, how often each form of value occurs, arrays of several.
ADAPTERS = "Win32_NetworkAdapterConfiguration"
SYSTEM = "Win32_OperatingSystem"
SERVICES = "Win32_Service"
SYSTEM_NAME = r"Microsoft Windows Server 2012 Standard|C:\Windows|\Device\Harddisk0\Partition2"
FILES: dict[str, tuple[int, str, str, dict[str, int], set[str]]] = {
    f"{ADAPTERS}_all_000": (1, "0", "0", {"NIL": 42, "TEXT": 8}, set()),
    f"{ADAPTERS}_all_001": (12, "1", "12", {"NIL": 488, "TEXT": 110, "DATETIME": 2}, set()),
    f"{ADAPTERS}_star_000": (1, "0", "0", {"NIL": 42, "TEXT": 8}, set()),
    f"{ADAPTERS}_star_001": (
        12,
        "1",
        "12",
        {"NIL": 488, "TEXT": 119, "DATETIME": 2},
        {"DNSDomainSuffixSearchOrder"},
    ),
    f"{SYSTEM}_all_000": (
        1,
        SYSTEM_NAME,
        SYSTEM_NAME,
        {"TEXT": 54, "NIL": 7, "DATETIME": 3},
        set(),
    ),
    f"{SYSTEM}_star_000": (
        1,
        SYSTEM_NAME,
        SYSTEM_NAME,
        {"TEXT": 54, "NIL": 7, "DATETIME": 3},
        set(),
    ),
    f"{SERVICES}_all_000": (1, "AeLookupSvc", "AeLookupSvc", {"TEXT": 24, "NIL": 1}, set()),
    f"{SERVICES}_all_001": (59, "ALG", "nsi", {"TEXT": 1416, "NIL": 59}, set()),
    f"{SERVICES}_all_002": (61, "nvsvc", "wercplsupport", {"TEXT": 1463, "NIL": 62}, set()),
    f"{SERVICES}_all_003": (10, "WerSvc", "xensvc", {"TEXT": 240, "NIL": 10}, set()),
    f"{SERVICES}_star_000": (1, "AeLookupSvc", "AeLookupSvc", {"TEXT": 24, "NIL": 1}, set()),
    f"{SERVICES}_star_001": (50, "ALG", "MSiSCSI", {"TEXT": 1200, "NIL": 50}, set()),
    f"{SERVICES}_star_002": (52, "msiserver", "UALSVC", {"TEXT": 1249, "NIL": 53}, set()),
    f"{SERVICES}_star_003": (28, "UI0Detect", "xensvc", {"TEXT": 672, "NIL": 28}, set()),
}


def rows(captures: Path, name: str) -> list[RawItem]:
    """Return the rows of a file, or of a whole sequence of files."""
    files = sorted((captures / "enumerate").glob(f"{name}*.xml"))
    assert files
    return [item for file in files for item in soap.read_items(file.read_bytes())]


@in_turn("name", FILES)
def test_a_file_has_these_rows_and_forms_of_value(captures: Path, name: str) -> None:
    count, first, last, forms, arrays = FILES[name]
    found = rows(captures, name)
    key = "Index" if name.startswith(ADAPTERS) else "Name"
    values = [value for item in found for each in item.properties.values() for value in each]
    assert (len(found), found[0].text(key), found[-1].text(key)) == (count, first, last)
    assert Counter(value.form for value in values) == {
        ValueForm[form]: n for form, n in forms.items()
    }
    several = {name for item in found for name, each in item.properties.items() if len(each) > 1}
    assert several == arrays


def test_no_captured_file_is_left_out(captures: Path) -> None:
    enumerated = {file.stem for file in (captures / "enumerate").glob("*.xml")}
    transcripts = {file.stem for file in (captures / "winrs").glob("*.yml")}
    assert enumerated == set(FILES)
    assert transcripts == {*SHELLS, "test_wsman_update_envelope_size_500"}


@pytest.mark.parametrize("form", ["all", "star"])
def test_the_services_states_modes_and_kinds(captures: Path, form: str) -> None:
    found = rows(captures, f"{SERVICES}_{form}")
    assert Counter(item.text("State") for item in found) == {"Stopped": 81, "Running": 50}
    modes = {"Manual": 82, "Auto": 42, "Disabled": 7}
    assert Counter(item.text("StartMode") for item in found) == modes
    kinds = {"Share Process": 107, "Own Process": 24}
    assert Counter(item.text("ServiceType") for item in found) == kinds
    assert sum(int(item.text("ProcessId") or "") for item in found) == 50396


def test_a_subclass_has_its_own_name_and_properties_of_its_own(captures: Path) -> None:
    found = {item.text("Name"): item for item in rows(captures, f"{SERVICES}_star")}
    terminal = found["TermService"]
    assert terminal.class_name == "Win32_TerminalService"
    assert (terminal.text("DisconnectedSessions"), terminal.text("TotalSessions")) == ("1", "3")
    assert set(terminal.properties) - set(found["WinRM"].properties) == {
        "DisconnectedSessions",
        "TotalSessions",
    }


DRIVERS = [
    *("Rasl2tp", "RasSstp", "RasAgileVpn", "PptpMiniport", "RasPppoe", "NdisWan", "NdisWan"),
    *("NdisWan", "kdnic", "AsyncMac", "Xennet6", "tunnel", "tunnel"),
]


@pytest.mark.parametrize("form", ["all", "star"])
def test_the_adapters_drivers_and_the_one_that_is_in_use(captures: Path, form: str) -> None:
    found = rows(captures, f"{ADAPTERS}_{form}")
    assert [item.text("ServiceName") for item in found] == DRIVERS
    assert [item.text("Index") for item in found if item.text("IPEnabled") == "true"] == ["10"]
    ready = found[10]
    lease = [ready.properties[f"DHCPLease{each}"][0] for each in ("Obtained", "Expires")]
    assert [(each.form, each.text) for each in lease] == [
        (ValueForm.DATETIME, "2013-04-15T19:58:58Z"),
        (ValueForm.DATETIME, "2013-04-15T20:58:58Z"),
    ]
    assert (ready.text("InterfaceIndex"), ready.text("TcpipNetbiosOptions")) == ("12", "2")


def test_arrays_are_left_out_where_they_are_null_and_single_elements_where_they_are_not(
    captures: Path,
) -> None:
    found = rows(captures, f"{ADAPTERS}_star")
    arrays = {
        "IPAddress": "10.30.40.193",
        "IPSubnet": "255.255.255.0",
        "DefaultIPGateway": "10.30.40.1",
        "GatewayCostMetric": "0",
        "DNSServerSearchOrder": "10.30.1.10",
    }
    assert {name: found[10].text(name) for name in arrays} == arrays
    assert not any(name in item.properties for item in found[:10] for name in arrays)
    suffixes = found[10].properties["DNSDomainSuffixSearchOrder"]
    assert len(suffixes) > 1
    assert {each.form for each in suffixes} == {ValueForm.TEXT}
    assert all(re.fullmatch(r"[a-z0-9.-]+", each.text) for each in suffixes)


def transcript(captures: Path, name: str) -> list[Element]:
    text = (captures / "winrs" / f"{name}.yml").read_text(encoding="utf-8")
    messages = YAML(typ="safe").load(text)["messages"]
    return [document.parse(each["response"].encode()) for each in messages]


END = [("stdout", "true", b""), ("stderr", "true", b"")]
Stream = tuple[str | None, str | None, bytes]

# Name → the shell, the replies' actions, and in each Receive that was answered: streams, state.
START = ["CreateResponse", "CommandResponse"]
FINISH = ["SignalResponse", "DeleteResponse"]
DONE = ("Done", "0")
SHELLS: dict[str, tuple[str, list[str], list[tuple[list[Stream], tuple[str, str | None]]]]] = {
    "test_winrs_no_cmd_shell": (
        "F15E6BF4-8A64-41F7-BDDE-13F83D9D22DD",
        ["CreateResponse", "fault", "CommandResponse", "ReceiveResponse", *FINISH],
        [([("stdout", None, b"hi"), ("stdout", None, b"\n"), *END], DONE)],
    ),
    "test_winrs_operation_timeout": (
        "849551A1-CEC2-4ABD-8B62-652AD1053E9B",
        [*START, "ReceiveResponse", "fault", "fault", "ReceiveResponse", *FINISH],
        [
            ([("stdout", None, b"hi"), ("stdout", None, b"\n")], ("Running", None)),
            ([("stdout", None, b"hi"), ("stdout", None, b" again\n"), *END], DONE),
        ],
    ),
    "test_winrs_send": (
        "0D6FCA9D-2D40-44C3-B691-E665BE7AA687",
        [*START, "SendResponse", "SendResponse", "ReceiveResponse", *FINISH],
        [
            (
                [
                    ("stdout", None, b"output 1"),
                    ("stdout", None, b"\n"),
                    ("stdout", None, b"output 2\n"),
                    *END,
                ],
                DONE,
            )
        ],
    ),
    "test_winrs_standard": (
        "4283CBDC-3706-415B-88BD-B385F3E51A53",
        [*START, "ReceiveResponse", *FINISH],
        [([("stdout", None, b"hi\r\n"), *END], DONE)],
    ),
    "test_winrs_stderr_rc": (
        "44AF9A2C-624E-4975-AB20-CEB406E440B9",
        [*START, "ReceiveResponse", *FINISH],
        [([("stdout", None, b"out \r\n"), ("stderr", None, b"err \r\n"), *END], ("Done", "1"))],
    ),
    "test_winrs_unicode": (
        "3C225977-02C6-42E5-9D66-5BBDAB4859B1",
        [*START, "ReceiveResponse", *FINISH],
        [([("stdout", None, "こんにちは".encode()), ("stdout", None, b"\n"), *END], DONE)],
    ),
}


def state_of(reply: Element) -> tuple[str, str | None]:
    (state,) = reply.iter(f"{{{SHELL}}}CommandState")
    return state.get("State", "").rpartition("/")[2], state.findtext(f"{{{SHELL}}}ExitCode")


@in_turn("name", SHELLS)
def test_a_shells_replies_in_their_order_with_split_output(captures: Path, name: str) -> None:
    shell, actions, received = SHELLS[name]
    replies = transcript(captures, name)
    said = [reply.findtext(f".//{{{ADDRESSING}}}Action") or "" for reply in replies]
    assert [each.rpartition("/")[2] for each in said] == actions
    assert replies[0].findtext(f".//{{{SHELL}}}ShellId") == shell
    assert replies[0].findtext(f".//{{{SHELL}}}IdleTimeOut") == "PT7200.000S"
    streams = [
        (
            [
                (each.get("Name"), each.get("End"), base64.b64decode(each.text or ""))
                for each in reply.iter(f"{{{SHELL}}}Stream")
            ],
            state_of(reply),
        )
        for reply, action in zip(replies, actions, strict=True)
        if action == "ReceiveResponse"
    ]
    assert streams == received


UNLIMITED = "2147483647"
# windows-facts.md 5.7, and what that host was configured to beyond it.
LIMITS = {
    "MaxEnvelopeSizekb": "500",
    "MaxTimeoutms": "60000",
    "MaxBatchItems": "32000",
    "MaxProviderRequests": "4294967295",
    "Client/NetworkDelayms": "5000",
    "Client/URLPrefix": "wsman",
    "Client/AllowUnencrypted": "false",
    "Client/TrustedHosts": "",
    "Client/DefaultPorts/HTTP": "5985",
    "Client/DefaultPorts/HTTPS": "5986",
    "Service/MaxConcurrentOperations": "4294967295",
    "Service/MaxConcurrentOperationsPerUser": "1500",
    "Service/EnumerationTimeoutms": "240000",
    "Service/MaxConnections": "300",
    "Service/MaxPacketRetrievalTimeSeconds": "120",
    "Service/AllowUnencrypted": "false",
    "Service/Auth/Negotiate": "true",
    "Service/Auth/CbtHardeningLevel": "Relaxed",
    "Service/IPv4Filter": "*",
    "Service/IPv6Filter": "*",
    "Service/CertificateThumbprint": "",
    "Service/AllowRemoteAccess": "true",
    "Winrs/AllowRemoteShellAccess": "true",
    "Winrs/IdleTimeout": "7200000",
    "Winrs/MaxConcurrentUsers": UNLIMITED,
    "Winrs/MaxShellRunTime": UNLIMITED,
    "Winrs/MaxProcessesPerShell": UNLIMITED,
    "Winrs/MaxMemoryPerShellMB": UNLIMITED,
    "Winrs/MaxShellsPerUser": UNLIMITED,
}


def test_the_limits_in_the_configuration(captures: Path) -> None:
    (reply,) = transcript(captures, "test_wsman_update_envelope_size_500")
    its = "http://schemas.microsoft.com/wbem/wsman/1/config"
    config = reply.find(f"{{{SOAP}}}Body/{{{its}}}Config")
    assert config is not None
    found = {
        path: config.findtext("/".join(f"{{{its}}}{part}" for part in path.split("/")))
        for path in LIMITS
    }
    assert found == LIMITS
