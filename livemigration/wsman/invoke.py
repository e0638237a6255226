"""WMI methods by WS-Transfer's Invoke (windows-facts.md 5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.cim import WmiClass
from livemigration.wsman.envelope import Message, expect, xml_attribute, xml_text
from livemigration.wsman.errors import unusable
from livemigration.wsman.exchange import Exchange
from livemigration.wsman.items import RawItem, RawValue, read_item


@dataclass(frozen=True)
class InvokeResult:
    """A method's return value, where it has one, and all its out parameters as written."""

    return_value: int | None
    properties: Mapping[str, tuple[RawValue, ...]]


def invoke_method(
    exchange: Exchange,
    wmi_class: WmiClass,
    method: str,
    selectors: Mapping[str, str],
    arguments: Mapping[str, str],
) -> InvokeResult:
    """Call a method and return what it gave back.

    Args:
        exchange: the session.
        wmi_class: the class that has the method.
        method: its name.
        selectors: the instance's keys; empty for static classes and singletons.
        arguments: parameters in the method's order, as text.

    Raises:
        WsmanError: the host refused, the reply is not usable, or an argument cannot be sent.
    """
    uri = wmi_class.resource_uri
    parameters = "".join(
        f"<m:{_name(name)}>{xml_text(value)}</m:{name}>" for name, value in arguments.items()
    )
    body = f"<m:{_name(method)}_INPUT xmlns:m={xml_attribute(uri)}>{parameters}</m:{method}_INPUT>"
    message = Message(f"{uri}/{method}", uri, body, selectors=tuple(selectors.items()))
    output = read_item(expect(exchange.send(message).body, f"{{{uri}}}{method}_OUTPUT"))
    return InvokeResult(_return_value(output, method), output.properties)


def _name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise unusable(f"{name!r} is not a name in WMI, so it was not sent")
    return name


def _return_value(output: RawItem, method: str) -> int | None:
    text = output.text("ReturnValue")
    if text is None:
        return None
    if not re.fullmatch(r"-?[0-9]{1,10}", text.strip()):
        raise unusable(f"the return value of {method} is not a number")
    return int(text)
