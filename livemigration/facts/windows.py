"""What the host's groups share: namespaces, Windows builds, and the rows of one instance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from livemigration.facts.cim import WmiRow

VIRTUALIZATION = "root/virtualization/v2"
STANDARD_CIM = "root/standardcimv2"
CIMV2 = "root/cimv2"

# Hyper-V counts memory in it, and calls it MB.
MEGABYTE = 1 << 20

WINDOWS_SERVER_2012 = 9200
WINDOWS_SERVER_2012_R2 = 9600
WINDOWS_SERVER_2016 = 14393
WINDOWS_SERVER_2019 = 17763
WINDOWS_SERVER_23H2 = 25398
WINDOWS_SERVER_2025 = 26100


def at_least_one(what: str) -> Callable[[Any], str]:
    """Return how to tell that a value without anything in it cannot be, for `HostGroup.lack`.

    Args:
        what: what every host has, as `address`.
    """

    def lack(value: Any) -> str:
        return "" if value else f"the host sent no {what}, and every host has one"

    return lack


def single(rows: Sequence[WmiRow], what: str) -> WmiRow:
    """Return the one row that there must be.

    Raises:
        ValueError: there is none, or more than one.
    """
    if len(rows) != 1:
        raise ValueError(f"expected one {what}; the host sent {len(rows)}")
    return rows[0]


# WinRM's quotas (windows-facts.md 5.5): too many shells or operations, of the account, of all, or
# of a plug-in. Nothing was done. Those of a plug-in but 0x803381E8 are from memory.
QUOTAS = frozenset(
    {0x803381A5, 0x803381A6, 0x803381A7, 0x803381A8, 0x803381AB, *range(0x803381E4, 0x803381EA)}
)
