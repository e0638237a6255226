"""Requests read, and replies written in the shapes that real Windows machines send."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from defusedxml import ElementTree

from livemigration.cim import CimValue
from livemigration.wsman import namespaces as ns

_HEAD = (
    f'<s:Envelope xml:lang="en-US" xmlns:s="{ns.SOAP}" xmlns:a="{ns.ADDRESSING}" '
    f'xmlns:x="{ns.TRANSFER}" xmlns:n="{ns.ENUMERATION}" xmlns:w="{ns.WSMAN}" '
    f'xmlns:rsp="{ns.SHELL}" xmlns:p="{ns.MICROSOFT_WSMAN}">'
)


class Request:
    """One parsed request."""

    def __init__(self, data: bytes) -> None:
        root: Element = ElementTree.fromstring(data.decode(), forbid_dtd=True)
        self.root = root
        self.action = self.text(f"{{{ns.ADDRESSING}}}Action")
        self.resource = self.text(f"{{{ns.WSMAN}}}ResourceURI")
        self.message_id = self.text(f"{{{ns.ADDRESSING}}}MessageID")

    def text(self, tag: str) -> str:
        """Return the text of the first element of that name, or nothing."""
        return (self.root.findtext(f".//{tag}") or "").strip()

    def first(self, tag: str) -> Element | None:
        """Return the first element of that name."""
        return self.root.find(f".//{tag}")

    def selector(self, name: str) -> str:
        """Return a selector's value, its name in any case."""
        for each in self.root.iterfind(f".//{{{ns.WSMAN}}}Selector"):
            if each.get("Name", "").casefold() == name.casefold():
                return (each.text or "").strip()
        return ""

    def option(self, name: str) -> str:
        """Return an option's value."""
        for each in self.root.iterfind(f".//{{{ns.WSMAN}}}Option"):
            if each.get("Name", "").casefold() == name.casefold():
                return (each.text or "").strip()
        return ""


def reply(request: Request, action: str, body: str) -> bytes:
    """Return a reply to a request."""
    return (
        f"{_HEAD}<s:Header><a:Action>{action}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ns.ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(request.message_id)}</a:RelatesTo></s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(request: Request, code: int, subcode: str, text: str, machine: str) -> bytes:
    """Return a fault of the first form, f:WSManFault (windows-facts.md 5.5)."""
    body = (
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode>"
        f"<s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(text)}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault xmlns:f="{ns.FAULT}" Code="{code}" '
        f"Machine={quoteattr(machine)}><f:Message>{escape(text)}</f:Message></f:WSManFault>"
        "</s:Detail></s:Fault>"
    )
    return reply(request, "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault", body)


def fragment(row: Mapping[str, CimValue], columns: Iterable[str]) -> str:
    """Return an item of a query with a property list: an XmlFragment, children unqualified."""
    by_name = {name.casefold(): (name, value) for name, value in row.items()}
    found = [by_name[each.casefold()] for each in columns if each.casefold() in by_name]
    inner = "".join(_property("", name, value) for name, value in sorted(found))
    return f'<w:XmlFragment xmlns:xsi="{ns.XSI}" xmlns:w="{ns.WSMAN}">{inner}</w:XmlFragment>'


def instance(row: Mapping[str, CimValue], class_name: str, uri: str) -> str:
    """Return an item of a query for `*`: the class's own element."""
    inner = "".join(_property("p:", name, value) for name, value in row.items())
    return (
        f'<p:{class_name} xmlns:xsi="{ns.XSI}" xmlns:p="{uri}" xmlns:cim="{ns.CIM}" '
        f'xsi:type="p:{class_name}_Type">{inner}</p:{class_name}>'
    )


def _property(prefix: str, name: str, value: CimValue) -> str:
    if isinstance(value, tuple):
        return "".join(_property(prefix, name, each) for each in value)
    if value is None:
        return f'<{prefix}{name} xsi:nil="true"/>'
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{prefix}{name}>{escape(text)}</{prefix}{name}>"
