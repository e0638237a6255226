"""The forms in which Windows, and what stands before it, write items, pages and faults.

Every row is a form that windows-facts.md section 5 of the reference names.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer, action, message_id
from wsman_support import QUERY, Connect, failure, fragment, script

from livemigration.facts.cim import CimType, ObjectReference, WmiClass, WmiProperty, WmiQuery
from livemigration.facts.model import FailureKind
from livemigration.wsman import document
from livemigration.wsman.errors import WsmanFault
from livemigration.wsman.faults import read_fault
from livemigration.wsman.namespaces import FAULT, SOAP_1_1, WMI_ERROR

END = {"w": "<w:EndOfSequence/>", "n": "<n:EndOfSequence/>", "": ""}


def page(name: str, items: str, end: str, context: str, content: str) -> str:
    return f"<n:{name}>{context}<{items}:Items>{content}</{items}:Items>{END[end]}</n:{name}>"


@in_turn("context", ["", "<n:EnumerationContext/>"])
@in_turn("end", ["w", "n"])
@in_turn("items", ["w", "n"])
@in_turn("name", ["EnumerateResponse", "PullResponse"])
def test_items_and_end_marker_count_in_either_namespace(
    connect: Connect, name: str, items: str, end: str, context: str
) -> None:
    replies = [page(name, items, end, context, fragment("b"))]
    if name == "PullResponse":
        more = "<n:EnumerationContext>uuid:1</n:EnumerationContext>"
        replies.insert(0, page("EnumerateResponse", items, "", more, fragment("a")))
    with NtlmServer(script(*replies)) as server:
        rows = connect(server.port).enumerate(QUERY)
    assert [row.text("Name") for row in rows] == ["a", "b"][-len(replies) :]
    assert len(server.requests) == len(replies)


@pytest.mark.parametrize(
    "body",
    [
        "<n:EnumerateResponse><n:EnumerationContext/><w:EndOfSequence/></n:EnumerateResponse>",
        "<n:EnumerateResponse><w:Items></w:Items><w:EndOfSequence/></n:EnumerateResponse>",
    ],
)
def test_nothing_was_found(connect: Connect, body: str) -> None:
    with NtlmServer(script(body)) as server:
        assert connect(server.port).enumerate(QUERY) == ()


def test_a_first_reply_without_items_goes_on_with_its_context(connect: Connect) -> None:
    first = (
        "<n:EnumerateResponse><n:EnumerationContext>uuid:7</n:EnumerationContext>"
        "</n:EnumerateResponse>"
    )
    last = page("PullResponse", "n", "n", "", fragment("a"))
    with NtlmServer(script(first, last)) as server:
        (row,) = connect(server.port).enumerate(QUERY)
    assert row.text("Name") == "a"
    assert b">uuid:7<" in server.requests[1]


def test_a_pull_that_fails_leaves_no_enumeration_open_on_the_host(connect: Connect) -> None:
    first = page(
        "EnumerateResponse",
        "w",
        "",
        "<n:EnumerationContext>uuid:7</n:EnumerationContext>",
        fragment("a"),
    )
    answers = script(first, soap.fault(2150859010), "", soap.page(""))
    with NtlmServer(answers) as server:
        session = connect(server.port)
        failed = failure(lambda: session.enumerate(QUERY))
        session.enumerate(QUERY)
    assert failed.code == 2150859010
    assert [action(each) for each in server.requests] == [
        "Enumerate",
        "Pull",
        "Release",
        "Enumerate",
    ]
    assert b">uuid:7<" in server.requests[2]


CIRCLES = {
    "its context again": ["uuid:1", "uuid:1"],
    "an earlier context again": ["uuid:1", "uuid:2", "uuid:1"],
    "no items": ["uuid:1", "", ""],
    "no items and fresh contexts": ["uuid:1", "uuid:2 empty", "uuid:3 empty"],
}


@in_turn("contexts", CIRCLES.values())
def test_an_enumeration_that_leads_nowhere_ends_at_once_and_the_session_goes_on(
    connect: Connect, contexts: list[str]
) -> None:
    pages = []
    for number, each in enumerate(contexts):
        context, _, empty = each.partition(" ")
        items = "" if empty or not context else fragment("a")
        pages.append(soap.page(items, context=context, first=number == 0, ended=False))
    with NtlmServer(script(*pages, "", soap.page(fragment("b")))) as server:
        session = connect(server.port)
        failed = failure(lambda: session.enumerate(QUERY))
        (row,) = session.enumerate(QUERY)
    assert (failed.kind, row.text("Name")) == (FailureKind.PROTOCOL, "b")
    assert failed.came_back.startswith("the enumeration gives ")
    asked = [action(each) for each in server.requests]
    pulls = ["Pull"] * (len(contexts) - 1)
    assert asked == ["Enumerate", *pulls, "Release", "Enumerate"]


@pytest.mark.long
def test_a_release_without_an_answer_ends_no_session(connect: Connect) -> None:
    never = threading.Event()
    pages = script(
        soap.page(fragment("a"), context="uuid:1", ended=False),
        *[soap.page("", first=False, ended=False)] * 2,
        "",
        soap.page(fragment("b")),
    )

    def answer(request: bytes) -> tuple[int, bytes]:
        reply = pages(request)
        if action(request) == "Release":
            never.wait(60)
        return reply

    with NtlmServer(answer) as server:
        session = connect(server.port)
        failure(lambda: session.enumerate(QUERY))
        (row,) = session.enumerate(QUERY)
        never.set()
    assert row.text("Name") == "b"
    assert server.connections == 2


EVERYTHING = WmiClass(
    "root/virtualization/v2",
    "Msvm_Everything",
    (
        WmiProperty("Absent", CimType.STRING),
        WmiProperty("Embedded", CimType.STRING),
        WmiProperty("Empty", CimType.STRING),
        WmiProperty("List", CimType.STRING, array=True),
        WmiProperty("Nothing", CimType.STRING),
        WmiProperty("NoList", CimType.STRING, array=True),
        WmiProperty("One", CimType.UINT16, array=True),
        WmiProperty("Owner", CimType.REFERENCE),
        WmiProperty("When", CimType.DATETIME),
    ),
)
REFERENCE = (
    "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
    "<a:ReferenceParameters><w:ResourceURI>urn:c</w:ResourceURI><w:SelectorSet>"
    '<w:Selector Name="Name">vmms</w:Selector></w:SelectorSet></a:ReferenceParameters>'
)
INSTANCE = '<INSTANCE CLASSNAME="Msvm_X"><PROPERTY NAME="A" TYPE="string"/></INSTANCE>'


@in_turn("embedded", [f"<![CDATA[{INSTANCE}]]>", INSTANCE.replace("<", "&lt;")])
@in_turn("wrapped", [True, False])
@in_turn("form", ["fragment", "instance"])
def test_one_item_with_every_form_of_value(
    connect: Connect, form: str, wrapped: bool, embedded: str
) -> None:
    reference = f"<a:EndpointReference>{REFERENCE}</a:EndpointReference>" if wrapped else REFERENCE
    values = (
        f"<p:Embedded>{embedded}</p:Embedded><p:Empty></p:Empty><p:List>a</p:List>"
        '<p:List></p:List><p:Nothing xsi:nil="true"/><p:NoList xsi:nil="true"/><p:One>7</p:One>'
        f"<p:Owner>{reference}</p:Owner><p:Unlisted>x</p:Unlisted>"
        "<p:When><cim:Datetime>2014-04-03T14:45:50.46875+08:00</cim:Datetime></p:When>"
    )
    if form == "fragment":
        bare = values.replace("<p:", "<").replace("</p:", "</").replace("cim:", "")
        item = f"<w:XmlFragment>{bare}</w:XmlFragment>"
    else:
        # The prefix of the Microsoft namespace, bound anew to the class as Windows does.
        item = f'<p:Msvm_Sub xmlns:p="urn:sub" xsi:type="p:Msvm_Sub_Type">{values}</p:Msvm_Sub>'
    with NtlmServer(script(soap.page(item))) as server:
        (row,) = connect(server.port).enumerate(WmiQuery(EVERYTHING))
    when = row["When"]
    assert {name: row[name] for name in row if name != "When"} == {
        "Embedded": INSTANCE,
        "Empty": "",
        "List": ("a", ""),
        "Nothing": None,
        "NoList": None,
        "One": (7,),
        "Owner": ObjectReference("urn:c", (("Name", "vmms"),)),
    }
    assert str(when) == "2014-04-03 14:45:50.468750+08:00"
    assert row.get("Absent", "not there") == "not there"


# windows-facts.md 5.5, in its order, and the Win32 numbers that it names.
CODES = {
    2150858752: "RESOURCE_NOT_FOUND",
    2150858767: "INVALID_MESSAGE_INFORMATION_HEADER",
    2150858770: "DESTINATION_UNREACHABLE",
    2150858778: "ENUMERATE_CANNOT_PROCESS_FILTER",
    2150858779: "ENUMERATE_INVALID_ENUMERATION_CONTEXT",
    2150858790: "ENVELOPE_TOO_LARGE",
    2150858793: "OPERATION_TIMEDOUT",
    2150858811: "INVALID_RESOURCE_URI",
    2150858813: "INVALID_SELECTORS",
    2150858817: "SCHEMA_VALIDATION_ERROR",
    2150858843: "UNEXPECTED_SELECTORS",
    2150858909: "SECURITY_UNMAPPED",
    2150858974: "CLIENT_UNENCRYPTED_DISABLED",
    2150858980: "SERVER_NOT_TRUSTED",
    2150859003: "INVALID_URI_WMI_ENUM_WQL",
    2150859012: "WMI_SVC_ACCESS_DENIED",
    2150859013: "WMI_PROVIDER_ACCESS_DENIED",
    2150859014: "WMI_CANNOT_CONNECT_ACCESS_DENIED",
    2150859019: "KERBEROS_IPADDRESS",
    2150859195: "DEFAULTAUTH_IPADDRESS",
    2150859025: "HTTP_CONTENT_TOO_LARGE",
    2150859026: "HTTP_SERVICE_UNAVAILABLE",
    2150859027: "HTTP_NOT_FOUND",
    2150859046: "NETWORK_TIMEDOUT",
    2150859113: "PUBLIC_FIREWALL_PROFILE_ACTIVE",
    2150859120: "HTTP_STATUS_SERVER_ERROR",
    2150859121: "HTTP_STATUS_BAD_REQUEST",
    2150859173: "QUOTA_MAX_SHELLS",
    2150859174: "QUOTA_MAX_OPERATIONS",
    2150859175: "QUOTA_USER",
    2150859176: "QUOTA_SYSTEM",
    2150859179: "QUOTA_MAX_SHELLUSERS",
    2150859180: "REMOTESHELLS_NOT_ALLOWED",
    2150859181: "PULL_PARAMS_NOT_SAME_AS_ENUM",
    2150859193: "NAME_NOT_RESOLVED",
    2150859194: "SSL_CONNECTION_ABORTED",
    2150859240: "QUOTA_MAX_OPERATIONS_USER_PPQ",
    5: "ERROR_ACCESS_DENIED",
    87: "ERROR_INVALID_PARAMETER",
    2147942402: "ERROR_FILE_NOT_FOUND",
    2147942606: "ERROR_FILENAME_EXCED_RANGE",
}
DENIED = {5, 2150859012, 2150859013, 2150859014}

GERMAN = "Der Zugriff wurde verweigert. Die angegebene Klasse ist im Namespace nicht vorhanden."
JAPANESE = "アクセスが拒否されました。"
CHINESE = "拒绝访问。指定的类不在给定的命名空间中。"


def wsman_fault(code: int, reason: str) -> str:
    return soap.fault(code, reason)


def wmi_error(code: int, reason: str) -> str:
    detail = (
        f'<p:MSFT_WmiError xmlns:p="{WMI_ERROR}" '
        'xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd" b:IsCIM_Error="true">'
        f"<p:error_Code>{code}</p:error_Code><p:MessageID>HRESULT 0x{code:08x}</p:MessageID>"
        "</p:MSFT_WmiError>"
    )
    whole = soap.fault(code, reason)
    return whole[: whole.index("<f:WSManFault")] + detail + "</s:Detail></s:Fault>"


def read(body: str) -> WsmanFault:
    found = read_fault(document.parse(soap.envelope(body)))
    assert found is not None
    return found


@in_turn("reason", [GERMAN, JAPANESE, CHINESE, ""])
@in_turn("form", [wsman_fault, wmi_error])
@in_turn("code", CODES)
def test_a_fault_is_judged_by_its_code_in_either_form_and_any_language(
    code: int, form: Callable[[int, str], str], reason: str
) -> None:
    fault = read(form(code, reason))
    assert fault.code == code
    assert fault.kind is (FailureKind.ACCESS_DENIED if code in DENIED else FailureKind.FAULT)
    assert CODES[code] in fault.came_back
    assert reason in fault.came_back


@in_turn(
    "change",
    [
        (' Machine="h"', ""),
        (' Machine="h"', ' Machine=""'),
        (' xml:lang=""', ""),
        (' xml:lang=""', ' xml:lang="ja-JP"'),
        ("<s:Value>s:Receiver</s:Value>", "<s:Value>SOAP-ENV:Sender</s:Value>"),
        ("<f:Message>No.</f:Message>", ""),
    ],
)
def test_what_a_fault_may_leave_out_or_spell_otherwise(change: tuple[str, str]) -> None:
    body = soap.fault(2150858778)
    assert change[0] in body
    fault = read(body.replace(*change))
    assert (fault.code, fault.subcode, fault.reason) == (2150858778, "InternalError", "No.")


def nested(outer: int, inner: int) -> str:
    provider = (
        '<f:ProviderFault provider="WMI Provider" path="x">'
        f'<f:WSManFault Code="{inner}" Machine="h"><f:Message>No.</f:Message></f:WSManFault>'
        "</f:ProviderFault>"
    )
    return soap.fault(outer).replace("</f:Message>", f"{provider}</f:Message>", 1)


@in_turn(
    "body, advice",
    [
        (nested(0x8033801A, 0x80041003), "rights"),
        (nested(0x80338000, 0x803381A6), "quotas"),
        (nested(0x80338000, 0x80041010), "namespace and class exist"),
        (nested(0x8033801A, 1), "class and its properties"),
        (soap.fault(2150858793), "time limits"),
        (soap.fault(1), "Microsoft-Windows-WinRM"),
    ],
)
def test_the_advice_follows_the_code_that_is_nearest_to_the_cause(body: str, advice: str) -> None:
    assert advice in read(body).next_step


@pytest.mark.parametrize("code", ["", "1", "2150859240"])
def test_the_subcode_alone_says_that_access_is_denied(code: str) -> None:
    fault = read(soap.fault(code, GERMAN, "w:AccessDenied"))
    assert fault.kind is FailureKind.ACCESS_DENIED


def soap_1_1(detail: str = "") -> bytes:
    return (
        f'<e:Envelope xmlns:e="{SOAP_1_1}"><e:Body><e:Fault><faultcode>e:Server</faultcode>'
        f"<faultstring>{JAPANESE}</faultstring>{detail}</e:Fault></e:Body></e:Envelope>"
    ).encode()


@in_turn(
    "reply, code",
    [
        (soap_1_1(), None),
        (
            soap_1_1(f'<detail><f:WSManFault xmlns:f="{FAULT}" Code="87"/></detail>'),
            87,
        ),
    ],
)
@in_turn("status", [200, 500])
def test_a_fault_of_soap_1_1_is_one_too(
    connect: Connect, status: int, reply: bytes, code: int | None
) -> None:
    with NtlmServer(lambda _: (status, reply)) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert (failed.kind, failed.code) == (FailureKind.FAULT, code)
    assert JAPANESE in failed.came_back


def test_a_reply_in_another_prefix_and_quoting_is_the_same_reply(connect: Connect) -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        reply = soap.envelope(soap.page(fragment("vmms")), message_id(request)).decode()
        for prefix, other in (("s", "SOAP-ENV"), ("n", "wsen"), ("a", "wsa")):
            reply = reply.replace(f"<{prefix}:", f"<{other}:").replace(
                f"</{prefix}:", f"</{other}:"
            )
            reply = reply.replace(f"xmlns:{prefix}=", f"xmlns:{other}=")
        return 200, reply.replace('"', "'").encode()

    with NtlmServer(answer) as server:
        (row,) = connect(server.port).enumerate(QUERY)
    assert row.text("Name") == "vmms"
