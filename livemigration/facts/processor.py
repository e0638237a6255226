"""The processors of a host (windows-facts.md section 6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import CIMV2, at_least_one

_IDENTIFIER = re.compile(r"[0-9A-Fa-f]{16}")
# A base family of 15 has more of its family, one of 6 or 15 more of its model elsewhere.
_BASE_FAMILY, _MORE_MODELS = 15, (6, 15)


@dataclass(frozen=True)
class Generation:
    """Family, model and stepping of an x86 processor."""

    family: int
    model: int
    stepping: int

    def __str__(self) -> str:
        return f"family {self.family} model {self.model} stepping {self.stepping}"


@dataclass(frozen=True)
class Processor:
    """Win32_Processor: what tells one generation from another, as Windows writes it."""

    manufacturer: str
    name: str
    identifier: str

    @property
    def generation(self) -> Generation | None:
        """Family, model and stepping; None where ProcessorId is none of an x86 processor.

        Its lower half is what CPUID gives in EAX for EAX = 1 (Win32_Processor's documentation); how
        the numbers lie in it is Intel's and AMD's, and one for both.
        """
        if not _IDENTIFIER.fullmatch(self.identifier.strip()):
            return None
        signature = int(self.identifier, 16) & 0xFFFFFFFF
        family, model = signature >> 8 & 0xF, signature >> 4 & 0xF
        if family in _MORE_MODELS:
            model |= (signature >> 16 & 0xF) << 4
        if family == _BASE_FAMILY:
            family += signature >> 20 & 0xFF
        return Generation(family, model, signature & 0xF) if signature else None


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
