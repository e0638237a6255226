"""Looks for a password in everything that a run wrote, in each form that it could have there."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax import saxutils

from livemigration.wsman.compat import nt_hash

# Special in XML, JSON, URLs, Python and shells, and beyond ASCII.
CANARY = "C4n&<ry>\"'\\/%=+ ä€:{$}"
_IN_BASE64 = ("itself", "JSON", "UTF-16", "NT hash in bytes")


def forms_of(password: str) -> dict[str, bytes]:
    """Return each form of a password, by its name."""
    texts = {
        "itself": password,
        "JSON": json.dumps(password)[1:-1],
        "JSON in UTF-8": json.dumps(password, ensure_ascii=False)[1:-1],
        "XML": saxutils.escape(password),
        "XML in quotes": saxutils.escape(password, {'"': "&quot;", "'": "&apos;"}),
        "HTML": html.escape(password),
        "HTML in JSON": json.dumps(html.escape(password))[1:-1],
        "a URL's part": urllib.parse.quote(password, safe=""),
        "a URL's path": urllib.parse.quote(password),
        "a form": urllib.parse.quote_plus(password),
        "Python": repr(password)[1:-1],
        "Python in ASCII": ascii(password)[1:-1],
        "NT hash": nt_hash(password),
        "NT hash in capitals": nt_hash(password).upper(),
    }
    forms = {name: text.encode() for name, text in texts.items()}
    forms["UTF-16"] = password.encode("utf-16-le")
    forms["bytes in Python"] = repr(password.encode())[2:-1].encode()
    forms["UTF-16 in Python"] = repr(password.encode("utf-16-le"))[2:-1].encode()
    forms["NT hash in bytes"] = bytes.fromhex(nt_hash(password))
    for name in _IN_BASE64:
        for shift, inside in enumerate(_inside_base64(forms[name])):
            forms[f"base64 of {name}, behind {shift}"] = inside
    return forms


def _inside_base64(data: bytes) -> Iterator[bytes]:
    """Yield what base64 makes of data, whatever stands before and behind it there."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + data)
        # What depends on the neighbours is left out.
        start = -(-before * 8 // 6)
        yield text[start : start + (len(data) * 8 - (start * 6 - before * 8)) // 6]


def every_byte(folder: Path) -> bytes:
    """Return all that lies in a folder, with what is packed inside it."""
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        found += [path.name.encode(), path.read_bytes()]
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                found += [packed.read(name) for name in packed.namelist()]
    return b"\n".join(found)


def found_in(said: bytes, password: str) -> list[str]:
    """Return the names of the forms in which a password stands somewhere."""
    return [name for name, form in forms_of(password).items() if form in said]
