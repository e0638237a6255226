"""What the types of the facts themselves say is harmless: moments, lengths of time, enum values.

Replaced by a placeholder, such a text could not be read back; none of them names a site.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from livemigration.facts.cim import CimType
from livemigration.facts.model import FactGroup, WmiGroup

MOMENT = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{4,20}(?:Z|[+-][0-9]{2}:[0-9]{2})"
_LENGTH = "[+-]?P[0-9DTHMS.]{1,40}"


def forms(groups: Iterable[FactGroup[Any]]) -> dict[str, str]:
    """Return the form of a text to leave alone by its key, in lower case."""
    found = {}
    for group in groups:
        for name, kind in _fields(group.type):
            if kind in {datetime, timedelta}:
                found[name.casefold()] = MOMENT if kind is datetime else _LENGTH
        if isinstance(group, WmiGroup):
            for each in group.query.wmi_class.properties:
                if each.type is CimType.DATETIME:
                    found[each.name.casefold()] = f"(?:{MOMENT})|(?:{_LENGTH})"
    return found


def words(groups: Iterable[FactGroup[Any]]) -> Iterator[str]:
    """Yield the texts of the enums that facts hold."""
    for group in groups:
        for _, kind in _fields(group.type):
            if isinstance(kind, type) and issubclass(kind, Enum):
                yield from (each.value for each in kind if isinstance(each.value, str))


def _fields(kind: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a type and of the types in it, each with one plain type."""
    if not dataclasses.is_dataclass(kind):
        for each in typing.get_args(kind):
            yield from _fields(each)
        return
    hints = typing.get_type_hints(kind)
    for each in dataclasses.fields(kind):
        for part in _parts(hints[each.name]):
            yield each.name, part
        yield from _fields(hints[each.name])


def _parts(kind: Any) -> Iterator[Any]:
    """Yield a type and all that it is made of."""
    yield kind
    for each in typing.get_args(kind):
        yield from _parts(each)
