"""Rows that are read at once are those that any instance would be read to."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest
import wsman_replies as soap
from hypothesis import example, given
from hypothesis import strategies as st
from properties import examples

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiRow
from livemigration.wsman import document, fragments
from livemigration.wsman.enumeration import read_page
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.fragments import rows_of
from livemigration.wsman.items import read_item, to_row
from livemigration.wsman.namespaces import SOAP

CLASS = WmiClass(
    "root/x",
    "C",
    (
        WmiProperty("Name", CimType.STRING),
        WmiProperty("Ports", CimType.STRING, array=True),
        WmiProperty("Action", CimType.UINT16),
        WmiProperty("Bits", CimType.UINT8, array=True),
        WmiProperty("On", CimType.BOOLEAN),
        WmiProperty("When", CimType.DATETIME),
        WmiProperty("Who", CimType.REFERENCE),
    ),
)
ENDPOINT = (
    "<a:EndpointReference><a:ReferenceParameters><w:ResourceURI>urn:c</w:ResourceURI>"
    "</a:ReferenceParameters></a:EndpointReference>"
)
VALUES = st.sampled_from(
    [
        "", "1", " 7 ", "65535", "65536", "-1", "true", "FALSE", "x", "1<!-- 2 -->3", "a<b/>c",
        "<cim:Datetime>2013-04-15T16:28:43Z</cim:Datetime>", "<Datetime>x</Datetime>",
        "20130415162843.488171+060", ENDPOINT,
    ]
)  # fmt: skip
NAMES = st.sampled_from(
    ["Name", "Ports", "Action", "Bits", "On", "When", "Who", "name", "ACTION", "Unasked", "p:Name"]
)
ATTRIBUTES = st.sampled_from(
    ["", "", "", ' xsi:nil="true"', ' xsi:nil="1"', ' xsi:nil="false"', ' xsi:type="string"']
)
CHILDREN = st.builds("<{0}{1} xmlns:p='urn:p'>{2}</{0}>".format, NAMES, ATTRIBUTES, VALUES)
WRAPPED = st.sampled_from(
    [
        "<w:XmlFragment>{}</w:XmlFragment>",
        "<p:C xmlns:p='urn:c'>{}</p:C>",
        "<XmlFragment>{}</XmlFragment>",
    ]
)


def elements(content: str) -> tuple[Element, ...]:
    body = document.parse(soap.envelope(soap.page(content))).find(f"{{{SOAP}}}Body")
    assert body is not None
    return read_page(body).items


def as_any_instance(element: Element) -> dict[str, object] | str:
    try:
        return dict(to_row(read_item(element), CLASS))
    except WsmanError as error:
        return error.came_back


def at_once(element: Element) -> dict[str, object] | str:
    try:
        (row,) = rows_of([element], CLASS)
    except WsmanError as error:
        return error.came_back
    return dict(row)


@examples(1_600)
@given(WRAPPED, st.lists(CHILDREN, max_size=6))
@example("<w:XmlFragment>{}</w:XmlFragment>", ["<Ports>1</Ports>", "<Ports>2</Ports>"])
@example("<w:XmlFragment>{}</w:XmlFragment>", ["<Bits>1</Bits>", '<Bits xsi:nil="true"/>'])
@example("<w:XmlFragment>{}</w:XmlFragment>", ['<Ports xsi:nil="true"/>', "<Ports>1</Ports>"])
@example("<w:XmlFragment>{}</w:XmlFragment>", ["<Name>1</Name>", "<name>2</name>"])
def test_a_row_is_read_as_any_instance_is(wrapped: str, children: list[str]) -> None:
    (element,) = elements(wrapped.format("".join(children)))
    assert at_once(element) == as_any_instance(element)


def test_a_row_of_plain_texts_takes_no_detour(monkeypatch: pytest.MonkeyPatch) -> None:
    def detour(_element: Element) -> WmiRow:
        raise AssertionError("it was described value by value")

    monkeypatch.setattr(fragments, "read_item", detour)
    row = "<Name>a</Name><Ports>1</Ports><Ports>2</Ports><Action>2</Action><On>true</On>"
    content = f'<w:XmlFragment>{row}<Bits xsi:nil="true"/><New>1</New></w:XmlFragment>' * 2
    for found in rows_of(elements(content), CLASS):
        assert dict(found) == {
            "Name": "a", "Ports": ("1", "2"), "Action": 2, "On": True, "Bits": None
        }  # fmt: skip


# Where the time for one more value grows with those before it, the time limit of every test ends
# this one; a shorter limit would end it on a busy machine as well.
def test_a_long_array_is_read_at_once() -> None:
    count = 150_000
    (element,) = elements(f"<w:XmlFragment>{'<Ports/>' * count}</w:XmlFragment>")
    (row,) = rows_of([element], CLASS)
    assert len(row.texts("Ports")) == count
