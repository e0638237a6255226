"""The lab's replies have the shape of the captured replies of real Windows machines.

The shape: qualified names, attributes by name, nesting and order; repeated elements count once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from lab_clients import PlainClient, pull, wmi, wql
from ruamel.yaml import YAML

from livemigration.wsman import document
from livemigration.wsman import namespaces as ns

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"
CIMV2 = "root/cimv2"

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the captured replies are not beside this repository"
)

Shape = tuple[str, tuple[str, ...], tuple["Shape", ...]]


def shape(element: Element, *, properties: bool = False) -> Shape:
    """Return an element's shape; the properties of an instance are left out unless wanted."""
    inside = [shape(each, properties=properties) for each in element]
    unlike = tuple(each for at, each in enumerate(inside) if at == 0 or each != inside[at - 1])
    if not properties and is_instance(element):
        unlike = ()
    return element.tag, tuple(sorted(element.keys())), unlike


def is_instance(element: Element) -> bool:
    name = element.tag.rpartition("}")[2]
    return name == "XmlFragment" or name.startswith("Win32_")


def captured(name: str) -> Element:
    return document.parse((CAPTURES / "enumerate" / name).read_bytes())


def messages(name: str) -> Iterator[tuple[str, Element]]:
    """Yield each request's action and its captured reply."""
    text = (CAPTURES / "winrs" / name).read_text(encoding="utf-8")
    loaded: dict[str, Any] = YAML(typ="safe").load(text)
    for each in loaded["messages"]:
        request = document.parse(each["request"].encode())
        action = request.findtext(f".//{{{ns.ADDRESSING}}}Action") or ""
        yield action, document.parse(each["response"].encode())


def enumerated(host: PlainClient, columns: str, most: int) -> Element:
    query = wql(f"SELECT {columns} FROM Win32_Service", most=most)
    return host.send(ns.ENUMERATE, wmi(CIMV2), query)[1]


@pytest.mark.parametrize(("columns", "form"), [("*", "star"), ("Name, State", "all")])
def test_an_enumeration_that_fits_one_reply(host: PlainClient, columns: str, form: str) -> None:
    query = wql(f"SELECT {columns} FROM Win32_OperatingSystem".replace("Name, State", "Caption"))
    _, reply = host.send(ns.ENUMERATE, wmi(CIMV2), query)
    assert shape(reply) == shape(captured(f"Win32_OperatingSystem_{form}_000.xml"))


@pytest.mark.parametrize(("columns", "form"), [("*", "star"), ("Name, State", "all")])
def test_an_enumeration_that_goes_on(host: PlainClient, columns: str, form: str) -> None:
    reply = enumerated(host, columns, 1)
    assert shape(reply) == shape(captured(f"Win32_Service_{form}_000.xml"))
    context = reply.findtext(f".//{{{ns.ENUMERATION}}}EnumerationContext") or ""
    _, last = host.send(ns.PULL, wmi(CIMV2), pull(context, 32000))
    assert shape(last) == shape(captured(f"Win32_Service_{form}_003.xml"))


def test_a_pull_in_the_middle(host: PlainClient) -> None:
    _, first = host.send(ns.ENUMERATE, wmi(CIMV2), wql("SELECT * FROM Win32_Service", "", 1))
    context = first.findtext(f".//{{{ns.ENUMERATION}}}EnumerationContext") or ""
    _, middle = host.send(ns.PULL, wmi(CIMV2), pull(context, 1))
    assert shape(middle) == shape(captured("Win32_Service_star_001.xml"))


@pytest.mark.parametrize(("columns", "form"), [("*", "star"), ("Name, State", "all")])
def test_the_properties_of_an_instance(host: PlainClient, columns: str, form: str) -> None:
    def properties(reply: Element) -> list[Shape]:
        instance = next(each for each in reply.iter() if is_instance(each))
        return [shape(each, properties=True) for each in instance]

    real = properties(captured(f"Win32_Service_{form}_000.xml"))
    ours = properties(enumerated(host, columns, 100))
    assert ours
    # The lab has fewer properties than Windows; those that it has come in the same order.
    assert ours == [each for each in real if each in ours]


Step = Callable[[PlainClient, dict[str, str]], Element]


def create(client: PlainClient, state: dict[str, str]) -> Element:
    body = (
        "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    )
    _, reply = client.send(ns.CREATE, ns.COMMAND_SHELL, body)
    state["shell"] = reply.findtext(f".//{{{ns.WSMAN}}}Selector") or ""
    return reply


def command(client: PlainClient, state: dict[str, str]) -> Element:
    body = (
        "<rsp:CommandLine><rsp:Command>findstr</rsp:Command><rsp:Arguments>^</rsp:Arguments>"
        "</rsp:CommandLine>"
    )
    reply = in_shell(client, state, ns.COMMAND, body)
    state["command"] = reply.findtext(f".//{{{ns.SHELL}}}CommandId") or ""
    return reply


def send(client: PlainClient, state: dict[str, str]) -> Element:
    stream = f'<rsp:Stream Name="stdin" CommandId="{state["command"]}" End="true">aGk=</rsp:Stream>'
    return in_shell(client, state, ns.SEND, f"<rsp:Send>{stream}</rsp:Send>")


def receive(client: PlainClient, state: dict[str, str]) -> Element:
    wanted = f'<rsp:DesiredStream CommandId="{state["command"]}">stdout stderr</rsp:DesiredStream>'
    return in_shell(client, state, ns.RECEIVE, f"<rsp:Receive>{wanted}</rsp:Receive>")


def signal(client: PlainClient, state: dict[str, str]) -> Element:
    code = f"<rsp:Code>{ns.SIGNAL_TERMINATE}</rsp:Code>"
    body = f'<rsp:Signal CommandId="{state["command"]}">{code}</rsp:Signal>'
    return in_shell(client, state, ns.SIGNAL, body)


def delete(client: PlainClient, state: dict[str, str]) -> Element:
    return in_shell(client, state, ns.DELETE, "")


def in_shell(client: PlainClient, state: dict[str, str], action: str, body: str) -> Element:
    selectors = {"ShellId": state["shell"]}
    return client.send(action, ns.COMMAND_SHELL, body, selectors=selectors, seconds=1)[1]


STEPS: dict[str, Step] = {
    ns.CREATE: create,
    ns.COMMAND: command,
    ns.SEND: send,
    ns.RECEIVE: receive,
    ns.SIGNAL: signal,
    ns.DELETE: delete,
}


def test_a_shell_from_its_creation_to_its_end(host: PlainClient) -> None:
    state: dict[str, str] = {}
    done: set[str] = set()
    for action, real in messages("test_winrs_send.yml"):
        if action in done:
            continue  # a second Send, where the lab's input is complete with the first
        done.add(action)
        assert shape(STEPS[action](host, state)) == shape(real), action
    assert done == set(STEPS)


def test_a_receive_that_times_out(host: PlainClient) -> None:
    faults = [
        real
        for action, real in messages("test_winrs_operation_timeout.yml")
        if action == ns.RECEIVE and real.find(f".//{{{ns.FAULT}}}WSManFault") is not None
    ]
    state: dict[str, str] = {}
    create(host, state)
    command(host, state)
    assert shape(receive(host, state)) == shape(faults[0])


def test_a_program_that_is_not_found_is_refused_as_captured(host: PlainClient) -> None:
    state: dict[str, str] = {}
    create(host, state)
    body = "<rsp:CommandLine><rsp:Command>none.exe</rsp:Command></rsp:CommandLine>"
    options, shell = {"WINRS_SKIP_CMD_SHELL": "TRUE"}, {"ShellId": state["shell"]}
    _, ours = host.send(ns.COMMAND, ns.COMMAND_SHELL, body, selectors=shell, options=options)
    real = next(
        reply
        for action, reply in messages("test_winrs_no_cmd_shell.yml")
        if action == ns.COMMAND and reply.find(f".//{{{ns.FAULT}}}WSManFault") is not None
    )
    assert shape(ours) == shape(real)


def test_the_configuration_of_the_service(host: PlainClient) -> None:
    ((_, real),) = messages("test_wsman_update_envelope_size_500.yml")
    _, ours = host.send(f"{ns.TRANSFER}/Get", "http://schemas.microsoft.com/wbem/wsman/1/config")
    (real_config,), (our_config,) = real[1], ours[1]
    assert shape(our_config) == shape(real_config)
    assert shape(ours[0]) == shape(real[0])
