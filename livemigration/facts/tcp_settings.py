"""The ports that Windows hands out by itself (windows-facts-2.md section 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import STANDARD_CIM, WINDOWS_SERVER_2012, at_least_one


@dataclass(frozen=True)
class DynamicPorts:
    """The dynamic ports of one row of MSFT_NetTCPSetting, such as Internet: start and number."""

    setting: str
    start: int
    number: int

    @property
    def span(self) -> str:
        """The ports as people write them."""
        return f"{self.start} to {self.start + self.number - 1}"


def _dynamic_ports(rows: Sequence[WmiRow]) -> tuple[DynamicPorts, ...]:
    found = (
        DynamicPorts(
            row.text_or_none("SettingName") or "",
            row.integer_or_none("DynamicPortRangeStartPort") or 0,
            row.integer_or_none("DynamicPortRangeNumberOfPorts") or 0,
        )
        for row in rows
    )
    # The row "Automatic" chooses among the others, and has no range of its own.
    return tuple(each for each in found if each.start and each.number)


DYNAMIC_PORTS = WmiGroup(
    "dynamic-ports",
    "the dynamic TCP ports",
    Subject.HOST,
    Vantage.HOST,
    tuple[DynamicPorts, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetTCPSetting",
            (
                WmiProperty("DynamicPortRangeNumberOfPorts", CimType.UINT16),
                WmiProperty("DynamicPortRangeStartPort", CimType.UINT16),
                WmiProperty("SettingName", CimType.STRING),
            ),
        )
    ),
    parse=_dynamic_ports,
    minimum_build=WINDOWS_SERVER_2012,
    lack=at_least_one("range of dynamic ports"),
)
