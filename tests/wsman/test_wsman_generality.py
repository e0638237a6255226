"""Replies that no capture at hand holds, in the forms that the protocol and CIM allow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import wsman_replies as soap
from in_turn import in_turn

from livemigration.facts.cim import CimType, CimValue, ObjectReference, WmiClass, WmiProperty
from livemigration.wsman import document, items
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.items import RawItem, RawValue, ValueForm

REFERENCE = (
    "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"
    "<a:ReferenceParameters><w:ResourceURI>urn:c</w:ResourceURI><w:SelectorSet>"
    '<w:Selector Name="Name">vmms</w:Selector></w:SelectorSet></a:ReferenceParameters>'
)
VMMS = ObjectReference("urn:c", (("Name", "vmms"),))
ENDPOINT = f"<a:EndpointReference>{REFERENCE}</a:EndpointReference>"


def item_in(content: str) -> RawItem:
    """Read the only item of a page."""
    (item,) = soap.read_items(soap.envelope(soap.page(content)))
    return item


def values_in(properties: str, attributes: str = "") -> dict[str, tuple[RawValue, ...]]:
    return dict(item_in(f'<p:C xmlns:p="urn:c" {attributes}>{properties}</p:C>').properties)


@in_turn(
    "written, text",
    [
        ("a &amp; b &#x263A; &#233;", "a & b ☺ é"),
        ("<![CDATA[a < b && c]]>", "a < b && c"),
        ("a <![CDATA[<]]> b", "a < b"),
        ("a<!-- a note -->b", "ab"),
        ("a<?note?>b", "ab"),
        ("<!-- only a note -->", ""),
        ("  kept  ", "  kept  "),
        ("two\nlines", "two\nlines"),
        ("two\r\nlines", "two\nlines"),
        ("two&#13;&#10;lines", "two\r\nlines"),
        ("", ""),
        (r"\\.\PHYSICALDRIVE0", r"\\.\PHYSICALDRIVE0"),
        ("18446744073709551615", "18446744073709551615"),
        ("-9223372036854775808", "-9223372036854775808"),
        # Reals and char16 are kept as they came; the suite reads none.
        ("1.7976931348623157E+308", "1.7976931348623157E+308"),
        ("65", "65"),
    ],
)
def test_a_text_is_kept_however_it_is_written(written: str, text: str) -> None:
    assert values_in(f"<p:A>{written}</p:A>") == {"A": (RawValue(ValueForm.TEXT, text),)}


@in_turn(
    "attributes",
    ['xsi:type="cim:cimString"', 'xml:lang="de-DE"', 'p:any="x"', 'xml:space="preserve"'],
)
def test_attributes_change_nothing_in_a_value(attributes: str) -> None:
    assert values_in(f"<p:A {attributes}>x</p:A>") == {"A": (RawValue(ValueForm.TEXT, "x"),)}


@pytest.mark.parametrize("nil", ['xsi:nil="true"', "xsi:nil='1'", 'xsi:nil="true" xsi:type="x"'])
def test_null_in_each_of_its_spellings(nil: str) -> None:
    assert values_in(f"<p:A {nil}/><p:B {nil}></p:B>") == {
        "A": (RawValue(ValueForm.NIL),),
        "B": (RawValue(ValueForm.NIL),),
    }


def test_an_attribute_that_says_not_null_leaves_an_empty_text() -> None:
    assert values_in('<p:A xsi:nil="false"/>') == {"A": (RawValue(ValueForm.TEXT, ""),)}


def test_white_space_between_elements_is_nothing() -> None:
    content = f"""
        <p:C xmlns:p="urn:c">
            <p:Array>a</p:Array>
            <!-- in between -->
            <p:Array>b</p:Array>
            <p:When>
                <cim:Datetime> 2020-02-29T23:59:59Z </cim:Datetime>
            </p:When>
            <p:Owner>
                {REFERENCE}
            </p:Owner>
        </p:C>
    """
    assert item_in(content) == RawItem(
        "C",
        {
            "Array": (RawValue(ValueForm.TEXT, "a"), RawValue(ValueForm.TEXT, "b")),
            "When": (RawValue(ValueForm.DATETIME, "2020-02-29T23:59:59Z"),),
            "Owner": (RawValue(ValueForm.REFERENCE, reference=VMMS),),
        },
    )


def test_each_property_may_have_a_prefix_of_its_own() -> None:
    content = (
        '<C xmlns="urn:c"><A>1</A><q:B xmlns:q="urn:c">2</q:B><p:D xmlns:p="urn:base">3</p:D></C>'
    )
    item = item_in(content)
    assert (item.class_name, item.text("A"), item.text("B"), item.text("D")) == ("C", "1", "2", "3")


def test_an_array_of_references_keeps_each_in_its_place() -> None:
    other = REFERENCE.replace("vmms", "second")
    wrapped = f"<a:EndpointReference>{other}</a:EndpointReference>"
    found = values_in(f"<p:A>{REFERENCE}</p:A><p:A>{wrapped}</p:A>")
    assert [each.reference for each in found["A"]] == [
        VMMS,
        ObjectReference("urn:c", (("Name", "second"),)),
    ]


def test_an_embedded_instance_keeps_its_class_and_properties() -> None:
    (value,) = values_in(
        '<p:A xmlns:d="urn:d" xsi:type="d:Msvm_D_Type"><d:Name>x</d:Name>'
        '<d:Nothing xsi:nil="true"/>'
        "<d:Since><cim:Interval>P1D</cim:Interval></d:Since></p:A>"
    )["A"]
    assert value == RawValue(
        ValueForm.EMBEDDED,
        embedded=RawItem(
            "Msvm_D",
            {
                "Name": (RawValue(ValueForm.TEXT, "x"),),
                "Nothing": (RawValue(ValueForm.NIL),),
                "Since": (RawValue(ValueForm.INTERVAL, "P1D"),),
            },
        ),
    )


def test_a_key_that_is_a_reference_itself_is_not_taken_for_a_text() -> None:
    nested = REFERENCE.replace(">vmms<", f">{ENDPOINT}<")
    (value,) = values_in(f"<p:A>{nested}</p:A>")["A"]
    assert (value.form, value.reference) == (ValueForm.EMBEDDED, None)


@in_turn(
    "content, expected",
    [
        (ENDPOINT, RawItem(None, {}, VMMS)),
        (
            f'<w:Item><p:C xmlns:p="urn:c"><p:A>1</p:A></p:C>{ENDPOINT}</w:Item>',
            RawItem("C", {"A": (RawValue(ValueForm.TEXT, "1"),)}, VMMS),
        ),
        (
            "<w:Item><w:XmlFragment><A>1</A></w:XmlFragment></w:Item>",
            RawItem(None, {"A": (RawValue(ValueForm.TEXT, "1"),)}),
        ),
        ("<w:XmlFragment/>", RawItem(None, {})),
        ('<p:C xmlns:p="urn:c"/>', RawItem("C", {})),
    ],
)
def test_items_with_a_wrapper_and_items_that_are_references(
    content: str, expected: RawItem
) -> None:
    assert item_in(content) == expected


WHEN = WmiClass("root/x", "C", (WmiProperty("When", CimType.DATETIME),))
EAST = timezone(timedelta(hours=8))


def when(content: str, form: str) -> CimValue:
    if form == "fragment":
        bare = content.replace("cim:", "")
        return items.to_row(item_in(f"<w:XmlFragment><When>{bare}</When></w:XmlFragment>"), WHEN)[
            "When"
        ]
    return items.to_row(item_in(f'<p:C xmlns:p="urn:c"><p:When>{content}</p:When></p:C>'), WHEN)[
        "When"
    ]


@in_turn("form", ["fragment", "class"])
@in_turn(
    "content, expected",
    [
        ("<cim:Datetime>2013-04-15T16:28:43Z</cim:Datetime>", (0, UTC)),
        ("<cim:Datetime>2013-04-15T16:28:43.5Z</cim:Datetime>", (500_000, UTC)),
        ("<cim:Datetime>2013-04-15T16:28:43.48Z</cim:Datetime>", (480_000, UTC)),
        ("<cim:Datetime>2013-04-15T16:28:43.488Z</cim:Datetime>", (488_000, UTC)),
        ("<cim:Datetime>2013-04-15T16:28:43.4881Z</cim:Datetime>", (488_100, UTC)),
        ("<cim:Datetime>2013-04-15T16:28:43.46875+08:00</cim:Datetime>", (468_750, EAST)),
        ("<cim:Datetime>2013-04-15T16:28:43.488171+00:00</cim:Datetime>", (488_171, UTC)),
        ("<cim:Datetime>2013-04-15T16:28:43.4881719Z</cim:Datetime>", (488_171, UTC)),
        ("<cim:CIM_DateTime>20130415162843.488171+480</cim:CIM_DateTime>", (488_171, EAST)),
        ("20130415162843.000001+000", (1, UTC)),
    ],
)
def test_a_date_in_each_of_its_forms(
    form: str, content: str, expected: tuple[int, timezone]
) -> None:
    fraction, zone = expected
    found = when(content, form)
    assert isinstance(found, datetime)
    assert found == datetime(2013, 4, 15, 16, 28, 43, fraction, tzinfo=zone)
    assert found.utcoffset() == zone.utcoffset(None)


@in_turn("form", ["fragment", "class"])
@in_turn(
    "content, seconds",
    [
        ("<cim:Interval>P0DT0H1M40S</cim:Interval>", 100),
        ("<cim:Interval>P0DT0H30M0S</cim:Interval>", 1800),
        ("<cim:Interval>PT7200.000S</cim:Interval>", 7200),
        ("<cim:Interval>P1DT0H0M0.25S</cim:Interval>", 86400.25),
        ("<cim:Interval>P2D</cim:Interval>", 172800),
        ("<cim:CIM_DateTime>00000001000140.250000:000</cim:CIM_DateTime>", 86500.25),
    ],
)
def test_a_length_of_time_in_each_of_its_forms(form: str, content: str, seconds: float) -> None:
    assert when(content, form) == timedelta(seconds=seconds)


@in_turn("form", ["fragment", "class"])
@in_turn(
    "content",
    [
        "<cim:CIM_DateTime>20130415******.******+480</cim:CIM_DateTime>",
        "<cim:CIM_DateTime>********162843.488171+***</cim:CIM_DateTime>",
        "<cim:CIM_DateTime>00000001******.******:000</cim:CIM_DateTime>",
        "<cim:Date>2013-04-15</cim:Date>",
        "<cim:Time>16:28:43Z</cim:Time>",
        "20130415162843.488171",
        "20130230162843.488171+000",
        "20130415162843.488171:060",
        "not a date",
        "",
    ],
)
def test_a_date_of_which_parts_are_not_known_is_never_guessed(form: str, content: str) -> None:
    with pytest.raises(WsmanError, match=r"C\.When is not usable"):
        when(content, form)


@in_turn(
    "name, text",
    [
        ("CIM_DateTime", "20130415******.******+480"),
        ("CIM_DateTime", "20130415162843.488171+480"),
        ("Date", "2013-04-15"),
        ("Time", "16:28:43Z"),
    ],
)
def test_what_is_known_of_a_date_is_in_the_raw_value(name: str, text: str) -> None:
    found = values_in(f"<p:A><cim:{name}>{text}</cim:{name}></p:A>")
    assert found == {"A": (RawValue(ValueForm.CIM_DATETIME, text),)}


def documents() -> dict[str, bytes]:
    """Return one reply in several encodings."""
    text = soap.envelope(soap.page("<w:XmlFragment><A>é☺</A></w:XmlFragment>")).decode()
    declared = '<?xml version="1.0" encoding="{}"?>'
    return {
        "with a mark": b"\xef\xbb\xbf" + text.encode(),
        "declared": (declared.format("UTF-8") + text).encode(),
        "standalone": ('<?xml version="1.0" standalone="yes"?>\r\n' + text).encode(),
        "with a mark and declared": b"\xef\xbb\xbf" + (declared.format("utf-8") + text).encode(),
        # What a program kept as text, and wrote again.
        "declared as what it was": (declared.format("UTF-16") + text).encode(),
        "UTF-16": (declared.format("UTF-16") + text).encode("utf-16"),
        "UTF-16, big-endian": b"\xfe\xff" + (declared.format("UTF-16") + text).encode("utf-16-be"),
        "with notes around": f"<!-- a -->{text}<!-- b -->\n".encode(),
        "single quotes": text.replace('"', "'").encode(),
    }


@in_turn("name", documents())
def test_a_document_in_each_encoding_and_notation(name: str) -> None:
    (item,) = soap.read_items(documents()[name])
    assert item.text("A") == "é☺"


@in_turn("data", [b"\xff\xfea", b"\xfe\xff\xd8\x00\x00", b"\xff\xfe", b"\xffx"])
def test_broken_utf_16_is_refused(data: bytes) -> None:
    with pytest.raises(WsmanError, match="not XML"):
        document.parse(data)


# Where the time for one more value grows with those before it, this takes minutes and the time
# limit of every test ends it; a shorter one would end it on a busy machine as well.
@pytest.mark.long
def test_an_array_as_long_as_a_document_may_be_is_read_at_once() -> None:
    count = document.MAXIMUM_ELEMENTS - 1
    root = document.parse(b"<C>" + b"<A/>" * count + b"</C>")
    assert len(items.read_item(root).properties["A"]) == count


def test_items_of_another_namespace_are_not_the_protocols() -> None:
    page = soap.page("").replace("<w:Items>", '<o:Items xmlns:o="urn:o"><o:X/></o:Items><w:Items>')
    assert soap.read_items(soap.envelope(page)) == ()
