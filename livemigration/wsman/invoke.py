"""WMI methods by WS-Transfer's Invoke (windows-facts.md 5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.cim import MethodArgument, WmiMethod
from livemigration.wsman.envelope import Message, expect, xml_attribute, xml_text
from livemigration.wsman.errors import unusable
from livemigration.wsman.exchange import Exchange
from livemigration.wsman.items import Form, RawItem, RawValue, read_item
from livemigration.wsman.namespaces import ANONYMOUS


@dataclass(frozen=True)
class InvokeResult:
    """A method's return value, where it has one, and all its out parameters as written."""

    return_value: int | None
    properties: Mapping[str, tuple[RawValue, ...]]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of an out parameter; none where it is null or absent."""
        values = self.properties.get(name, ())
        return tuple(each.text for each in values if each.form is Form.TEXT)


def invoke_method(
    exchange: Exchange,
    method: WmiMethod,
    selectors: Mapping[str, str],
    arguments: Mapping[str, MethodArgument],
) -> InvokeResult:
    """Call a method and return what it gave back.

    Args:
        exchange: the session.
        method: the method and its class.
        selectors: the instance's keys; empty for static classes and singletons.
        arguments: parameters in the method's order: texts, and references to instances.

    Raises:
        WsmanError: the host refused, the reply is not usable, or an argument cannot be sent.
    """
    uri, name = method.wmi_class.resource_uri, _name(method.name)
    parameters = "".join(
        f"<m:{_name(argument)}>{_argument(value)}</m:{argument}>"
        for argument, value in arguments.items()
    )
    body = f"<m:{name}_INPUT xmlns:m={xml_attribute(uri)}>{parameters}</m:{name}_INPUT>"
    message = Message(f"{uri}/{name}", uri, body, selectors=tuple(selectors.items()))
    output = read_item(expect(exchange.send(message).body, f"{{{uri}}}{name}_OUTPUT"))
    return InvokeResult(_return_value(output, name), output.properties)


def _argument(value: MethodArgument) -> str:
    """Return an argument's content; a reference has no wrapper (windows-facts.md 5.4)."""
    if isinstance(value, str):
        return xml_text(value)
    selectors = "".join(
        f"<w:Selector Name={xml_attribute(name)}>{xml_text(text)}</w:Selector>"
        for name, text in value.selectors
    )
    return (
        f"<a:Address>{ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{xml_text(value.resource_uri)}</w:ResourceURI>"
        f"<w:SelectorSet>{selectors}</w:SelectorSet></a:ReferenceParameters>"
    )


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
