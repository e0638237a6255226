"""XML from a host: parsed without document types, and bounded in depth and number of elements."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from livemigration.wsman.errors import unusable

MAXIMUM_DEPTH = 64
# A reply of the largest size that Windows sends (153,600 bytes) holds fewer than 20,000 elements;
# some servers are configured for 500 KB envelopes.
MAXIMUM_ELEMENTS = 200_000


class _TooLargeError(ValueError):
    pass


class _BoundedBuilder(TreeBuilder):
    """Builds a tree and refuses to go beyond the bounds."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._elements = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._elements += 1
        if self._depth > MAXIMUM_DEPTH:
            raise _TooLargeError("elements are nested too deeply")
        if self._elements > MAXIMUM_ELEMENTS:
            raise _TooLargeError("there are too many elements")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


def parse(data: bytes) -> Element:
    """Return the root element of a UTF-8 document.

    Raises:
        WsmanError: PROTOCOL, whatever is wrong with the document.
    """
    try:
        parser = DefusedXMLParser(target=_BoundedBuilder(), encoding="utf-8", forbid_dtd=True)
        parser.feed(data)
        root: Element = parser.close()
    except DefusedXmlException:
        problem = "the reply contains a document type or an entity"
    except _TooLargeError as error:
        problem = f"the reply is not usable: {error}"
    except (ParseError, ValueError, LookupError, AssertionError):
        problem = "the reply is not XML"
    else:
        return root
    raise unusable(problem)


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Return an element's namespace, or an empty string."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def text_of(element: Element | None) -> str:
    """Return an element's own text without surrounding white space; empty where it is absent."""
    return ((element.text if element is not None else None) or "").strip()
