"""Instances in replies: read raw, without a schema, and typed by a WMI class.

Item forms and value forms: windows-facts.md 5.3. Whether a property is an array, and of what, only
its class can say: a one-element array looks like a scalar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from enum import Enum
from xml.etree.ElementTree import Element

from livemigration.facts.cim import (
    CimScalar,
    CimType,
    CimValue,
    EmbeddedObject,
    ObjectReference,
    WmiClass,
    WmiProperty,
    WmiRow,
)
from livemigration.wsman.document import local_name, namespace, text_of
from livemigration.wsman.errors import unusable
from livemigration.wsman.namespaces import ADDRESSING, CIM, WSMAN, XSI


class ValueForm(Enum):
    """How a value was written."""

    TEXT = "text"
    NIL = "null"
    DATETIME = "a date and time"
    INTERVAL = "an interval"
    CIM_DATETIME = "a date or time in CIM's own form"
    REFERENCE = "a reference"
    EMBEDDED = "an embedded object"


@dataclass(frozen=True)
class RawValue:
    """One value as the host wrote it.

    `text` is the text of the forms TEXT, DATETIME, INTERVAL and CIM_DATETIME, else empty;
    `reference` belongs to the form REFERENCE, `embedded` to the form EMBEDDED.
    """

    form: ValueForm
    text: str = ""
    reference: ObjectReference | None = None
    embedded: RawItem | None = None


@dataclass(frozen=True)
class RawItem:
    """One instance, or the out parameters of a method, without a schema.

    `class_name` is None where the query named its columns: such an item does not say its class.
    A property that is repeated, as arrays are, has several values. `reference` is where the
    instance is: only the enumeration modes that answer with references say it.
    """

    class_name: str | None
    properties: Mapping[str, tuple[RawValue, ...]]
    reference: ObjectReference | None = None

    def text(self, name: str) -> str | None:
        """Return the text of a property's only value, or None where there is no such text."""
        values = self.properties.get(name, ())
        return values[0].text if len(values) == 1 and values[0].form is ValueForm.TEXT else None


def read_item(element: Element) -> RawItem:
    """Return the instance in an element: a class element, or an XmlFragment.

    The enumeration modes of references write an endpoint reference instead, or both in an Item.
    """
    if element.tag == f"{{{WSMAN}}}Item" and len(element):
        held = read_item(element[0])
        return replace(held, reference=held.reference or read_reference(element))
    if element.tag == _ENDPOINT:
        return RawItem(None, {}, read_reference(element))
    fragment = element.tag == f"{{{WSMAN}}}XmlFragment"
    return RawItem(None if fragment else local_name(element), _properties(element))


_ENDPOINT = f"{{{ADDRESSING}}}EndpointReference"


def _properties(element: Element) -> dict[str, tuple[RawValue, ...]]:
    properties: dict[str, list[RawValue]] = {}
    for child in element:
        properties.setdefault(local_name(child), []).append(_read_value(child))
    return {name: tuple(values) for name, values in properties.items()}


def _read_value(element: Element) -> RawValue:
    if element.get(f"{{{XSI}}}nil", "").strip() in {"true", "1"}:
        return RawValue(ValueForm.NIL)
    if len(element) == 0:
        return RawValue(ValueForm.TEXT, element.text or "")
    if len(element) == 1 and namespace(element[0]) in {CIM, ""}:
        form = _DATE_FORMS.get(local_name(element[0]))
        if form is not None:
            return RawValue(form, text_of(element[0]))
    reference = read_reference(element)
    if reference is not None:
        return RawValue(ValueForm.REFERENCE, reference=reference)
    return RawValue(ValueForm.EMBEDDED, embedded=RawItem(_type_name(element), _properties(element)))


# Windows is known to send the first two; the others are what the DMTF's schema of CIM values
# (wscim/1/common, cimDateTime) has for values with unknown parts.
_DATE_FORMS = {
    "Datetime": ValueForm.DATETIME,
    "Interval": ValueForm.INTERVAL,
    "CIM_DateTime": ValueForm.CIM_DATETIME,
    "Date": ValueForm.CIM_DATETIME,
    "Time": ValueForm.CIM_DATETIME,
}


def _type_name(element: Element) -> str | None:
    """Return the class that an element's xsi:type names, `p:Msvm_X_Type`."""
    name = element.get(f"{{{XSI}}}type", "").strip().rpartition(":")[2]
    return name.removesuffix("_Type") or None


def read_reference(element: Element) -> ObjectReference | None:
    """Return the endpoint reference in an element, with or without its EndpointReference wrapper.

    XmlFragments drop namespaces, so names without one count too. A selector that is a reference
    itself is not supported: None.
    """
    wrapper = _child(element, ADDRESSING, "EndpointReference")
    parameters = _child(
        wrapper if wrapper is not None else element, ADDRESSING, "ReferenceParameters"
    )
    if parameters is None:
        return None
    uri = text_of(_child(parameters, WSMAN, "ResourceURI"))
    selectors = _child(parameters, WSMAN, "SelectorSet")
    pairs: list[tuple[str, str]] = []
    for each in selectors if selectors is not None else ():
        if local_name(each) != "Selector" or len(each):
            return None
        pairs.append((each.get("Name", ""), each.text or ""))
    return ObjectReference(uri, tuple(pairs)) if uri else None


def _child(element: Element, its_namespace: str, name: str) -> Element | None:
    found = element.find(f"{{{its_namespace}}}{name}")
    return found if found is not None else element.find(name)


def to_row(item: RawItem, wmi_class: WmiClass) -> WmiRow:
    """Return an instance typed by its class; properties that the class does not list are left out.

    Raises:
        WsmanError: PROTOCOL: a value does not fit its property's type.
    """
    values: dict[str, CimValue] = {}
    for name, raw in item.properties.items():
        declared = wmi_class.find(name)
        if declared is None:
            continue
        try:
            values[declared.name] = _typed(declared, raw)
        except ValueError as error:
            problem = f"{wmi_class.name}.{declared.name} is not usable: {error}"
        else:
            continue
        raise unusable(problem)
    return WmiRow(wmi_class.name, values)


def _typed(declared: WmiProperty, raw: tuple[RawValue, ...]) -> CimValue:
    if len(raw) == 1 and raw[0].form is ValueForm.NIL:
        return None
    if declared.type is CimType.OBJECT and not declared.array and len(raw) == 1:
        return embedded(declared, raw[0])
    if declared.array:
        return tuple(_scalar(declared.type, each) for each in raw)
    if len(raw) != 1:
        raise ValueError(f"there are {len(raw)} values where one is due")
    return _scalar(declared.type, raw[0])


def embedded(declared: WmiProperty, raw: RawValue) -> EmbeddedObject:
    """Return what is read of an embedded object; one that is no element of its own has nothing.

    How Windows writes the dynamic classes of a cluster's private properties is not known.
    """
    wanted = {each.casefold(): each for each in declared.members}
    texts = []
    for name, values in (raw.embedded.properties if raw.embedded is not None else {}).items():
        member = wanted.get(name.casefold())
        if member is not None and len(values) == 1 and values[0].form is ValueForm.TEXT:
            texts.append((member, values[0].text))
    return EmbeddedObject(tuple(texts))


def _scalar(kind: CimType, raw: RawValue) -> CimScalar:
    if kind is CimType.REFERENCE and raw.reference is not None:
        return raw.reference
    if kind is CimType.DATETIME and raw.form in _DATE_READERS:
        return _DATE_READERS[raw.form](raw.text)
    if kind in {CimType.REFERENCE, CimType.DATETIME} or raw.form is not ValueForm.TEXT:
        raise ValueError(f"it is {raw.form.value}, not {kind.value}")
    if kind is CimType.STRING:
        return raw.text
    if kind is CimType.BOOLEAN:
        return boolean(raw.text)
    return integer(kind, raw.text)


def boolean(text: str) -> bool:
    """Return a truth value.

    Raises:
        ValueError: the text is none.
    """
    value = {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    if value is None:
        raise ValueError("it is neither true nor false")
    return value


_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")


def integer(kind: CimType, text: str) -> int:
    """Return a whole number of a type.

    Raises:
        ValueError: the text is none, or one that the type cannot hold.
    """
    digits = text.strip()
    if not _INTEGER.fullmatch(digits):
        raise ValueError(f"it is not a {kind.value}")
    value = int(digits)
    least, greatest = kind.bounds
    if not least <= value <= greatest:
        raise ValueError(f"it is outside the range of {kind.value}")
    return value


_DATETIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?(?:Z|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_INTERVAL = re.compile(
    r"P(?:(\d{1,8})D)?(?:T(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8})(?:\.(\d{1,6})\d*)?S)?)?",
    re.ASCII,
)


def parse_datetime(text: str) -> datetime:
    """Return a point in time, with the offset that the host wrote.

    Raises:
        ValueError: the text is not a date and time with `Z` or an offset.
    """
    found = _DATETIME.fullmatch(text)
    if found is None:
        raise ValueError("it is not a date and time with an offset")
    fraction, sign, hours, minutes = found.group(7, 8, 9, 10)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    zone = timezone(-offset if sign == "-" else offset)
    numbers = [int(each) for each in found.group(1, 2, 3, 4, 5, 6)]
    return datetime(*numbers[:6], int((fraction or "0").ljust(6, "0")), tzinfo=zone)  # type: ignore[misc,arg-type] # six numbers, which a list cannot promise


def parse_interval(text: str) -> timedelta:
    """Return a length of time, such as `P0DT0H1M40S`.

    Raises:
        ValueError: the text is not a length of days, hours, minutes and seconds.
    """
    found = _INTERVAL.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError("it is not an interval")
    days, hours, minutes, seconds = (int(each or 0) for each in found.group(1, 2, 3, 4))
    return timedelta(
        days=days,
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        microseconds=int((found[5] or "0").ljust(6, "0")),
    )


_CIM_DATETIME = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-])(\d{3})", re.ASCII)
_CIM_INTERVAL = re.compile(r"(\d{8})(\d\d)(\d\d)(\d\d)\.(\d{6}):000", re.ASCII)


def parse_cim_datetime(text: str) -> datetime | timedelta:
    """Return a point in time, or a length of time, from CIM's own form (DSP0004).

    Such as `20130415162843.488171+060`, the offset in minutes, and `00000000000140.000000:000`.

    Raises:
        ValueError: the text is neither, or asterisks stand for parts of it that are not known.
    """
    if (found := _CIM_DATETIME.fullmatch(text)) is not None:
        minutes = int(found[9]) if found[8] == "+" else -int(found[9])
        zone = timezone(timedelta(minutes=minutes))
        year, month, day, hour, minute, second, fraction = map(int, found.groups()[:7])
        return datetime(year, month, day, hour, minute, second, fraction, tzinfo=zone)
    if (found := _CIM_INTERVAL.fullmatch(text)) is not None:
        days, hours, minutes, seconds, fraction = map(int, found.groups())
        return timedelta(days, seconds, fraction, minutes=minutes, hours=hours)
    if re.fullmatch(r"[0-9*.]+[+:-][0-9*]{3}", text) and "*" in text:
        raise ValueError("parts of it are not known")
    raise ValueError("it is not a date and time with an offset")


_DATE_READERS: Mapping[ValueForm, Callable[[str], datetime | timedelta]] = {
    ValueForm.DATETIME: parse_datetime,
    ValueForm.INTERVAL: parse_interval,
    ValueForm.CIM_DATETIME: parse_cim_datetime,
    ValueForm.TEXT: parse_cim_datetime,
}
