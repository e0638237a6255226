"""Every way to place a few machines, tried within a number of steps. It needs no solver."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.placement.packing import Filling, Kind, Packing, Placed


@dataclass(frozen=True)
class Searched:
    """What became of the search."""

    placed: Placed | None
    # Whether it ended within its steps; with no places, that is a proof.
    complete: bool
    steps: int


class _SpentError(Exception):
    """The steps are used up."""


def searched(packing: Packing, steps: int) -> Searched:
    """Search for a place for each item.

    Args:
        packing: what needs a place.
        steps: how often a kind of machines may be held against a host.
    """
    search = _Search(packing, steps)
    try:
        found = search.run()
    except _SpentError:
        return Searched(None, complete=False, steps=steps)
    return Searched(
        search.placed if found else None, complete=True, steps=steps - max(0, search.left)
    )


class _Search:
    def __init__(self, packing: Packing, steps: int) -> None:
        self._packing, self.left = packing, steps
        # So many pairs of a kind and a host are looked at between two choices.
        self._each = 1 + sum(len(kind.candidates) for kind in packing.kinds)
        self._filling = Filling(packing)
        self._kinds = packing.kinds
        self._waiting = [list(kind.items) for kind in self._kinds]
        self.placed: Placed = [None] * len(packing.items)
        # Which kinds may go to a host: two hosts alike in that and in what is left are one.
        may: list[list[int]] = [[] for _ in packing.hosts]
        for number, kind in enumerate(self._kinds):
            for host in kind.candidates:
                may[host].append(number)
        self._may = [tuple(each) for each in may]
        self._failed: set[tuple[object, ...]] = set()

    def run(self) -> bool:
        """Whether what still waits can be placed; it is then."""
        if not any(self._waiting):
            return True
        state = self._state()
        if state in self._failed:
            return False
        if self.left <= 0:
            raise _SpentError
        self.left -= self._each
        if self._enough():
            number, hosts = self._tightest()
            if self._place(number, hosts):
                return True
        self._failed.add(state)
        return False

    def _state(self) -> tuple[object, ...]:
        waiting = tuple(len(each) for each in self._waiting)
        return (waiting, tuple(sorted(self._look(each) for each in range(len(self._may)))))

    def _look(self, host: int) -> tuple[object, ...]:
        disk = self._filling.disk[host]
        # Where disk counts is a matter of the host itself.
        own = () if disk is None else (host, disk)
        groups = self._filling.left_of(host, self._packing.groups)
        return (self._may[host], self._filling.memory[host], groups, own)

    def _enough(self) -> bool:
        needed = sum(
            kind.memory * len(self._waiting[number]) for number, kind in enumerate(self._kinds)
        )
        return needed <= sum(self._filling.memory)

    def _tightest(self) -> tuple[int, list[int]]:
        """Return the kind that has the fewest hosts now, the largest first, with those hosts."""
        found: tuple[tuple[int, int, int], int, list[int]] | None = None
        for number, waiting in enumerate(self._waiting):
            if not waiting:
                continue
            kind = self._kinds[number]
            hosts = self._distinct(kind, waiting[0])
            key = (len(hosts), -kind.memory, number)
            if found is None or key < found[0]:
                found = (key, number, hosts)
            if not hosts:
                break
        if found is None:
            raise ValueError("nothing waits")
        return found[1], found[2]

    def _distinct(self, kind: Kind, item: int) -> list[int]:
        found: dict[tuple[object, ...], int] = {}
        for host in kind.candidates:
            if self._filling.takes(self._packing.items[item], host):
                found.setdefault(self._look(host), host)
        # The least room first: what is left over of it is lost least.
        return sorted(found.values(), key=lambda each: (self._filling.memory[each], each))

    def _place(self, number: int, hosts: list[int]) -> bool:
        item = self._waiting[number].pop()
        for host in hosts:
            self._filling.put(self._packing.items[item], host)
            self.placed[item] = host
            if self.run():
                return True
            self._filling.put(self._packing.items[item], host, -1)
        self._waiting[number].append(item)
        return False
