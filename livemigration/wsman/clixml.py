"""The plain text of what PowerShell writes to standard error as CLIXML.

With -EncodedCommand even one plain error comes as `#< CLIXML` and one XML document whose `S`
elements carry a stream's name and a line of text with `_xHHHH_` escapes (measured.md section 7).
"""

from __future__ import annotations

import re

from livemigration.wsman import document
from livemigration.wsman.errors import WsmanError

LONGEST_TEXT = 2_000
_MARK = "#< CLIXML"
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


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
    parts += (_document_text(each) for each in rest.split(_MARK))
    return "\n".join(part for part in parts if part)[:LONGEST_TEXT]


def _document_text(text: str) -> str:
    start, end = text.find("<"), text.rfind(">") + 1
    try:
        root = document.parse(text[start:end].encode()) if 0 <= start < end else None
    except WsmanError:
        root = None
    if root is None:
        return text.strip()
    lines = (
        decode_escapes(each.text or "")
        for each in root.iter()
        if document.local_name(each) == "S" and each.get("S", "").casefold() == "error"
    )
    return "".join(lines).replace("\r\n", "\n").strip()


def decode_escapes(text: str) -> str:
    """Return text with `_xHHHH_` replaced by the UTF-16 units they stand for."""
    units = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    joined = units.encode("utf-16-le", errors="surrogatepass")
    return joined.decode("utf-16-le", errors="replace")
