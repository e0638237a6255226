"""XML from a host: parsed without document types, and bounded in depth and number of elements.

Two parsers with one verdict. The strict one watches every element as it comes; it works in Python
and takes three times as long. The quick one works in C, and only gives what the strict one would
give: a document that it is not sure of is left to the strict one, which also names what is wrong.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

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
    root = parse_at_once(data)
    return root if root is not None else parse_strictly(data)


def parse_at_once(data: bytes) -> Element | None:
    """Return the root element of a document without declarations; None: the strict parser decides.

    Without `<!` there is no document type, so no entity but XML's own five; each element has a `<`
    of its own. In UTF-16, which expat reads whatever it was told, either would look otherwise:
    there is no `<` without a zero byte, and in UTF-8 there is no such byte.
    """
    tags = data.count(b"<")
    # For two bytes, the search stops at every `<`; there is hardly ever the other one.
    declares = b"!" in data and b"<!" in data
    if declares or b"\0" in data or tags > MAXIMUM_ELEMENTS:
        return None
    try:
        # defusedxml has no parser in C; what it would refuse was left to it.
        parser = XMLParser(encoding="utf-8")  # noqa: S314 - as above
        parser.feed(data)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError):
        return None
    # Elements around others have two tags each: of fewer, none is too deep.
    level, depth = [root] if tags >= 2 * MAXIMUM_DEPTH else [], 0
    while level:
        depth += 1
        if depth > MAXIMUM_DEPTH:
            return None
        level = [child for element in level if len(element) for child in element]
    return root


def parse_strictly(data: bytes) -> Element:
    """Return the root element of a UTF-8 document that is watched as it is read.

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


def find_in(root: Element, outer: str, inner: str) -> Element | None:
    """Return the first element of one name in an element of another, which the root has.

    ElementTree's own search by a path of two names takes ten times as long.
    """
    for each in root:
        if each.tag == outer and (found := each.find(inner)) is not None:
            return found
    return None


def local_name(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """Return an element's namespace, or an empty string."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def text_of(element: Element | None) -> str:
    """Return an element's own text without surrounding white space; empty where it is absent."""
    return ((element.text if element is not None else None) or "").strip()
