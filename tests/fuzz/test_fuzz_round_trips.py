"""What is written in the forms that hosts use is read back to the same values."""

from __future__ import annotations

import re

import wsman_replies as soap
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.base.text import one_line
from livemigration.facts.cim import (
    CimScalar,
    CimType,
    CimValue,
    ObjectReference,
    WmiClass,
    WmiProperty,
)
from livemigration.lab import soap as lab
from livemigration.wsman import clixml, document, envelope
from livemigration.wsman.enumeration import read_page
from livemigration.wsman.envelope import xml_attribute, xml_text
from livemigration.wsman.faults import read_fault
from livemigration.wsman.items import RawItem, RawValue, ValueForm, read_item, to_row
from livemigration.wsman.namespaces import (
    ADDRESSING,
    CIM,
    MICROSOFT_WSMAN,
    SOAP,
    WMI_ERROR,
    WSMAN,
    XSI,
)

QUICK = examples(40)

# What XML 1.0 can carry at all.
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff").filter(
        lambda each: each >= " " or each in "\t\n\r"
    ),
    max_size=20,
)
# These names have a meaning of their own where namespaces are dropped.
MEANINGFUL = {"Datetime", "Interval", "Date", "Time", "CIM_DateTime"}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda each: each not in MEANINGFUL
)
URIS = st.from_regex(r"urn:[a-z/]{1,10}", fullmatch=True)
PAIRS = st.lists(st.tuples(NAMES, TEXT), max_size=3).map(tuple)
CODES = st.integers(0, 2**32 - 1)


@QUICK
@given(PAIRS, PAIRS, URIS, URIS, TEXT)
def test_a_message(
    selectors: envelope.Pairs, options: envelope.Pairs, action: str, uri: str, body: str
) -> None:
    message = envelope.Message(
        action, uri, f"<b>{xml_text(body)}</b>", selectors, options, message_id="uuid:1"
    )
    data = message.render(to=f"{uri}?a&b", session_id="uuid:2", operation_timeout=7)
    root = document.parse(data)
    header, content = root
    assert (header.tag, content.tag) == (f"{{{SOAP}}}Header", f"{{{SOAP}}}Body")
    assert [(each.tag, each.text or "") for each in content] == [("b", body)]
    said = {
        tag: root.findtext(f".//{{{its}}}{tag}")
        for its, tag in [
            (ADDRESSING, "Action"),
            (ADDRESSING, "MessageID"),
            (ADDRESSING, "To"),
            (WSMAN, "ResourceURI"),
            (WSMAN, "OperationTimeout"),
            (MICROSOFT_WSMAN, "SessionId"),
        ]
    }
    assert said == {
        "Action": action,
        "MessageID": "uuid:1",
        "To": f"{uri}?a&b",
        "ResourceURI": uri,
        "OperationTimeout": "PT7S",
        "SessionId": "uuid:2",
    }
    for tag, pairs in (("Selector", selectors), ("Option", options)):
        read = [(each.get("Name"), each.text or "") for each in header.iter(f"{{{WSMAN}}}{tag}")]
        assert read == list(pairs)


DATES = st.builds(
    lambda moment, zone: RawValue(ValueForm.DATETIME, moment.isoformat() + zone),
    st.datetimes(),
    st.sampled_from(["Z", "+05:30", "-08:00"]),
)
INTERVALS = st.integers(0, 10**6).map(
    lambda each: RawValue(ValueForm.INTERVAL, f"P{each}DT1H2M3.5S")
)
IN_PART = st.just(RawValue(ValueForm.CIM_DATETIME, "20200229******.******+060"))
REFERENCES = st.builds(ObjectReference, URIS, PAIRS)


def values_of(items: st.SearchStrategy[RawItem]) -> st.SearchStrategy[RawValue]:
    return st.one_of(
        st.just(RawValue(ValueForm.NIL)),
        TEXT.map(lambda each: RawValue(ValueForm.TEXT, each)),
        DATES,
        INTERVALS,
        IN_PART,
        REFERENCES.map(lambda each: RawValue(ValueForm.REFERENCE, reference=each)),
        items.map(lambda each: RawValue(ValueForm.EMBEDDED, embedded=each)),
    )


def items_of(values: st.SearchStrategy[RawValue], least: int = 0) -> st.SearchStrategy[RawItem]:
    properties = st.dictionaries(
        NAMES,
        st.lists(values, min_size=1, max_size=3).map(tuple),
        min_size=least,
        max_size=4,
    )
    return st.builds(
        RawItem, st.none() | NAMES.filter(lambda each: each[-5:] != "_Type"), properties
    )


ITEMS = items_of(values_of(items_of(values_of(items_of(st.just(RawValue(ValueForm.NIL)), 1)), 1)))


class Hand:
    """Writes an item: `prefix` for properties, `cim` for what is inside them."""

    def __init__(self, prefix: str, cim: str, *, wrapped: bool) -> None:
        self._prefix = prefix
        self._cim = cim
        self._wrapped = wrapped

    def properties(self, item: RawItem) -> str:
        return "".join(
            self._property(f"{self._prefix}{name}", value)
            for name, values in item.properties.items()
            for value in values
        )

    def _property(self, name: str, value: RawValue) -> str:
        if value.form is ValueForm.NIL:
            return f'<{name} xsi:nil="true"/>'
        kind = ""
        if value.embedded is not None and value.embedded.class_name is not None:
            kind = f' xsi:type="p:{value.embedded.class_name}_Type"'
        return f"<{name}{kind}>{self._content(value)}</{name}>"

    def _content(self, value: RawValue) -> str:
        if value.embedded is not None:
            return self.properties(value.embedded)
        if value.reference is not None:
            inner = self._reference(value.reference)
            return f"<a:EndpointReference>{inner}</a:EndpointReference>" if self._wrapped else inner
        element = {
            ValueForm.DATETIME: "Datetime",
            ValueForm.INTERVAL: "Interval",
            ValueForm.CIM_DATETIME: "CIM_DateTime",
        }.get(value.form)
        if element is None:
            return xml_text(value.text)
        return f"<{self._cim}{element}>{value.text}</{self._cim}{element}>"

    def _reference(self, reference: ObjectReference) -> str:
        selectors = "".join(
            f"<w:Selector Name={xml_attribute(name)}>{xml_text(text)}</w:Selector>"
            for name, text in reference.selectors
        )
        return (
            "<a:Address>urn:anonymous</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{reference.resource_uri}</w:ResourceURI>"
            f"<w:SelectorSet>{selectors}</w:SelectorSet></a:ReferenceParameters>"
        )


DECLARED = f'xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}" xmlns:cim="{CIM}" xmlns:xsi="{XSI}"'


def written(item: RawItem, *, wrapped: bool) -> str:
    if item.class_name is None:
        inner = Hand("", "", wrapped=wrapped).properties(item)
        return f"<w:XmlFragment {DECLARED}>{inner}</w:XmlFragment>"
    inner = Hand("p:", "cim:", wrapped=wrapped).properties(item)
    return f'<p:{item.class_name} {DECLARED} xmlns:p="urn:c">{inner}</p:{item.class_name}>'


@QUICK
@given(ITEMS, st.booleans())
def test_an_item(item: RawItem, wrapped: bool) -> None:
    assert read_item(document.parse(written(item, wrapped=wrapped).encode())) == item


@QUICK
@given(
    st.lists(ITEMS, max_size=3).map(tuple),
    st.from_regex(r"uuid:[0-9A-F]{1,8}", fullmatch=True) | st.just(""),
    st.booleans(),
    st.booleans(),
)
def test_a_page(items: tuple[RawItem, ...], context: str, first: bool, ended: bool) -> None:
    inner = "".join(written(each, wrapped=False) for each in items)
    text = soap.page(inner, context=context, first=first, ended=ended)
    body = document.parse(soap.envelope(text)).find(f"{{{SOAP}}}Body")
    assert body is not None
    page = read_page(body)
    assert tuple(map(read_item, page.items)) == items
    assert (page.context, page.ended) == (context, ended)


SCALARS: dict[CimType, st.SearchStrategy[CimScalar]] = {
    CimType.STRING: TEXT.filter(lambda each: "\r" not in each),
    CimType.BOOLEAN: st.booleans(),
    **{kind: st.integers(*kind.bounds) for kind in CimType if kind.is_integer},
}
CLASS = WmiClass(
    "root/x",
    "C",
    tuple(
        WmiProperty(f"{kind.value}{'s' if array else ''}", kind, array=array)
        for kind in SCALARS
        for array in (False, True)
    ),
)


def _values(declared: WmiProperty) -> st.SearchStrategy[CimValue]:
    scalars = SCALARS[declared.type]
    if declared.array:
        return st.none() | st.lists(scalars, min_size=1, max_size=3).map(tuple)
    return st.none() | scalars


ROWS = st.fixed_dictionaries({each.name: _values(each) for each in CLASS.properties})


@QUICK
@given(ROWS)
def test_a_row_of_the_lab_in_both_forms(row: dict[str, CimValue]) -> None:
    """Without carriage returns: how Windows writes them is not known."""
    fragment = lab.fragment(row, row)
    instance = lab.instance(row, "C", "urn:c")
    for text in (fragment, instance):
        assert dict(to_row(read_item(document.parse(text.encode())), CLASS)) == row


@QUICK
@given(st.lists(CODES, min_size=1, max_size=4), st.booleans(), NAMES, TEXT, st.booleans())
def test_a_fault(codes: list[int], signed: bool, subcode: str, reason: str, second: bool) -> None:
    shown = [each - 2**32 if signed and each >= 2**31 else each for each in codes]
    detail = ""
    for code in reversed(shown[1:]):
        detail = (
            f'<f:ProviderFault provider="p" path="q"><f:WSManFault Code="{code}" Machine="">'
            f"<f:Message>{detail}</f:Message></f:WSManFault></f:ProviderFault>"
        )
    if second:
        # The other form of detail has no providers.
        del codes[1:]
        detail = (
            f'<p:MSFT_WmiError xmlns:p="{WMI_ERROR}"><p:error_Code>{shown[0]}</p:error_Code>'
            "<p:error_Type>HRESULT</p:error_Type></p:MSFT_WmiError>"
        )
    else:
        detail = (
            f'<f:WSManFault Code="{shown[0]}" Machine="h"><f:Message>{detail}</f:Message>'
            "</f:WSManFault>"
        )
    fault = read_fault(
        document.parse(
            soap.envelope(
                "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode>"
                f"<s:Value>w:{subcode}</s:Value></s:Subcode></s:Code><s:Reason>"
                f"<s:Text>{xml_text(reason)}</s:Text></s:Reason><s:Detail>{detail}</s:Detail>"
                "</s:Fault>"
            )
        )
    )
    assert fault is not None
    assert (fault.code, fault.provider_codes) == (codes[0], tuple(codes[1:]))
    assert (fault.subcode, fault.reason) == (subcode, one_line(reason))


def powershell_escapes(text: str) -> str:
    """Write `_xHHHH_` for what XML cannot carry, and for an underscore that would begin one."""
    units = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    return re.sub(r"[\x00-\x1f\ufffe\uffff]", lambda each: f"_x{ord(each[0]):04X}_", units)


@QUICK
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Error", "error", "warning", "progress", "verbose"]),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
            | st.sampled_from(["_x000A_", "a_x0041_x0042_", "a\r\nb", "a\rb", "😀"]),
        ),
        max_size=4,
    )
)
def test_errors_of_powershell(lines: list[tuple[str, str]]) -> None:
    strings = "".join(
        f'<S S="{name}">{xml_text(powershell_escapes(text))}</S>' for name, text in lines
    )
    output = f'#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="urn:x">{strings}</Objs>'
    said = "".join(text for name, text in lines if name.casefold() == "error")
    assert clixml.error_text(output.encode()) == said.replace("\r\n", "\n").strip()
