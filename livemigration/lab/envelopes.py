"""The XML of requests, read once for all that are alike.

Hosts are asked the same questions. Where two messages differ in nothing but their own number, the
session's, and the URL that they are sent to, the second one is not parsed again: what stands in
these three places is taken out of the text first, and nothing is answered by the latter two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree

from livemigration.wsman import namespaces as ns
from livemigration.wsman.document import parse_at_once

_UUID = rb"uuid:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_MESSAGE_ID = f"{{{ns.SOAP}}}Header/{{{ns.ADDRESSING}}}MessageID"
# Where the three stand. Whatever is in one of these places, no other XML comes of it.
_OWN = {
    _MESSAGE_ID: re.compile(rb"MessageID>(" + _UUID + rb")<"),
    f"{{{ns.SOAP}}}Header/{{{ns.MICROSOFT_WSMAN}}}SessionId": re.compile(
        rb'SessionId s:mustUnderstand="false">(' + _UUID + rb")<"
    ),
    f"{{{ns.SOAP}}}Header/{{{ns.ADDRESSING}}}To": re.compile(
        rb"a:To>(http://[0-9.]{7,15}:[0-9]{1,5}/wsman)<"
    ),
}
MOST_KEPT, LONGEST_KEPT = 256, 32 << 10


class Envelope:
    """One message, and what was looked for in it; nobody changes it.

    Raises:
        ValueError: it is not XML, or has a document type.
    """

    def __init__(self, data: bytes) -> None:
        self.root = _parsed(data)
        # That its headers are in order, once somebody has looked.
        self.is_checked = False
        self._texts: dict[str, str] = {}
        self._first: dict[str, Element | None] = {}
        self._named: dict[str, Mapping[str, str]] = {}

    def text(self, tag: str) -> str:
        """Return the text of the first element of that name, or nothing."""
        if (found := self._texts.get(tag)) is None:
            found = self._texts[tag] = (self.root.findtext(f".//{tag}") or "").strip()
        return found

    def first(self, tag: str) -> Element | None:
        """Return the first element of that name."""
        if tag not in self._first:
            self._first[tag] = self.root.find(f".//{tag}")
        return self._first[tag]

    def named(self, path: str) -> Mapping[str, str]:
        """Return the texts of the elements of a path, by their attribute Name."""
        if (found := self._named.get(path)) is None:
            found = self._named[path] = {
                each.get("Name", ""): (each.text or "").strip() for each in self.root.iterfind(path)
            }
        return found


_kept: dict[tuple[bytes, ...], Envelope] = {}


def read(data: bytes) -> tuple[Envelope, str]:
    """Return a message, and its number; of one that is like an earlier one, that one.

    Raises:
        ValueError: as `Envelope`.
    """
    rest, own = _without_own(data) if len(data) <= LONGEST_KEPT else ((), {})
    number = own.get(_MESSAGE_ID, b"").decode("ascii")
    if number and (found := _kept.get(rest)) is not None:
        return found, number
    made = Envelope(data)
    said = made.text(f"{{{ns.ADDRESSING}}}MessageID")
    # Each text stands once, and is what a header says: so it is of whatever stands in its place.
    if (
        number
        and number == said
        and all(
            data.count(text) == 1 and (made.root.findtext(path) or "").encode() == text
            for path, text in own.items()
        )
    ):
        if len(_kept) == MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[rest] = made
    return made, said


def _without_own(data: bytes) -> tuple[tuple[bytes, ...], dict[str, bytes]]:
    """Return what lies between a message's own texts, and those by the paths of their headers."""
    found = {path: match for path, each in _OWN.items() if (match := each.search(data))}
    parts, end = [], 0
    for match in sorted(found.values(), key=lambda each: each.start(1)):
        parts.append(data[end : match.start(1)])
        end = match.end(1)
    return (*parts, data[end:]), {path: match[1] for path, match in found.items()}


def _parsed(data: bytes) -> Element:
    """Return the root of a message; what is not certain to be harmless, defusedxml reads."""
    root = parse_at_once(data)
    if root is not None:
        return root
    try:
        found: Element = ElementTree.fromstring(data.decode(), forbid_dtd=True)
    except ParseError as error:
        raise ValueError(str(error)) from None
    return found
