"""What the lab answers a message does not depend on the messages that came before."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.lab import envelopes
from livemigration.lab.faults import LabFault
from livemigration.lab.soap import Request
from livemigration.wsman import namespaces as ns

ONE, OTHER, THIRD, FOURTH = (
    f"uuid:{each * 8}-{each * 4}-{each * 4}-{each * 4}-{each * 12}" for each in "ABCD"
)
HERE, THERE = "http://127.77.1.11:5985/wsman", "http://127.77.1.12:5985/wsman"
ACTION = f"{{{ns.ADDRESSING}}}Action"
ANYWHERE = st.sampled_from(
    [
        "",
        "<a:Action>one</a:Action>",
        "<a:Action>other</a:Action>",
        f"<a:MessageID>{ONE}</a:MessageID>",
        f"<a:MessageID>{OTHER}</a:MessageID>",
        "<a:MessageID></a:MessageID>",
        "<a:MessageID>uuid:1</a:MessageID>",
        f"<!-- <a:MessageID>{ONE}</a:MessageID> -->",
        f"<![CDATA[<a:MessageID>{OTHER}</a:MessageID>]]>",
        f"<a:To>{HERE}</a:To>",
        f"<a:To>{THERE}</a:To>",
        f"<b:To>{THERE}</b:To>",
        f'<p:SessionId s:mustUnderstand="false">{ONE}</p:SessionId>',
        f'<p:SessionId s:mustUnderstand="false">{OTHER}</p:SessionId>',
        f'<w:Option Name="PolicyStore">{HERE}</w:Option>',
        f'<w:Option Name="PolicyStore">{ONE}</w:Option>',
        f"<w:ResourceURI>{THERE}</w:ResourceURI>",
        "&amp;",
        "&unknown;",
        "<open>",
    ]
)
HEADERS = BODIES = st.lists(ANYWHERE, max_size=4).map("".join)


@pytest.fixture(autouse=True)
def _none_kept() -> Iterator[None]:
    envelopes._kept.clear()
    yield
    envelopes._kept.clear()


def message(header: str, body: str = "") -> bytes:
    spaces = (
        f'xmlns:s="{ns.SOAP}" xmlns:a="{ns.ADDRESSING}" xmlns:b="urn:other" '
        f'xmlns:w="{ns.WSMAN}" xmlns:p="{ns.MICROSOFT_WSMAN}"'
    )
    return (
        f"<s:Envelope {spaces}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def usual(action: str = "one", number: str = ONE, session: str = THIRD, to: str = HERE) -> bytes:
    return message(
        f"<a:Action>{action}</a:Action><a:MessageID>{number}</a:MessageID>"
        f'<p:SessionId s:mustUnderstand="false">{session}</p:SessionId><a:To>{to}</a:To>'
    )


def said(data: bytes) -> object:
    """Return what the lab answers a message by: all but the session, and where it was sent to."""
    try:
        asked = Request(data)
    except ValueError as error:
        return str(error)
    option = asked.option("PolicyStore")
    return asked.message_id, asked.action, asked.resource, asked.text(ACTION), option


def number(text: str) -> str:
    return f"<a:MessageID>{text}</a:MessageID>"


# Messages whose number is not what stands first, or alone, where a number usually stands.
WITHIN = f"<b:within>{number('uuid:1')}</b:within>"
IN_COMMENTS = [(f"<!-- {number(each)} -->{number(ONE)}", "") for each in (ONE, OTHER)]


@given(st.lists(st.tuples(HEADERS, BODIES), min_size=2, max_size=5))
@example([(number(ONE), ""), (number(OTHER), "")])
@example([(WITHIN + number(ONE), ""), (WITHIN + number(OTHER), "")])
@example(IN_COMMENTS)
@examples(400)
def test_a_message_is_understood_as_if_it_were_the_first(texts: list[tuple[str, str]]) -> None:
    envelopes._kept.clear()
    in_a_row = [said(message(*each)) for each in texts]
    alone = []
    for each in texts:
        envelopes._kept.clear()
        alone.append(said(message(*each)))
    assert in_a_row == alone


def test_messages_that_differ_in_what_is_their_own_are_parsed_once() -> None:
    first = Request(usual())
    other = Request(usual(number=OTHER, session=FOURTH, to=THERE))
    assert other.root is first.root
    assert (first.message_id, other.message_id) == (ONE, OTHER)
    assert Request(usual("other")).root is not first.root


@in_turn(
    "differing",
    [
        # The number stands twice, so that it may be an answer's as well.
        [message(f"<a:MessageID>{each}</a:MessageID>", each) for each in (ONE, OTHER)],
        # It is none of the header's.
        [message("", f"<a:MessageID>{each}</a:MessageID>") for each in (ONE, OTHER)],
        [usual(to=each).replace(b"a:To", b"b:To") for each in (HERE, THERE)],
    ],
)
def test_what_may_be_more_than_a_messages_own_is_parsed_each_time(differing: list[bytes]) -> None:
    one, other = map(Request, differing)
    assert one.root is not other.root
    assert ET.tostring(one.root) != ET.tostring(other.root)


def test_a_header_that_is_not_understood_is_refused_each_time() -> None:
    for number in (ONE, OTHER):
        strange = f'<b:Strange s:mustUnderstand="true"/><a:MessageID>{number}</a:MessageID>'
        with pytest.raises(LabFault):
            Request(message(strange)).check_headers()


def test_a_long_message_is_not_kept() -> None:
    # Such as what a program is given to read.
    assert not Request(usual("x" * envelopes.LONGEST_KEPT)).text(f"{{{ns.WSMAN}}}Filter")
    assert not envelopes._kept


def test_no_more_messages_are_kept_than_a_lab_has_room_for() -> None:
    for each in range(envelopes.MOST_KEPT + 1):
        Request(usual(f"action {each}"))
    assert len(envelopes._kept) == envelopes.MOST_KEPT
