"""Readers of what others write, each with the only errors it may raise, and their corpus.

A file of `corpus/TARGET` whose name begins with `sound` is read; one that begins with `broken` is
refused. All are made up for this suite: none was recorded.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from livemigration.base.errors import NothingToCheckError, UsageError
from livemigration.collector import facts_file
from livemigration.facts.cim import CimType, WmiClass, WmiProperty
from livemigration.inventory import inventory
from livemigration.inventory.yaml_file import read_text
from livemigration.lab import wql
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import load_fleet
from livemigration.lab.played import machines_of
from livemigration.wsman import causes, clixml, document, enumeration, envelope, fragments
from livemigration.wsman.errors import WsmanError, unusable
from livemigration.wsman.faults import read_fault
from livemigration.wsman.namespaces import SOAP

CORPUS = Path(__file__).parent / "corpus"
# Most inputs stay near to what is read: more changes are refused at the first of them.
_CHANGES = (1, 1, 1, 2, 4)
_LONGEST_PIECE = 20

Reader = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """One reader. `words` are what its language is made of."""

    read: Reader
    refuses: tuple[type[Exception], ...]
    words: tuple[bytes, ...]
    quick_runs: int = 300


_EVERY_TYPE = WmiClass(
    "root/x",
    "C",
    (
        *(WmiProperty(kind.value, kind) for kind in CimType),
        *(WmiProperty(f"{kind.value}s", kind, array=True) for kind in CimType),
    ),
)


def _items(data: bytes) -> None:
    body = document.parse(data).find(f"{{{SOAP}}}Body")
    if body is None:
        return
    for _row in fragments.rows_of(enumeration.read_page(body).items, _EVERY_TYPE):
        pass


def _fault(data: bytes) -> None:
    causes.fault_text(data)
    if read_fault(document.parse(data)) is None:
        raise unusable("there is no fault")


def _clixml(data: bytes) -> None:
    if len(clixml.error_text(data)) > clixml.LONGEST_TEXT:
        raise AssertionError("the text is longer than its bound")


def _reply(data: bytes) -> None:
    envelope.read_reply(data, "uuid:1")


def _wql(data: bytes) -> None:
    tree = wql.parse(data.decode("utf-8", errors="replace"))
    if wql.parse(wql.render(tree)) != tree:
        raise AssertionError("what was read is not what is written")


def _from_file(name: str, load: Callable[[Path], object]) -> Reader:
    def read(data: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            load(path)

    return read


def _inventory(path: Path) -> None:
    inventory.parse(read_text(path), "inventory.yaml", path.parent, machines_of)


_XML = (
    b"<a>",
    b"</a>",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"<?x?>",
    b"&#0;",
    b"&lt;",
    b"&x;",
    b'xsi:nil="true"',
    b"<w:Item>",
    b"</w:Item>",
    b"<cim:Interval>P1D</cim:Interval>",
    b"<cim:Datetime>2013-04-15T16:28:43Z</cim:Datetime>",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"<!DOCTYPE a>",
)
_YAML = (
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"? ",
    b"- ",
    b": ",
    b"[",
    b"]",
    b"{",
    b"}",
    b"!!python/name:os.system ",
    b"!!binary ",
    b"!!set ",
    b"!!omap ",
    b"!!timestamp ",
    b"2001-99-99",
    b"0o9",
    b".nan",
    b"9" * 30,
    b"null",
    b"~",
    b"|\n",
    b"---\n",
    b"...\n",
    b"%YAML 1.1\n",
    b"\t",
    b"\x00",
    b"\xef\xbb\xbf",
)
_JSON = (b"null", b"{}", b"[]", b'""', b"-1", b"1e999", b"NaN", b"Infinity", b"true", b"9" * 400)
_WQL = (
    *(b"SELECT", b"FROM", b"WHERE", b"LIKE", b"IS NOT NULL", b"AND", b"OR", b"NOT", b"(", b")"),
    *(b"'", b'"', b"\\", b"*", b",", b"<>", b"!=", b"-", b"9" * 5000, b"\xd9\xa3"),
)

TARGETS = {
    "clixml": Target(_clixml, (), (*_XML, b"#< CLIXML", b'<S S="Error">', b"_x000A_", b"_xD83D_")),
    "envelope": Target(_reply, (WsmanError,), _XML),
    "facts": Target(_from_file("facts.json", facts_file.load), (UsageError,), _JSON, 200),
    "fault": Target(_fault, (WsmanError,), (*_XML, b'Code="-5"', b"4294967296", b"w:AccessDenied")),
    "fleet": Target(
        _from_file("fleet.yaml", lambda path: load_fleet(str(path))), (LabError,), _YAML, 150
    ),
    "inventory": Target(
        _from_file("inventory.yaml", _inventory), (UsageError, NothingToCheckError), _YAML, 150
    ),
    "items": Target(_items, (WsmanError,), _XML),
    "wql": Target(_wql, (wql.WqlError,), _WQL),
}


def seeds(target: str) -> list[Path]:
    """Return the corpus of one target in a fixed order."""
    return sorted((CORPUS / target).iterdir())


def is_refused(target: Target, data: bytes) -> bool:
    """Whether a reader refuses its input; any error but its own is let through."""
    try:
        target.read(data)
    except target.refuses:
        return True
    return False


def mutate(data: bytes, words: tuple[bytes, ...], choose: random.Random) -> bytes:
    """Return the bytes with a few changes: cut, doubled, moved, overwritten, or words put in."""
    changed = bytearray(data)
    for _ in range(choose.choice(_CHANGES)):
        at = choose.randint(0, len(changed))
        end = min(len(changed), at + choose.randint(0, _LONGEST_PIECE))
        piece = bytes(changed[at:end])
        kind = choose.randrange(5)
        if kind == 0:
            del changed[at:end]
        elif kind == 1:
            changed[at:at] = choose.choice(words)
        elif kind == 2:
            changed[at:end] = choose.choice(words)
        elif kind == 3:
            other = choose.randint(0, len(changed))
            changed[other:other] = piece * choose.choice((1, 1, 1, 50))
        else:
            changed[at : at + 1] = bytes([choose.randrange(256)])
    return bytes(changed)
