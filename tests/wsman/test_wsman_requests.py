"""What is asked, in the words that Windows expects (windows-facts.md 5.3 and 5.4 of the reference).

A server that answers anything would not notice a wrong namespace; Windows does.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
import wsman_replies as soap
from wsman_support import QUERY, fragment

from livemigration.cim import ObjectReference, WmiMethod
from livemigration.deadline import Deadline
from livemigration.wsman import document, enumeration
from livemigration.wsman.envelope import Message, read_reply
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.exchange import Reply
from livemigration.wsman.invoke import invoke_method
from livemigration.wsman.items import Form, RawValue
from livemigration.wsman.namespaces import ADDRESSING, ENUMERATION, SOAP, WSMAN


class Recorder:
    """Answers in turn, and keeps each request as it would be sent."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = list(bodies)
        self.deadline = Deadline.after(30)
        self.sent: list[Element] = []

    def send(self, message: Message, until: Deadline | None = None) -> Reply:
        assert until is None or until.at <= self.deadline.at
        data = message.render(to="http://h:5985/wsman", session_id="uuid:1", operation_timeout=20)
        self.sent.append(document.parse(data))
        reply = soap.envelope(self.bodies.pop(0), message.message_id)
        return Reply(read_reply(reply, message.message_id), len(reply))

    def clean_up(self, message: Message, seconds: float) -> None:
        assert seconds > 0
        self.send(message)


def header(request: Element, its: str, name: str) -> str | None:
    return request.findtext(f"{{{SOAP}}}Header/{{{its}}}{name}")


def first(page: str) -> str:
    return soap.page(fragment("a"), context=page, ended=False)


def later(page: str) -> str:
    return soap.page(fragment("b"), context=page, first=False, ended=False)


def last() -> str:
    return soap.page(fragment("c"), first=False)


def test_a_query_names_its_class_in_wql_only_and_its_namespace_in_the_uri() -> None:
    recorder = Recorder(soap.page(fragment("a")))
    enumeration.enumerate_rows(recorder, QUERY)
    (request,) = recorder.sent
    assert header(request, WSMAN, "ResourceURI") == (
        "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*"
    )
    assert header(request, ADDRESSING, "Action") == f"{ENUMERATION}/Enumerate"
    (body,) = request.findall(f"{{{SOAP}}}Body/*")
    assert body.tag == f"{{{ENUMERATION}}}Enumerate"
    assert [(each.tag, each.text) for each in body] == [
        (f"{{{WSMAN}}}OptimizeEnumeration", None),
        (f"{{{WSMAN}}}MaxElements", "32000"),
        (f"{{{WSMAN}}}Filter", QUERY.wql),
    ]
    assert body[2].attrib == {"Dialect": "http://schemas.microsoft.com/wbem/wsman/1/WQL"}


def test_each_pull_carries_the_context_of_the_reply_before_it() -> None:
    recorder = Recorder(first("uuid:A"), later("uuid:B"), later("uuid:C"), last())
    rows = enumeration.enumerate_rows(recorder, QUERY)
    assert [row.text("Name") for row in rows] == ["a", "b", "b", "c"]
    pulls = recorder.sent[1:]
    assert {header(each, ADDRESSING, "Action") for each in pulls} == {f"{ENUMERATION}/Pull"}
    bodies = [each.find(f"{{{SOAP}}}Body/{{{ENUMERATION}}}Pull") for each in pulls]
    said = [[(part.tag, part.text) for part in each] for each in bodies if each is not None]
    assert said == [
        [
            (f"{{{ENUMERATION}}}EnumerationContext", f"uuid:{context}"),
            # Here in the namespace of WS-Enumeration, unlike in Enumerate.
            (f"{{{ENUMERATION}}}MaxElements", "32000"),
        ]
        for context in "ABC"
    ]


def test_a_row_that_cannot_be_used_releases_the_context_of_its_own_reply() -> None:
    broken = later("uuid:B").replace("<ProcessId>4<", "<ProcessId>no<")
    recorder = Recorder(first("uuid:A"), broken, "")
    with pytest.raises(WsmanError, match=r"Win32_Service\.ProcessId"):
        enumeration.enumerate_rows(recorder, QUERY)
    release = recorder.sent[-1]
    assert header(release, ADDRESSING, "Action") == f"{ENUMERATION}/Release"
    context = f"{{{SOAP}}}Body/{{{ENUMERATION}}}Release/{{{ENUMERATION}}}EnumerationContext"
    assert release.findtext(context) == "uuid:B"


METHOD = WmiMethod(QUERY.wmi_class, "Check")
URI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service"


def called(output: str) -> Recorder:
    return Recorder(f'<p:Check_OUTPUT xmlns:p="{URI}">{output}</p:Check_OUTPUT>')


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_job_in_the_reply_of_a_method_is_a_reference(wrapped: bool) -> None:
    job = (
        "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
        "<a:ReferenceParameters><w:ResourceURI>urn:Msvm_MigrationJob</w:ResourceURI>"
        '<w:SelectorSet><w:Selector Name="InstanceID">7</w:Selector></w:SelectorSet>'
        "</a:ReferenceParameters>"
    )
    if wrapped:
        job = f"<a:EndpointReference>{job}</a:EndpointReference>"
    recorder = called(f"<p:Job>{job}</p:Job><p:ReturnValue>4096</p:ReturnValue>")
    result = invoke_method(recorder, METHOD, {"Name": "vmms"}, {})
    reference = ObjectReference("urn:Msvm_MigrationJob", (("InstanceID", "7"),))
    assert result.properties["Job"] == (RawValue(Form.REFERENCE, reference=reference),)
    assert result.return_value == 4096


def test_a_method_is_the_action_below_the_class_and_its_instance_the_selectors() -> None:
    recorder = called("<p:ReturnValue>0</p:ReturnValue>")
    invoke_method(recorder, METHOD, {"Name": "vmms", "SystemName": "hv01"}, {"Text": "<&>"})
    (request,) = recorder.sent
    assert header(request, ADDRESSING, "Action") == f"{URI}/Check"
    assert header(request, WSMAN, "ResourceURI") == URI
    selectors = request.iter(f"{{{WSMAN}}}Selector")
    assert [(each.get("Name"), each.text) for each in selectors] == [
        ("Name", "vmms"),
        ("SystemName", "hv01"),
    ]
    assert request.findtext(f"{{{SOAP}}}Body/{{{URI}}}Check_INPUT/{{{URI}}}Text") == "<&>"
