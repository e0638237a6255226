"""What the lab knows of a class from the fact groups that read it: properties, and plain rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache

from livemigration.facts.cim import CimType, CimValue, WmiClass, WmiProperty
from livemigration.facts.firewall_stores import in_active_store, is_of_a_store
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.virtualization import COMPUTER_CLASS
from livemigration.lab.rows import Row

_CLASSES = [
    *(group.query.wmi_class for group in HOST_WMI_GROUPS),
    *(in_active_store(each.query).wmi_class for each in HOST_WMI_GROUPS if is_of_a_store(each)),
    COMPUTER_CLASS,
]
_HOMES = {each.name.casefold(): each for each in _CLASSES}
_PROPERTIES: dict[str, dict[str, WmiProperty]] = defaultdict(dict)
for _class in _CLASSES:
    _PROPERTIES[_class.name.casefold()] |= {each.name: each for each in _class.properties}
_FROM: dict[str, int] = {}
for _group in HOST_WMI_GROUPS:
    _name = _group.query.wmi_class.name.casefold()
    _FROM[_name] = min(_FROM.get(_name, _group.minimum_build), _group.minimum_build)

# Where neither the lab nor the fact says what a host has.
_VALUES: dict[CimType, CimValue] = {
    CimType.STRING: "simulated",
    CimType.BOOLEAN: False,
    CimType.DATETIME: datetime(2026, 1, 1, tzinfo=UTC),
    CimType.REFERENCE: None,
    CimType.OBJECT: None,
}


def declared(name: str) -> WmiClass | None:
    """Return the class of that name in any case, as a fact group declares it."""
    return _HOMES.get(name.casefold())


@cache
def properties(name: str, build: int) -> tuple[WmiProperty, ...]:
    """Return the properties of a class that any group reads and a build has, without patches."""
    return tuple(
        each
        for each in _PROPERTIES.get(name.casefold(), {}).values()
        if not each.by_patch and each.since <= build
    )


def is_there(name: str, build: int) -> bool:
    """Whether a build has a class that a group reads."""
    first = _FROM.get(name.casefold())
    return first is not None and first <= build


def completed(row: Row, known: Iterable[WmiProperty]) -> Row:
    """Return a row with a value for each of these properties that it says nothing of."""
    missing = [each for each in known if each.name not in row]
    return {**row, **{each.name: _value(each) for each in missing}} if missing else row


def _value(declared: WmiProperty) -> CimValue:
    value = declared.sample
    if value is None:
        value = _VALUES.get(declared.type, 0)
    if declared.array and value is not None and not isinstance(value, tuple):
        return (value,)
    return value
