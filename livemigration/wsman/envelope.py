"""Messages to a host, and the envelope of what comes back."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from livemigration.wsman import document
from livemigration.wsman.errors import unusable
from livemigration.wsman.faults import read_fault
from livemigration.wsman.namespaces import (
    ADDRESSING,
    ANONYMOUS,
    ENUMERATE,
    IDENTITY,
    MICROSOFT_WSMAN,
    SOAP,
    TRANSFER,
    WSMAN,
)

# What every WinRM since 2008 can send and accept (windows-facts.md 5.7: 150 KB is the least).
MAXIMUM_ENVELOPE_SIZE = 153_600

Pairs = tuple[tuple[str, str], ...]


def new_id() -> str:
    """Return a fresh message or session id in the form that Windows' own client uses."""
    return f"uuid:{str(uuid.uuid4()).upper()}"


def xml_text(text: str) -> str:
    """Return text escaped for element content.

    Raises:
        WsmanError: PROTOCOL: the text holds a character that XML 1.0 cannot carry.
    """
    # Nearly every text is sent as it is.
    if _NOT_AS_IT_IS.search(text) is None:
        return text
    _refuse_control_characters(text)
    return escape(text, {"\r": "&#13;"})


def xml_attribute(text: str) -> str:
    """Return text as a quoted attribute value.

    Raises:
        WsmanError: PROTOCOL: the text holds a character that XML 1.0 cannot carry.
    """
    _refuse_control_characters(text)
    return quoteattr(text, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})


_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_AS_IT_IS = re.compile("[&<>\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def _refuse_control_characters(text: str) -> None:
    if (found := _FORBIDDEN.search(text)) is not None:
        raise unusable(f"the character U+{ord(found[0]):04X} cannot be sent in XML")


@dataclass(frozen=True)
class Message:
    """One request: its action and resource, and the body's XML.

    `selectors` name the instance, `options` are the resource's own (WinRS). `safe`: it may be sent
    again where the host refused it for now, because it changes nothing that matters.
    """

    action: str
    resource_uri: str
    body: str
    selectors: Pairs = ()
    options: Pairs = ()
    safe: bool = False
    message_id: str = field(default_factory=new_id)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing at all, so that it may also be answered twice."""
        return self.safe and self.action in {ENUMERATE, f"{TRANSFER}/Get"}

    def again(self) -> Message:
        """Return the same request, to be sent once more."""
        return replace(self, message_id=new_id())

    def render(self, *, to: str, session_id: str, operation_timeout: int) -> bytes:
        """Return the envelope.

        Args:
            to: the endpoint's URL.
            session_id: the same for all messages of a session.
            operation_timeout: seconds after which the host gives up by itself.

        Raises:
            WsmanError: PROTOCOL: a value holds a character that XML 1.0 cannot carry.
        """
        header = (
            f'<a:Action s:mustUnderstand="true">{xml_text(self.action)}</a:Action>'
            '<p:DataLocale s:mustUnderstand="false" xml:lang="en-US"/>'
            '<w:Locale s:mustUnderstand="false" xml:lang="en-US"/>'
            f'<w:MaxEnvelopeSize s:mustUnderstand="true">{MAXIMUM_ENVELOPE_SIZE}'
            "</w:MaxEnvelopeSize>"
            f"<a:MessageID>{xml_text(self.message_id)}</a:MessageID>"
            f"<w:OperationTimeout>PT{operation_timeout}S</w:OperationTimeout>"
            f'<a:ReplyTo><a:Address s:mustUnderstand="true">{ANONYMOUS}</a:Address>'
            "</a:ReplyTo>"
            f'<w:ResourceURI s:mustUnderstand="true">{xml_text(self.resource_uri)}'
            "</w:ResourceURI>"
            f'<p:SessionId s:mustUnderstand="false">{xml_text(session_id)}</p:SessionId>'
            f"<a:To>{xml_text(to)}</a:To>"
            + _named_values("OptionSet", "Option", self.options, ' s:mustUnderstand="true"')
            + _named_values("SelectorSet", "Selector", self.selectors)
        )
        return (
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}" '
            f'xmlns:p="{MICROSOFT_WSMAN}"><s:Header>{header}</s:Header>'
            f"<s:Body>{self.body}</s:Body></s:Envelope>"
        ).encode()


def _named_values(outer: str, inner: str, pairs: Iterable[tuple[str, str]], more: str = "") -> str:
    values = "".join(
        f"<w:{inner} Name={xml_attribute(name)}>{xml_text(value)}</w:{inner}>"
        for name, value in pairs
    )
    return f"<w:{outer}{more}>{values}</w:{outer}>" if values else ""


# Identify is outside WS-Addressing: it has no headers, and its reply relates to nothing (DSP0226).
IDENTIFY = (
    f'<s:Envelope xmlns:s="{SOAP}" xmlns:wsmid="{IDENTITY}"><s:Header/>'
    "<s:Body><wsmid:Identify/></s:Body></s:Envelope>"
).encode()


_ENVELOPE, _HEADER, _BODY = (f"{{{SOAP}}}{each}" for each in ("Envelope", "Header", "Body"))
_RELATES_TO = f"{{{ADDRESSING}}}RelatesTo"


def read_reply(data: bytes, message_id: str | None) -> Element:
    """Return the body of the reply to a message.

    Args:
        data: the reply's plain text.
        message_id: the request's, or None for Identify.

    Raises:
        WsmanFault: the reply is a fault. A proxy's fault relates to no message.
        WsmanError: PROTOCOL: no SOAP envelope, or the reply to another message.
    """
    envelope = document.parse(data)
    fault = read_fault(envelope)
    if fault is None and envelope.tag != _ENVELOPE:
        raise unusable("the reply is not a SOAP envelope")
    relates_to = document.text_of(document.find_in(envelope, _HEADER, _RELATES_TO))
    if relates_to.casefold() != (message_id or "").casefold() and (relates_to or fault is None):
        raise unusable("the reply belongs to another message")
    if fault is not None:
        raise fault
    body = envelope.find(_BODY)
    if body is None:
        raise unusable("the reply has no body")
    return body


def expect(body: Element, tag: str) -> Element:
    """Return the body's element of that name.

    Raises:
        WsmanError: PROTOCOL: it is not there.
    """
    found = body.find(tag)
    if found is None:
        raise unusable(f"the reply lacks {tag.rpartition('}')[2]}")
    return found
