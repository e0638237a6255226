"""The plain text of what PowerShell writes to standard error as CLIXML.

With -EncodedCommand even one plain error comes as `#< CLIXML` and one XML document whose `S`
elements carry a stream's name and a line of text with `_xHHHH_` escapes (measured.md section 7).

PowerShell writes the document's end, and what is still in its buffer, only where it ends by itself.
The suite's scripts end their process, so that a document may break off, and their plain error stand
right behind it.
"""

from __future__ import annotations

import html
import re

from livemigration.wsman import document
from livemigration.wsman.errors import WsmanError

LONGEST_TEXT = 2_000
_MARK = "#< CLIXML"
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_CLOSED = "</Objs>"
_STRING = re.compile(r"<S\b([^<>]*)>([^<>]*)</S>")
_PART_END = re.compile("<Objs[^<>]*>|</S>|</Obj>")
_OF_ERRORS = re.compile(r'(?i)\bS="error"')


def error_text(output: bytes) -> str:
    """Return the error stream's text, at most `LONGEST_TEXT` characters; never raises.

    Output that is not CLIXML, or is damaged, comes back as it is.
    """
    text = output.decode("utf-8", errors="replace").lstrip("\ufeff")
    before, mark, rest = text.partition(_MARK)
    if not mark:
        return text.strip()[:LONGEST_TEXT]
    parts = [before.strip()]
    # Each pipeline that ends may start a document of its own.
    parts += (_contenttext(each) for each in rest.split(_MARK))
    return "\n".join(part for part in parts if part)[:LONGEST_TEXT]


def _contenttext(text: str) -> str:
    content, closed, behind = text.partition(_CLOSED)
    if not closed:
        return _broken_text(text)
    start = content.find("<")
    try:
        root = document.parse((content[start:] + closed).encode()) if start >= 0 else None
    except WsmanError:
        root = None
    if root is None:
        return text.strip()
    lines = (
        decode_escapes(each.text or "")
        for each in root.iter()
        if document.local_name(each) == "S" and each.get("S", "").casefold() == "error"
    )
    said = "".join(lines).replace("\r\n", "\n").strip()
    return "\n".join(part for part in (said, behind.strip()) if part)


def _broken_text(text: str) -> str:
    """Return what a document without an end says: its errors, and the plain text behind it."""
    errors = "".join(
        decode_escapes(html.unescape(found[2]))
        for found in _STRING.finditer(text)
        if _OF_ERRORS.search(found[1])
    )
    said = errors.replace("\r\n", "\n").strip()
    ends = [found.end() for found in _PART_END.finditer(text)]
    behind = text[ends[-1] if ends else 0 :].strip()
    return "\n".join(part for part in (said, behind) if part) or text.strip()


def decode_escapes(text: str) -> str:
    """Return text with `_xHHHH_` replaced by the UTF-16 units they stand for."""
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    joined = units.encode("utf-16-le", errors="surrogatepass")
    return joined.decode("utf-16-le", errors="replace")
