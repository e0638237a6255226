"""The free space of a host's volumes, for virtual machines whose storage moves there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import CIMV2, MEGABYTE, at_least_one

_LOCAL = 3


@dataclass(frozen=True)
class VolumeSpace:
    """Win32_Volume of a local disk.

    `drive` is its letter, such as `D:`; empty: it has none, and is mounted in a folder or nowhere.
    `free` is in MB of 2^20 bytes; None: Windows does not state it, as of a volume that is locked.
    """

    drive: str
    free: int | None


def _volumes(rows: Sequence[WmiRow]) -> tuple[VolumeSpace, ...]:
    return tuple(
        VolumeSpace(
            (row.text_or_none("DriveLetter") or "").strip().upper(),
            None if (free := row.integer_or_none("FreeSpace")) is None else free // MEGABYTE,
        )
        for row in rows
    )


VOLUME_SPACE = WmiGroup(
    "volume-space",
    "the free space of the volumes",
    Subject.HOST,
    Vantage.HOST,
    tuple[VolumeSpace, ...],
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_Volume",
            (
                WmiProperty("DriveLetter", CimType.STRING),
                WmiProperty("DriveType", CimType.UINT32),
                WmiProperty("FreeSpace", CimType.UINT64),
            ),
        ),
        where=f"DriveType = {_LOCAL}",
    ),
    parse=_volumes,
    lack=at_least_one("local volume"),
)
