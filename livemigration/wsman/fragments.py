"""Rows of a page, typed by their class, without a description of each value in between.

Nearly every row that a query brings is a fragment of plain texts. It is read at once; whatever else
a row is, and whatever is wrong with it, is read as `items` reads any instance: to the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from xml.etree.ElementTree import Element

from livemigration.facts.cim import CimScalar, CimType, CimValue, WmiClass, WmiRow
from livemigration.wsman.items import boolean, integer, read_item, to_row
from livemigration.wsman.namespaces import WSMAN, XSI

_FRAGMENT = f"{{{WSMAN}}}XmlFragment"
_Reader = Callable[[str], CimScalar]


def _with_forms_of_its_own(_text: str) -> CimScalar:
    raise ValueError("read as an item")


def _reader(kind: CimType) -> _Reader:
    if kind is CimType.STRING:
        return str
    if kind is CimType.BOOLEAN:
        return boolean
    # A few numbers stand in hundreds of rows.
    return lru_cache(512)(partial(integer, kind)) if kind.is_integer else _with_forms_of_its_own


_READERS = {each: _reader(each) for each in CimType}
_NULL = {f"{{{XSI}}}nil": "true"}


@lru_cache(512)
def _declared(wmi_class: WmiClass) -> dict[str, tuple[bool, _Reader]]:
    """Return of each property whether it is an array, and what reads its text."""
    return {each.name: (each.array, _READERS[each.type]) for each in wmi_class.properties}


def rows_of(elements: Iterable[Element], wmi_class: WmiClass) -> Iterator[WmiRow]:
    """Yield the rows of a page; properties that the class does not list are left out.

    Raises:
        WsmanError: PROTOCOL: a value does not fit its property's type.
    """
    declared = _declared(wmi_class)
    for element in elements:
        values = _plain(element, wmi_class, declared)
        if values is None:
            yield to_row(read_item(element), wmi_class)
        else:
            yield WmiRow(wmi_class.name, values)


def _plain(
    element: Element, wmi_class: WmiClass, declared: dict[str, tuple[bool, _Reader]]
) -> dict[str, CimValue] | None:
    """Return the values of a fragment of plain texts; None: it is something else."""
    if element.tag != _FRAGMENT:
        return None
    values: dict[str, CimValue] = {}
    arrays: dict[str, list[CimScalar]] = {}
    for child in element:
        name = child.tag
        found = declared.get(name)
        if found is None:
            if name.startswith("{") or wmi_class.find(name) is not None:
                return None
            continue
        if name in values or len(child):
            return None
        # `attrib` would make a dictionary for each element that has none.
        if child.keys():
            if child.attrib != _NULL or name in arrays:
                return None
            values[name] = None
            continue
        try:
            value = found[1](child.text or "")
        except ValueError:
            return None
        if found[0]:
            arrays.setdefault(name, []).append(value)
        else:
            values[name] = value
    if arrays:
        values.update((name, tuple(each)) for name, each in arrays.items())
    return values
