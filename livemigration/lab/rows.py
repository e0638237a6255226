"""What the makers of instances have in common."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence

from livemigration.facts.cim import CimValue
from livemigration.facts.windows import WINDOWS_SERVER_2012
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.guids import identifier
from livemigration.lab.world import World

__all__ = ["VMMS_PROCESS", "Row", "Rows", "SharedRows", "has_2012_classes", "identifier"]

VMMS_PROCESS = 2140

# Of queries, by all rows that hosts have alike.
_MOST_KEPT = 64

Row = dict[str, CimValue]


class SharedRows:
    """Rows that many hosts have alike, complete: what queries find of them, as written, is kept."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)
        self._kept: dict[Hashable, list[str]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def written(self, query: Hashable, made: Callable[[Row], str | None]) -> list[str]:
        """Return what `made` makes of each row but for None; of one query always the same."""
        if query not in self._kept:
            if len(self._kept) == _MOST_KEPT:
                self._kept.clear()
            self._kept[query] = [text for row in self.rows if (text := made(row)) is not None]
        return self._kept[query]


class Rows(list[Row]):
    """The instances of a class on a host: its own, and then those that others have alike."""

    def __init__(self, own: Sequence[Row], alike: SharedRows | None = None) -> None:
        super().__init__((*own, *(alike.rows if alike is not None else ())))
        self.own = own
        self.alike = alike


def has_2012_classes(world: World, host: FleetHost) -> bool:
    """Whether the host has root/virtualization/v2 and MSFT_Net*: from Server 2012 on."""
    return world.system(host).build >= WINDOWS_SERVER_2012
