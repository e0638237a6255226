"""The lab refuses in the forms that captured replies have; our client reads the exact sentence.

The forms: code and subcode, the action, w:FaultDetail, WSManFault's codes from outside in, who
refused, and where the sentence stands that says what was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import pytest
from in_turn import in_turn
from lab_clients import FLEET, PlainClient, pull, request, running, texts, wmi, wql

from livemigration.lab.faults import LabFault, too_many_shells
from livemigration.lab.launch import RunningLab
from livemigration.lab.shell import MOST_SHELLS
from livemigration.lab.soap import Request, fault
from livemigration.wsman import document
from livemigration.wsman import namespaces as ns
from livemigration.wsman.faults import read_fault

CIMV2, V2 = "root/cimv2", "root/virtualization/v2"
GET = f"{ns.TRANSFER}/Get"
SERVICE = "Msvm_VirtualSystemMigrationService"
OF_WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"
OF_ADDRESSING, OF_ENUMERATION = f"{ns.ADDRESSING}/fault", f"{ns.ENUMERATION}/fault"
WMI, SHELL, COMMAND = "WMI Provider", "Shell provider", "Shell cmd plugin"
NO_CLASS = "The specified class does not exist in the given namespace."
NOT_THERE = "The service cannot find the resource identified by the resource URI and selectors."


@dataclass(frozen=True)
class Form:
    """What a fault must look like; `exact`: a sentence that stands innermost."""

    code: str
    subcode: str
    action: str
    detail: str
    codes: tuple[int, ...]
    provider: str
    exact: str
    generic: bool = False


Ask = Callable[[PlainClient], Element]


def shell_of(client: PlainClient) -> str:
    _, reply = client.send(ns.CREATE, ns.COMMAND_SHELL, "<rsp:Shell/>")
    return texts(reply, "ShellId")[0]


def asking(action: str, resource: str, body: str = "", **selectors: str) -> Ask:
    return lambda client: client.send(action, resource, body, selectors=selectors)[1]


def in_shell(action: str, body: str, gone: str = "", options: dict[str, str] = {}) -> Ask:  # noqa: B006 - not changed
    def ask(client: PlainClient) -> Element:
        own = gone or shell_of(client)
        selectors = {"ShellId": own}
        _, reply = client.send(
            action, ns.COMMAND_SHELL, body, selectors=selectors, options=options, seconds=1
        )
        client.send(ns.DELETE, ns.COMMAND_SHELL, selectors=selectors)
        return reply

    return ask


def in_words(change: Callable[[str], str]) -> Ask:
    """Return a query for a class whose envelope is changed."""
    query = wql("SELECT * FROM Win32_Service")
    envelope = request(ns.ENUMERATE, wmi(CIMV2), query, {}, {}, 20)
    return lambda client: client.post(change(envelope))[1]


def waiting(client: PlainClient) -> Element:
    shell = {"ShellId": shell_of(client)}
    line = "<rsp:CommandLine><rsp:Command>findstr</rsp:Command><rsp:Arguments>^</rsp:Arguments>"
    _, reply = client.send(
        ns.COMMAND, ns.COMMAND_SHELL, f"{line}</rsp:CommandLine>", selectors=shell
    )
    body = receive(f' CommandId="{texts(reply, "CommandId")[0]}"')
    reply = client.send(ns.RECEIVE, ns.COMMAND_SHELL, body, selectors=shell, seconds=1)[1]
    client.send(ns.DELETE, ns.COMMAND_SHELL, selectors=shell)
    return reply


def receive(command: str) -> str:
    return f"<rsp:Receive><rsp:DesiredStream{command}>stdout</rsp:DesiredStream></rsp:Receive>"


def run(command: str) -> str:
    return f"<rsp:CommandLine><rsp:Command>{command}</rsp:Command></rsp:CommandLine>"


SIGNAL = '<rsp:Signal CommandId="x"><rsp:Code>y</rsp:Code></rsp:Signal>'
WITHOUT_CMD = {"WINRS_SKIP_CMD_SHELL": "TRUE"}
STRANGE = f'<w:Strange xmlns:s="{ns.SOAP}" s:mustUnderstand="true">x</w:Strange>'

FAULTS: dict[str, tuple[Ask, Form]] = {
    "a class that is missing in a query": (
        asking(ns.ENUMERATE, wmi(CIMV2), wql("SELECT * FROM Win32_No")),
        Form(
            *("s:Sender", "n:CannotProcessFilter", OF_ENUMERATION, ""),
            *((2150858778, 2150858778), WMI, NO_CLASS, True),
        ),
    ),
    "a query that is none": (
        asking(ns.ENUMERATE, wmi(CIMV2), wql("SELECT FROM")),
        Form(
            *("s:Sender", "n:CannotProcessFilter", OF_ENUMERATION, ""),
            *((2150858778, 2150858778), WMI, "The query is not valid", True),
        ),
    ),
    "a class that is missing by its URI": (
        asking(GET, wmi(CIMV2, "Win32_No")),
        Form(
            *("s:Sender", "a:DestinationUnreachable", OF_ADDRESSING, "InvalidResourceURI"),
            *((2150858752, 2150858752), WMI, NOT_THERE),
        ),
    ),
    "an instance that is missing": (
        asking(GET, wmi(CIMV2, "Win32_Service"), Name="none"),
        Form(
            *("s:Sender", "a:DestinationUnreachable", OF_ADDRESSING, "InvalidResourceURI"),
            *((2150858752, 2150858752), WMI, NOT_THERE),
        ),
    ),
    "a method that is missing": (
        asking(f"{wmi(V2, SERVICE)}/No", wmi(V2, SERVICE), Name="migrationwmi"),
        Form(
            *("s:Receiver", "w:InternalError", OF_WSMAN, ""),
            *((0x80041055, 0x80041055), WMI, "The class has no method No.", True),
        ),
    ),
    "a provider that fails": (
        asking(ns.ENUMERATE, wmi("root/standardcimv2"), wql("SELECT * FROM MSFT_NetIPAddress")),
        Form(
            *("s:Receiver", "w:InternalError", OF_WSMAN, ""),
            *((2150859010, 2150859010), WMI, "The provider of the class failed.", True),
        ),
    ),
    "a shell that is gone": (
        in_shell(ns.RECEIVE, receive(' CommandId="x"'), gone="NONE"),
        Form(
            *("s:Sender", "w:InvalidSelectors", OF_WSMAN, "UnexpectedSelectors"),
            *((2150858843, 2150858843), SHELL, "invalid selectors for the resource."),
        ),
    ),
    "a command that is gone": (
        in_shell(ns.RECEIVE, receive(' CommandId="x"')),
        Form(
            *("s:Sender", "w:InvalidSelectors", OF_WSMAN, "UnexpectedSelectors"),
            *((2150858843,), "", "a command identifier that does not exist", True),
        ),
    ),
    "a Receive without a command": (
        in_shell(ns.RECEIVE, receive("")),
        Form(
            *("s:Sender", "w:InvalidParameter", OF_WSMAN, "InvalidValue"),
            *((87,), COMMAND, "The parameter is incorrect."),
        ),
    ),
    "a Signal to a command that is gone": (
        in_shell(ns.SIGNAL, SIGNAL),
        Form(
            *("s:Sender", "w:InvalidParameter", OF_WSMAN, "InvalidValue"),
            *((87,), COMMAND, "The parameter is incorrect."),
        ),
    ),
    "a program that is not found": (
        in_shell(ns.COMMAND, run("none.exe"), options=WITHOUT_CMD),
        Form(
            *("s:Receiver", "w:InternalError", OF_WSMAN, ""),
            *((2147942402,), COMMAND, "The system cannot find the file specified."),
        ),
    ),
    "a command line that is too long": (
        in_shell(ns.COMMAND, run("x" * 9000)),
        Form(
            *("s:Receiver", "w:InternalError", OF_WSMAN, ""),
            *((2147942606,), COMMAND, "The filename or extension is too long."),
        ),
    ),
    "a time-out": (
        waiting,
        Form(
            *("s:Receiver", "w:TimedOut", OF_WSMAN, ""),
            *((2150858793,), "", "within the time specified in OperationTimeout."),
        ),
    ),
    "a time limit below zero": (
        in_words(lambda envelope: envelope.replace("PT20S", "PT-1S")),
        Form(
            *("s:Sender", "a:InvalidMessageInformationHeader", OF_ADDRESSING, ""),
            *((2150858767,), "", "an invalid timeout field in the SOAP header: PT-1S.", True),
        ),
    ),
    "a body that breaks the schema": (
        in_words(lambda envelope: re.sub("<n:Enumerate>.*</n:Enumerate>", "<n:No/>", envelope)),
        Form(
            *("s:Sender", "w:SchemaValidationError", OF_WSMAN, ""),
            *((2150858817,), "", "does not match the corresponding XML schema definition."),
        ),
    ),
    "a header that is not understood": (
        in_words(lambda envelope: envelope.replace("</s:Header>", f"{STRANGE}</s:Header>")),
        Form("s:MustUnderstand", "", OF_ADDRESSING, "", (), "", "a SOAP header in the request."),
    ),
    "an enumeration that is gone": (
        asking(ns.PULL, wmi(CIMV2), pull("uuid:x", 9)),
        Form(
            *("s:Receiver", "n:InvalidEnumerationContext", OF_ENUMERATION, ""),
            *((2150858779,), "", "The enumeration context is not valid."),
        ),
    ),
}

MORE = """\
    unreadable: [MSFT_NetIPAddress]
  - name: hv02.contoso.com
    shows: no rights
    addresses: {management: "1.12"}
    access: denied
  - name: hv03.contoso.com
    shows: nothing selected
    addresses: {management: "1.13"}
    networks: none
"""


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    assert FLEET.endswith("networks: [migration]\n")
    with running(tmp_path_factory.mktemp("lab"), MORE) as started:
        yield started


@pytest.fixture(scope="module")
def client(refusing: RunningLab) -> Iterator[PlainClient]:
    found = PlainClient(refusing, refusing.hosts[0])
    yield found
    found.close()


def held_to(reply: Element, form: Form) -> None:
    """Assert that a fault has a form, and that our client tells its exact sentence."""
    code = reply.find(f".//{{{ns.SOAP}}}Code")
    assert code is not None
    values = [(each.text or "").strip() for each in code.iter(f"{{{ns.SOAP}}}Value")]
    assert values == [each for each in (form.code, form.subcode) if each]
    assert texts(reply, "Action") == [form.action]
    detail = "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
    assert texts(reply, "FaultDetail") == ([detail + form.detail] if form.detail else [])
    found = [int(each.get("Code", "")) for each in reply.iter(f"{{{ns.FAULT}}}WSManFault")]
    assert found == list(form.codes)
    providers = [each.get("provider") for each in reply.iter(f"{{{ns.FAULT}}}ProviderFault")]
    assert providers == ([form.provider] if form.provider else [])
    (reason,) = texts(reply, "Text")
    assert (form.exact in reason) is not form.generic
    told = read_fault(reply)
    assert told is not None
    assert form.exact in told.came_back
    assert told.code == (form.codes[0] if form.codes else None)


@in_turn("case", FAULTS)
def test_a_refusal_has_the_form_that_windows_gives_it(client: PlainClient, case: str) -> None:
    ask, form = FAULTS[case]
    held_to(ask(client), form)


def test_a_header_that_is_not_understood_is_named(client: PlainClient) -> None:
    reply = FAULTS["a header that is not understood"][0](client)
    (header,) = reply.iter(f"{{{ns.SOAP}}}NotUnderstood")
    assert (header.get("qname") or "").endswith(":Strange")
    assert not texts(reply, "Detail")
    told = read_fault(reply)
    assert told is not None
    assert "Strange" in told.came_back


def test_the_query_stands_in_the_extended_status_and_is_not_told(client: PlainClient) -> None:
    reply = FAULTS["a class that is missing in a query"][0](client)
    assert texts(reply, "ParameterInfo") == ["SELECT * FROM Win32_No"]
    told = read_fault(reply)
    assert told is not None
    assert "SELECT" not in told.came_back


def test_an_account_without_rights_is_denied_whatever_it_asks(refusing: RunningLab) -> None:
    machine = next(each for each in refusing.hosts if each.name == "hv02.contoso.com")
    denied = PlainClient(refusing, machine)
    form = Form("s:Sender", "w:AccessDenied", OF_WSMAN, "", (5,), "", "Access is denied.")
    held_to(asking(ns.ENUMERATE, wmi(CIMV2), wql("SELECT * FROM Win32_Service"))(denied), form)
    held_to(in_shell(ns.CREATE, "<rsp:Shell/>", gone="NONE")(denied), form)
    denied.close()


@pytest.mark.parametrize(
    ("old", "form"),
    [
        (False, ("s:Sender", "w:QuotaLimit", OF_WSMAN, "", (), "")),
        (True, ("s:Receiver", "w:InternalError", OF_WSMAN, "", (2150859173,), "")),
    ],
)
def test_a_quota_is_refused_in_the_form_of_its_windows(
    old: bool, form: tuple[str, str, str, str, tuple[int, ...], str]
) -> None:
    refused = too_many_shells(MOST_SHELLS, old=old)
    reply = document.parse(answer(refused))
    exact = f"a maximum number of {MOST_SHELLS} concurrent shells"
    told = read_fault(reply)
    assert told is not None
    assert told.code == 2150859173
    assert exact in told.came_back
    (reason,) = texts(reply, "Text")
    assert exact not in reason
    code = reply.find(f".//{{{ns.SOAP}}}Code")
    assert code is not None
    assert [each.text for each in code.iter(f"{{{ns.SOAP}}}Value")] == list(form[:2])
    assert bool(texts(reply, "error_Code")) is not old
    assert bool(list(reply.iter(f"{{{ns.FAULT}}}WSManFault"))) is old


def answer(refused: LabFault) -> bytes:
    envelope = request(ns.CREATE, ns.COMMAND_SHELL, "<rsp:Shell/>", {}, {}, 20)
    return fault(Request(envelope.encode()), refused, "hv01")


@pytest.mark.parametrize("extra", ["<w:OptimizeEnumeration/>", ""])
def test_an_enumeration_that_finds_nothing_holds_no_items(client: PlainClient, extra: str) -> None:
    query = wql("SELECT * FROM Win32_Service WHERE Name = 'none'", extra)
    _, reply = client.send(ns.ENUMERATE, wmi(CIMV2), query)
    if not extra:
        (context,) = texts(reply, "EnumerationContext")
        _, reply = client.send(ns.PULL, wmi(CIMV2), pull(context, 9))
    assert not list(reply.iter(f"{{{ns.WSMAN}}}Items"))
    assert not list(reply.iter(f"{{{ns.ENUMERATION}}}Items"))
    assert texts(reply, "EndOfSequence") == [""]


@pytest.mark.parametrize("columns", ["*", "Name, MigrationServiceListenerIPAddressList"])
def test_an_array_that_is_null_is_left_out(refusing: RunningLab, columns: str) -> None:
    machine = next(each for each in refusing.hosts if each.name == "hv03.contoso.com")
    other = PlainClient(refusing, machine)
    _, reply = other.send(ns.ENUMERATE, wmi(V2), wql(f"SELECT {columns} FROM {SERVICE}"))
    assert texts(reply, "Name") == ["migrationwmi"]
    assert "MigrationServiceListenerIPAddressList" not in {
        each.tag.rpartition("}")[2] for each in reply.iter()
    }
    other.close()
