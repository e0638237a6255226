"""Every code of windows-facts.md 5.5: its kind, its name, and what to do next, in both forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import wsman_replies as soap
from in_turn import in_turn

from livemigration.facts.model import FailureKind
from livemigration.wsman import causes, codes, document
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.faults import read_fault
from livemigration.wsman.namespaces import FAULT, SOAP, SOAP_1_1, WMI_ERROR

LOOK_UP = "Microsoft-Windows-WinRM/Operational"
RIGHTS = "WinRMRemoteWMIUsers__"
EXISTS = "namespace and class exist"

# Code → what is shown of it, and a part of the next step.
CODES = {
    2150858752: (
        "0x80338000 (RESOURCE_NOT_FOUND)",
        "the instance, and the WMI namespace and class",
    ),
    2150858767: ("0x8033800F (INVALID_MESSAGE_INFORMATION_HEADER)", "a time limit below zero"),
    2150858770: ("0x80338012 (DESTINATION_UNREACHABLE)", "winrm quickconfig"),
    2150858778: ("0x8033801A (ENUMERATE_CANNOT_PROCESS_FILTER)", "class and its properties exist"),
    2150858779: ("0x8033801B (ENUMERATE_INVALID_ENUMERATION_CONTEXT)", "EnumerationTimeoutms"),
    2150858790: ("0x80338026 (ENVELOPE_TOO_LARGE)", "Raise MaxEnvelopeSizekb on the host"),
    2150858793: ("0x80338029 (OPERATION_TIMEDOUT)", "Raise the time limits"),
    2150858811: ("0x8033803B (INVALID_RESOURCE_URI)", EXISTS),
    2150858813: ("0x8033803D (INVALID_SELECTORS)", "names an instance"),
    2150858817: ("0x80338041 (SCHEMA_VALIDATION_ERROR)", "in the body"),
    2150858843: ("0x8033805B (UNEXPECTED_SELECTORS)", "shell or its command had ended"),
    2150858909: ("0x8033809D (SECURITY_UNMAPPED)", "setspn -x"),
    2150858974: ("0x803380DE (CLIENT_UNENCRYPTED_DISABLED)", "Negotiate, Kerberos or SSL"),
    2150858980: ("0x803380E4 (SERVER_NOT_TRUSTED)", "TrustedHosts, never *"),
    2150859003: ("0x803380FB (INVALID_URI_WMI_ENUM_WQL)", "ends in /*"),
    2150859010: ("0x80338102 (WMI_PROVIDER_NOT_CAPABLE)", "WMI-Activity"),
    2150859012: ("0x80338104 (WMI_SVC_ACCESS_DENIED)", "The WMI service itself"),
    2150859013: ("0x80338105 (WMI_PROVIDER_ACCESS_DENIED)", "provider of this class"),
    2150859014: (
        "0x80338106 (WMI_CANNOT_CONNECT_ACCESS_DENIED)",
        "could not connect to the namespace",
    ),
    2150859019: ("0x8033810B (KERBEROS_IPADDRESS)", "Kerberos needs a name"),
    2150859025: ("0x80338111 (HTTP_CONTENT_TOO_LARGE)", "HTTP 413"),
    2150859026: ("0x80338112 (HTTP_SERVICE_UNAVAILABLE)", "HTTP 503"),
    2150859027: ("0x80338113 (HTTP_NOT_FOUND)", "winrm/config/listener"),
    2150859046: ("0x80338126 (NETWORK_TIMEDOUT)", "add the domain to the bypass"),
    2150859113: ("0x80338169 (PUBLIC_FIREWALL_PROFILE_ACTIVE)", "Get-NetConnectionProfile"),
    2150859120: ("0x80338170 (HTTP_STATUS_SERVER_ERROR)", "HTTP 500"),
    2150859121: ("0x80338171 (HTTP_STATUS_BAD_REQUEST)", "HTTP 400"),
    2150859173: ("0x803381A5 (QUOTA_MAX_SHELLS)", "MaxShellsPerUser"),
    2150859174: ("0x803381A6 (QUOTA_MAX_OPERATIONS)", "another account than VMM's"),
    2150859175: ("0x803381A7 (QUOTA_USER)", "what this account has open"),
    2150859176: ("0x803381A8 (QUOTA_SYSTEM)", "MaxConnections"),
    2150859179: ("0x803381AB (QUOTA_MAX_SHELLUSERS)", "MaxConcurrentUsers"),
    2150859180: ("0x803381AC (REMOTESHELLS_NOT_ALLOWED)", "AllowRemoteShellAccess"),
    2150859181: ("0x803381AD (PULL_PARAMS_NOT_SAME_AS_ENUM)", "each pull"),
    2150859193: ("0x803381B9 (NAME_NOT_RESOLVED)", "DNS record"),
    2150859194: ("0x803381BA (SSL_CONNECTION_ABORTED)", "certificate"),
    2150859195: ("0x803381BB (DEFAULTAUTH_IPADDRESS)", "explicit credentials"),
    2150859240: ("0x803381E8 (QUOTA_MAX_OPERATIONS_USER_PPQ)", "of the plugin"),
    5: ("5 (ERROR_ACCESS_DENIED)", "local administrator of the machine"),
    87: ("87 (ERROR_INVALID_PARAMETER)", "Keep the whole message"),
    2147942402: ("0x80070002 (ERROR_FILE_NOT_FOUND)", "full path"),
    2147942405: ("0x80070005 (E_ACCESSDENIED)", "local administrator of the machine"),
    2147942606: ("0x800700CE (ERROR_FILENAME_EXCED_RANGE)", "standard input"),
    0x80041002: ("0x80041002 (WBEM_E_NOT_FOUND)", EXISTS),
    0x80041003: ("0x80041003 (WBEM_E_ACCESS_DENIED)", RIGHTS),
    0x8004100E: ("0x8004100E (WBEM_E_INVALID_NAMESPACE)", EXISTS),
    0x80041010: ("0x80041010 (WBEM_E_INVALID_CLASS)", EXISTS),
    # Codes that no table has are shown as they are.
    1: ("fault 1:", LOOK_UP),
    0x8033FFFF: ("fault 0x8033FFFF:", LOOK_UP),
}

# What says nothing in English, so that no judgement can rest on it.
TEXTS = ["Zugriff verweigert", "アクセスが拒否されました。", "拒绝访问。", "Access is denied.", ""]


def read(body: str) -> WsmanFault:
    found = read_fault(document.parse(soap.envelope(body)))
    assert found is not None
    return found


def detail_of(detail: str, reason: str = "No.", subcode: str = "w:InternalError") -> str:
    whole = soap.fault(1, reason, subcode)
    return whole[: whole.index("<f:WSManFault")] + detail + "</s:Detail></s:Fault>"


def wmi_error(code: object, kind: str = "HRESULT") -> str:
    """Return the detail that newer Windows sends, with the properties that it has."""
    return (
        f'<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:p="{WMI_ERROR}" '
        'xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd">'
        '<p:CIMStatusCode xsi:type="cim:cimUnsignedInt">27</p:CIMStatusCode>'
        '<p:CIMStatusCodeDescription xsi:type="cim:cimString" xsi:nil="true"/>'
        '<p:ErrorType xsi:type="cim:cimUnsignedShort">0</p:ErrorType>'
        '<p:MessageID xsi:type="cim:cimString">x</p:MessageID>'
        f'<p:error_Code xsi:type="cim:cimUnsignedInt">{code}</p:error_Code>'
        f'<p:error_Type xsi:type="cim:cimString">{kind}</p:error_Type></p:MSFT_WmiError>'
    )


FORMS: list[Callable[[int, str], str]] = [
    soap.fault,
    lambda code, reason: detail_of(wmi_error(code), reason),
    # Signed, as some programs write an HRESULT.
    lambda code, reason: soap.fault(code - 2**32 if code >= 2**31 else code, reason),
]


@in_turn("code", CODES)
def test_a_code_has_its_kind_name_and_next_step_in_every_form_and_language(code: int) -> None:
    shown, step = CODES[code]
    denied = code in codes.ACCESS_DENIED
    for form in FORMS:
        for text in TEXTS:
            fault = read(form(code, text))
            assert fault.code == code
            assert fault.kind is (FailureKind.ACCESS_DENIED if denied else FailureKind.FAULT)
            assert shown in f"{fault.came_back}:"
            assert step in fault.next_step
            assert fault.reason == text


def test_no_code_is_left_without_a_step_of_its_own() -> None:
    known = {code for code, (_, step) in CODES.items() if step != LOOK_UP}
    assert set(codes.NAMES) == set(codes.NEXT_STEPS) == known
    general = [read(soap.fault(1)).next_step, read(soap.fault("", "", "w:AccessDenied")).next_step]
    assert LOOK_UP in general[0]
    steps = {code: codes.NEXT_STEPS[code] for code in WSMAN_CODES}
    assert len(set(steps.values())) == len(steps), "no two codes of WinRM share a step"
    for step in steps.values():
        assert step not in general
        assert "ook the code up" not in step
        assert LOOK_UP not in step


# INVALID_RESOURCE_URI says what WMI's own codes for a missing class say.
WSMAN_CODES = [code for code in CODES if code >> 16 == 0x8033 and code in codes.NAMES]
FACTS = Path(__file__).parents[3] / "shared" / "reference" / "windows-facts.md"
_CELL = re.compile(r"^\| ([0-9][0-9/ ]+) \|", re.MULTILINE)


@pytest.mark.skipif(not FACTS.is_file(), reason="the facts are not beside this repository")
def test_the_table_has_every_code_of_the_facts() -> None:
    text = FACTS.read_text(encoding="utf-8")
    section = text[text.index("## 5.5") : text.index("## 5.6")]
    found: set[int] = set()
    for cell in _CELL.findall(section):
        first, *others = (each.strip() for each in cell.split("/"))
        found |= {int(first), *(int(first[: len(first) - len(o)] + o) for o in others)}
    assert len(found) >= 37
    assert found <= set(CODES)


@in_turn(
    "status, words",
    [
        (403, "IPv4Filter"),
        (404, "winrm/config/listener"),
        (407, "the proxy, which asks"),
        (413, "MaxEnvelopeSizekb"),
        (429, "concurrent_hosts"),
        (502, "between this machine and the host"),
        (503, "overloaded"),
    ],
)
def test_an_http_status_has_a_step_of_its_own(status: int, words: str) -> None:
    error = causes.status_failure(status)
    assert words in error.next_step
    assert f"HTTP {status}" in error.came_back
    assert error.next_step != causes.status_failure(418).next_step
    assert len(set(codes.STATUS_STEPS.values())) == len(codes.STATUS_STEPS)


@in_turn("kind", ["MI", "mi"])
@in_turn("number", [1, 2, 5, 6])
def test_a_number_of_mi_is_not_taken_for_one_of_windows(number: int, kind: str) -> None:
    """MI_RESULT_INVALID_CLASS is 5, as ERROR_ACCESS_DENIED is (mi.h)."""
    fault = read(detail_of(wmi_error(number, kind), "Ungültige Klasse", "w:InternalError"))
    assert (fault.kind, fault.code) == (FailureKind.FAULT, None)
    assert fault.came_back == "WS-Management fault InternalError: Ungültige Klasse"


@in_turn("kind", ["HRESULT", "WIN32", "", "anything"])
def test_a_number_of_any_other_kind_is_one_of_windows(kind: str) -> None:
    fault = read(detail_of(wmi_error(5, kind)))
    assert (fault.kind, fault.code) == (FailureKind.ACCESS_DENIED, 5)


@in_turn(
    "code", ["", " ", "0x80338029", "x", "4294967296", "-2147483649", "1.5", "\u0665", "9" * 500]
)
def test_a_code_that_is_no_number_of_32_bits_is_no_code(code: str) -> None:
    for body in (soap.fault(code), detail_of(wmi_error(code))):
        fault = read(body)
        assert (fault.kind, fault.code) == (FailureKind.FAULT, None)
        assert fault.came_back == "WS-Management fault InternalError: No."


def test_a_fault_without_detail_or_subcode_says_its_reason() -> None:
    body = "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>So</s:Text>"
    fault = read(f"{body}</s:Reason></s:Fault>")
    assert (fault.code, fault.subcode, fault.reason) == (None, None, "So")
    assert fault.came_back == "WS-Management fault Sender: So"


def test_the_innermost_subcode_counts() -> None:
    inner = "<s:Subcode><s:Value>w:AccessDenied</s:Value></s:Subcode>"
    body = soap.fault("").replace("</s:Subcode>", f"{inner}</s:Subcode>", 1)
    assert read(body).kind is FailureKind.ACCESS_DENIED


def test_without_a_reason_the_details_message_is_told() -> None:
    detail = (
        f'<f:WSManFault xmlns:f="{FAULT}" Code="87" Machine=""><f:Message>Ein Parameter '
        '<f:ProviderFault provider="p" path="q">ist falsch.</f:ProviderFault></f:Message>'
        "</f:WSManFault>"
    )
    fault = read(f"<s:Fault><s:Detail>{detail}</s:Detail></s:Fault>")
    assert fault.reason == "Ein Parameter ist falsch."


def test_the_extended_status_of_a_provider_counts_and_its_query_is_not_told() -> None:
    detail = (
        f'<f:WSManFault xmlns:f="{FAULT}" Code="2150858778" Machine=""><f:Message>'
        '<f:ProviderFault provider="WMI Provider" path="x"><f:ExtendedError>'
        '<p:__ExtendedStatus xmlns:p="urn:p"><p:Description xsi:nil="true"/>'
        "<p:Operation>ExecQuery</p:Operation><p:ParameterInfo>select x from y</p:ParameterInfo>"
        "<p:ProviderName>WinMgmt</p:ProviderName><p:StatusCode>-2147217405</p:StatusCode>"
        "</p:__ExtendedStatus></f:ExtendedError></f:ProviderFault></f:Message></f:WSManFault>"
    )
    fault = read(detail_of(detail))
    assert (fault.kind, fault.provider_codes) == (FailureKind.ACCESS_DENIED, (0x80041003,))
    assert "0x80041003 (WBEM_E_ACCESS_DENIED)" in fault.came_back
    assert "select" not in fault.came_back


@in_turn(
    "fault, code, subcode",
    [
        ("<faultcode>e:Client.Authentication</faultcode>", None, "Client.Authentication"),
        ("<faultcode>Server</faultcode>", None, "Server"),
        ("<faultcode/>", None, None),
        ("", None, None),
        (
            f'<detail><f:WSManFault xmlns:f="{FAULT}" Code="5"/></detail>',
            5,
            None,
        ),
        (f"<detail>{wmi_error(2150859174)}</detail>", 2150859174, None),
        ("<e:faultcode>e:Server</e:faultcode><faultactor>urn:x</faultactor>", None, "Server"),
    ],
)
def test_a_fault_of_a_proxy_in_soap_1_1(fault: str, code: int | None, subcode: str | None) -> None:
    reply = (
        f'<e:Envelope xmlns:e="{SOAP_1_1}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Header/>'
        f"<e:Body><e:Fault>{fault}<faultstring>応答なし</faultstring></e:Fault></e:Body>"
        "</e:Envelope>"
    ).encode()
    found = read_fault(document.parse(reply))
    assert found is not None
    assert (found.code, found.subcode, found.reason) == (code, subcode, "応答なし")
    assert "応答なし" in causes.fault_text(reply)


def test_a_reply_that_only_speaks_of_faults_carries_none() -> None:
    data = f'<s:Envelope xmlns:s="{SOAP}"><s:Body><x><s:Fault/></x></s:Body></s:Envelope>'
    assert read_fault(document.parse(data.encode())) is None
    assert causes.fault_text(data.encode()) == ""


def test_a_fault_is_one_line_of_bounded_length_without_control_characters() -> None:
    fault = read(soap.fault(87, "a\r\n\tb\u2028c &#x85; " + "d" * 5000))
    assert fault.reason.startswith("a b c d")
    assert len(fault.came_back) <= 300
    assert isinstance(fault, WsmanError)
