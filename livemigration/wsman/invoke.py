"""WMI methods by WS-Transfer's Invoke (windows-facts.md 5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.facts.cim import CimType, EmbeddedObject, WmiProperty
from livemigration.facts.reader import MethodArgument, WmiMethod
from livemigration.wsman.embedded import instance_in
from livemigration.wsman.envelope import Message, expect, xml_attribute, xml_text
from livemigration.wsman.errors import unusable
from livemigration.wsman.exchange import Exchange
from livemigration.wsman.items import RawItem, RawValue, ValueForm, embedded, read_item
from livemigration.wsman.namespaces import ANONYMOUS


@dataclass(frozen=True)
class InvokeResult:
    """A method's return value, where it has one, and all its out parameters as written."""

    return_value: int | None
    properties: Mapping[str, tuple[RawValue, ...]]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of an out parameter; none where it is null or absent.

        `outer.inner` is the property `inner` of the instance in the out parameter `outer`.
        """
        outer, dot, inner = name.partition(".")
        if dot and name not in self.properties:
            return tuple(
                text
                for each in self.properties.get(outer, ())
                if each.embedded is not None
                for text in InvokeResult(None, each.embedded.properties).texts(inner)
            )
        values = self.properties.get(name, ())
        return tuple(each.text for each in values if each.form is ValueForm.TEXT)

    def objects(self, name: str, members: tuple[str, ...]) -> tuple[EmbeddedObject, ...]:
        """Return the objects of an out parameter, with the texts of these members.

        Elements of their own, or CIM-XML in a text: which of them Windows sends is not documented.

        Raises:
            WsmanError: PROTOCOL: a text in it is no such document.
        """
        declared = WmiProperty(name, CimType.OBJECT, array=True, members=members)
        found = []
        for raw in self.properties.get(name, ()):
            if raw.form is ValueForm.EMBEDDED:
                found.append(embedded(declared, raw))
            elif raw.form is ValueForm.TEXT and raw.text.strip():
                found.append(embedded(declared, instance_in(raw.text)))
        return tuple(found)


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
    # Of a method that the suite calls, the type says that it changes nothing.
    message = Message(f"{uri}/{name}", uri, body, selectors=tuple(selectors.items()), safe=True)
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


# Of methods that return no number, such as those of a cluster's node.
_TRUTHS = {"true": 1, "false": 0}


def _return_value(output: RawItem, method: str) -> int | None:
    text = output.text("ReturnValue")
    if text is None:
        return None
    if (truth := _TRUTHS.get(text.strip().casefold())) is not None:
        return truth
    if not re.fullmatch(r"-?[0-9]{1,10}", text.strip()):
        raise unusable(f"the return value of {method} is not a number")
    return int(text)
