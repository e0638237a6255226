"""What the host's groups share: namespaces, Windows builds, and the rows of one instance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from livemigration.cim import WmiRow

VIRTUALIZATION = "root/virtualization/v2"
STANDARD_CIM = "root/standardcimv2"
CIMV2 = "root/cimv2"

WINDOWS_SERVER_2012 = 9200
WINDOWS_SERVER_2016 = 14393


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
