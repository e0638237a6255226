"""Readers of what hosts send, over arbitrary values and arbitrary bytes."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import fromstring

import pytest
import requests
import wsman_replies as soap
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.text import one_line
from livemigration.facts.cim import CimType, CimValue, ObjectReference, WmiClass, WmiProperty
from livemigration.facts.model import FailureKind
from livemigration.wsman import clixml, codes, document, envelope, items
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.faults import read_fault
from livemigration.wsman.namespaces import ADDRESSING, CIM, FAULT, WMI_ERROR, WSMAN, XSI
from livemigration.wsman.requests_poster import spelt

XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
)

INTEGERS = [each for each in CimType if each.is_integer]


def element(inner: str, attributes: str = "") -> str:
    return f"<p:V {attributes}>{inner}</p:V>"


def read(kind: CimType, *values: str, array: bool = False) -> CimValue:
    """Read property elements `p:V` as a class instance and as a fragment; both must agree."""
    wmi_class = WmiClass("root/x", "C", (WmiProperty("V", kind, array=array),))
    declared = f'xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}" xmlns:cim="{CIM}" xmlns:xsi="{XSI}"'
    inner = "".join(values)
    instance = f'<p:C {declared} xmlns:p="urn:x">{inner}</p:C>'
    bare = inner.replace("<p:V", "<V").replace("</p:V", "</V").replace("cim:", "")
    fragment = f"<w:XmlFragment {declared}>{bare}</w:XmlFragment>"
    read_back = [
        items.to_row(items.read_item(fromstring(text)), wmi_class)  # noqa: S314 - our own text
        for text in (instance, fragment)
    ]
    assert dict(read_back[0]) == dict(read_back[1])
    return read_back[0]["v"]


@given(XML_TEXT)
def test_strings(text: str) -> None:
    assert read(CimType.STRING, element(envelope.xml_text(text))) == text


@given(st.lists(XML_TEXT, min_size=1, max_size=4))
def test_arrays_stay_arrays(texts: list[str]) -> None:
    values = [element(envelope.xml_text(text)) for text in texts]
    assert read(CimType.STRING, *values, array=True) == tuple(texts)


@in_turn("array", [True, False])
@in_turn("kind", list(CimType))
def test_null(kind: CimType, array: bool) -> None:
    assert read(kind, element("", 'xsi:nil="true"'), array=array) is None


@given(st.sampled_from(INTEGERS), st.integers(-(2**65), 2**65))
def test_integers_within_their_bounds(kind: CimType, number: int) -> None:
    least, greatest = kind.bounds
    if least <= number <= greatest:
        assert read(kind, element(str(number))) == number
    else:
        with pytest.raises(WsmanError, match=r"C\.V"):
            read(kind, element(str(number)))


@given(
    st.datetimes(),
    st.integers(-14 * 60, 14 * 60),
    st.integers(0, 6),
)
def test_dates(moment: datetime, minutes: int, digits: int) -> None:
    moment = moment.replace(
        microsecond=moment.microsecond // 10 ** (6 - digits) * 10 ** (6 - digits)
    )
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    sign, distance = "-" if minutes < 0 else "+", abs(minutes)
    offset = f"{sign}{distance // 60:02}:{distance % 60:02}" if minutes else "Z"
    text = f"{moment:%H:%M:%S}{fraction}{offset}"
    date = f"{moment.year:04}-{moment.month:02}-{moment.day:02}T"
    zone = timezone(timedelta(minutes=minutes)) if minutes else UTC
    value = read(CimType.DATETIME, element(f"<cim:Datetime>{date}{text}</cim:Datetime>"))
    assert value == moment.replace(tzinfo=zone)


@given(st.integers(0, 10**6), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_intervals(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"<cim:Interval>P{days}DT{hours}H{minutes}M{seconds}.5S</cim:Interval>"
    expected = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=500)
    assert read(CimType.DATETIME, element(text)) == expected


@pytest.mark.parametrize("wrapped", [True, False])
def test_references(wrapped: bool) -> None:
    inner = (
        "<a:Address>http://x</a:Address><a:ReferenceParameters><w:ResourceURI>urn:c"
        '</w:ResourceURI><w:SelectorSet><w:Selector Name="A">1</w:Selector>'
        '<w:Selector Name="B"></w:Selector></w:SelectorSet></a:ReferenceParameters>'
    )
    if wrapped:
        inner = f"<a:EndpointReference>{inner}</a:EndpointReference>"
    value = read(CimType.REFERENCE, element(inner))
    assert value == ObjectReference("urn:c", (("A", "1"), ("B", "")))


@in_turn(
    "kind, values",
    [
        (CimType.BOOLEAN, ["yes"]),
        (CimType.BOOLEAN, ["2"]),
        (CimType.UINT32, ["true"]),
        (CimType.UINT32, [""]),
        (CimType.UINT32, ["1.0"]),
        (CimType.UINT32, ["٣"]),
        (CimType.UINT64, ["9" * 5000]),
        (CimType.STRING, ["a", "b"]),
        (CimType.STRING, ["<cim:Datetime>2013-04-15T16:28:43Z</cim:Datetime>"]),
        (CimType.DATETIME, ["2013-04-15T16:28:43Z"]),
        (CimType.DATETIME, ["<cim:Datetime>2013-02-30T16:28:43Z</cim:Datetime>"]),
        (CimType.DATETIME, ["<cim:Datetime>2013-04-15T16:28:43</cim:Datetime>"]),
        (CimType.DATETIME, ["<cim:Datetime>2013-04-15T16:28:43+99:00</cim:Datetime>"]),
        (CimType.DATETIME, ["<cim:Datetime></cim:Datetime>"]),
        (CimType.DATETIME, ["<cim:Interval>P</cim:Interval>"]),
        (CimType.DATETIME, ["<cim:Interval>P1Y</cim:Interval>"]),
        (CimType.REFERENCE, ["x"]),
        (CimType.REFERENCE, ["<a:Address/>"]),
        (CimType.STRING, ["<other/>"]),
    ],
)
def test_values_that_do_not_fit_name_class_and_property(kind: CimType, values: list[str]) -> None:
    with pytest.raises(WsmanError, match=r"C\.V") as caught:
        read(kind, *(element(value) for value in values))
    assert caught.value.kind is FailureKind.PROTOCOL


@pytest.mark.parametrize(("text", "value"), [("true", True), ("false", False), ("1", True)])
def test_booleans(text: str, value: bool) -> None:
    assert read(CimType.BOOLEAN, element(text)) is value


def fault_in(body: str) -> WsmanFault:
    found = read_fault(document.parse(soap.envelope(body)))
    assert found is not None
    return found


@given(st.integers(0, 2**32 - 1), XML_TEXT)
def test_faults(code: int, reason: str) -> None:
    fault = fault_in(soap.fault(code, envelope.xml_text(reason)))
    denied = code in codes.ACCESS_DENIED
    assert fault.code == code
    assert fault.kind is (FailureKind.ACCESS_DENIED if denied else FailureKind.FAULT)
    assert fault.reason == one_line(reason)


@given(st.sampled_from(sorted(codes.ACCESS_DENIED)))
def test_signed_codes_are_the_same_codes(code: int) -> None:
    signed = code - 2**32 if code >= 2**31 else code
    assert fault_in(soap.fault(signed)).code == code


def test_nested_provider_faults() -> None:
    inner = (
        '<f:ProviderFault provider="WMI" path="x"><f:WSManFault Code="2147749891" Machine="h">'
        "<f:Message>Zugriff verweigert</f:Message></f:WSManFault><f:ExtendedError>"
        '<p:__ExtendedStatus xmlns:p="urn:p"><p:StatusCode>87</p:StatusCode>'
        "</p:__ExtendedStatus></f:ExtendedError></f:ProviderFault>"
    )
    detail = (
        f'<s:Fault><s:Detail><f:WSManFault xmlns:f="{FAULT}" Code="2150858778" Machine="">'
        f"<f:Message>{inner}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    fault = fault_in(detail)
    assert (fault.code, fault.provider_codes) == (2150858778, (0x80041003, 87))
    assert fault.kind is FailureKind.ACCESS_DENIED
    assert "WBEM_E_ACCESS_DENIED" in fault.came_back


def test_the_other_form_of_detail() -> None:
    fault = fault_in(
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:QuotaLimit</s:Value>"
        "</s:Subcode></s:Code><s:Reason><s:Text>Zu viele.</s:Text></s:Reason><s:Detail>"
        f'<p:MSFT_WmiError xmlns:p="{WMI_ERROR}"><p:error_Code>2150859173</p:error_Code>'
        "<p:MessageID>HRESULT 0x803381a5</p:MessageID></p:MSFT_WmiError></s:Detail></s:Fault>"
    )
    assert (fault.code, fault.subcode) == (0x803381A5, "QuotaLimit")
    assert "QUOTA_MAX_SHELLS" in fault.came_back
    assert "quotas" in fault.next_step


@given(st.text(max_size=30))
def test_clixml_escapes(text: str) -> None:
    units = text.encode("utf-16-le", errors="surrogatepass")
    escaped = "".join(
        f"_x{int.from_bytes(units[at : at + 2], 'little'):04X}_" for at in range(0, len(units), 2)
    )
    expected = units.decode("utf-16-le", errors="replace")
    assert clixml.decode_escapes(escaped) == expected


@given(st.lists(st.tuples(st.sampled_from(["Error", "progress", "warning"]), XML_TEXT)))
def test_clixml_keeps_the_error_stream(lines: list[tuple[str, str]]) -> None:
    strings = "".join(
        f'<S S="{name}">{envelope.xml_text(text.replace("_", ""))}</S>' for name, text in lines
    )
    errors = "".join(text.replace("_", "") for name, text in lines if name == "Error")
    output = f'#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="urn:x">{strings}</Objs>'
    assert clixml.error_text(output.encode()) == errors.strip()[: clixml.LONGEST_TEXT].strip()


def test_clixml_that_is_not_there_or_damaged() -> None:
    assert clixml.error_text(b"plain \xff") == "plain \ufffd"
    assert clixml.error_text(b"#< CLIXML\r\n<Objs") == "<Objs"
    assert clixml.error_text(b"before\r\n#< CLIXML\r\n") == "before"
    assert len(clixml.error_text(b"x" * 10**6)) == clixml.LONGEST_TEXT


HEAD = '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="urn:x">'
PROGRESS = '<Obj S="progress" RefId="0"><MS><I64 N="SourceId">1</I64></MS></Obj>'


@in_turn("closed", ["", "</Objs>"])
@in_turn(
    "written",
    [
        HEAD + '<S S="warning">Some names have unapproved verbs._x000D__x000A_</S>',
        HEAD + PROGRESS,
        HEAD + PROGRESS + '<S S="verbose">loaded &lt;it&gt;</S>' + PROGRESS,
        HEAD,
        "#< CLIXML\r\n",
    ],
)
def test_the_reason_of_a_process_that_ended_itself_is_not_lost_behind_its_clixml(
    written: str, closed: str
) -> None:
    closed = closed if "<Objs" in written else ""
    for said in ("It did not end in time.", "Cannot bind <name> & 'x'."):
        assert clixml.error_text(f"{written}{closed}{said}".encode()) == said


def test_an_error_in_clixml_that_broke_off_is_said_without_its_tags() -> None:
    written = f'{HEAD}<S S="Error">a &lt; b_x000D__x000A_</S><S S="Error">c_x000D__x000A_</S>'
    assert clixml.error_text(written.encode()) == "a < b\nc"
    assert clixml.error_text(f"{written}and this".encode()) == "a < b\nc\nand this"


@given(st.text())
def test_what_is_sent_is_well_formed_or_refused(text: str) -> None:
    message = envelope.Message("urn:a", "urn:r", "", selectors=((text, text),))
    try:
        data = message.render(to="http://h/wsman", session_id="uuid:1", operation_timeout=20)
    except WsmanError:
        return
    (selector,) = document.parse(data).iter(f"{{{WSMAN}}}Selector")
    assert (selector.get("Name"), selector.text or "") == (text, text)


def broken_envelopes() -> st.SearchStrategy[bytes]:
    sound = soap.envelope(soap.page("<w:XmlFragment><A>1</A></w:XmlFragment>"), "uuid:1")
    cut = st.integers(0, len(sound))
    return st.builds(
        lambda at, size, junk: sound[:at] + junk + sound[at + size :], cut, cut, st.binary()
    )


READERS: list[Callable[[bytes], object]] = [
    document.parse,
    soap.read_items,
    lambda data: envelope.read_reply(data, "uuid:1"),
    lambda data: envelope.read_reply(data, None),
]


@pytest.mark.parametrize("reader", READERS)
@given(data=st.one_of(st.binary(), broken_envelopes()))
def test_arbitrary_bytes_are_read_or_refused(
    reader: Callable[[bytes], object], data: bytes
) -> None:
    with contextlib.suppress(WsmanError):
        reader(data)


@given(st.binary())
def test_arbitrary_errors_of_programs(data: bytes) -> None:
    assert len(clixml.error_text(data)) <= clixml.LONGEST_TEXT
    clixml.error_text(b"#< CLIXML" + data)
    clixml.error_text(b"#< CLIXML<Objs>" + base64.b16encode(data) + b"</Objs>")


@pytest.mark.long
@pytest.mark.parametrize(
    "data",
    [
        b"<a>" * 65 + b"</a>" * 65,
        b"<a>" + b"<b/>" * 200_000 + b"</a>",
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>&undefined;</a>",
        b'<?xml version="1.0" encoding="utf-7"?><a',
        b"",
    ],
)
def test_documents_beyond_the_bounds(data: bytes) -> None:
    with pytest.raises(WsmanError) as caught:
        document.parse(data)
    assert caught.value.kind is FailureKind.PROTOCOL


def test_documents_within_the_bounds() -> None:
    assert document.parse(b"\xef\xbb\xbf" + b"<a>" * 64 + b"</a>" * 64).tag == "a"


@given(
    st.sampled_from(["http", "https"]),
    st.text("aZ09.-_[:]%", min_size=1) | st.ip_addresses(v=4).map(str),
    st.integers(0, 70_000).map(str) | st.text("0159", min_size=1),
)
def test_a_url_is_spelt_as_requests_spells_it(scheme: str, host: str, port: str) -> None:
    url = f"{scheme}://{host}:{port}/wsman"
    try:
        theirs = requests.Request("POST", url).prepare().url
    except requests.exceptions.InvalidURL:
        with pytest.raises(requests.exceptions.InvalidURL):
            spelt(url)
    else:
        assert spelt(url) == theirs
