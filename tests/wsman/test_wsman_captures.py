"""Replies that real Windows machines sent are read to the values in them."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ruamel.yaml import YAML

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import FailureKind
from livemigration.wsman import document, shell
from livemigration.wsman.enumeration import Page, enumerate_rows, read_page
from livemigration.wsman.envelope import Message, read_reply
from livemigration.wsman.errors import WsmanFault
from livemigration.wsman.exchange import Reply
from livemigration.wsman.items import RawItem, ValueForm
from livemigration.wsman.namespaces import SOAP

CLASSES = ("Win32_NetworkAdapterConfiguration", "Win32_OperatingSystem", "Win32_Service")
FORMS = ("all", "star")
SEQUENCES = [(name, form) for name in CLASSES for form in FORMS]


class Replay:
    """Answers with recorded replies in turn."""

    def __init__(self, replies: list[bytes], deadline: Deadline | None = None) -> None:
        self.replies = replies
        self.deadline = deadline or Deadline.after(30)
        self.sent: list[Message] = []

    def send(self, message: Message, until: Deadline | None = None) -> Reply:
        assert until is None or until.at <= self.deadline.at
        self.sent.append(message)
        data = self.replies.pop(0)
        related = re.search(rb"RelatesTo>([^<]*)<", data)
        assert related is not None
        return Reply(read_reply(data, related[1].decode()), len(data))

    def clean_up(self, message: Message, seconds: float) -> None:
        assert seconds > 0
        self.send(message)


def sequence(captures: Path, name: str, form: str) -> list[bytes]:
    files = sorted((captures / "enumerate").glob(f"{name}_{form}_*.xml"))
    assert files
    return [file.read_bytes() for file in files]


def body(reply: bytes) -> Element:
    found = document.parse(reply).find(f"{{{SOAP}}}Body")
    assert found is not None
    return found


def pages(captures: Path, name: str, form: str) -> list[Page]:
    return [read_page(body(reply)) for reply in sequence(captures, name, form)]


def items(captures: Path, name: str, form: str) -> list[RawItem]:
    replies = sequence(captures, name, form)
    return [item for reply in replies for item in soap.read_items(reply)]


@in_turn("name, form", SEQUENCES)
def test_each_sequence_ends_once_and_changes_its_context(
    captures: Path, name: str, form: str
) -> None:
    read = pages(captures, name, form)
    assert [each.ended for each in read] == [False] * (len(read) - 1) + [True]
    contexts = [each.context for each in read]
    assert contexts[-1] == ""
    assert all(each.startswith("uuid:") for each in contexts[:-1])
    assert len(set(contexts)) == len(contexts)


@in_turn("name, form", SEQUENCES)
def test_the_values_of_every_property_element_are_kept(
    captures: Path, name: str, form: str
) -> None:
    """Counted independently, in the text of the documents."""
    text = b"".join(sequence(captures, name, form)).decode()
    read = items(captures, name, form)
    values = [value for item in read for each in item.properties.values() for value in each]
    forms = Counter(value.form for value in values)
    assert forms[ValueForm.NIL] == text.count('xsi:nil="true"')
    assert forms[ValueForm.DATETIME] == len(re.findall("<(?:cim:)?Datetime>", text))
    assert forms[ValueForm.EMBEDDED] == forms[ValueForm.REFERENCE] == forms[ValueForm.INTERVAL] == 0
    opening = "<w:XmlFragment " if form == "all" else "<p:Win32_[A-Za-z]+ xmlns:xsi"
    assert len(read) == len(re.findall(opening, text))
    expected = {"all": {None}, "star": {name}}[form]
    # One of the services is an instance of a subclass.
    assert {item.class_name for item in read} - {"Win32_TerminalService"} == expected


@pytest.mark.parametrize("name", CLASSES)
def test_fragments_hold_the_columns_that_were_asked_for(captures: Path, name: str) -> None:
    columns = set((captures / "enumerate" / f"{name}.properties").read_text().split())
    for item in items(captures, name, "all"):
        assert set(item.properties) == columns


SYSTEM = WmiClass(
    "root/cimv2",
    "Win32_OperatingSystem",
    (
        WmiProperty("BuildNumber", CimType.STRING),
        WmiProperty("CSDVersion", CimType.STRING),
        WmiProperty("CurrentTimeZone", CimType.SINT32),
        WmiProperty("Debug", CimType.BOOLEAN),
        WmiProperty("Description", CimType.STRING),
        WmiProperty("InstallDate", CimType.DATETIME),
        WmiProperty("LastBootUpTime", CimType.DATETIME),
        WmiProperty("LocalDateTime", CimType.DATETIME),
        WmiProperty("MaxNumberOfProcesses", CimType.UINT32),
        WmiProperty("MaxProcessMemorySize", CimType.UINT64),
        WmiProperty("MUILanguages", CimType.STRING, array=True),
        WmiProperty("Name", CimType.STRING),
        WmiProperty("Primary", CimType.BOOLEAN),
        WmiProperty("TotalSwapSpaceSize", CimType.UINT64),
    ),
)


def rows(captures: Path, wmi_class: WmiClass, form: str) -> tuple[WmiRow, ...]:
    replay = Replay(sequence(captures, wmi_class.name, form))
    found = enumerate_rows(replay, WmiQuery(wmi_class))
    assert replay.replies == []
    return found


@pytest.mark.parametrize(("form", "milliseconds"), [("all", 21_085), ("star", 20_913)])
def test_the_operating_system(captures: Path, form: str, milliseconds: int) -> None:
    (row,) = rows(captures, SYSTEM, form)
    assert dict(row) == {
        "BuildNumber": "9200",
        "CSDVersion": None,
        "CurrentTimeZone": 0,
        "Debug": False,
        "Description": "",
        "InstallDate": datetime(2013, 3, 9, 2, 57, 32, tzinfo=UTC),
        "LastBootUpTime": datetime(2013, 4, 15, 16, 28, 43, 488171, tzinfo=UTC),
        "LocalDateTime": datetime(
            2013, 4, 15, 20, 28, milliseconds // 1000, milliseconds % 1000 * 1000, tzinfo=UTC
        ),
        "MaxNumberOfProcesses": 4294967295,
        "MaxProcessMemorySize": 8589934464,
        "MUILanguages": ("en-US",),
        "Name": r"Microsoft Windows Server 2012 Standard|C:\Windows|\Device\Harddisk0\Partition2",
        "Primary": True,
        "TotalSwapSpaceSize": None,
    }


ADAPTER = WmiClass(
    "root/cimv2",
    "Win32_NetworkAdapterConfiguration",
    (
        WmiProperty("DHCPEnabled", CimType.BOOLEAN),
        WmiProperty("DHCPLeaseExpires", CimType.DATETIME),
        WmiProperty("DefaultIPGateway", CimType.STRING, array=True),
        WmiProperty("Index", CimType.UINT32),
        WmiProperty("IPAddress", CimType.STRING, array=True),
        WmiProperty("IPConnectionMetric", CimType.UINT32),
        WmiProperty("MACAddress", CimType.STRING),
        WmiProperty("WINSScopeID", CimType.STRING),
    ),
)


@pytest.mark.parametrize("form", FORMS)
def test_the_network_adapters(captures: Path, form: str) -> None:
    found = rows(captures, ADAPTER, form)
    assert [row.integer("Index") for row in found] == list(range(len(found)))
    ready = found[10]
    assert ready.text("MACAddress") == "12:4A:CE:9E:11:23"
    assert ready.boolean("DHCPEnabled") is True
    assert ready.integer("IPConnectionMetric") == 10
    assert ready.text("WINSScopeID") == ""
    lease = ready["DHCPLeaseExpires"]
    assert isinstance(lease, datetime)
    assert (lease.date().isoformat(), lease.utcoffset()) == ("2013-04-15", UTC.utcoffset(None))
    assert found[0]["MACAddress"] is None
    arrays = [ready.get("IPAddress"), ready.get("DefaultIPGateway")]
    assert all(each is None or isinstance(each, tuple) for each in arrays)


SERVICE = WmiClass(
    "root/cimv2",
    "Win32_Service",
    (
        WmiProperty("AcceptStop", CimType.BOOLEAN),
        WmiProperty("ExitCode", CimType.UINT32),
        WmiProperty("InstallDate", CimType.DATETIME),
        WmiProperty("Name", CimType.STRING),
        WmiProperty("PathName", CimType.STRING),
        WmiProperty("ProcessId", CimType.UINT32),
        WmiProperty("State", CimType.STRING),
    ),
)


@pytest.mark.parametrize("form", FORMS)
def test_the_services(captures: Path, form: str) -> None:
    found = rows(captures, SERVICE, form)
    by_name = {row.text("Name"): row for row in found}
    assert len(by_name) == len(found) > 100
    assert dict(by_name["AeLookupSvc"]) == {
        "AcceptStop": False,
        "ExitCode": 1077,
        "InstallDate": None,
        "Name": "AeLookupSvc",
        "PathName": r"C:\Windows\system32\svchost.exe -k netsvcs",
        "ProcessId": 0,
        "State": "Stopped",
    }
    assert by_name["WinRM"].text("State") == "Running"


def test_both_item_forms_say_the_same(captures: Path) -> None:
    fragments, instances = (rows(captures, SERVICE, form) for form in FORMS)
    assert [row.text("Name") for row in fragments] == [row.text("Name") for row in instances]


def transcript(captures: Path, name: str) -> list[dict[str, Any]]:
    text = (captures / "winrs" / f"{name}.yml").read_text(encoding="utf-8")
    messages: list[dict[str, Any]] = YAML(typ="safe").load(text)["messages"]
    return messages


@in_turn(
    "name, output, errors, exit_code",
    [
        ("test_winrs_standard", b"hi\r\n", b"", 0),
        ("test_winrs_stderr_rc", b"out \r\n", b"err \r\n", 1),
        ("test_winrs_send", b"output 1\noutput 2\n", b"", 0),
        ("test_winrs_operation_timeout", b"hi\nhi again\n", b"", 0),
        ("test_winrs_unicode", "こんにちは\n".encode(), b"", 0),
    ],
)
def test_recorded_shells(
    captures: Path, name: str, output: bytes, errors: bytes, exit_code: int
) -> None:
    messages = transcript(captures, name)
    replies = [each["response"].encode() for each in messages]
    if "Send" not in messages[2]["request"].split("</wsa:Action>")[0]:
        sent = replies[-2].replace(b"Signal", b"Send")
        replies.insert(2, sent)
    replay = Replay(replies)
    data = b"x" * (32 << 10) + b"y" if name == "test_winrs_send" else b""
    result = shell.run_program(replay, "cmd.exe", ("/c", "echo"), data)
    assert result == shell.ProgramResult(output, errors, exit_code)
    assert replay.replies == []


def test_a_shell_is_named_in_every_message(captures: Path) -> None:
    messages = transcript(captures, "test_winrs_send")
    replay = Replay([each["response"].encode() for each in messages])
    shell.run_program(replay, "p", (), b"x" * (32 << 10) + b"y")
    wanted = "0D6FCA9D-2D40-44C3-B691-E665BE7AA687"
    assert [each.selectors for each in replay.sent[1:]] == [(("ShellId", wanted),)] * 6
    recorded = [re.findall("Action[^>]*>([^<]*)<", each["request"])[0] for each in messages]
    assert [each.action for each in replay.sent] == recorded


def test_a_program_that_is_not_found_without_cmd(captures: Path) -> None:
    messages = transcript(captures, "test_winrs_no_cmd_shell")
    replay = Replay(
        [each["response"].encode() for each in (messages[0], messages[1], messages[-1])]
    )
    with pytest.raises(WsmanFault) as caught:
        shell.run_program(replay, "powershell.exe", (), b"")
    fault = caught.value
    assert (fault.kind, fault.code, fault.subcode) == (
        FailureKind.FAULT,
        0x80070002,
        "InternalError",
    )
    assert fault.came_back == (
        "WS-Management fault 0x80070002 (ERROR_FILE_NOT_FOUND): "
        "The system cannot find the file specified."
    )
    assert replay.replies == []


def test_the_time_out_fault(captures: Path) -> None:
    messages = transcript(captures, "test_winrs_operation_timeout")
    faults = [each["response"].encode() for each in messages if "s:Fault" in each["response"]]
    assert len(faults) == 2
    for each in faults:
        with pytest.raises(WsmanFault) as caught:
            Replay([each]).send(Message("a", "b", ""))
        assert (caught.value.code, caught.value.subcode) == (2150858793, "TimedOut")


def test_the_configuration(captures: Path) -> None:
    (message,) = transcript(captures, "test_wsman_update_envelope_size_500")
    reply = Replay([message["response"].encode()]).send(Message("a", "b", ""))
    values = {document.local_name(each): each.text for each in reply.body.iter()}
    assert values["MaxEnvelopeSizekb"] == "500"
    assert values["MaxBatchItems"] == "32000"


def header_shape(request: bytes) -> list[tuple[str, str | None]]:
    header = document.parse(request).find(f"{{{SOAP}}}Header")
    assert header is not None
    return [(each.tag, each.get(f"{{{SOAP}}}mustUnderstand")) for each in header]


def test_requests_have_the_headers_of_the_recorded_ones(captures: Path) -> None:
    messages = transcript(captures, "test_winrs_send")
    replay = Replay([each["response"].encode() for each in messages])
    shell.run_program(replay, "p", (), b"x" * (32 << 10) + b"y")
    for ours, theirs in zip(replay.sent, messages, strict=True):
        rendered = ours.render(to="http://h:5985/wsman", session_id="uuid:1", operation_timeout=20)
        wanted = header_shape(theirs["request"].encode())
        found = header_shape(rendered)
        # Options of our own: recorded shells were created without any.
        assert [each for each in found if "OptionSet" not in each[0]] == [
            each for each in wanted if "OptionSet" not in each[0]
        ]
