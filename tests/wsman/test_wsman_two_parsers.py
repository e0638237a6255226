"""The quick parser of replies gives what the strict one gives, and refuses what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

import pytest
import wsman_replies as soap
from hypothesis import example, given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.facts.model import FailureKind
from livemigration.wsman import document
from livemigration.wsman.errors import WsmanError

ROW = b"<w:XmlFragment><Name>vmms</Name><State/></w:XmlFragment>"
SOUND = soap.envelope(soap.page(ROW.decode() * 3), "uuid:1")
DECLARED = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
BOMB = '<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><a>&d;</a>'
OUTSIDE = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'

HOSTILE = {
    "a document type": OUTSIDE.encode(),
    "an entity": DECLARED.encode(),
    "entities within entities": BOMB.encode(),
    "a parameter entity": b"<!DOCTYPE a [<!ENTITY % b SYSTEM 'urn:x'>%b;]><a/>",
    "an attribute list": b"<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>",
    **{
        f"{what} in {encoding}{' with its mark' if mark else ''}": mark + text.encode(encoding)
        for what, text in {"a type": OUTSIDE, "an entity": DECLARED, "a bomb": BOMB}.items()
        for encoding, mark in (
            ("utf-16-le", b"\xff\xfe"),
            ("utf-16-be", b"\xfe\xff"),
            ("utf-16-le", b""),
            ("utf-16-be", b""),
            ("utf-8", b"\xef\xbb\xbf"),
        )
    },
    "65 levels": b"<a>" * 65 + b"</a>" * 65,
    "65 levels in UTF-16": ("<a>" * 65 + "</a>" * 65).encode("utf-16"),
    "no end of levels": b"<a>" * 30_000,
    "too many elements": b"<a>" + b"<b/>" * document.MAXIMUM_ELEMENTS + b"</a>",
    "too many elements in UTF-16": ("<a>" + "<b/>" * 200_000 + "</a>").encode("utf-16"),
    "an entity that nobody declared": b"<a>&undefined;</a>",
    "a number that is no character": b"<a>&#0;</a>",
    "UTF-7": b'<?xml version="1.0" encoding="utf-7"?><a',
    "nothing": b"",
    "no root": b"<?xml version='1.0'?>",
    "two roots": b"<a/><b/>",
    "a zero byte": b"<a>\0</a>",
    "Latin-1": "<a>é</a>".encode("latin-1"),
    "a prefix that nobody declared": b"<a:b/>",
    "an attribute twice": b"<a b='1' b='2'/>",
}
# A million characters each.
LARGE = {"too many elements", "too many elements in UTF-16", "as many elements as may be"}


def small(names: Iterable[str]) -> list[str]:
    return [each for each in names if each not in LARGE]


def large(names: Iterable[str]) -> list[str]:
    return [each for each in names if each in LARGE]


PARSERS = {"quick": document.parse, "strict": document.parse_strictly}
Parser = Callable[[bytes], Element]


@in_turn("parser", PARSERS)
@in_turn("name", small(HOSTILE))
def test_a_hostile_document_is_refused(parser: str, name: str) -> None:
    with pytest.raises(WsmanError) as caught:
        PARSERS[parser](HOSTILE[name])
    assert caught.value.kind is FailureKind.PROTOCOL


@pytest.mark.long
@in_turn("parser", PARSERS)
@in_turn("name", large(HOSTILE))
def test_so_is_one_of_a_million_characters(parser: str, name: str) -> None:
    with pytest.raises(WsmanError) as caught:
        PARSERS[parser](HOSTILE[name])
    assert caught.value.kind is FailureKind.PROTOCOL


# What the strict parser takes, and the quick one must not make of it what it likes.
UNUSUAL = {
    "UTF-16": "<a>é</a>".encode("utf-16"),
    "a note": b"<a><!-- <b/> --><c/></a>",
    "text as it is": b"<a><![CDATA[<b/>]]></a>",
    "an instruction": b"<?b c?><a><?d e?>f</a>",
    "64 levels": b"<a>" * 64 + b"</a>" * 64,
    "as many elements as may be": b"<a>" + b"<b/>" * (document.MAXIMUM_ELEMENTS - 1) + b"</a>",
    "an encoding that it does not have": b'<?xml version="1.0" encoding="utf-16"?><a>\xc3\xa9</a>',
}


def verdict(parser: Parser, data: bytes) -> object:
    """Return all that a parser makes of a document: its tree in full, or its refusal."""
    try:
        root = parser(data)
    except WsmanError as error:
        return error.kind, error.came_back
    return [(each.tag, dict(each.attrib), each.text, each.tail, len(each)) for each in root.iter()]


@in_turn("name", small(UNUSUAL))
def test_an_unusual_document_is_read_alike(name: str) -> None:
    read_alike(UNUSUAL[name])


@pytest.mark.long
@in_turn("name", large(UNUSUAL))
def test_so_is_one_with_as_many_elements_as_may_be(name: str) -> None:
    read_alike(UNUSUAL[name])


def read_alike(data: bytes) -> None:
    read = verdict(document.parse, data)
    assert isinstance(read, list)
    assert read == verdict(document.parse_strictly, data)


PIECES = st.sampled_from(
    [
        b"<a>", b"</a>", b"<b c='d'/>", b"<x:e xmlns:x='urn:x'>", b"</x:e>", b"text", b"&lt;",
        b"&#233;", b"&#0;", b"&n;", b"<!-- a -->", b"<![CDATA[<a>]]>", b"<!DOCTYPE a>", b"<!",
        b'<!DOCTYPE a [<!ENTITY n "m">]>', b"<?p i?>", b"<?xml version='1.0'?>", b"\xef\xbb\xbf",
        b"\xff\xfe", b"\xfe\xff", b"\0", b"<\0", b"\0<", b"\xc3\xa9", b"\xe9", b"]]>", b"\r\n", ROW,
        "<!DOCTYPE a>".encode("utf-16-le"), "<a/>".encode("utf-16-le"), b"<a>" * 33, b"</a>" * 33,
    ]
)  # fmt: skip


def damaged() -> st.SearchStrategy[bytes]:
    at = st.integers(0, len(SOUND))
    return st.builds(lambda a, n, junk: SOUND[:a] + junk + SOUND[a + n :], at, at, PIECES)


@examples(1_600)
@given(
    st.lists(PIECES, max_size=8).map(b"".join)
    | st.binary()
    | damaged()
    | st.builds(lambda parts: b"<r>" + b"".join(parts) + b"</r>", st.lists(PIECES, max_size=6))
    | st.text("<>/!ab&;[]", max_size=30).map(lambda each: each.encode("utf-16"))
)
@example(SOUND)
@example(SOUND.decode().encode("utf-16"))
def test_both_parsers_make_the_same_of_any_bytes(data: bytes) -> None:
    assert verdict(document.parse, data) == verdict(document.parse_strictly, data)


def test_a_reply_as_windows_sends_it_never_meets_the_slow_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(_data: bytes) -> Element:
        raise AssertionError("it was read by the strict parser")

    monkeypatch.setattr(document, "parse_strictly", slow)
    assert document.parse(SOUND).tag.endswith("Envelope")
