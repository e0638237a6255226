"""Room on several hosts gathered on one, by exchanges between what was just put there.

It finds most plans that the quick ways miss by a machine, and shows nothing where it finds none.
"""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.placement.packing import Filling, Packing, Placed

# Exchanges for one machine on one host, and machines without a place, beyond which it gives up.
_EXCHANGES, _WITHOUT = 20, 3


def gathered(packing: Packing, placed: Placed) -> Placed | None:
    """Return places for all items, from places for all but a few; None where it finds none."""
    without = [number for number, host in enumerate(placed) if host is None]
    if len(without) > _WITHOUT:
        return None
    for number in sorted(without, key=lambda each: (-packing.items[each].machine.memory, each)):
        found = _placed(packing, placed, number)
        if found is None:
            return None
        placed = found
    return placed


def _placed(packing: Packing, placed: Placed, number: int) -> Placed | None:
    item = packing.items[number]
    filled = _Filled(packing, placed)
    for host in sorted(item.candidates, key=lambda each: (-filled.filling.memory[each], each)):
        filled = _Filled(packing, placed)
        for _ in range(_EXCHANGES):
            if filled.filling.takes(item, host):
                filled.placed[number] = host
                return filled.placed
            if not filled.exchange(host, item.machine.memory):
                break
    return None


class _Filled:
    """Places that change."""

    def __init__(self, packing: Packing, placed: Placed) -> None:
        self._packing, self.placed, self.filling = packing, list(placed), Filling(packing)
        for item, host in zip(packing.items, placed, strict=True):
            if host is not None:
                self.filling.put(item, host)

    def exchange(self, host: int, needed: int) -> bool:
        """Whether an exchange left more memory on a host; it is done then."""
        lack = needed - self.filling.memory[host]

        # The least that suffices, or else the most.
        def worth(each: tuple[int, int, int, int | None]) -> tuple[bool, int]:
            return (each[0] < lack, each[0] if each[0] >= lack else -each[0])

        for _, number, there, other in sorted(self._gains(host), key=worth):
            if self._done(host, number, there, other):
                return True
        return False

    def _gains(self, host: int) -> Iterator[tuple[int, int, int, int | None]]:
        """Yield the MB that moving an item off a host gains, where to, and who comes for it."""
        on: list[list[int]] = [[] for _ in self._packing.hosts]
        for number, there in enumerate(self.placed):
            if there is not None:
                on[there].append(number)
        items = self._packing.items
        for number in on[host]:
            memory = items[number].machine.memory
            for there in items[number].candidates:
                free = self.filling.memory[there]
                if there == host:
                    continue
                if memory <= free:
                    yield memory, number, there, None
                for other in on[there]:
                    gain = memory - items[other].machine.memory
                    if 0 < gain <= free and host in items[other].candidates:
                        yield gain, number, there, other

    def _done(self, host: int, number: int, there: int, other: int | None) -> bool:
        item, back = self._packing.items[number], [(number, host)]
        self.filling.put(item, host, -1)
        if other is not None:
            self.filling.put(self._packing.items[other], there, -1)
            back.append((other, there))
        after = [(number, there), *([] if other is None else [(other, host)])]
        done: list[tuple[int, int]] = []
        for each, to in after:
            if not self.filling.takes(self._packing.items[each], to):
                break
            self.filling.put(self._packing.items[each], to)
            done.append((each, to))
        else:
            for each, to in after:
                self.placed[each] = to
            return True
        for each, to in done:
            self.filling.put(self._packing.items[each], to, -1)
        for each, to in back:
            self.filling.put(self._packing.items[each], to)
        return False
