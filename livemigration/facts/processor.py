"""The processors of a host (windows-facts.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import CIMV2, at_least_one


@dataclass(frozen=True)
class Processor:
    """Win32_Processor: what tells one generation from another, as Windows writes it."""

    manufacturer: str
    name: str
    identifier: str


def _processors(rows: Sequence[WmiRow]) -> tuple[Processor, ...]:
    return tuple(
        Processor(
            row.text_or_none("Manufacturer") or "",
            (row.text_or_none("Name") or "").strip(),
            row.text_or_none("ProcessorId") or "",
        )
        for row in rows
    )


PROCESSORS = WmiGroup(
    "processors",
    "the processors",
    Subject.HOST,
    Vantage.HOST,
    tuple[Processor, ...],
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_Processor",
            (
                WmiProperty("Manufacturer", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("ProcessorId", CimType.STRING),
            ),
        )
    ),
    parse=_processors,
    lack=at_least_one("processor"),
)
