"""What is asked, in the words that Windows expects (windows-facts.md 5.3 and 5.4 of the reference).

A server that answers anything would not notice a wrong namespace; Windows does.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
import wsman_replies as soap
from wsman_support import QUERY, fragment

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import ObjectReference
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES
from livemigration.facts.reader import WmiMethod
from livemigration.wsman import document, enumeration
from livemigration.wsman.envelope import Message, read_reply
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.exchange import Reply
from livemigration.wsman.invoke import invoke_method
from livemigration.wsman.items import RawValue, ValueForm
from livemigration.wsman.namespaces import ADDRESSING, ENUMERATION, SOAP, TRANSFER, WSMAN
from livemigration.wsman.transfer import get_row


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
    assert result.properties["Job"] == (RawValue(ValueForm.REFERENCE, reference=reference),)
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


RESOURCES = CLUSTER_RESOURCES.query
NAME = "Virtual Machine <web> 01"
INSTANCE = (
    f'<p:MSCluster_Resource xmlns:p="{RESOURCES.wmi_class.resource_uri}" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<p:Name>Virtual Machine &lt;web&gt; 01</p:Name><p:Type>Virtual Machine</p:Type>"
    '<p:PrivateProperties xsi:type="p:MSCluster_Property_Resource_Virtual_Machine_Type">'
    "<p:OfflineAction>1</p:OfflineAction><p:VmID>5E9BB3A6-4A12-4C1E-9D0A-0C5A0B1B7A11</p:VmID>"
    "</p:PrivateProperties></p:MSCluster_Resource>"
)


def test_one_row_is_asked_for_by_its_key() -> None:
    exchange = Recorder(INSTANCE)
    (found,) = CLUSTER_RESOURCES.parse([get_row(exchange, RESOURCES.one(Name=NAME))])
    assert (found.name, found.vm) == (NAME, "5e9bb3a6-4a12-4c1e-9d0a-0c5a0b1b7a11")
    (request,) = exchange.sent
    assert header(request, ADDRESSING, "Action") == f"{TRANSFER}/Get"
    assert header(request, WSMAN, "ResourceURI") == RESOURCES.wmi_class.resource_uri
    (selector,) = request.iter(f"{{{WSMAN}}}Selector")
    assert (selector.get("Name"), selector.text) == ("Name", NAME)


@pytest.mark.parametrize("body", ["", f"{INSTANCE}{INSTANCE}"])
def test_a_get_that_holds_no_one_instance_is_not_usable(body: str) -> None:
    with pytest.raises(WsmanError, match="holds no instance"):
        get_row(Recorder(body), RESOURCES.one(Name=NAME))
