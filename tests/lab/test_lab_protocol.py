"""What the lab answers, and refuses, as the documents say Windows does."""

from __future__ import annotations

import base64

import pytest
from in_turn import in_turn
from lab_clients import PlainClient, fault_code, pull, texts, wmi, wql

from livemigration.lab.faults import (
    BAD_CLASS,
    BAD_CONTEXT,
    BAD_SCHEMA,
    BAD_SELECTORS,
    BAD_URI,
    FILE_NOT_FOUND,
    INVALID_PARAMETER,
    NO_METHOD,
    NO_SHELL,
    NOT_FOUND,
    QUERY_NEEDS_STAR,
    TIMED_OUT,
    TOO_LONG,
    TOO_MANY_SHELLS,
)
from livemigration.lab.launch import RunningLab
from livemigration.lab.shell import MOST_SHELLS
from livemigration.vmm.scripts import POWERSHELL, POWERSHELL_ARGUMENTS
from livemigration.wsman import namespaces as ns

CIMV2, V2 = "root/cimv2", "root/virtualization/v2"
GET = f"{ns.TRANSFER}/Get"
SERVICE = "Msvm_VirtualSystemMigrationService"


def test_an_enumeration_without_optimization_is_pulled_to_its_end(host: PlainClient) -> None:
    _, first = host.send(ns.ENUMERATE, wmi(CIMV2), wql("SELECT Name FROM Win32_Service", "", 1))
    (context,) = texts(first, "EnumerationContext")
    assert not texts(first, "Name")
    found, seen = [], {context}
    for _ in range(10):
        _, page = host.send(ns.PULL, wmi(CIMV2), pull(context, 1))
        found += texts(page, "Name")
        if texts(page, "EndOfSequence"):
            break
        (context,) = texts(page, "EnumerationContext")
        assert context not in seen, "the context changes with every reply"
        seen.add(context)
    assert found == ["vmms", "SCVMMAgent"]
    assert fault_code(host.send(ns.PULL, wmi(CIMV2), pull(context, 1))[1]) == BAD_CONTEXT


def test_a_released_enumeration_cannot_be_pulled(host: PlainClient) -> None:
    _, first = host.send(ns.ENUMERATE, wmi(CIMV2), wql("SELECT * FROM Win32_Service", "", 1))
    (context,) = texts(first, "EnumerationContext")
    release = f"<n:Release><n:EnumerationContext>{context}</n:EnumerationContext></n:Release>"
    assert host.send(ns.RELEASE, wmi(CIMV2), release)[0] == 200
    assert fault_code(host.send(ns.PULL, wmi(CIMV2), pull(context, 9))[1]) == BAD_CONTEXT


def test_references_name_instances_that_get_returns(host: PlainClient) -> None:
    mode = "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode><w:OptimizeEnumeration/>"
    _, reply = host.send(ns.ENUMERATE, wmi(V2), wql(f"SELECT * FROM {SERVICE}", mode))
    (uri,) = texts(reply, "ResourceURI")
    selectors = {
        each.get("Name", ""): each.text or "" for each in reply.iter(f"{{{ns.WSMAN}}}Selector")
    }
    assert set(selectors) == {
        "CreationClassName",
        "Name",
        "SystemCreationClassName",
        "SystemName",
    }
    status, instance = host.send(GET, uri, selectors=selectors)
    assert status == 200
    assert texts(instance, "Name") == ["migrationwmi"]
    assert any(
        each.startswith("127.")
        for each in texts(instance, f"{'MigrationServiceListener'}IPAddressList")
    )


def test_an_instance_is_found_by_selectors_in_any_case(host: PlainClient) -> None:
    uri = wmi(CIMV2, "Win32_Service")
    _, instance = host.send(GET, uri, selectors={"NAME": "VMMS"})
    assert texts(instance, "State") == ["Running"]


def test_the_configuration_of_the_service_says_its_envelope_size(host: PlainClient) -> None:
    _, reply = host.send(GET, "http://schemas.microsoft.com/wbem/wsman/1/config")
    assert texts(reply, "MaxEnvelopeSizekb") == ["500"]


RECEIVE = "<rsp:Receive><rsp:DesiredStream/></rsp:Receive>"
SELECT_ALL = wql("SELECT * FROM Win32_Service")
BY_COLOUR = wql("SELECT * FROM Win32_Service WHERE Name = 'vmms' AND NOT (Colour IS NULL)")


@in_turn(
    "action, resource, body, selectors, code",
    [
        (ns.ENUMERATE, wmi(CIMV2), wql("SELECT FROM"), {}, BAD_CLASS),
        (ns.ENUMERATE, wmi(CIMV2), wql("SELECT * FROM No_Such"), {}, BAD_CLASS),
        (ns.ENUMERATE, wmi(CIMV2), wql("SELECT Colour FROM Win32_Service"), {}, BAD_CLASS),
        (ns.ENUMERATE, wmi(CIMV2), BY_COLOUR, {}, BAD_CLASS),
        (ns.ENUMERATE, wmi(CIMV2, "Win32_Service"), SELECT_ALL, {}, QUERY_NEEDS_STAR),
        (ns.ENUMERATE, wmi(CIMV2), "<n:Enumerate/>", {}, BAD_URI),
        (ns.ENUMERATE, "http://example.test/nothing", SELECT_ALL, {}, BAD_URI),
        (GET, wmi(CIMV2, "Win32_Service"), "", {"Name": "none"}, NOT_FOUND),
        (GET, wmi(CIMV2, "Win32_Service"), "", {"Colour": "red"}, BAD_SELECTORS),
        (GET, wmi(CIMV2, "Win32_Service"), "", {"State": "Running"}, BAD_SELECTORS),
        (GET, wmi(CIMV2, "Win32_Service"), "", {}, BAD_SELECTORS),
        (GET, wmi(CIMV2, "No_Such"), "", {}, NOT_FOUND),
        (f"{wmi(V2, SERVICE)}/No", wmi(V2, SERVICE), "", {"Name": "migrationwmi"}, NO_METHOD),
        (f"{wmi(V2, SERVICE)}/GetSystemCompatibilityInfo", wmi(V2, SERVICE), "", {}, BAD_SELECTORS),
        (f"{wmi(CIMV2, 'No')}/Such", wmi(CIMV2, "No"), "", {}, NOT_FOUND),
        (ns.RECEIVE, ns.COMMAND_SHELL, RECEIVE, {"ShellId": "none"}, NO_SHELL),
        (ns.RECEIVE, ns.COMMAND_SHELL, "", {"ShellId": "none"}, BAD_SCHEMA),
        ("http://example.test/action", wmi(CIMV2), "", {}, BAD_URI),
    ],
)
def test_what_windows_refuses_is_refused_with_its_code(
    host: PlainClient, action: str, resource: str, body: str, selectors: dict[str, str], code: int
) -> None:
    status, reply = host.send(action, resource, body, selectors=selectors)
    assert (status, fault_code(reply)) == (500, code)


@pytest.mark.parametrize(
    ("query", "action"),
    [
        ("SELECT * FROM No_Such", f"{ns.ENUMERATION}/fault"),
        ("ASSOCIATORS OF {No_Such.Name='x'}", f"{ns.ADDRESSING}/fault"),
    ],
)
def test_a_fault_of_an_enumeration_has_an_action_of_its_own(
    host: PlainClient, query: str, action: str
) -> None:
    _, reply = host.send(ns.ENUMERATE, wmi(CIMV2), wql(query))
    assert texts(reply, "Action") == [action]


def test_methods_answer_with_their_outputs(host: PlainClient) -> None:
    def call(
        namespace: str, name: str, method: str, inputs: str = "", **selectors: str
    ) -> list[str]:
        uri = wmi(namespace, name)
        body = f'<p:{method}_INPUT xmlns:p="{uri}">{inputs}</p:{method}_INPUT>'
        status, reply = host.send(f"{uri}/{method}", uri, body, selectors=selectors)
        assert status == 200
        return texts(reply, "ReturnValue")

    assert call(V2, SERVICE, "GetSystemCompatibilityInfo", Name="migrationwmi") == ["0"]
    assert call("root/scvmm", "AgentManagement", "GetVersion") == ["0"]
    key = "SOFTWARE\\Microsoft\\Microsoft System Center Virtual Machine Manager Agent\\Setup"
    names = "<p:sSubKeyName>{}</p:sSubKeyName><p:sValueName>{}</p:sValueName>"
    found = names.format(key, "ProductVersion")
    missing = names.format(key, "Nothing")
    assert call("root/default", "StdRegProv", "GetStringValue", found) == ["0"]
    assert call("root/cimv2", "StdRegProv", "GetStringValue", missing) == ["2"]
    number = names.format(CURRENT_VERSION, "CurrentMajorVersionNumber")
    text = names.format(CURRENT_VERSION, "CurrentBuildNumber")
    assert call("root/default", "StdRegProv", "GetDWORDValue", number) == ["0"]
    assert call("root/default", "StdRegProv", "GetDWORDValue", text) == ["2"]
    assert call("root/default", "StdRegProv", "GetStringValue", text) == ["0"]


CURRENT_VERSION = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"


def shell_of(client: PlainClient) -> dict[str, str]:
    _, reply = client.send(f"{ns.TRANSFER}/Create", ns.COMMAND_SHELL, "<rsp:Shell/>")
    return {"ShellId": texts(reply, "ShellId")[0]}


def command(*words: str) -> str:
    more = "".join(f"<rsp:Arguments>{each}</rsp:Arguments>" for each in words[1:])
    return f"<rsp:CommandLine><rsp:Command>{words[0]}</rsp:Command>{more}</rsp:CommandLine>"


def send(name: str, data: bytes) -> str:
    text = base64.b64encode(data).decode()
    stream = f'<rsp:Stream Name="stdin" CommandId="{name}" End="true">{text}</rsp:Stream>'
    return f"<rsp:Send>{stream}</rsp:Send>"


def receive(name: str) -> str:
    stream = f'<rsp:DesiredStream CommandId="{name}">stdout</rsp:DesiredStream>'
    return f"<rsp:Receive>{stream}</rsp:Receive>"


def test_two_shells_of_one_client_run_side_by_side(host: PlainClient) -> None:
    shells = [shell_of(host), shell_of(host)]
    names = []
    for shell in shells:
        _, reply = host.send(ns.COMMAND, ns.COMMAND_SHELL, command("findstr", "^"), selectors=shell)
        names += texts(reply, "CommandId")
    for number in (1, 0):
        body = send(names[number], f"shell {number}".encode())
        host.send(ns.SEND, ns.COMMAND_SHELL, body, selectors=shells[number])
    for number, shell in enumerate(shells):
        _, reply = host.send(ns.RECEIVE, ns.COMMAND_SHELL, receive(names[number]), selectors=shell)
        output = base64.b64decode("".join(texts(reply, "Stream")))
        assert output.decode() == f"shell {number}"
        other = shells[1 - number]
        _, reply = host.send(ns.RECEIVE, ns.COMMAND_SHELL, receive(names[number]), selectors=other)
        assert fault_code(reply) == NO_SHELL
    for shell in shells:
        assert host.send(f"{ns.TRANSFER}/Delete", ns.COMMAND_SHELL, selectors=shell)[0] == 200
        _, reply = host.send(ns.RECEIVE, ns.COMMAND_SHELL, receive("x"), selectors=shell)
        assert fault_code(reply) == NO_SHELL


@pytest.mark.long
def test_a_program_that_waits_for_input_times_out_and_takes_it_later(vmm: PlainClient) -> None:
    shell = shell_of(vmm)
    words = (POWERSHELL, *POWERSHELL_ARGUMENTS)
    _, reply = vmm.send(ns.COMMAND, ns.COMMAND_SHELL, command(*words), selectors=shell)
    (name,) = texts(reply, "CommandId")
    _, reply = vmm.send(ns.RECEIVE, ns.COMMAND_SHELL, receive(name), selectors=shell, seconds=1)
    assert fault_code(reply) == TIMED_OUT
    vmm.send(ns.SEND, ns.COMMAND_SHELL, send(name, b"{}\nno script of ours"), selectors=shell)
    _, reply = vmm.send(ns.RECEIVE, ns.COMMAND_SHELL, receive(name), selectors=shell)
    assert texts(reply, "ExitCode") == ["1"]


def test_standard_input_in_console_mode_is_refused(vmm: PlainClient) -> None:
    shell = shell_of(vmm)
    words = (POWERSHELL, *POWERSHELL_ARGUMENTS)
    options = {"WINRS_CONSOLEMODE_STDIN": "TRUE"}
    _, reply = vmm.send(
        ns.COMMAND, ns.COMMAND_SHELL, command(*words), selectors=shell, options=options
    )
    (name,) = texts(reply, "CommandId")
    _, reply = vmm.send(ns.SEND, ns.COMMAND_SHELL, send(name, b"{}"), selectors=shell)
    assert fault_code(reply) == INVALID_PARAMETER


@pytest.mark.parametrize(
    ("program", "code"),
    [("hostname.exe", FILE_NOT_FOUND), ("C:\\Windows\\System32\\hostname.exe", None)],
)
def test_a_program_is_not_searched_for_without_cmd(
    host: PlainClient, program: str, code: int | None
) -> None:
    options = {"WINRS_SKIP_CMD_SHELL": "TRUE"}
    shell = shell_of(host)
    _, reply = host.send(
        ns.COMMAND, ns.COMMAND_SHELL, command(program), selectors=shell, options=options
    )
    if code is not None:
        assert fault_code(reply) == code
        return
    (name,) = texts(reply, "CommandId")
    _, reply = host.send(ns.RECEIVE, ns.COMMAND_SHELL, receive(name), selectors=shell)
    assert base64.b64decode("".join(texts(reply, "Stream"))) == b"HV01\r\n"


@pytest.mark.parametrize(("length", "code"), [(8191, None), (8192, TOO_LONG)])
def test_a_command_line_has_a_greatest_length(
    host: PlainClient, length: int, code: int | None
) -> None:
    line = "echo " + "x" * (length - 5)
    _, reply = host.send(ns.COMMAND, ns.COMMAND_SHELL, command(line), selectors=shell_of(host))
    assert (fault_code(reply) if code else None) == code


def test_a_user_has_a_greatest_number_of_shells(lab: RunningLab) -> None:
    client = PlainClient(lab, lab.vmm)
    shells = []
    for _ in range(MOST_SHELLS + 1):
        _, reply = client.send(f"{ns.TRANSFER}/Create", ns.COMMAND_SHELL, "<rsp:Shell/>")
        if not texts(reply, "ShellId"):
            break
        shells.append({"ShellId": texts(reply, "ShellId")[0]})
    assert fault_code(reply) == TOO_MANY_SHELLS
    for shell in shells:
        client.send(f"{ns.TRANSFER}/Delete", ns.COMMAND_SHELL, selectors=shell)
    client.close()


ITSELF = "CreationClassName='Msvm_VirtualSystemMigrationService',Name='migrationwmi'"
SETTINGS = f"{SERVICE}SettingData"


@in_turn(
    "query, found",
    [
        (f"ASSOCIATORS OF {{{SERVICE}.{ITSELF}}}", ["Microsoft:MigrationServiceSetting"]),
        (
            (
                f"associators of {{{SERVICE}.{ITSELF}}} where AssocClass=Msvm_ElementSettingData "
                f"ResultClass={SETTINGS}"
            ),
            ["Microsoft:MigrationServiceSetting"],
        ),
        (
            (
                f'ASSOCIATORS OF {{{SETTINGS}.InstanceID="Microsoft:MigrationServiceSetting"}} '
                "WHERE ResultClass=Msvm_VirtualSystemMigrationNetworkSettingData"
            ),
            ["Microsoft:MigrationNetwork\\0"],
        ),
        (f"ASSOCIATORS OF {{{SERVICE}.{ITSELF}}} WHERE ResultClass=Win32_Service", []),
    ],
)
def test_an_association_leads_to_the_other_end(
    host: PlainClient, query: str, found: list[str]
) -> None:
    status, reply = host.send(ns.ENUMERATE, wmi(V2), wql(query))
    assert status == 200
    assert texts(reply, "InstanceID") == found


@in_turn(
    "query, code",
    [
        ("ASSOCIATORS OF", BAD_CLASS),
        ("ASSOCIATORS OF {a b}", BAD_CLASS),
        (f"ASSOCIATORS OF {{{SERVICE}.{ITSELF}}} WHERE Role=x", BAD_CLASS),
        (f"ASSOCIATORS OF {{{SERVICE}.Name='none'}}", NOT_FOUND),
        ("ASSOCIATORS OF {No_Such.Name='x'}", NOT_FOUND),
    ],
)
def test_an_association_that_leads_nowhere_is_refused(
    host: PlainClient, query: str, code: int
) -> None:
    _, reply = host.send(ns.ENUMERATE, wmi(V2), wql(query))
    assert fault_code(reply) == code


def test_a_class_is_in_its_own_namespace_only_and_keeps_its_spelling(host: PlainClient) -> None:
    query = wql("select * from WIN32_service")
    _, reply = host.send(ns.ENUMERATE, wmi(V2), query)
    assert fault_code(reply) == BAD_CLASS
    _, reply = host.send(ns.ENUMERATE, wmi("ROOT/cimv2"), query)
    assert {each.tag.rpartition("}")[2] for each in reply.iter() if "Service" in each.tag} >= {
        "Win32_Service"
    }
