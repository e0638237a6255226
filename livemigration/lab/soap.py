"""Requests read, and replies written in the shapes that real Windows machines send."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from livemigration.facts.cim import CimValue, EmbeddedObject, ObjectReference
from livemigration.lab import envelopes, fault_xml
from livemigration.lab.faults import LabFault, bad_schema, bad_time_limit, not_understood
from livemigration.wsman import namespaces as ns

_HEAD = (
    f'<s:Envelope xml:lang="en-US" xmlns:s="{ns.SOAP}" xmlns:a="{ns.ADDRESSING}" '
    f'xmlns:x="{ns.TRANSFER}" xmlns:n="{ns.ENUMERATION}" xmlns:w="{ns.WSMAN}" '
    f'xmlns:rsp="{ns.SHELL}" xmlns:p="{ns.MICROSOFT_WSMAN}">'
)
# The headers that a client may insist on, by namespace.
_KNOWN_HEADERS = {
    ns.ADDRESSING: {"Action", "FaultTo", "From", "MessageID", "RelatesTo", "ReplyTo", "To"},
    ns.WSMAN: {
        "Locale",
        "MaxEnvelopeSize",
        "OperationTimeout",
        "OptionSet",
        "RequestEPR",
        "ResourceURI",
        "SelectorSet",
    },
    ns.MICROSOFT_WSMAN: {"ActivityId", "DataLocale", "OperationID", "SequenceId", "SessionId"},
    ns.SHELL: {"CompressionType"},
}
# What an envelope holds beside its items, as characters: captured replies leave as much free.
_FRAME = 1_100
_USUAL_ENVELOPE = 153_600
_DURATION = re.compile(
    r"P(?=[0-9T])(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?)?"
)


class Request:
    """One parsed request.

    Raises:
        ValueError: it is not XML, or has a document type.
    """

    def __init__(self, data: bytes) -> None:
        self._envelope, self.message_id = envelopes.read(data)
        self.root = self._envelope.root
        self.action = self.text(f"{{{ns.ADDRESSING}}}Action")
        self.resource = self.text(f"{{{ns.WSMAN}}}ResourceURI")

    def text(self, tag: str) -> str:
        """Return the text of the first element of that name, or nothing."""
        return self._envelope.text(tag)

    def first(self, tag: str) -> Element | None:
        """Return the first element of that name."""
        return self._envelope.first(tag)

    def selectors(self) -> Mapping[str, str]:
        """Return the selectors of the header."""
        return self._envelope.named(
            f"{{{ns.SOAP}}}Header/{{{ns.WSMAN}}}SelectorSet/{{{ns.WSMAN}}}Selector"
        )

    def selector(self, name: str) -> str:
        """Return a selector's value, its name in any case."""
        return _in_any_case(self.selectors(), name)

    def option(self, name: str) -> str:
        """Return an option's value, its name in any case."""
        return _in_any_case(self._envelope.named(f".//{{{ns.WSMAN}}}Option"), name)

    @property
    def room(self) -> int:
        """How many characters the reply may have beside what frames them.

        An envelope is measured in UTF-16: captured pulls of services hold 75,200 to 75,800
        characters where 153,600 bytes were asked for, and the next item is not in them.
        """
        asked = self.text(f"{{{ns.WSMAN}}}MaxEnvelopeSize")
        return (int(asked) if asked.isdecimal() else _USUAL_ENVELOPE) // 2 - _FRAME

    def check_headers(self) -> None:
        """Check what each request says of itself.

        Raises:
            LabFault: a header must be understood and is not known, or the time limit is none.
        """
        if self._envelope.is_checked:
            return
        for each in self.root.iterfind(f"{{{ns.SOAP}}}Header/*"):
            namespace, _, name = each.tag.removeprefix("{").rpartition("}")
            demanded = each.get(f"{{{ns.SOAP}}}mustUnderstand", "").casefold() in {"true", "1"}
            if demanded and name not in _KNOWN_HEADERS.get(namespace, ()):
                raise not_understood(namespace, name)
        limit = self.first(f"{{{ns.WSMAN}}}OperationTimeout")
        given = (limit.text or "").strip() if limit is not None else "PT1S"
        if not _DURATION.fullmatch(given):
            raise bad_time_limit(given)
        self._envelope.is_checked = True

    def demand(self, *path: str) -> None:
        """Raise the fault for a message that breaks its schema where the body lacks an element."""
        if self.root.find("/".join((f"{{{ns.SOAP}}}Body", *path))) is None:
            raise bad_schema()


def _in_any_case(values: Mapping[str, str], name: str) -> str:
    wanted = name.casefold()
    return next((text for each, text in values.items() if each.casefold() == wanted), "")


def reply(request: Request, action: str, body: str, header: str = "") -> bytes:
    """Return a reply to a request; `header` is what stands beside the addressing."""
    return (
        f"{_HEAD}<s:Header><a:Action>{action}</a:Action>"
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ns.ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(request.message_id)}</a:RelatesTo>{header}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(request: Request, refused: LabFault, machine: str) -> bytes:
    """Return the fault with which this machine answers a request."""
    action, header = fault_xml.action(refused.form), fault_xml.header(refused.form)
    return reply(request, action, fault_xml.body(refused, machine), header)


def fragment(row: Mapping[str, CimValue], columns: Iterable[str]) -> str:
    """Return an item of a query with a property list: an XmlFragment, children unqualified."""
    wanted = _chosen(tuple(row), tuple(columns))
    inner = "".join([_property("", name, row[name]) for name in wanted])
    return f'<w:XmlFragment xmlns:xsi="{ns.XSI}" xmlns:w="{ns.WSMAN}">{inner}</w:XmlFragment>'


def instance(row: Mapping[str, CimValue], class_name: str, uri: str) -> str:
    """Return an item of a query for `*`: the class's own element."""
    return (
        f'<p:{class_name} xmlns:xsi="{ns.XSI}" xmlns:p="{uri}" xmlns:cim="{ns.CIM}" '
        f'xsi:type="p:{class_name}_Type">{_properties("p:", row)}</p:{class_name}>'
    )


def endpoint(uri: str, selectors: Mapping[str, str]) -> str:
    """Return an item of EnumerationMode EnumerateEPR: a reference to an instance."""
    named = "".join(
        f"<w:Selector Name={quoteattr(name)}>{escape(value)}</w:Selector>"
        for name, value in selectors.items()
    )
    return (
        f"<a:EndpointReference><a:Address>{ns.ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{uri}</w:ResourceURI><w:SelectorSet>{named}</w:SelectorSet>"
        "</a:ReferenceParameters></a:EndpointReference>"
    )


@dataclass(frozen=True)
class Embedded:
    """An instance that a method gives back within its reply."""

    class_name: str
    row: Mapping[str, CimValue]


def output(method: str, uri: str, values: Mapping[str, CimValue | Embedded]) -> str:
    """Return the body of a method's reply."""
    return (
        f'<p:{method}_OUTPUT xmlns:xsi="{ns.XSI}" xmlns:p="{uri}" xmlns:cim="{ns.CIM}">'
        f"{_properties('p:', values)}</p:{method}_OUTPUT>"
    )


def _properties(prefix: str, row: Mapping[str, CimValue | Embedded]) -> str:
    """Return properties in the order of the captured replies: by name, in any case."""
    return "".join([_property(prefix, name, row[name]) for name in _ordered(tuple(row))])


@lru_cache(maxsize=512)
def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))


@lru_cache(maxsize=512)
def _chosen(names: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, ...]:
    wanted = {each.casefold() for each in columns}
    return tuple(each for each in _ordered(names) if each.casefold() in wanted)


def _property(prefix: str, name: str, value: CimValue | Embedded) -> str:
    if isinstance(value, str):
        inner = escape(value)
    elif isinstance(value, tuple):
        return "".join(_property(prefix, name, each) for each in value)
    elif value is None:
        return f'<{prefix}{name} xsi:nil="true"/>'
    elif isinstance(value, Embedded | EmbeddedObject):
        return _embedded(prefix, name, value)
    elif isinstance(value, datetime | timedelta):
        inner = _moment("cim:" if prefix else "", value)
    elif isinstance(value, ObjectReference):
        inner = _reference("a:" if prefix else "", value)
    else:
        inner = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{prefix}{name}>{inner}</{prefix}{name}>"


def _embedded(prefix: str, name: str, value: Embedded | EmbeddedObject) -> str:
    if isinstance(value, Embedded):
        class_name, inner = value.class_name, _properties(prefix, value.row)
    else:
        class_name = "MSCluster_Property"
        inner = "".join(_property(prefix, *each) for each in value.texts)
    kind = f' xsi:type="{prefix}{class_name}_Type"'
    return f"<{prefix}{name}{kind}>{inner}</{prefix}{name}>"


def _reference(prefix: str, value: ObjectReference) -> str:
    """Return a reference; in an XmlFragment it has no namespaces, as captured."""
    own = prefix.replace("a:", "w:")
    named = "".join(
        f"<{own}Selector Name={quoteattr(name)}>{escape(text)}</{own}Selector>"
        for name, text in value.selectors
    )
    return (
        f"<{prefix}Address>{ns.ANONYMOUS}</{prefix}Address><{prefix}ReferenceParameters>"
        f"<{own}ResourceURI>{escape(value.resource_uri)}</{own}ResourceURI>"
        f"<{own}SelectorSet>{named}</{own}SelectorSet></{prefix}ReferenceParameters>"
    )


def _moment(prefix: str, value: datetime | timedelta) -> str:
    """Return a date or an interval; in an XmlFragment it has no namespace, as captured."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"<{prefix}Datetime>{text}</{prefix}Datetime>"
    return f"<{prefix}Interval>P{value.days}DT0H0M{value.seconds}S</{prefix}Interval>"
