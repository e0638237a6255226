"""Whole conversations with a server that does real NTLM and sealing."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import wsman_replies as soap
from in_turn import in_turn
from ntlm_server import NtlmServer, action, message_id
from wsman_support import QUERY, SERVICE, Connect, carried, failure, fragment, script

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.cim import ObjectReference, WmiClass
from livemigration.facts.model import FailureKind
from livemigration.facts.reader import WmiMethod
from livemigration.wsman import enumeration, guard
from livemigration.wsman.clients import Client
from livemigration.wsman.errors import WsmanFault
from livemigration.wsman.post import HttpReply
from livemigration.wsman.session import Endpoint, Identity, Timeouts, WsmanSession
from livemigration.wsman.streams import StreamPoster

pytestmark = pytest.mark.usefixtures("each_client")


def test_identify_is_authenticated_and_encrypted(connect: Connect, each_client: Client) -> None:
    with NtlmServer(script(soap.identity())) as server:
        identity = connect(server.port).identify()
    assert identity == Identity(
        "Microsoft Corporation",
        "OS: 6.2.9200 SP: 0.0 Stack: 3.0",
        "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
        carried("NTLM over HTTP, messages encrypted", each_client),
    )
    assert b"<wsmid:Identify/>" in server.requests[0]
    assert server.connections == 1
    bodies = {Client.PYWINRM: [False, False, False, True], Client.STREAMS: [False, True]}
    assert [len(body) > 0 for _, body in server.wire] == bodies[each_client]
    assert all(headers["accept-encoding"] == "identity" for headers, _ in server.wire)
    assert not any(b"Identify" in body for _, body in server.wire)


def test_nothing_is_sent_before_the_first_message(connect: Connect) -> None:
    with NtlmServer(script()) as server:
        session = connect(server.port)
        session.close()
        failed = failure(session.identify)
    assert server.connections == 0
    assert failed.kind is FailureKind.PROTOCOL


def test_every_byte_goes_through_the_guard(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, each_client: Client
) -> None:
    seen: list[str] = []
    send, post = guard.GuardAdapter.send, StreamPoster.post

    def sending(self: guard.GuardAdapter, request: Any, **options: Any) -> Any:
        seen.append(request.headers.get("Authorization", "")[:9])
        return send(self, request, **options)

    def posting(self: StreamPoster, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        seen.append(headers.get("Authorization", "")[:9])
        return post(self, body, headers)

    monkeypatch.setattr(guard.GuardAdapter, "send", sending)
    monkeypatch.setattr(StreamPoster, "post", posting)
    with NtlmServer(script(soap.identity(), soap.identity())) as server:
        session = connect(server.port)
        session.identify()
        session.identify()
        assert len(server.wire) == len(seen)
    signs = ["Negotiate", "Negotiate"]
    sent = {Client.PYWINRM: ["", *signs, "", ""], Client.STREAMS: [*signs, ""]}
    assert seen == sent[each_client]


def test_the_environment_has_no_say(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/does/not/exist")
    monkeypatch.delenv("no_proxy", raising=False)
    with NtlmServer(script(soap.identity())) as server:
        connect(server.port).identify()
    assert "no_proxy" not in os.environ


def test_the_same_session_carries_many_messages(connect: Connect) -> None:
    with NtlmServer(script(soap.identity(), *[soap.page(fragment("vmms"))] * 20)) as server:
        session = connect(server.port)
        session.identify()
        for _ in range(20):
            assert session.enumerate(QUERY)[0].text("Name") == "vmms"
    assert server.connections == 1
    assert len({message_id(each) for each in server.requests}) == 21


def test_enumerate_follows_the_latest_context_to_the_end(connect: Connect) -> None:
    pages = (
        soap.page(fragment("a"), context="uuid:1", ended=False),
        soap.page("", context="uuid:2", first=False, ended=False),
        soap.page(fragment("b") + fragment("c"), context="uuid:3", first=False, ended=False),
        soap.page(fragment("d"), first=False, ended=False),
        soap.page(fragment("e"), first=False),
    )
    with NtlmServer(script(*pages)) as server:
        rows = connect(server.port).enumerate(QUERY)
    assert [row.text("Name") for row in rows] == ["a", "b", "c", "d", "e"]
    contexts = [re.findall(rb"Context>([^<]+)<", each) for each in server.requests]
    assert contexts == [[], [b"uuid:1"], [b"uuid:2"], [b"uuid:3"], [b"uuid:3"]]
    request = server.requests[0].decode()
    assert "wmi/root/cimv2/*</w:ResourceURI>" in request
    assert "Name > '<&>'".replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in request
    assert "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>" in request
    assert "<n:MaxElements>32000</n:MaxElements>" in server.requests[1].decode()


def test_enumerate_of_nothing(connect: Connect) -> None:
    with NtlmServer(script(soap.page(""))) as server:
        assert connect(server.port).enumerate(QUERY) == ()


def test_an_endless_enumeration_is_released(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enumeration, "MAXIMUM_PULLS", 5)
    pages = [
        soap.page(fragment("a"), context=f"uuid:{n}", first=n == 0, ended=False) for n in range(6)
    ]
    with NtlmServer(script(*pages, "")) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL
    assert action(server.requests[-1]) == "Release"
    assert b"uuid:5" in server.requests[-1]


@in_turn(
    "bodies, contexts, said, released",
    [
        ("aa", ("uuid:1", "uuid:1"), "gives a context again that it gave before", b"uuid:1"),
        (("", "", ""), ("uuid:1", "uuid:2", "uuid:3"), "gives pages without items", b"uuid:2"),
    ],
)
def test_an_enumeration_that_leads_nowhere_stops_at_once(
    connect: Connect, bodies: Sequence[str], contexts: Sequence[str], said: str, released: bytes
) -> None:
    pages = [
        soap.page(body and fragment(body), context=context, first=number == 0, ended=False)
        for number, (body, context) in enumerate(zip(bodies, contexts, strict=True))
    ]
    with NtlmServer(script(*pages, "", soap.page(fragment("b")))) as server:
        asked = connect(server.port)
        failed = failure(lambda: asked.enumerate(QUERY))
        assert said in failed.came_back
        assert action(server.requests[-1]) == "Release"
        assert released in server.requests[-1]
        assert [row.text("Name") for row in asked.enumerate(QUERY)] == ["b"]


def test_too_many_rows_are_released(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enumeration, "MAXIMUM_ROWS", 2)
    many = soap.page(fragment("a") * 3, context="uuid:1", ended=False)
    with NtlmServer(script(many, "")) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL
    assert action(server.requests[-1]) == "Release"


def test_no_end_and_no_context(connect: Connect) -> None:
    with NtlmServer(script(soap.page(fragment("a"), ended=False))) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert failed.kind is FailureKind.PROTOCOL


def test_a_value_out_of_range_names_class_and_property(connect: Connect) -> None:
    pages = (soap.page(fragment("a", -1)), soap.page(fragment("b")))
    with NtlmServer(script(*pages)) as server:
        session = connect(server.port)
        failed = failure(lambda: session.enumerate(QUERY))
        assert len(session.enumerate(QUERY)) == 1
    assert failed.kind is FailureKind.PROTOCOL
    assert "Win32_Service.ProcessId" in failed.came_back


def test_a_fault_leaves_the_session_usable(connect: Connect) -> None:
    answers = script(soap.fault(0x8033801A, "Keine Klasse."), soap.fault(5), soap.page(""))
    with NtlmServer(answers) as server:
        session = connect(server.port)
        missing = failure(lambda: session.enumerate(QUERY))
        denied = failure(lambda: session.enumerate(QUERY))
        session.enumerate(QUERY)
    assert isinstance(missing, WsmanFault)
    assert (missing.kind, missing.code) == (FailureKind.FAULT, 2150858778)
    assert "ENUMERATE_CANNOT_PROCESS_FILTER" in missing.came_back
    assert "Keine Klasse." in missing.came_back
    assert (denied.kind, denied.code) == (FailureKind.ACCESS_DENIED, 5)


@in_turn("status", [200, 400, 500, 503])
def test_a_fault_is_one_in_any_http_status(connect: Connect, status: int) -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        return status, soap.envelope(soap.fault(87), message_id(request))

    with NtlmServer(answer) as server:
        failed = failure(lambda: connect(server.port).enumerate(QUERY))
    assert (failed.kind, failed.code) == (FailureKind.FAULT, 87)


def test_invoke(connect: Connect) -> None:
    registry = WmiClass("root/default", "StdRegProv", ())
    uri = registry.resource_uri
    output = (
        f'<p:GetStringValue_OUTPUT xmlns:p="{uri}"><p:sValue>3.1</p:sValue>'
        "<p:ReturnValue>0</p:ReturnValue></p:GetStringValue_OUTPUT>"
    )
    with NtlmServer(script(output)) as server:
        result = connect(server.port).call(
            WmiMethod(registry, "GetStringValue"),
            {"Name": "<x>"},
            {"sSubKeyName": r"SOFTWARE\A&B"},
        )
    assert result.return_value == 0
    assert result.texts("sValue") == ("3.1",)
    assert result.texts("other") == ()
    request = server.requests[0].decode()
    assert f"{uri}/GetStringValue</a:Action>" in request
    assert r"<m:sSubKeyName>SOFTWARE\A&amp;B</m:sSubKeyName></m:GetStringValue_INPUT>" in request
    assert '<w:Selector Name="Name">&lt;x&gt;</w:Selector>' in request


def test_a_reference_travels_without_a_wrapper(connect: Connect) -> None:
    method = WmiMethod(SERVICE, "Examine")
    uri = SERVICE.resource_uri
    output = (
        f'<p:Examine_OUTPUT xmlns:p="{uri}"><p:ReturnValue>0</p:ReturnValue></p:Examine_OUTPUT>'
    )
    machine = ObjectReference("http://x/Msvm_ComputerSystem", (("Name", "a<b"),))
    with NtlmServer(script(output)) as server:
        connect(server.port).call(method, {}, {"ComputerSystem": machine})
    assert (
        "<m:ComputerSystem><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/"
        "anonymous</a:Address><a:ReferenceParameters>"
        "<w:ResourceURI>http://x/Msvm_ComputerSystem</w:ResourceURI><w:SelectorSet>"
        '<w:Selector Name="Name">a&lt;b</w:Selector></w:SelectorSet></a:ReferenceParameters>'
        "</m:ComputerSystem>"
    ) in server.requests[0].decode()


def test_invoke_refuses_what_xml_cannot_carry(connect: Connect) -> None:
    with NtlmServer(script()) as server:
        session, change = connect(server.port), WmiMethod(SERVICE, "Change")
        failed = failure(lambda: session.call(change, {}, {"Name": "a\x01"}))
        assert failed.kind is FailureKind.PROTOCOL
        failure(lambda: session.call(change, {}, {"a b": "x"}))
    assert server.connections == 0


def test_wrong_password(connect: Connect) -> None:
    with NtlmServer(script(soap.identity())) as server:
        failed = failure(connect(server.port, password="wrong").identify)
    assert (failed.kind, failed.code) == (FailureKind.AUTHENTICATION, 401)
    assert server.requests == []


def test_a_passed_deadline_sends_nothing(connect: Connect) -> None:
    with NtlmServer(script(soap.identity())) as server:
        failed = failure(connect(server.port, seconds=0.0).identify)
    assert failed.kind is FailureKind.DEADLINE
    assert server.connections == 0


def test_sessions_side_by_side(connect: Connect) -> None:
    with NtlmServer(lambda _: (200, soap.identity())) as server:
        sessions = [connect(server.port) for _ in range(8)]
        seen: list[str] = []
        threads = [
            threading.Thread(target=lambda each=each: seen.append(each.identify().product_vendor))
            for each in sessions
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert seen == ["Microsoft Corporation"] * 8


def test_endpoints() -> None:
    assert Endpoint("h", "h.lab", 5985).url == "http://h.lab:5985/wsman"
    assert Endpoint("h", "fd00::1", 5986, "https").url == "https://[fd00::1]:5986/wsman"


def test_an_empty_user_name_is_a_wsman_error() -> None:
    session = WsmanSession(
        Endpoint("h", "127.0.0.1", 9),
        Credentials("", Secret("")),
        Timeouts(),
        Deadline.after(5),
    )
    assert failure(session.identify).kind is FailureKind.AUTHENTICATION
